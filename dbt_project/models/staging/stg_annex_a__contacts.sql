{{ rows_in_force(source('annex_a', 'contacts'), key=['child_key', 'contact_date', 'contact_source_code']) }}
