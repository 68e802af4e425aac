{{ scorecard('adult_safeguarding') }}
