{{ rows_in_force(source('case_audits', 'case_audits'), key=['audit_key', 'domain_code']) }}
