"""A county's month: everything received, validated, staged and built, without Airflow."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.inputs import MONTH, county, scratch
from benchmarks.measurement import Measurement, limit

# A process between: what it starts does not inherit the high-water mark of the benchmarks' own memory.
_TOLD = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def run() -> Iterator[Measurement]:
    """Through the command line, in a process of its own, so that its memory can be told."""
    home = scratch() / "county"
    home.mkdir()
    (home / "inbox").symlink_to(county()[0])
    begun = time.perf_counter()
    command = [Path(sys.executable).with_name("scrutiny"), "load", "--month", str(MONTH)]
    loaded = subprocess.run(
        [sys.executable, "-c", _TOLD, *command],
        env=os.environ | {"SCRUTINY_HOME": str(home), "SCRUTINY_DEMO": "true"},
        stdout=subprocess.PIPE,
        check=True,
    )
    yield limit(
        "load a county's month: receive, validate, stage, build", time.perf_counter() - begun, "s", 180
    )
    # The largest of the processes there were; they run one after another.
    yield limit("memory of its largest process", int(loaded.stdout) / 2**20, "GiB", 4)
