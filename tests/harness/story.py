# SPDX-License-Identifier: Apache-2.0
"""A program's story, told twice: bare and under `tickbird run`; and what must be true of the two and of the trace."""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest

from harness.edges import WokenWaits
from harness.report import REASONS, Dump, Report
from harness.running import TICKBIRD, Finished, program, run
from harness.truth import TruthFile

# How far a total may be from what the program measured: this part of it, and this long for each wait. The program's
# clock stands outside the hook's: between the two are clock readings, the event's own writing and the first use of a
# stack. Measured on two virtual CPUs, shared and busy: 9 us a wait in the median, up to 20 us.
PART = 0.01
EACH_WAIT_NS = 50_000

# The library waits at most this long for the recorder's welcome, in the first call of a process, and the lane begins
# behind it; doubled for a machine that has others to serve.
WELCOME_NS = 10_000_000

# A process that was not welcomed in time goes on unrecorded for a while, which is counted; it has no story to judge. On a
# machine that has others to serve it is told again, this often in all.
TELLINGS = 4

# A lane's running time may exceed the CPU time that the thread knew of by this: the program's last reading is before
# its end.
AFTER_THE_LAST_READING_NS = 10_000_000


class Story:
    """One program, run bare and traced."""

    def __init__(self, folder, command, options=()):
        self.command = list(command)
        self.path = pathlib.Path(folder) / f"{len(list(pathlib.Path(folder).iterdir()))}.tbt"
        with TruthFile() as file:
            self.bare = run(*command, environment=file.environment)
            self.bare_truth = file.read()
        for _ in range(TELLINGS):
            self.path.unlink(missing_ok=True)
            with TruthFile() as file:
                self.traced = run(TICKBIRD, "run", "-o", self.path, *options, "--", *command, environment=file.environment)
                self.truth = file.read()
            self._report = self._dump = None
            if not self._was_welcomed_late():
                break

    def _was_welcomed_late(self):
        """Whether something is lost, and all of it because a process was not welcomed in time."""
        if not re.search(r" [1-9]\d* lost\n\Z", self.traced.stderr):
            return False
        return {event["reason"] for event in self.dump.events("lost")} == {'"process_refused"'}

    @property
    def report(self):
        if self._report is None:
            assert self.path.exists(), f"no trace was written: {self.traced}"
            self._report = Report(self.path)
        return self._report

    @property
    def dump(self):
        if self._dump is None:
            self._dump = Dump(self.path)
        return self._dump


