{#- The only SQL that differs between engines. DuckDB is the default; Spark is the other engine planned for. -#}

{#- A relation with one row a day, column `date_day`, both ends included. -#}
{% macro day_series(first_day, last_day) %}
    {{- adapter.dispatch('day_series', 'scrutiny')(first_day, last_day) -}}
{% endmacro %}

{% macro default__day_series(first_day, last_day) -%}
    select cast(days.date_day as date) as date_day
    from generate_series(date '{{ first_day }}', date '{{ last_day }}', interval 1 day) as days (date_day)
{%- endmacro %}

{% macro spark__day_series(first_day, last_day) -%}
    select explode(sequence(date '{{ first_day }}', date '{{ last_day }}', interval 1 day)) as date_day
{%- endmacro %}

{#- The date some months later (earlier if negative); a day the month does not have becomes its last day. -#}
{% macro add_months(date, months) %}
    {{- adapter.dispatch('add_months', 'scrutiny')(date, months) -}}
{% endmacro %}

{% macro default__add_months(date, months) -%}
    cast({{ date }} + to_months({{ months }}) as date)
{%- endmacro %}

{% macro spark__add_months(date, months) -%}
    add_months({{ date }}, {{ months }})
{%- endmacro %}

{#- The date some days later. -#}
{% macro add_days(date, days) %}
    {{- adapter.dispatch('add_days', 'scrutiny')(date, days) -}}
{% endmacro %}

{% macro default__add_days(date, days) -%}
    cast({{ date }} + to_days({{ days }}) as date)
{%- endmacro %}

{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, {{ days }})
{%- endmacro %}

{#- Whole days from the first date to the second. -#}
{% macro days_between(from_date, to_date) %}
    {{- adapter.dispatch('days_between', 'scrutiny')(from_date, to_date) -}}
{% endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    cast(date_diff('day', {{ from_date }}, {{ to_date }}) as integer)
{%- endmacro %}

{% macro spark__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}

{#- Monday is 1, Sunday is 7. -#}
{% macro iso_weekday(date) %}
    {{- adapter.dispatch('iso_weekday', 'scrutiny')(date) -}}
{% endmacro %}

{% macro default__iso_weekday(date) -%}
    isodow({{ date }})
{%- endmacro %}

{% macro spark__iso_weekday(date) -%}
    (weekday({{ date }}) + 1)
{%- endmacro %}

{#- A date from its year and month: the first of the month. -#}
{% macro first_of_month(year, month_number) -%}
    make_date({{ year }}, {{ month_number }}, 1)
{%- endmacro %}

{#- 'September 2025'. -#}
{% macro month_in_words(date) %}
    {{- adapter.dispatch('month_in_words', 'scrutiny')(date) -}}
{% endmacro %}

{% macro default__month_in_words(date) -%}
    strftime({{ date }}, '%B %Y')
{%- endmacro %}

{% macro spark__month_in_words(date) -%}
    date_format({{ date }}, 'MMMM yyyy')
{%- endmacro %}

{#- '2025-09'. -#}
{% macro month_text(date) %}
    {{- adapter.dispatch('month_text', 'scrutiny')(date) -}}
{% endmacro %}

{% macro default__month_text(date) -%}
    strftime({{ date }}, '%Y-%m')
{%- endmacro %}

{% macro spark__month_text(date) -%}
    date_format({{ date }}, 'yyyy-MM')
{%- endmacro %}

{#- The type of a text. -#}
{% macro text_type() %}
    {{- adapter.dispatch('text_type', 'scrutiny')() -}}
{% endmacro %}

{% macro default__text_type() -%} varchar {%- endmacro %}

{% macro spark__text_type() -%} string {%- endmacro %}
