-- A month's list is whole: the last delivery that holds the month says all there is to say of it.
{{ rows_in_force(
    source('establishment', 'posts'), key=['month', 'post_key', 'worker_key'], whole=['month']
) }}
