# SPDX-License-Identifier: Apache-2.0
"""A control group: the CPU time, to the nanosecond, of everything that was ever started in it."""
import itertools
import os
import pathlib
import signal
import subprocess
import time

from measure.row import NotMeasured

PATIENCE_S = 20

numbers = itertools.count(1)


def find():
    """The folder in which groups can be made, and the function that reads the CPU seconds of one."""
    for folder, file, read in (("/sys/fs/cgroup/cpuacct", "cpuacct.usage", lambda text: int(text) * 1e-9),
                               ("/sys/fs/cgroup", "cpu.stat", lambda text: int(text.split()[1]) * 1e-6),
                               ("/sys/fs/cgroup/unified", "cpu.stat", lambda text: int(text.split()[1]) * 1e-6)):
        group = pathlib.Path(folder) / f"tickbird-bench.{os.getpid()}.{next(numbers)}"
        try:
            group.mkdir()
            has_file = (group / file).exists()
            group.rmdir()
        except OSError:
            continue
        if has_file:
            return pathlib.Path(folder), lambda group: read((group / file).read_text())
    raise NotMeasured("no control group can be made here; try as root")


class ControlGroup:
    """Processes that are counted together. A context manager: whatever is left in it is killed at the end."""

    _found = None

    def __init__(self):
        ControlGroup._found = ControlGroup._found or find()
        root, self._read = ControlGroup._found
        self.folder = root / f"tickbird-bench.{os.getpid()}.{next(numbers)}"
        self.folder.mkdir()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.folder.rmdir()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
            for pid in self.pids():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.02)

    def pids(self):
        return [int(pid) for pid in (self.folder / "cgroup.procs").read_text().split()]

    def cpu_seconds(self):
        return self._read(self.folder)

    def start(self, command, cpu, **options):
        """Starts a program in the group, on one CPU."""
        def enter():
            (self.folder / "cgroup.procs").write_text("0")
            os.sched_setaffinity(0, {cpu})
        return subprocess.Popen([str(word) for word in command], preexec_fn=enter, stdin=subprocess.DEVNULL,
                                start_new_session=True, **options)
