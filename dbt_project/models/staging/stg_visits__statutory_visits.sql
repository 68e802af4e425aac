{{ rows_in_force(source('visits', 'statutory_visits'), key=['child_key', 'visit_type_code', 'visit_date']) }}
