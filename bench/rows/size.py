# SPDX-License-Identifier: Apache-2.0
"""Bytes that an event of a real trace takes before compression."""
import pathlib
import re
import subprocess
import tempfile

from measure.row import Limit, Row
from measure.workloads import Nginx, Orders, Redis, record

BURSTS = 4
LIMIT = Limit(8, "≤ 8")


def run(settings):
    for server in Nginx, Redis, Orders:
        with tempfile.TemporaryDirectory(prefix="tickbird-bench.") as folder:
            pathlib.Path(folder).chmod(0o755)
            trace = pathlib.Path(folder) / "trace.tbt"
            record(settings, server, trace, BURSTS)
            output = subprocess.run([settings.program("trace_size"), trace], check=True, stdout=subprocess.PIPE,
                                    text=True).stdout
            stored = trace.stat().st_size
        shares = {name: (int(events), float(size))
                  for name, events, size in re.findall(r"^(\w+) +(\d+) events +([\d.]+) bytes", output, re.M)}
        events, size = shares["threads"]
        yield Row(f"bytes an event, {server.__name__.lower()}", size, f"{size:.2f} bytes",
                  f"{events} events; in the file {stored / events:.2f}", "bench/run size", LIMIT)


BENCHMARKS = {"size": run}
