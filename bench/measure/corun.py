# SPDX-License-Identifier: Apache-2.0
"""Co-running: two sides of one workload at the same time on the same CPU.

A machine that is shared changes its speed by several per cent from second to second; taking turns of seconds cannot
decide one per cent. The scheduler slices two sides that share a CPU every few milliseconds, so both see the same
neighbours, the same clock rate, the same caches. What is compared is CPU time per operation, of everything that a side
consists of (with tickbird that is the agent too), from the counters of a control group each."""
import contextlib
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time

from measure.control_group import ControlGroup
from measure.estimate import estimate
from measure.workloads import Server

LIVES_LEAST = 6
SIDES = "bare", "wrapped"


class Life:
    """Both sides, started in a folder each and killed at the end. prefix: function of a trace's path that gives what
    goes before the command of the wrapped side."""

    def __init__(self, settings, workload, prefix, order):
        self.settings, self.workload, self.prefix, self.order = settings, workload, prefix, order

    def __enter__(self):
        self._resources = contextlib.ExitStack()
        folder = self._resources.enter_context(tempfile.TemporaryDirectory(prefix="tickbird-bench."))
        self._folder = pathlib.Path(folder)
        self._folder.chmod(0o777)
        self.sides, self.groups, self.processes = {}, {}, {}
        for name in SIDES:
            folder = self._folder / name
            folder.mkdir()
            folder.chmod(0o777)
            self.sides[name] = self.workload(self.settings, folder)
            self.groups[name] = self._resources.enter_context(ControlGroup())
        return self

    def __exit__(self, *error):
        return self._resources.__exit__(*error)

    def shuffled(self):
        return self.order.sample(SIDES, len(SIDES))

    def start(self):
        for name in self.shuffled():
            prefix = self.prefix(self._folder / "trace.tbt") if name == "wrapped" else []
            command = [*prefix, *self.sides[name].command()]
            with (self._folder / name / "output").open("w") as output:
                self.processes[name] = self.groups[name].start(command, self.settings.cpu, cwd=self._folder / name,
                                                               stdout=output, stderr=output)

    def burst(self):
        """Loads both servers at once: wrapped over bare, CPU time per operation."""
        loads, before = {}, {}
        for name in self.shuffled():
            before[name] = self.groups[name].cpu_seconds()
            loads[name] = subprocess.Popen(
                self.sides[name].load(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                preexec_fn=lambda: os.sched_setaffinity(0, {self.settings.load_cpu}))
        cost = {}
        for name, load in loads.items():
            output, _ = load.communicate()
            if load.returncode:
                raise RuntimeError(f"{load.args}: {output}")
            cost[name] = (self.groups[name].cpu_seconds() - before[name]) / self.sides[name].operations(output)
        return cost["wrapped"] / cost["bare"]

    def servers(self):
        """The ratios of one life of both servers."""
        self.start()
        for side in self.sides.values():
            side.await_ready()
        self.burst()  # warms up
        ratios = [self.burst() for _ in range(self.workload.BURSTS)]
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait()
        return ratios

    def batches(self):
        """The ratio of one run, from start to end."""
        self.start()
        cost = {}
        for name, process in self.processes.items():
            if process.wait():
                raise RuntimeError(f"{process.args}: " + (self._folder / name / "output").read_text()[-1000:])
            cost[name] = self.groups[name].cpu_seconds()
        return [cost["wrapped"] / cost["bare"]]

    def ratios(self):
        return self.servers() if issubclass(self.workload, Server) else self.batches()


def measure(settings, workload, prefixes):
    """prefixes: name → function of a trace's path. name → Estimate of what the prefix costs, as a ratio.

    Lives of the prefixes are in turn, until each interval is narrow enough or the time is over."""
    order = random.Random()
    lives = {name: [] for name in prefixes}
    deadline = time.monotonic() + 60 * settings.minutes
    while True:
        for name, prefix in prefixes.items():
            with Life(settings, workload, prefix, order) as life:
                lives[name].append(life.ratios())
        estimates = {name: estimate(found) for name, found in lives.items()}
        is_narrow = all(found.half_width <= settings.half_width for found in estimates.values())
        if min(map(len, lives.values())) >= LIVES_LEAST and (is_narrow or time.monotonic() > deadline):
            return estimates