class StoryTest(unittest.TestCase):
    """A test of stories: each is told once for all the tests of a class."""

    maxDiff = None
    longMessage = True

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls._told = {}

    @classmethod
    def tell(cls, name, *arguments):
        key = (name, *arguments)
        if key not in cls._told:
            traces = cls.folder / "traces"
            traces.mkdir(exist_ok=True)
            cls._told[key] = Story(traces, [program(name), *map(str, arguments)])
        return cls._told[key]

    # --- the program does not notice

    def assert_same_behaviour(self, story, exit_code=0):
        """Output and exit code as without us; our one line stands last on stderr."""
        bare, traced = story.bare, story.traced
        self.assertEqual(bare.exit_code, exit_code, f"the bare program: {bare}")
        self.assertEqual(traced.exit_code, bare.exit_code, f"exit code under tickbird run: {traced}")
        self.assertEqual(traced.stdout, bare.stdout, "stdout under tickbird run (first) is not that of the bare program")
        self.assertEqual(self.own_stderr(traced), bare.stderr,
                         "stderr under tickbird run (first) without our line is not that of the bare program")

    def own_stderr(self, traced: Finished):
        """The program's part of stderr: all but our line at the end, and those before it about what was not recorded."""
        lines = traced.stderr.splitlines(keepends=True)
        self.assertTrue(lines and lines[-1].startswith("tickbird: "), f"no last line of ours on stderr: {traced}")
        own = [number for number, line in enumerate(lines[:-1]) if line.startswith("tickbird: not recorded: ")]
        return "".join(lines[:own[0] if own else -1])

    # --- the trace is whole

    def assert_whole(self, story):
        """Complete to its end mark, with the exit code in it, and nothing lost."""
        ends = story.dump.events("recording_end")
        self.assertEqual(len(ends), 1, "recording_end events in the dump")
        self.assertEqual(ends[0]["exit_code"], str(story.traced.exit_code), "exit code in recording_end")
        self.assertEqual(ends[0]["lost_events"], "0", f"lost events in recording_end: {story.dump.events('lost')}")
        self.assertEqual(story.report.lost_events, 0, "lost events in the report")
        self.assert_partition(story.report)
        self.assert_wakers(story.report, self.assert_invariants(story.dump))

    def assert_invariants(self, dump):
        """What is true of every trace; gives what was found out."""
        trace = WokenWaits(dump.text.splitlines())
        self.assertFalse(trace.broken, "rules that the trace breaks:\n  " + "\n  ".join(trace.broken))
        return trace

    def assert_wakers(self, report, trace):
        """The waits that the report says somebody ended are those that an edge of the events ended."""
        for reason in "lock", "condition":
            waits = [wait for wait in report.waits if wait.reason == reason]
            for wait in waits:
                self.assertLessEqual(sum(count for count, _ in wait.wakers), wait.count, f"ended more often than begun: {wait}")
            self.assertEqual(sum(count for wait in waits for count, _ in wait.wakers), trace.woken[reason],
                             f"waits for {reason} that somebody ended")

    def assert_partition(self, report):
        """Every lane's parts sum to its whole, to the nanosecond, and lie inside the recording."""
        self.assertTrue(report.lanes, "the report has no lanes")
        for lane in report.lanes:
            self.assertEqual(lane.parts_ns, lane.span_ns, f"parts and whole of {lane}")
            parts = [lane.running_ns, lane.runnable_ns, lane.throttled_ns, lane.unknown_ns, *lane.waiting_ns.values()]
            self.assertGreaterEqual(min(parts), 0, f"a negative part in {lane}")
            self.assertLessEqual(set(lane.waiting_ns), REASONS, f"unknown reasons in {lane}")
            self.assertLessEqual(report.start_ns, lane.start_ns, f"begins before the recording: {lane}")
            self.assertLessEqual(lane.end_ns, report.end_ns, f"ends after the recording: {lane}")

    # --- the trace is true

    def assert_totals(self, story, ignoring=()):
        """For every thread and reason that the program wrote down, the report has the same time, within PART."""
        for (tid, reason), waits in story.truth.by_thread_and_reason().items():
            if reason in ("running", "unseen", *ignoring):
                continue
            seen_ns = sum(lane.waiting_ns[reason] for lane in story.report.lanes_of(tid))
            self.assert_near(seen_ns, waits, f"waiting for {reason} in thread {tid}", story)

    def not_to_be_told_ns(self, story, waits):
        """What a report cannot have in its place. The kernel tells a thread's run-queue delay as a sum: what it had
        outside its waits may be taken from them. And a lane begins when the library was welcomed, in the first wait."""
        slack_ns = 0
        for tid in {wait.tid for wait in waits}:
            all_waits = [wait for wait in story.truth.waits if wait.tid == tid]
            slack_ns += max(0, story.truth.threads[tid].run_delay_ns - sum(wait.run_delay_ns for wait in all_waits))
            lanes = story.report.lanes_of(tid)
            self.assertTrue(lanes, f"no lane for thread {tid}\n{story.report}")
            first = min(all_waits, key=lambda wait: wait.begin_ns)
            late_ns = max(0, min(lane.start_ns for lane in lanes) - first.begin_ns)
            self.assertLessEqual(late_ns, WELCOME_NS, f"the lane of thread {tid} begins late\n{story.report}")
            if first in waits:
                slack_ns += late_ns
        return slack_ns

    def assert_near(self, seen_ns, waits, what, story):
        """Between what was surely off the CPU and the wall time of the calls. A wait's run-queue delay may count or not: the
        total of a place where it waits has it, the state `waiting` has not."""
        least = sum(wait.off_ns for wait in waits) * (1 - PART) - len(waits) * EACH_WAIT_NS
        least -= self.not_to_be_told_ns(story, waits)
        most = sum(wait.wall_ns for wait in waits) * (1 + PART) + len(waits) * EACH_WAIT_NS
        if not least <= seen_ns <= most:
            functions = ", ".join(sorted({wait.function for wait in waits}))
            self.fail(f"{what}: the report says {seen_ns / 1e6:.3f} ms, the program knows {len(waits)} waits in "
                      f"{functions} of {sum(w.wall_ns for w in waits) / 1e6:.3f} ms, "
                      f"{sum(w.off_ns for w in waits) / 1e6:.3f} of them surely off the CPU\n"
                      f"{story.report.about({wait.tid for wait in waits})}")

    def assert_waits_in(self, story, reason, function, *callers):
        """The waits written down in a function stand in the report with that function, called by `callers`, leaf first;
        returns them."""
        waits = story.truth.at(reason, function)
        self.assertTrue(waits, f"the program wrote down no {reason} in {function}")
        seen = [wait for wait in story.report.waits if wait.reason == reason and wait.stack.calls(function, *callers)]
        self.assertTrue(seen, f"no wait for {reason} with {' < '.join([function, *callers])} in its stack\n{story.report}")
        if not callers:
            self.assert_near(sum(wait.total_ns for wait in seen), waits, f"{reason} in {function}", story)
        return seen

    def assert_woken_by(self, story, waits, *functions):
        """Each of the report's waits was ended by a thread in these functions, leaf first."""
        for wait in waits:
            woken = sum(count for count, stack in wait.wakers if stack.calls(*functions))
            self.assertEqual(woken, wait.count, f"times that {' < '.join(functions)} ended this wait:\n    {wait}")

    def assert_not_running(self, story, except_tids=()):
        """No thread ran longer than its own CPU clock says."""
        for tid, thread in story.truth.threads.items():
            lanes = story.report.lanes_of(tid)
            self.assertTrue(lanes, f"no lane for thread {tid}\n{story.report}")
            if tid in except_tids:
                continue
            running_ns = sum(lane.running_ns for lane in lanes)
            most = thread.cpu_ns * (1 + PART) + AFTER_THE_LAST_READING_NS
            self.assertLessEqual(running_ns, most, f"thread {tid} had used {thread.cpu_ns / 1e6:.3f} ms of CPU time "
                                 f"but ran {running_ns / 1e6:.3f} ms\n{story.report}")

    def skip_what_is_missing(self, story):
        """Says what the machine did not give, where the program noticed."""
        if story.truth.missing:
            self.skipTest("; ".join(story.truth.missing))


# What ctest takes for "skipped"; CMakeLists.txt names it too.
SKIPPED = 77


def main():
    """Runs the tests of the calling file. A skip is not a success: ctest shows it, and the output says what was missing."""
    result = unittest.main(verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped else 0)
