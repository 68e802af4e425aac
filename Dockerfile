# The image of every Airflow service of docker-compose.yml: the code, its locked environment, no data and no secret.
FROM python:3.11-slim-bookworm

# Compiled as they are installed: at run time nobody may write beside them, and every task is a process.
ENV PYTHONUNBUFFERED=1 \
    UV_COMPILE_BYTECODE=1 \
    PATH=/opt/scrutiny/.venv/bin:$PATH

RUN useradd --uid 10001 --create-home scrutiny && mkdir /data && chown scrutiny /data
WORKDIR /opt/scrutiny

COPY requirements.lock requirements-production.lock ./
RUN python -m venv .venv \
    && pip install --no-cache-dir uv \
    && uv pip install --no-cache --python .venv/bin/python --require-hashes -r requirements.lock \
    && uv pip install --no-cache --python .venv/bin/python --require-hashes -r requirements-production.lock

COPY pyproject.toml README.md ./
COPY scrutiny scrutiny
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY seeds seeds
RUN uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation -e .

USER scrutiny
ENTRYPOINT ["airflow"]
