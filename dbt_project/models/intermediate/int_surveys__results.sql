-- Results of the yearly surveys, each in the last month of its financial year, weighted by how many answered so that
-- the results of several authorities add up. One whose number of answers is not known counts as one answer.
select
    months.month,
    results.authority_code,
    results.measure_code,
    results.value,
    coalesce(nullif(results.respondents, 0), 1) as answers,
    case results.status_code
        when 'Not collected' then 'The survey was not held that year'
        when 'Suppressed' then 'Too few answers to be published'
    end as exclusion_reason,
    cast(null as date) as birth_month,
    cast(null as {{ text_type() }}) as sex
from {{ ref('stg_surveys__survey_results') }} as results
inner join {{ ref('int_calendar__months') }} as months
    on results.financial_year = months.financial_year and months.month_of_year = 12
