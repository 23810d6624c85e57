# SPDX-License-Identifier: Apache-2.0
"""What a program of tests/programs knew of its own waits: reads the file that tests/programs/truth.h describes."""

import collections
import dataclasses
import json
import os
import pathlib
import tempfile

LINES = 16384
LINE_SIZE = 384  # TRUTH_LINE_SIZE


@dataclasses.dataclass(frozen=True)
class Wait:
    """One call that waited. The wall clock stood on both sides of it; what of it was not waiting is known as well."""
    pid: int
    tid: int
    reason: str
    object: int
    function: str
    line: int
    begin_ns: int
    end_ns: int
    cpu_ns: int
    run_delay_ns: int

    @property
    def has_ended(self):
        return self.end_ns != 0

    @property
    def wall_ns(self):
        return self.end_ns - self.begin_ns

    @property
    def off_ns(self):
        """Time that was surely neither on a CPU nor in a run queue."""
        return max(0, self.wall_ns - self.cpu_ns - self.run_delay_ns)


@dataclasses.dataclass(frozen=True)
class Thread:
    """What a thread had used when it last said so."""
    pid: int
    tid: int
    at_ns: int
    cpu_ns: int
    run_delay_ns: int


class Truth:
    def __init__(self, text):
        records = [json.loads(line) for line in text.splitlines()]
        by_kind = collections.defaultdict(list)
        for record in records:
            by_kind[record.pop("kind")].append(record)
        self.all_waits = [Wait(**record) for record in by_kind["wait"]]
        self.waits = [wait for wait in self.all_waits if wait.has_ended]
        self.threads = {record["tid"]: Thread(**record) for record in by_kind["thread"]}
        self.missing = [record["what"] for record in by_kind["missing"]]

    def by_thread_and_reason(self):
        """The ended waits of each (tid, reason)."""
        groups = collections.defaultdict(list)
        for wait in self.waits:
            groups[wait.tid, wait.reason].append(wait)
        return groups

    def at(self, reason, function):
        """The ended waits of one function for one reason."""
        return [wait for wait in self.waits if (wait.reason, wait.function) == (reason, function)]


class TruthFile:
    """The file that a program writes into; a context manager that removes it."""

    def __enter__(self):
        # In memory where there is such a place: a program must not wait for the disk to tell of its waits.
        memory = "/dev/shm"
        folder = memory if os.access(memory, os.W_OK) else None
        handle, path = tempfile.mkstemp(prefix="truth.", dir=folder)
        os.truncate(handle, LINES * LINE_SIZE)
        os.close(handle)
        self.path = pathlib.Path(path)
        return self

    def __exit__(self, *unused):
        self.path.unlink()

    @property
    def environment(self):
        return {"TRUTH": str(self.path)}

    def read(self):
        return Truth(self.path.read_bytes().replace(b"\0", b"").decode())
