{{ scorecard('adult_support') }}
