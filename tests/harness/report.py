# SPDX-License-Identifier: Apache-2.0
"""What `tickbird report --json` and `tickbird dump` say of a trace, as objects."""

import collections
import dataclasses
import json
import re

from harness.running import TICKBIRD, run

REASONS = set("lock condition semaphore barrier poll network pipe disk sleep child join signal file_lock futex fault "
              "unseen other".split())


@dataclasses.dataclass(frozen=True)
class Stack:
    """Frames, leaf first."""
    frames: tuple

    def __init__(self, frames):
        object.__setattr__(self, "frames", tuple(frames))

    @property
    def functions(self):
        return [frame["function"] for frame in self.frames]

    def calls(self, *functions):
        """Whether these functions stand next to each other in it, leaf first."""
        names, wanted = self.functions, list(functions)
        return any(names[at:at + len(wanted)] == wanted for at in range(len(names)))

    def frame(self, function):
        return next((frame for frame in self.frames if frame["function"] == function), None)

    def __str__(self):
        return " < ".join(str(name) for name in self.functions) or "(no stack)"


class Wait:
    def __init__(self, record):
        self.reason, self.object = record["reason"], record["object"]
        self.count, self.total_ns, self.max_ns = record["count"], record["total_ns"], record["max_ns"]
        self.is_idle = record.get("idle", False)
        self.stack = Stack(record["stack"])
        self.wakers = [(waker["count"], Stack(waker["stack"])) for waker in record["wakers"]]

    def __str__(self):
        text = (f"{self.reason} {self.object} ×{self.count} {self.total_ns / 1e6:.3f} ms"
                f"{' idle' if self.is_idle else ''}: {self.stack}")
        return text + "".join(f"\n      woken ×{count} by {stack}" for count, stack in self.wakers)


class Lane:
    def __init__(self, record):
        self.id, self.kind, self.name = record["id"], record["kind"], record["name"]
        self.pid, self.tid = record["pid"], record["tid"]
        self.start_ns, self.end_ns = record["start_ns"], record["end_ns"]
        self.running_ns, self.runnable_ns = record["running_ns"], record["runnable_ns"]
        self.throttled_ns, self.unknown_ns = record["throttled_ns"], record["unknown_ns"]
        self.waiting_ns = collections.Counter(record["waiting_ns"])

    @property
    def span_ns(self):
        return self.end_ns - self.start_ns

    @property
    def parts_ns(self):
        return (self.running_ns + self.runnable_ns + self.throttled_ns + self.unknown_ns
                + sum(self.waiting_ns.values()))

    def __str__(self):
        waits = ", ".join(f"{reason} {ns / 1e6:.3f}" for reason, ns in self.waiting_ns.items() if ns)
        return (f"lane {self.id} ({self.name}, pid {self.pid}, tid {self.tid}): {self.span_ns / 1e6:.3f} ms = "
                f"running {self.running_ns / 1e6:.3f} + runnable {self.runnable_ns / 1e6:.3f} + throttled "
                f"{self.throttled_ns / 1e6:.3f} + unknown {self.unknown_ns / 1e6:.3f} + waiting ({waits})")


class Report:
    def __init__(self, path):
        finished = run(TICKBIRD, "report", "--json", "--top", "100000", path)
        assert finished.exit_code == 0, f"report failed: {finished}"
        self.record = json.loads(finished.stdout)
        self.start_ns, self.end_ns = self.record["start_ns"], self.record["end_ns"]
        self.events, self.lost_events = self.record["events"], self.record["lost_events"]
        self.lanes = [Lane(record) for record in self.record["lanes"]]
        self.waits = [Wait(record) for record in self.record["waits"]]

    def lanes_of(self, tid):
        """Several when the thread's process became another program."""
        return [lane for lane in self.lanes if lane.tid == tid]

    def named(self, name):
        return [lane for lane in self.lanes if lane.name == name]

    def waits_in(self, function, reason=None):
        """The waits with this function in their stack."""
        return [wait for wait in self.waits
                if function in wait.stack.functions and reason in (None, wait.reason)]

    def about(self, tids):
        """What a failure message shows: these threads, and the longest waits."""
        lanes = [lane for lane in self.lanes if lane.tid in tids]
        return "\n".join([f"  the report's lanes, {len(lanes)} of {len(self.lanes)}:"]
                         + [f"    {lane}" for lane in lanes[:40]]
                         + ["  the report's waits:"] + [f"    {wait}" for wait in self.waits[:40]])

    def __str__(self):
        return self.about({lane.tid for lane in self.lanes})


class Dump:
    """A trace as text."""

    def __init__(self, path):
        finished = run(TICKBIRD, "dump", path)
        assert finished.exit_code == 0, f"dump failed: {finished}"
        self.text = finished.stdout

    def events(self, name):
        """The fields of every event of a type, texts as the dump writes them."""
        return [dict(re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line))
                for line in re.findall(rf"^\d+(?:\+\d+)? {name}\b(.*)$", self.text, re.MULTILINE)]
