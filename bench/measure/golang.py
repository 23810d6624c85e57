# SPDX-License-Identifier: Apache-2.0
"""Go traces as big as one likes, and how fast Go's own readers take them."""
import dataclasses
import mmap
import os
import pathlib
import re
import subprocess
import sys
import time

from measure.row import NotMeasured

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tests"))
from harness import golang, go_wire  # noqa: E402

UNIT_BYTES = 50_000  # of tests/go/programs/switches


class Peers:
    """The program that writes traces, and the readers of Go's authors."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        try:
            self.oracle = golang.Oracle(folder).program
            self.writer = golang.build_programs(self.folder / "programs")["switches"]
        except golang.Missing as missing:
            raise NotMeasured(missing) from None

    def trace(self, size):
        """One of so many bytes, a generation a second as the runtime makes them by itself."""
        return golang.write_trace(self.writer, self.folder / f"{size}.trace", size=size // UNIT_BYTES,
                                  environment={"GODEBUG": ""})

    def summary_command(self, trace):
        return [golang.go(), "tool", "trace", "-pprof=sched", str(trace)]


def largest_generation(trace):
    """Bytes of the biggest; what a reader that takes one at a time has to hold."""
    with open(trace, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as content:
        ends = go_wire.generation_ends(content)
    return max(end - begin for begin, end in zip([go_wire.HEADER_SIZE, *ends], ends))


@dataclasses.dataclass(frozen=True)
class Run:
    wall_s: float
    peak_mib: float


def run(command, cpus, output=subprocess.DEVNULL):
    """Runs a command on these CPUs alone."""
    began = time.monotonic()
    process = subprocess.Popen(["taskset", "-c", ",".join(map(str, cpus)), *map(str, command)], stdout=output)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise NotMeasured(f"{command[0]} ended with {process.returncode}")
    return Run(time.monotonic() - began, usage.ru_maxrss / 1024)


def read_events(command, cpu, trace):
    """(events, seconds) that a reader says of itself."""
    with trace.open() as stdin:
        output = subprocess.run(["taskset", "-c", str(cpu), *map(str, command)], stdin=stdin, check=True,
                                stdout=subprocess.PIPE, text=True, env={**os.environ, "GOMAXPROCS": "1"}).stdout
    events, seconds = re.search(r"(\d+) events in ([\d.]+) s", output).groups()
    return int(events), float(seconds)
