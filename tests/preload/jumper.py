# SPDX-License-Identifier: Apache-2.0
"""A handler that jumps out of calls that wait: nothing is left behind that blinds the thread."""

from harness.story import StoryTest, main


class Jumper(StoryTest):
    def setUp(self):
        self.story = self.tell("jumper")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_waits_after_the_jumps_are_seen(self):
        self.assert_totals(self.story, ignoring=("pipe", "poll"))
        self.assert_waits_in(self.story, "sleep", "pause_ms", "wait_after_the_jumps", "main")

    def test_abandoned_waits_are_not_running(self):
        self.assert_not_running(self.story)
        abandoned = [wait for wait in self.story.truth.waits if wait.function.startswith("jump_out_of")]
        seen_ns = sum(lane.waiting_ns[reason] for lane in self.story.report.lanes
                      for reason in ("pipe", "poll", "unseen"))
        self.assertEqual(len(abandoned), 4, "waits that were abandoned")
        self.assert_near(seen_ns, abandoned, "waiting before the jumps", self.story)


if __name__ == "__main__":
    main()
