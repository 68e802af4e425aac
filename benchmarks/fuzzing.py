"""Thousands of broken deliveries of every dataset, loaded: what became of them, and the memory that took.

And late, corrected and repeated deliveries loaded in many orders: whether the final state is the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.inputs import scratch
from benchmarks.measurement import Measurement, limit

ROUNDS = 100
"""Broken deliveries of each dataset."""
ORDERS = 10
"""Random orders of each set of late, corrected and repeated deliveries."""


def run() -> Iterator[Measurement]:
    """In a process of its own, so that its peak memory is that of the loads alone."""
    environment = os.environ | {"SCRUTINY_HOME": str(scratch() / "fuzzing"), "SCRUTINY_DEMO": "true"}
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzzing"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    found = json.loads(ran.stdout.splitlines()[-1])
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(found["outcomes"].items()))
    faults = "; ".join(found["faults"])
    yield limit(
        f"faults in {found['deliveries']:,} broken deliveries ({told}) {faults}", len(found["faults"]), "", 0
    )
    differing = found["differences"]
    yield limit(
        f"differences in the final state after {ORDERS} random orders of {found['sets']} sets of deliveries "
        + "; ".join(differing),
        len(differing),
        "",
        0,
    )
    yield limit("peak memory of those loads", found["peak_mib"], "MiB", 1024)


def main() -> None:
    """Load the broken deliveries one by one and print what became of them as one line of JSON."""
    from random import Random

    from scrutiny import landing
    from scrutiny.datasets import DATASETS
    from scrutiny.load import load_feed
    from tests.unit.landing.mutations import mutated
    from tests.unit.landing.test_fuzzing import assert_ended, drop
    from tests.unit.test_load_order import SENDINGS, differences

    outcomes: Counter[str] = Counter()
    faults = []
    for number in range(ROUNDS):
        for dataset in DATASETS:
            seed = f"{dataset} {number}"
            try:
                load_feed(*drop(dataset, mutated(dataset, Random(seed))))  # noqa: S311
                assert_ended()
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                faults.append(f"{seed}: {type(error).__name__} at {place.filename}:{place.lineno}")
            for receipt in landing.receipts():
                set_aside = any(counts["set_aside"] for counts in receipt.tables.values())
                is_partly = receipt.outcome == "accepted" and set_aside
                outcomes["partly set aside" if is_partly else receipt.outcome] += 1
    # Not getrusage: that starts at the high-water mark of the process that started this one.
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) >> 10
    told = {
        "deliveries": ROUNDS * len(DATASETS),
        "outcomes": outcomes,
        "faults": faults,
        "sets": len(SENDINGS),
        "differences": [
            f"{name}, {found}" for name in SENDINGS for found in differences(name, range(ORDERS))
        ],
        "peak_mib": peak,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
