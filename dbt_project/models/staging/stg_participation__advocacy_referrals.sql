{{ rows_in_force(source('participation', 'advocacy_referrals'), key=['advocacy_referral_key']) }}
