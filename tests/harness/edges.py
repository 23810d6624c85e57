# SPDX-License-Identifier: Apache-2.0
"""Which waits of a trace somebody ended, found out from the events alone: what the report's wakers are compared with."""

import array
import bisect
import collections

from harness.invariants import Invariants

EDGES = {"lock_release": "release", "condition_signal": "signal", "condition_broadcast": "signal"}


class _Edges:
    """Of one object, in the order of the file until they are sorted."""

    def __init__(self):
        self.times, self.threads = array.array("Q"), array.array("L")

    def sort(self):
        order = sorted(range(len(self.times)), key=self.times.__getitem__)
        self.times = array.array("Q", (self.times[index] for index in order))
        self.threads = array.array("L", (self.threads[index] for index in order))

    def last(self, after, until, waiter):
        """Time of the last edge by another thread with after < time <= until; None."""
        index = bisect.bisect_right(self.times, until) - 1
        while index >= 0 and self.times[index] > after:
            if self.threads[index] != waiter:
                return self.times[index]
            index -= 1
        return None


class WokenWaits(Invariants):
    """woken: how many waits for locks and for conditions a thread of the same process was seen to end."""

    def __init__(self, lines):
        self._edges = collections.defaultdict(_Edges)
        self._waits = []
        self._numbers = {}
        super().__init__(lines)
        for edges in self._edges.values():
            edges.sort()
        self.woken = collections.Counter(name for wait in self._waits for name in self._woken(*wait))

    def take_event(self, thread, start, duration, name, fields):
        number = self._numbers.setdefault(thread, len(self._numbers))
        if name in EDGES:
            edges = self._edges[thread.process, EDGES[name], fields["object"]]
            edges.times.append(start)
            edges.threads.append(number)
        elif name in ("lock_wait", "condition_wait"):
            self._waits.append((thread.process, number, start, start + duration, fields["object"], fields.get("mutex")))

    def _last(self, process, kind, thing, after, until, waiter):
        edges = self._edges.get((process, kind, thing))
        return edges and edges.last(after, until, waiter)

    def _woken(self, process, waiter, start, end, thing, mutex):
        if mutex is None:
            if self._last(process, "release", thing, start, end, waiter) is not None:
                yield "lock"
            return
        signal = self._last(process, "signal", thing, start, end, waiter)
        if signal is not None:
            yield "condition"
            # The rest of it is a wait for the mutex.
            if self._last(process, "release", mutex, signal, end, waiter) is not None:
                yield "lock"
