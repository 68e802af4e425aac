{{ rows_in_force(source('ssda903', 'reviews'), key=['child_key', 'review_date']) }}
