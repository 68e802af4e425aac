{{ rows_in_force(source('benchmarks', 'benchmarks'), key=['indicator_id', 'area_code', 'period']) }}
