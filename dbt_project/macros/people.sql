{#- One wording for the sex codes of every return: 903 and CIN (M, F, U; 1, 2 before 2024-25) and adults' words. -#}
{% macro sex_in_words(code) -%}
    case
        when {{ code }} in ('F', '2', 'Female') then 'Female'
        when {{ code }} in ('M', '1', 'Male') then 'Male'
        else 'Other or not known'
    end
{%- endmacro %}

{#-
  Age in whole years at the end of a month. Staging keeps only the month of birth, and at the end of a month
  everyone born in it has had their birthday, so nothing is lost.
-#}
{% macro age_at_month_end(birth_month, at_month_index) -%}
    cast(floor(({{ at_month_index }} - {{ month_index(birth_month) }}) / 12.0) as integer)
{%- endmacro %}


{% macro age_band(age) -%}
    case
        when {{ age }} is null then 'Not known'
        when {{ age }} < 1 then 'Under 1'
        when {{ age }} < 5 then '1 to 4'
        when {{ age }} < 10 then '5 to 9'
        when {{ age }} < 16 then '10 to 15'
        when {{ age }} < 18 then '16 to 17'
        when {{ age }} < 25 then '18 to 24'
        when {{ age }} < 65 then '25 to 64'
        when {{ age }} < 75 then '65 to 74'
        when {{ age }} < 85 then '75 to 84'
        else '85 and over'
    end
{%- endmacro %}
