# SPDX-License-Identifier: Apache-2.0
"""poll, select and epoll with a writer that takes its time, and with a timeout."""

from harness.story import StoryTest, main


class Polls(StoryTest):
    def setUp(self):
        self.story = self.tell("polls")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_each_way_is_named(self):
        for way in "poll", "ppoll", "select", "pselect", "epoll_wait", "epoll_pwait":
            with self.subTest(way):
                self.assert_waits_in(self.story, "poll", f"wait_by_{way}")
                self.assert_waits_in(self.story, "poll", f"wait_by_{way}", "main")


if __name__ == "__main__":
    main()
