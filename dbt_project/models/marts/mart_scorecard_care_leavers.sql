{{ scorecard('care_leavers') }}
