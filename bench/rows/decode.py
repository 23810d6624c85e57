# SPDX-License-Identifier: Apache-2.0
"""How fast a trace is read, and that memory does not grow with it."""
import os
import pathlib
import subprocess
import tempfile

from measure.repeated import measure, spread
from measure.row import Limit, Row

SECONDS = 2, 8
PASSES_PER_SECOND = 50000


def speed(settings):
    found = measure([settings.program("decode")], r"^(reading) +([\d.]+) million", settings.cpu)
    median, least, most = found["reading"]
    yield Row("decoding, million events/s on one core", median, f"{median:.0f}", spread(least, most, "million"),
              "bench/run decode", Limit(20, "≥ 20", is_least=True))


def peak_mib_of_dump(settings, seconds, folder):
    trace = pathlib.Path(folder) / f"{seconds}.tbt"
    subprocess.run([*settings.recorded(trace), settings.program("waits"), str(PASSES_PER_SECOND), str(seconds),
                    str(settings.cpu)], check=True, stdout=subprocess.DEVNULL)
    dump = subprocess.Popen([str(settings.build / "tickbird"), "dump", str(trace)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(dump.pid, 0)
    dump.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024


def memory(settings):
    with tempfile.TemporaryDirectory(prefix="tickbird-bench.") as folder:
        short, long = (peak_mib_of_dump(settings, seconds, folder) for seconds in SECONDS)
    yield Row(f"memory of a reader, trace {SECONDS[1] // SECONDS[0]} times as long", long / short,
              f"{long / short:.2f} times", f"{short:.1f} and {long:.1f} MiB", "bench/run decode", Limit(1.1, "the same"))


def run(settings):
    yield from speed(settings)
    yield from memory(settings)


BENCHMARKS = {"decode": run}
