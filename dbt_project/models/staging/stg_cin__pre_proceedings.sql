-- No date of theirs need be filled: each row of a file is one, as the newest file that lists the referral has them.
{{ rows_in_force(source('cin', 'pre_proceedings'), whole=['child_key', 'referral_date']) }}
