# The two commands a newcomer needs: make run, make test. Everything else helps the people who build Scrutiny.
.PHONY: run up test lint bench docs contracts lock
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Airflow starts a process a task: without compiled modules kept each would compile what it imports anew.
unexport PYTHONDONTWRITEBYTECODE

run: .venv/ready            ## the demo: extracts to signed-off snapshot, through the real Airflow scheduler
	scrutiny demo

up: .venv/ready             ## the same, but leave Airflow running and the sign-offs to you
	scrutiny demo --stay

test: .venv/ready           ## lint, types and every test
	bash .ci/browser
	bash .ci/office
	bash .ci/services
	$(MAKE) --no-print-directory lint
	# In the order of the folders: what takes longest begins first, and the servers before the browser.
	pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder

lint: .venv/ready
	ruff check .
	ruff format --check .
	mypy
	sqlfluff lint --disable-progress-bar dbt_project

bench: .venv/ready          ## performance, side by side with named alternatives
	python -m benchmarks

docs: .venv/ready           ## the pages of docs/ that are written from the code, and the data dictionary
	python -m scrutiny.validation.coverage
	python -m scrutiny.reports.dictionary

contracts: .venv/ready      ## record new tables, columns and versions that report writers may rely on
	python -m scrutiny.warehouse.contracts

.PHONY: style
style:                      ## the parts of GOV.UK Frontend that the pages use, written again (needs npm)
	cd scrutiny/reports/styles && npm ci --silent && npx sass --load-path=node_modules --style=compressed \
	  --no-source-map --no-charset --quiet-deps govuk.scss ../templates/govuk.css

lock: .venv/ready           ## pin requirements.in again
	uv pip compile --universal --python-version 3.11 requirements.in -o requirements.lock --generate-hashes --no-emit-index-url --no-header --upgrade

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@
