# SPDX-License-Identifier: Apache-2.0
"""Programs that give up rights: they die of any system call that is not their own, and must not die of ours."""

from harness.story import StoryTest, main


class Confinement(StoryTest):
    def check(self, way, limits):
        """Unharmed, and the trace says what the library had to do without."""
        story = self.tell("confined", way)
        self.assert_same_behaviour(story)
        self.assert_whole(story)
        self.assertEqual([event["reason"].strip(chr(34)) for event in story.dump.events("guest_limited")], limits, "guest_limited events")
        return story

    def sleeps(self, story, *functions):
        """how many waits with these functions in their stack, leaf first, the report has"""
        return sum(wait.count for wait in story.report.waits if wait.reason == "sleep" and wait.stack.calls(*functions))

    def test_a_filter_by_prctl(self):
        story = self.check("filter", ["system_call_filter"])
        self.assertEqual(self.sleeps(story, "wait_confined"), 3 + 6, "sleeps before and behind the filter")

    def test_a_filter_by_seccomp(self):
        story = self.check("seccomp", ["system_call_filter"])
        self.assertEqual(self.sleeps(story, "wait_confined"), 3 + 6, "sleeps behind the filter")

    def test_strict_mode(self):
        self.check("strict", ["no_clock"])

    def test_threads_that_start_behind_a_filter_are_recorded(self):
        story = self.check("threads", ["system_call_filter"])
        self.assertEqual(self.sleeps(story, "wait_confined"), 3 + 18 + 6, "sleeps, those of the threads too")
        self.assertEqual(len(story.report.lanes), 4, "lanes: the main thread and three more")
        self.assertEqual(len({lane.tid for lane in story.report.lanes}), 4, "each with its own thread id")

    def test_a_child_behind_a_filter(self):
        story = self.check("fork", ["system_call_filter"])
        self.assertEqual(len(story.dump.events("process_start")), 1, "the child cannot say hello")

    def test_a_handler_behind_a_filter(self):
        story = self.check("handler", ["system_call_filter"])
        self.assertEqual(self.sleeps(story, "wait_confined"), 3 + 3 + 6, "sleeps, those in the handler too")

    def test_a_program_that_inherits_a_filter_is_left_alone(self):
        story = self.check("exec", ["system_call_filter"])
        self.assertEqual(len(story.dump.events("process_start")), 1, "the second program cannot say hello")

    def test_who_only_asks_what_the_kernel_supports_is_recorded_as_ever(self):
        story = self.check("probe", [])
        self.assertEqual(self.sleeps(story, "wait_confined"), 3 + 6, "sleeps")

    def test_a_program_that_forbids_itself_the_tsc(self):
        self.check("tsc", ["no_clock"])


if __name__ == "__main__":
    main()
