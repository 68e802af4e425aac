"""Airflow's scheduler with what the tasks import already imported.

Its local executor forks every task from it, so that eight feeds do not each spend seven seconds on importing
Great Expectations. Run as ``python -m scrutiny.airflow_scheduler``, with the arguments of
``airflow scheduler``.
"""

import sys
from importlib import import_module

TASKS_IMPORT = (
    "scrutiny.validation.duckdb_datasource",
    "scrutiny.load",
    "scrutiny.warehouse",
    "scrutiny.snapshots",
)


def main() -> None:
    """Import, then become ``airflow scheduler``. Airflow comes last: it would log what the others do."""
    for module in TASKS_IMPORT:
        import_module(module)
    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    import_module("airflow.__main__").main()


if __name__ == "__main__":
    main()
