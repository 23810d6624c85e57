# SPDX-License-Identifier: Apache-2.0
"""What is true of every trace, whatever was recorded and however it ended: checked on the text of `tickbird dump`, event by
event, with nothing of the readers in C.

	broken = Invariants(dump.text).broken
	assert not broken, "\\n".join(broken)

Words: a fact is an event of the slices of thread 0. A part of these rules needs a recording that ended by itself and lost
nothing; they are left out of one that was cut or says that events are lost."""

import collections
import re
import subprocess

from harness.running import TICKBIRD

MESSAGES_MAX = 20  # the rest is counted
NESTED_MAX = 64    # ranges that another one may cover and that are remembered for it

def dump_lines(path):
    """The dump of a trace that may be larger than memory."""
    with subprocess.Popen([TICKBIRD, "dump", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="backslashreplace") as dump:
        yield from dump.stdout
        complaint = dump.stderr.read()
    assert dump.returncode == 0, f"dump of {path} failed with {dump.returncode}: {complaint}"


LINE = re.compile(r"(\d+)(?:\+(\d+))? (\w+)(.*)")
FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')

# Facts that give something a number, by which field.
NUMBERED = {"string": "id", "module": "module", "process_start": "process", "thread": "thread"}

# Facts that name what was numbered before: field, and what it is a number of. 0 is none.
NAMING = {"thread": [("process", "process_start")], "thread_name": [("thread", "thread")],
          "thread_totals": [("thread", "thread")], "throttled": [("process", "process_start")],
          "process_end": [("process", "process_start")], "mapping": [("process", "process_start"), ("module", "module")],
          "unmapping": [("process", "process_start")], "stack_node": [("process", "process_start")],
          "descriptor_name": [("process", "process_start")], "lost": [("process", "process_start")],
          "frame": [("process", "process_start"), ("function", "string"), ("file", "string"), ("module", "module")]}

# What never becomes less.
GROWING = {"thread_totals": ("thread", ("cpu_ns", "run_delay_ns", "voluntary_switches", "involuntary_switches")),
           "throttled": ("process", ("throttled_ns",))}

POINTS_OF_THREADS = {"clock_pair", "thread_start", "thread_end", "descriptor_seen", "start_inferred", "short_waits",
                     "thread_own_name", "guest_limited", "lock_release", "condition_signal", "condition_broadcast"}


class Thread:
    """What is known of a thread so far."""

    def __init__(self, process, tid):
        self.process, self.tid = process, tid
        self.ranges = []    # (start, end) of the ranges so far, those inside others left out
        self.has_begun = self.has_ended = False
        self.events = 0


class Invariants:
    """Takes the lines of a dump. What it counts on the way: events by name in all and by the number of their process, lost ones by
    process, and the pid of each process. A subclass that wants more takes each event of a thread in take_event()."""

    def __init__(self, lines):
        self.broken = []    # sentences, with the line of the dump
        self.counts = collections.Counter()
        self.counts_of = collections.Counter()  # (process, name)
        self.lost_of = collections.Counter()    # process
        self.pids = {}
        self.threads = {}
        self.known = collections.defaultdict(set)
        self.nodes = collections.defaultdict(set)   # of a process
        self.mappings = collections.defaultdict(dict)
        self.most = {}
        self.ended_processes = set()
        self.lost_events = 0
        self.recording_start = self.recording_end = None
        self._thread = self._line = None
        self._number = 0
        for self._number, line in enumerate(lines, 1):
            self._line = line.rstrip("\n")
            self._take_line(self._line)
        self._line = "the whole trace"
        self._check_end()
        if len(self.broken) > MESSAGES_MAX:
            more = len(self.broken) - MESSAGES_MAX
            self.broken[MESSAGES_MAX:] = [f"and {more} more"]

    @property
    def is_complete(self):
        """It ended by itself and lost nothing."""
        return self.recording_end is not None and self.lost_events == 0

    def _say(self, what):
        self.broken.append(f"line {self._number}: {what}: {self._line[:300]}")

    def _take_line(self, line):
        if line.startswith("slice "):
            number = int(line.split("thread=")[1].split()[0])
            self._thread = None
            if number:
                self._thread = self.threads.get(number)
                if self._thread is None:
                    self._say(f"a slice of thread {number}, of which nothing was told")
                    self._thread = self.threads[number] = Thread(0, 0)
            return
        found = LINE.fullmatch(line)
        if not found:
            return
        start, duration, name, rest = int(found[1]), found[2], found[3], found[4]
        self.counts[name] += 1
        fields = dict(FIELD.findall(rest))
        if self._thread is None:
            self._take_fact(start, name, fields)
        else:
            self._take_event(start, None if duration is None else int(duration), name, fields)

    # --- facts

    def _take_fact(self, time, name, fields):
        if name == "recording_start":
            if self.recording_start is not None:
                self._say("a second start of the recording")
            self.recording_start = time
        elif name == "recording_end":
            if self.recording_end is not None:
                self._say("a second end of the recording")
            self.recording_end = time
            if int(fields["lost_events"]) != self.lost_events:
                self._say(f"{self.lost_events} events were told as lost before")
        for field, kind in NAMING.get(name, ()):
            number = fields[field]
            if number != "0" and number not in self.known[kind]:
                self._say(f"{field} {number} is not known")
        if name in NUMBERED:
            number = fields[NUMBERED[name]]
            if number in self.known[name] or number == "0":
                self._say("the number was given before")
            self.known[name].add(number)
        if name in GROWING:
            self._check_growing(name, fields)
        if name == "thread":
            self.threads[int(fields["thread"])] = Thread(fields["process"], fields["tid"])
        elif name == "lost":
            self.lost_events += int(fields["events"])
            self.lost_of[fields["process"]] += int(fields["events"])
        elif name == "process_start":
            self.pids[fields["process"]] = int(fields["pid"])
        elif name == "process_end":
            if fields["process"] in self.ended_processes:
                self._say("the process had ended before")
            self.ended_processes.add(fields["process"])
        elif name == "stack_node":
            self._take_node(fields)
        elif name == "mapping":
            self.mappings[fields["process"]][fields["start"]] = int(fields["size"])
        elif name == "unmapping" and self.mappings[fields["process"]].pop(fields["start"], None) is None:
            self._say("nothing was mapped there")

    def _check_growing(self, name, fields):
        of, growing = GROWING[name]
        values = tuple(int(fields[field]) for field in growing)
        before = self.most.get((name, fields[of]), values)
        if any(value < earlier for value, earlier in zip(values, before)):
            self._say(f"less than before, {dict(zip(growing, before))}")
        self.most[name, fields[of]] = values

    def _take_node(self, fields):
        nodes, node, parent = self.nodes[fields["process"]], int(fields["node"]), int(fields["parent"])
        if node in nodes:
            self._say("the node was told before")
        if parent >= node:
            self._say("the parent is not older")
        nodes.add(node)

    # --- events of threads

    def _take_event(self, start, duration, name, fields):
        thread = self._thread
        thread.events += 1
        if name not in POINTS_OF_THREADS and duration is None:
            self._say("no event of a thread")
        if thread.has_ended and name != "clock_pair":
            self._say("behind the end of the thread")
        if name == "thread_start":
            if thread.has_begun:
                self._say("the thread had begun before")
            elif thread.events > 1:
                self._say("events before the begin of the thread")
            thread.has_begun = True
        elif name == "thread_end":
            thread.has_ended = True
        stack = int(fields.get("stack", 0))
        if stack and stack not in self.nodes[thread.process]:
            self._say(f"stack {stack} of process {thread.process} is not known")
        if duration is not None:
            self._take_range(thread, start, start + duration)
        self.counts_of[thread.process, name] += 1
        self.take_event(thread, start, duration, name, fields)

    def take_event(self, thread, start, duration, name, fields):
        """For subclasses."""

    def _take_range(self, thread, start, end):
        """Ranges come in the order of their ends, beside or within each other: a signal handler waits inside a wait."""
        ranges = thread.ranges
        if ranges and end < ranges[-1][1]:
            self._say(f"ends before the one before it, {ranges[-1]}")
            return
        while ranges and start <= ranges[-1][0]:
            ranges.pop()
        if ranges and start < ranges[-1][1]:
            self._say(f"begins inside the one before it, {ranges[-1]}")
        ranges.append((start, end))
        if len(ranges) > 2 * NESTED_MAX:
            del ranges[:NESTED_MAX]

    # --- the whole

    def _check_end(self):
        if self.counts and self.recording_start is None:
            self._say("the recording has no start")
        for process, nodes in self.nodes.items():
            if nodes and len(nodes) != max(nodes):
                self._say(f"process {process} has {len(nodes)} nodes, the last is {max(nodes)}")
        if not self.is_complete:
            return
        running = self.known["process_start"] - self.ended_processes
        if running:
            self._say(f"processes without an end: {sorted(running)}")
        for number, thread in self.threads.items():
            if not thread.has_begun:
                self._say(f"thread {number} (tid {thread.tid}, process {thread.process}) has no begin")
