from scrutiny.analytics import forecasts


def model(dbt, session):
    return forecasts.backtests(dbt.ref("int_forecast__months").to_arrow_table())
