"""A county's month: everything received, validated, staged and built, without Airflow."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.inputs import MONTH, county, scratch
from benchmarks.measurement import Measurement, limit


def run() -> Iterator[Measurement]:
    """Through the command line, in a process of its own, so that its memory can be told."""
    home = scratch() / "county"
    home.mkdir()
    (home / "inbox").symlink_to(county()[0])
    begun = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("scrutiny"), "load", "--month", str(MONTH)],
        env=os.environ | {"SCRUTINY_HOME": str(home), "SCRUTINY_DEMO": "true"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    yield limit(
        "load a county's month: receive, validate, stage, build", time.perf_counter() - begun, "s", 180
    )
    # The largest of the processes there were; they run one after another.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    yield limit("memory of its largest process", peak, "GiB", 4)
