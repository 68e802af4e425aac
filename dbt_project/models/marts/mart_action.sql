-- What members recommended and officers undertook. An action stays open until somebody says how it ended: one that a
-- later list leaves out is still owed.
select
    authority_code,
    action_id,
    kind_code as kind,
    raised_date,
    raised_by_body,
    indicator_id,
    financial_quarter,
    action_text,
    owner_role,
    due_date,
    status_code as status,
    status_code = 'Open' as is_open,
    progress,
    closed_date
from {{ ref('stg_actions__actions') }}
