# SPDX-License-Identifier: Apache-2.0
"""A mutex held across slow work: the waiter's time, where it waits, and who held the lock there."""

from harness.story import StoryTest, main


class ContendedMutex(StoryTest):
    def setUp(self):
        self.story = self.tell("contended_mutex")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_waiter_and_holder_are_named(self):
        waits = self.assert_waits_in(self.story, "lock", "want_the_lock")
        self.assertEqual(sum(wait.count for wait in waits), len(self.story.truth.at("lock", "want_the_lock")),
                         "waits counted")
        self.assert_woken_by(self.story, waits, "hold_the_lock", "main")

    def test_waiter_waits_in_its_file_and_line(self):
        truth = self.story.truth.at("lock", "want_the_lock")[0]
        frame = self.assert_waits_in(self.story, "lock", "want_the_lock")[0].stack.frame("want_the_lock")
        self.assertTrue(str(frame["file"]).endswith("contended_mutex.c"), f"file of {frame}")
        self.assertEqual(frame["line"], truth.line, f"line of {frame}")
        self.assertTrue(str(frame["module"]).endswith("contended_mutex"), f"module of {frame}")

    def test_stack_reaches_the_start_of_the_thread(self):
        self.assert_waits_in(self.story, "lock", "want_the_lock", "waiter")
        self.assert_waits_in(self.story, "sleep", "pause_ms", "hold_the_lock", "main")


if __name__ == "__main__":
    main()
