{{ rows_in_force(source('cin', 'section_47'), key=['child_key', 'section_47_start_date']) }}
