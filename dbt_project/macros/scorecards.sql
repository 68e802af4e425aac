{#-
  A scorecard as it is printed: a row an indicator, thirteen months side by side, and what is said of the newest. The
  indicators are those whose family scorecards.csv puts on it. All scorecards have the same columns.
-#}
{% macro scorecard(name) %}
with board as (
    select
        board.*,
        months.month_index,
        max(months.month_index) over () as load_month_index,
        row_number() over (
            partition by
                board.authority_code, board.indicator_id,
                case when board.headline_label is null then 1 else 0 end
            order by board.month desc
        ) as newest_first
    from {{ ref('mart_performance_board') }} as board
    inner join {{ ref('scorecards') }} as scorecards
        on board.service = scorecards.service and board.family = scorecards.family
    inner join {{ ref('int_calendar__months') }} as months
        on board.month = months.month
    where scorecards.scorecard = '{{ name }}'
)

select
    authority_code,
    indicator_id,
    max(case when is_load_month then month end) as month,
    max(case when is_load_month then title end) as title,
    max(case when is_load_month then family end) as family,
    max(case when is_load_month then owner end) as owner,
    max(case when is_load_month then polarity end) as polarity,
    max(case when is_load_month then unit end) as unit,
    max(case when is_load_month then decimals end) as decimals,
    max(case when is_load_month then target end) as target,
    {% for months_ago in range(12, 0, -1) -%}
    max(case when month_index = load_month_index - {{ months_ago }} then value end)
        as value_{{ months_ago }}_month{{ "s" if months_ago > 1 }}_ago,
    {% endfor -%}
    max(case when is_load_month then value end) as value,
    max(case when is_load_month then status end) as status,
    max(case when is_load_month then status_reason end) as status_reason,
    max(case when is_load_month then rag end) as rag,
    max(case when is_load_month then direction_short end) as direction_short,
    max(case when is_load_month then direction_long end) as direction_long,
    max(case when headline_label is not null and newest_first = 1 then headline_label end) as headline_label,
    max(case when headline_label is not null and newest_first = 1 then headline_value end) as headline_value,
    max(case when headline_label is not null and newest_first = 1 then headline_rag end) as headline_rag,
    max(case when is_load_month then spc_variation end) as spc_variation,
    max(case when is_load_month then forecast_outturn end) as forecast_outturn,
    max(case when is_load_month then forecast_rag end) as forecast_rag,
    max(case when is_load_month then warning_position end) as warning_position
from board
group by authority_code, indicator_id
having max(case when is_load_month then 1 else 0 end) = 1
{% endmacro %}
