"""What the monthly figures say of the months to come. What they say of the months gone by is SQL in dbt."""
