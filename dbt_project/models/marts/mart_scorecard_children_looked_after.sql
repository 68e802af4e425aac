{{ scorecard('children_looked_after') }}
