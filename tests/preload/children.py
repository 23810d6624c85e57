# SPDX-License-Identifier: Apache-2.0
"""The wait family, and the children that were waited for."""

from harness.story import StoryTest, main


class Children(StoryTest):
    def setUp(self):
        self.story = self.tell("children")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_programs(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_each_way_is_named(self):
        for way in "wait", "waitpid", "wait3", "wait4", "waitid":
            with self.subTest(way):
                self.assert_waits_in(self.story, "child", f"await_by_{way}")

    def test_every_child_is_recorded(self):
        pids = {thread.pid for thread in self.story.truth.threads.values()}
        self.assertEqual(len(pids), 6, "the program and its five children wrote down what they did")
        self.assertLessEqual(pids, {lane.pid for lane in self.story.report.lanes}, "processes in the report")


if __name__ == "__main__":
    main()
