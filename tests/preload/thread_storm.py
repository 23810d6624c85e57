# SPDX-License-Identifier: Apache-2.0
"""A thousand short threads: each has its lane, name and wait, and nothing is lost."""

from harness.story import StoryTest, main


class ThreadStorm(StoryTest):
    def setUp(self):
        self.story = self.tell("thread_storm")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_every_thread_has_its_wait(self):
        self.assertEqual(len(self.story.truth.threads), 1001, "threads that wrote down what they did")
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_threads_have_their_names(self):
        names = {lane.name for lane in self.story.report.lanes}
        missing = sorted({f"storm-{index:03}" for index in range(1000)} - names)
        self.assertEqual(missing, [], "names that no lane has")


if __name__ == "__main__":
    main()
