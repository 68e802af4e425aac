{{ scorecard('money') }}
