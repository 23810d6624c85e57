# SPDX-License-Identifier: Apache-2.0
"""A shell that runs a thousand small programs, one after the other: bare and recorded, each in turn first."""
import pathlib
import statistics
import subprocess
import tempfile
import time

from measure.row import Limit, Row

PROGRAMS, PAIRS = 1000, 5
SCRIPT = f"for ((i = 0; i < {PROGRAMS}; i++)); do /usr/bin/true; done"


def seconds(prefix):
    start = time.monotonic()
    subprocess.run([*prefix, "/bin/bash", "-c", SCRIPT], check=True)
    return time.monotonic() - start


def run(settings):
    ratios = []
    with tempfile.TemporaryDirectory(prefix="tickbird-bench.") as folder:
        for pair in range(PAIRS):
            prefixes = {"bare": [], "recorded": settings.recorded(pathlib.Path(folder) / f"{pair}.tbt")}
            order = sorted(prefixes, reverse=bool(pair % 2))
            took = {name: seconds(prefixes[name]) for name in order}
            ratios.append(took["recorded"] / took["bare"])
    slower = (statistics.median(ratios) - 1) * 100
    yield Row(f"{PROGRAMS} × fork and exec in bash, slower", slower, f"{slower:.0f} %",
              f"{(min(ratios) - 1) * 100:.0f} to {(max(ratios) - 1) * 100:.0f} %, {PAIRS} pairs", "bench/run shell",
              Limit(10, "≤ 10 %"))


BENCHMARKS = {"shell": run}
