-- One referral of a child a day: a second row for the same day is the same referral.
{{ rows_in_force(source('cin', 'cin_details'), key=['child_key', 'referral_date']) }}
