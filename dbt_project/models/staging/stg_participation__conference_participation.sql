{{ rows_in_force(source('participation', 'conference_participation'), key=['child_key', 'conference_date']) }}
