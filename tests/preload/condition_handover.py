# SPDX-License-Identifier: Apache-2.0
"""Condition variables: who waits for how long, who signalled, and timeouts that nobody ended."""

from harness.story import StoryTest, main


class ConditionHandover(StoryTest):
    def setUp(self):
        self.story = self.tell("condition_handover")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_signaller_is_named(self):
        waits = self.assert_waits_in(self.story, "condition", "await_the_turn")
        self.assert_woken_by(self.story, waits, "give_the_turn", "main")

    def test_broadcaster_is_named_for_each_waiter(self):
        waits = self.assert_waits_in(self.story, "condition", "await_the_announcement")
        self.assertEqual(sum(wait.count for wait in waits), 2, "waits ended by the broadcast")
        self.assert_woken_by(self.story, waits, "tell_everyone", "main")

    def test_timeout_has_no_waker(self):
        for wait in self.assert_waits_in(self.story, "condition", "await_the_timeout"):
            self.assertEqual(wait.wakers, [], f"wakers of {wait}")


if __name__ == "__main__":
    main()
