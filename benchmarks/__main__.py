"""`make bench`: run every benchmark (or those named), print one table, exit 1 if any misses its mark.

Each module of this folder named in ``SUITES`` has ``run()``, which yields measurements as they are made.
"""

from __future__ import annotations

import importlib
import sys

from rich.console import Console
from rich.table import Table

SUITES = ("reading", "fuzzing", "validation", "rules", "extracts", "county", "disclosure", "demo")


def main(names: list[str]) -> int:
    unknown = set(names) - set(SUITES)
    if unknown:
        Console(stderr=True).print(
            f"No benchmark called {', '.join(sorted(unknown))}. There are: {', '.join(SUITES)}"
        )
        return 2
    table = Table(
        "what", "measured", "compared with", "ratio", "must reach", "", title="Scrutiny's benchmarks"
    )
    missed = 0
    for name in names or SUITES:
        for result in importlib.import_module(f"benchmarks.{name}").run():
            missed += not result.reached
            table.add_row(
                result.what,
                result.measured,
                result.compared_with,
                result.ratio,
                result.must_reach,
                "[green]reached[/]" if result.reached else "[red]missed[/]",
            )
    Console(width=160).print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
