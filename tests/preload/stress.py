# SPDX-License-Identifier: Apache-2.0
"""Threads, locks, pipes, signals, jumps, cancellations, children and libraries all at once: the program comes to its end, and
the trace holds exactly what it did, or says how much is lost.

STRESS_SECONDS says how long (30), SEED which sequences its threads draw; `make stress` takes ten minutes."""

import collections
import os
import pathlib
import random
import re
import shutil
import signal
import tempfile

from harness.edges import WokenWaits
from harness.invariants import dump_lines
from harness.look import descendants
from harness.report import Report
from harness.running import BUILD, TICKBIRD, Running, await_that, program, run
from harness.story import StoryTest, main

SECONDS = int(os.environ.get("STRESS_SECONDS", "30"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 31)))

class Stressed:
    """A run of the program under the recorder, and what both say of it."""

    def __init__(self, folder, arena, *mode, meanwhile=lambda running: None):
        self.path = folder / f"{mode[0]}.tbt"
        command = [TICKBIRD, "run", "--arena-size", arena, "-o", self.path, "--", program("stress"), *mode]
        with Running(command) as running:
            meanwhile(running)
            self.finished = running.finish(SECONDS + 120)
        self.tallies = collections.defaultdict(collections.Counter)     # by pid, which may be used again
        for line in self.finished.stdout.splitlines():
            pid, *words = line.split()
            self.tallies[int(pid)].update(dict(zip(words[::2], map(int, words[1::2]))))
        self.trace = WokenWaits(dump_lines(self.path))
        self.report = Report(self.path)

    @property
    def done(self):
        return sum(self.tallies.values(), collections.Counter())


class Stress(StoryTest):
    @classmethod
    def setUpClass(cls):
        print(f"SEED={SEED} STRESS_SECONDS={SECONDS}")
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="stress.", dir=BUILD))
        cls.addClassCleanup(shutil.rmtree, cls.base)
        bare = run(program("stress"), 1, SEED)
        assert bare.exit_code == 0, f"the bare program: {bare}"
        cls.all = Stressed(cls.base, "32M", SECONDS, SEED)
        cls.flood = Stressed(cls.base, "1M", "flood", meanwhile=cls.stop_recorder)

    @staticmethod
    def stop_recorder(running):
        """It stands still from the program's first threads to its end: what its small arena does not hold is lost."""
        def started():
            return [pid for pid in descendants(running.pid)
                    if len(list(pathlib.Path(f"/proc/{pid}/task").iterdir())) > 1
                    and "/memfd:tickbird" in pathlib.Path(f"/proc/{pid}/maps").read_text()]
        await_that(started, "started", running)
        running.send(signal.SIGSTOP)
        await_that(lambda: not descendants(running.pid), "ended", running)
        running.send(signal.SIGCONT)

    def test_program_comes_to_its_end(self):
        for stressed in self.all, self.flood:
            self.assertEqual(stressed.finished.exit_code, 0, stressed.finished)
            self.assertEqual(self.own_stderr(stressed.finished), "", stressed.finished)
        for what in "locks hand_overs bytes signals handled jumps cancels children loads".split():
            self.assertGreater(self.all.done[what], 0, f"{what}: {self.all.done}")
        self.assertGreater(len(self.all.tallies), self.all.done["children"] // 2, f"processes that were recorded, of {self.all.done}")

    def test_nothing_that_is_true_of_every_trace_is_broken(self):
        for stressed in self.all, self.flood:
            self.assertEqual(stressed.trace.broken, [], stressed.finished)

    def test_every_thread_is_partitioned(self):
        for stressed in self.all, self.flood:
            self.assert_partition(stressed.report)

    def test_lost_events_are_those_told(self):
        for stressed in self.all, self.flood:
            said = re.search(r"(\d+) lost$", stressed.finished.stderr.rstrip())
            self.assertEqual(int(said[1]), stressed.trace.lost_events, f"the line at the end: {stressed.finished}")
            self.assertEqual(stressed.report.lost_events, stressed.trace.lost_events, "lost events in the report")

    def test_what_was_done_is_recorded_or_lost(self):
        """By process. A sleep that was interrupted may have been long enough to be written, or not."""
        for stressed in self.all, self.flood:
            trace = stressed.trace
            seen, lost = collections.defaultdict(collections.Counter), collections.Counter()
            for process, pid in trace.pids.items():
                for name in "sleep_wait", "thread_start":
                    seen[pid][name] += trace.counts_of[process, name]
                lost[pid] += trace.lost_of[process]
            for pid, done in stressed.tallies.items():
                with self.subTest(pid=pid):
                    self.assertGreaterEqual(seen[pid]["sleep_wait"] + lost[pid], done["sleeps"], f"{seen[pid]} {done}")
                    self.assertLessEqual(seen[pid]["sleep_wait"], done["sleeps"] + done["interrupted"], f"{seen[pid]} {done}")
                    self.assertGreaterEqual(seen[pid]["thread_start"] + lost[pid], done["threads"], f"{seen[pid]} {done}")
                    self.assertLessEqual(seen[pid]["thread_start"], done["threads"], f"{seen[pid]} {done}")

    def test_losses_of_a_stopped_recorder_are_counted_exactly(self):
        """But for gaps, few here: the program does not know how often it lost the CPU between two sleeps."""
        trace, done = self.flood.trace, self.flood.done
        self.assertGreater(trace.lost_events, 1000, "events lost while the recorder stood still")
        missing = done["sleeps"] - trace.counts["sleep_wait"]
        self.assertLessEqual(missing, trace.lost_events, f"sleeps that are missing, of {done}")
        gaps = trace.lost_events - missing
        self.assertLessEqual(gaps, missing // 20, f"lost events that are no sleeps; {trace.counts}")

    def test_wakers_are_those_that_the_events_tell(self):
        self.assert_wakers(self.all.report, self.all.trace)
        for reason in "lock", "condition":
            self.assertGreater(self.all.trace.woken[reason], 0, f"waits for {reason} that somebody ended")


if __name__ == "__main__":
    main()
