-- What the marts of the budget say of a month in all is what its indicators say, to a penny.
with said as (
    {% for indicator_id, mart, amount, condition in [
        ('BU01', 'mart_budget_monitoring', 'forecast_variance', 'true'),
        ('BU01A', 'mart_budget_monitoring', 'forecast_variance', "service = 'Adults'"),
        ('BU01B', 'mart_budget_monitoring', 'forecast_variance', "service = 'Children'"),
        ('BU03', 'mart_budget_monitoring', 'forecast_movement', 'true'),
        ('BU04', 'mart_budget_monitoring', 'variance_to_date', 'true'),
        ('BU05', 'mart_savings', 'delivered', 'true'),
        ('BU07', 'mart_savings', 'at_risk + undeliverable', 'true'),
        ('BU08', 'mart_budget_monitoring', 'reserve_transfers', 'true'),
        ('BU09', 'mart_budget_activity', 'volume_effect', 'true'),
        ('BU10', 'mart_budget_activity', 'price_effect', 'true'),
        ('BU17', 'mart_budget_activity', 'cost_of_month', "placement_type in ('Residential care', 'Nursing care')"),
    ] %}
    select
        authority_code,
        '{{ indicator_id }}' as indicator_id,
        month,
        sum(coalesce({{ amount }}, 0)) as amount,
        count(*) as parts
    from {{ ref(mart) }}
    where {{ condition }}
    group by 1, 2, 3
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    said.*,
    figures.numerator
from said
inner join {{ ref('fct_measure_month') }} as figures
    on
        said.authority_code = figures.authority_code
        and said.indicator_id = figures.indicator_id
        and said.month = figures.month
        and figures.breakdown = 'all'
-- each part is rounded to a penny
where abs(said.amount - figures.numerator) > 0.01 * said.parts
