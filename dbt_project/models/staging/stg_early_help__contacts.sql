{{ rows_in_force(source('early_help', 'contacts'), key=['contact_key', 'child_key']) }}
