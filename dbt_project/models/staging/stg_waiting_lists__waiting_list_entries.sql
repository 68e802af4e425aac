{{ rows_in_force(source('waiting_lists', 'waiting_list_entries'), key=['entry_key']) }}
