# SPDX-License-Identifier: Apache-2.0
"""Programs that would notice us if anybody would: each prints what it finds, and must find what it finds without us."""

from harness.story import StoryTest, main


class Behaviours(StoryTest):
    def check(self, name, *arguments):
        story = self.tell(name, *arguments)
        self.assert_same_behaviour(story)
        self.assert_whole(story)
        return story

    def test_errno_is_untouched_by_success_and_right_after_failure(self):
        story = self.check("errno_keeper")
        self.assertIn("failing", story.bare.stdout, "the program has come to its last part")

    def test_every_kind_of_mutex_answers_as_it_should(self):
        story = self.check("mutex_kinds")
        self.assert_totals(story)

    def test_calls_that_never_blocked_are_what_they_were_and_block_at_last(self):
        story = self.check("straight")
        self.assertIn("cleaned up\ncancelled\n", story.bare.stdout)
        self.assert_waits_in(story, "network", "at_last_it_blocks", "main")

    def test_cancelled_threads_end_where_they_would(self):
        story = self.check("canceller")
        self.assert_totals(story)

    def test_signal_handlers_may_wait_and_interrupt(self):
        story = self.check("handlers")
        self.assert_waits_in(story, "poll", "work_in_the_handler")
        self.assert_waits_in(story, "sleep", "pause_ms", "work_in_the_handler")

    def test_closing_every_descriptor_one_by_one_harms_nobody(self):
        story = self.check("closer", "loop")
        self.assert_totals(story)
        self.assert_waits_in(story, "sleep", "pause_ms", "wait_with_nothing_open", "main")

    def test_closing_every_descriptor_at_once_harms_nobody(self):
        story = self.check("closer", "range")
        self.assert_totals(story)
        self.assert_waits_in(story, "sleep", "pause_ms", "wait_with_nothing_open", "main")

    def test_closing_every_descriptor_by_closefrom_harms_nobody(self):
        self.assert_totals(self.check("closer", "closefrom"))

    def test_a_descriptor_put_over_every_other_stays_there(self):
        story = self.check("closer", "dup2")
        self.assertIn("1021 descriptors are stdin", story.bare.stdout)
        self.assert_totals(story)

    def test_eight_descriptors_are_all_the_programs_own(self):
        story = self.check("few_descriptors")
        self.assert_totals(story)
        children = {lane.pid for lane in story.report.lanes}
        self.assertGreaterEqual(len(children), 3, "processes in the trace: all that had two descriptors to spare, for a moment")

    def test_no_descriptor_thread_signal_or_timer_of_ours_is_to_be_seen(self):
        self.check("descriptors")


if __name__ == "__main__":
    main()
