{{ rows_in_force(source('annex_a', 'referrals'), key=['child_key', 'referral_date', 'referral_source_code']) }}
