{{ scorecard('child_protection') }}
