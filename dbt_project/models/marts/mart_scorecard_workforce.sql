{{ scorecard('workforce') }}
