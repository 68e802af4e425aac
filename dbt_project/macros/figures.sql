{#- What one unit is a rate of: the numerator is multiplied by it. -#}
{% macro unit_scale(unit) -%}
    case {{ unit }} when 'percent' then 100 when 'rate_per_10000' then 10000 when 'rate_per_100000' then 100000 else 1 end
{%- endmacro %}

{#-
  The figure as it is shown, and the only rounding there is: half away from zero. The division comes last and
  gives units of the last decimal, so an exact half (12.25 with one decimal) is still exact when it is rounded.
-#}
{% macro shown(scale, numerator, denominator, decimals) -%}
    cast(
        round(
            cast({{ numerator }} * {{ scale }} * power(10, {{ decimals }}) as double)
            / cast(nullif({{ denominator }}, 0) as double)
        ) / power(10, {{ decimals }}) as decimal(18, 4)
    )
{%- endmacro %}

{#- A number without zeros at its end: 85.0000 is written 85, 6.5000 is written 6.5. -#}
{% macro plain_number(number) -%}
    rtrim(rtrim(cast({{ number }} as {{ text_type() }}), '0'), '.')
{%- endmacro %}

{#-
  Better, worse or no change against an earlier figure, both as shown; null where one is missing or the measure has
  no good direction. A change within the dead band of direction_rules is no change.
-#}
{% macro direction(earlier_value) -%}
    case
        when value is null or {{ earlier_value }} is null or better_sign is null then null
        when
            abs(value - {{ earlier_value }}) <= dead_band
            * case dead_band_mode when 'relative' then {{ earlier_value }} / 100 else 1 end
            then 'no change'
        when (value - {{ earlier_value }}) * better_sign > 0 then 'better'
        else 'worse'
    end
{%- endmacro %}

{#- A share of 1, null of nothing. -#}
{% macro share_of(part, whole) -%}
    cast(cast({{ part }} as double) / cast(nullif({{ whole }}, 0) as double) as decimal(9, 6))
{%- endmacro %}

{#- A figure that was not made by division, rounded as `shown` rounds: half away from zero. -#}
{% macro rounded(figure, decimals) -%}
    cast(
        sign({{ figure }}) * floor(abs({{ figure }}) * power(10, {{ decimals }}) + 0.5) / power(10, {{ decimals }})
        as decimal(18, 4)
    )
{%- endmacro %}

{#- A wording with its places, such as {target}, filled with numbers; a number that is null fills its place with a dash. -#}
{% macro filled(wording, numbers) -%}
    {%- for place, number in numbers.items() %}replace({% endfor -%}
    {{ wording }}
    {%- for place, number in numbers.items() -%}
    , '{{ '{' ~ place ~ '}' }}', coalesce({{ plain_number('cast(' ~ number ~ ' as decimal(18, 4))') }}, '-'))
    {%- endfor -%}
{%- endmacro %}
