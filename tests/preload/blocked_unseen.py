# SPDX-License-Identifier: Apache-2.0
"""Blocked where no hooked call is made: inside stdio, system(), a raw futex, a page that is on the disk. None of that time
may show as running, and all of it shows as waiting."""

from harness.running import BUILD
from harness.story import StoryTest, main

# What a wait may be called that the program made without a hooked call, when the kernel or libc tells more of it.
UNSEEN = ("unseen", "fault", "futex", "pipe", "child", "disk")


class BlockedUnseen(StoryTest):
    def check(self, story):
        self.assert_same_behaviour(story)
        self.assert_whole(story)
        self.skip_what_is_missing(story)
        self.assert_not_running(story)
        self.assert_totals(story, ignoring=UNSEEN)
        for tid in {wait.tid for wait in story.truth.waits if wait.reason == "unseen"}:
            waits = [wait for wait in story.truth.waits if wait.tid == tid and wait.reason in UNSEEN]
            seen_ns = sum(lane.waiting_ns[reason] for lane in story.report.lanes_of(tid) for reason in UNSEEN)
            self.assert_near(seen_ns, waits, f"waiting in thread {tid}", story)

    def test_fgets_on_a_silent_pipe(self):
        self.check(self.tell("blocked_in_stdio"))

    def test_system_and_pclose(self):
        story = self.tell("blocked_in_system")
        self.check(story)
        sleepers = story.report.named("sleep")
        self.assertEqual(len(sleepers), 2, f"the commands' own processes are recorded\n{story.report}")
        slept_ns = sorted(lane.waiting_ns["sleep"] for lane in sleepers)
        for asked_ns, seen_ns in zip((300_000_000, 500_000_000), slept_ns):
            self.assertGreaterEqual(seen_ns, asked_ns * 0.99, f"time that sleep slept\n{story.report}")

    def test_raw_futex(self):
        self.check(self.tell("blocked_in_futex"))

    def test_page_of_a_cold_mapping(self):
        self.check(self.tell("blocked_in_fault", BUILD))


if __name__ == "__main__":
    main()
