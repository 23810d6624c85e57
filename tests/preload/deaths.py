# SPDX-License-Identifier: Apache-2.0
"""A program that dies by a signal while its threads wait: the file is complete, what was done before is in it, and the
waits that nobody ended are not running time."""

import signal

from harness.story import EACH_WAIT_NS, StoryTest, main


class Deaths(StoryTest):
    def check(self, how, exit_code):
        story = self.tell("dier", how)
        self.assert_same_behaviour(story, exit_code)
        self.assert_whole(story)
        # The last sleep before the death and the first of each thread.
        self.assert_totals(story, ignoring={wait.reason for wait in story.truth.all_waits if not wait.has_ended} - {"sleep"})
        self.assert_not_running(story)
        self.assert_unended(story)

    def assert_totals(self, story, ignoring=()):
        """As everywhere, but the thread that sleeps for ever has more sleep than has ended."""
        sleeper = {wait.tid for wait in story.truth.all_waits if not wait.has_ended and wait.reason == "sleep"}
        for (tid, reason), waits in story.truth.by_thread_and_reason().items():
            if reason in ignoring or (reason == "sleep" and tid in sleeper):
                continue
            seen_ns = sum(lane.waiting_ns[reason] for lane in story.report.lanes_of(tid))
            self.assert_near(seen_ns, waits, f"waiting for {reason} in thread {tid}", story)

    def assert_unended(self, story):
        """The time from the begin of an unended wait to the death is waiting or unknown in its lane."""
        death_ns = max(wait.end_ns for wait in story.truth.waits)
        unended = [wait for wait in story.truth.all_waits if not wait.has_ended]
        self.assertEqual(len(unended), 4, "waits that the death cut off")
        for wait in unended:
            lanes = story.report.lanes_of(wait.tid)
            known_ns = sum(other.wall_ns for other in story.truth.waits if other.tid == wait.tid)
            off_ns = sum(sum(lane.waiting_ns.values()) + lane.unknown_ns for lane in lanes)
            self.assertGreaterEqual(off_ns, known_ns + (death_ns - wait.begin_ns) * 0.99 - 4 * EACH_WAIT_NS,
                                    f"off the CPU in thread {wait.tid}, dead in {wait.function}\n{story.report}")

    def test_killed(self):
        self.check("KILL", 128 + signal.SIGKILL)

    def test_segmentation_fault(self):
        self.check("SEGV", 128 + signal.SIGSEGV)

    def test_terminated(self):
        self.check("TERM", 128 + signal.SIGTERM)

    def test_aborted(self):
        self.check("ABRT", 128 + signal.SIGABRT)

    def test_main_returns_under_its_threads(self):
        self.check("return", 23)


if __name__ == "__main__":
    main()
