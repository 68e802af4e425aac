{{ rows_in_force(source('establishment', 'posts'), key=['month', 'post_key', 'worker_key']) }}
