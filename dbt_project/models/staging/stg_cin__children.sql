{{ rows_in_force(source('cin', 'children'), key=['child_key']) }}
