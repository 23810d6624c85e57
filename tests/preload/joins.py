# SPDX-License-Identifier: Apache-2.0
"""pthread_join of a thread that takes its time."""

from harness.story import StoryTest, main


class Joins(StoryTest):
    def setUp(self):
        self.story = self.tell("joins")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_function_is_named(self):
        self.assert_waits_in(self.story, "join", "await_by_join")
        self.assert_waits_in(self.story, "join", "await_by_join", "main")


if __name__ == "__main__":
    main()
