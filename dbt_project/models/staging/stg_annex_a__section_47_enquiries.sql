{{ rows_in_force(source('annex_a', 'section_47_enquiries'), key=['child_key', 'section_47_start_date']) }}
