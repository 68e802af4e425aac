-- Annex A list 3: referrals of the six months before the day of the list.
select
    listed.authority_code,
    listed.child_key,
    listed.gender_code,
    listed.ethnicity_code,
    listed.birth_month,
    {{ age_at_month_end('listed.birth_month', month_index('lists.as_at_date')) }} as age,
    listed.referral_date,
    listed.referral_source_code,
    listed.is_no_further_action,
    listed.referrals_in_12_months,
    listed.team_code,
    listed.worker_key
from {{ annex_a_rows('referrals') }}
where listed.referral_date >= lists.since_date
