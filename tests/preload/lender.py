# SPDX-License-Identifier: Apache-2.0
"""A vfork child runs on its parent's thread: what it does is nobody's, and the parent's lane stays the parent's."""

from harness.story import StoryTest, main


class Lender(StoryTest):
    def check(self, way, processes, sleeps):
        story = self.tell("lender", way)
        self.assert_same_behaviour(story)
        self.assert_whole(story)
        self.assert_totals(story)
        lent = [wait for wait in story.report.waits if "lent_work" in wait.stack.functions]
        self.assertEqual(lent, [], "waits of the child in its parent's lane")
        self.assertEqual(len(story.dump.events("process_start")), processes, "programs that said hello")
        own = [wait for wait in story.report.waits if wait.stack.calls("pause_ms", "own_work")]
        self.assertEqual(sum(wait.count for wait in own), sleeps, "sleeps of those who have a thread of their own")

    def test_a_child_that_ends_itself(self):
        self.check("exit", 1, 1 + 3)

    def test_a_child_that_becomes_another_program(self):
        self.check("exec", 1 + 3, 1 + 3 + 3)

    def test_the_first_caller_after_a_fork(self):
        self.check("forked", 2, 3)


if __name__ == "__main__":
    main()
