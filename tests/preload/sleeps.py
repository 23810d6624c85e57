# SPDX-License-Identifier: Apache-2.0
"""Every way to sleep is told apart by its function and has its own time."""

from harness.story import StoryTest, main


class Sleeps(StoryTest):
    def setUp(self):
        self.story = self.tell("sleeps")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_each_way_is_named(self):
        for function in "sleep_by_nanosleep", "sleep_by_usleep", "sleep_by_seconds", "sleep_by_clock", "sleep_until":
            with self.subTest(function):
                self.assert_waits_in(self.story, "sleep", function)
                self.assert_waits_in(self.story, "sleep", function, "main")


if __name__ == "__main__":
    main()
