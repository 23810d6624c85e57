# SPDX-License-Identifier: Apache-2.0
"""How the library comes into programs: before and behind it, beside libraries that come and go, among functions of the same
names."""

from harness.story import StoryTest, main


class Loading(StoryTest):
    def check(self, name, *arguments):
        story = self.tell(name, *arguments)
        self.assert_same_behaviour(story)
        self.assert_whole(story)
        return story

    def test_constructors_before_ours_and_destructors_behind_ours_wait_and_are_interrupted(self):
        story = self.tell("early_and_late")
        self.assert_same_behaviour(story, exit_code=3)
        # A signal in the middle of an event's writing: what its handler waits for is lost, and counted.
        losses = story.dump.events("lost")
        self.assertLessEqual({loss["reason"] for loss in losses}, {'"signal_in_write"'}, "why events were lost")
        self.assertEqual(sum(int(loss["events"]) for loss in losses), story.report.lost_events, "losses counted")
        self.assert_partition(story.report)
        self.assert_invariants(story.dump)
        for function in "wait_unlogged", "wait_in_the_library", "on_signal":
            self.assertTrue(story.report.waits_in(function), f"no wait in {function}\n{story.report}")

    def test_libraries_come_and_go_in_four_threads(self):
        story = self.check("loader", "plain")
        self.assert_totals(story, ignoring=("sleep",))
        self.assertEqual(len(story.report.lanes), 5 + 40, "lanes of the program, its loaders and the libraries' threads")

    def test_libraries_that_ask_themselves_first(self):
        story = self.check("loader", "deepbind")
        self.assert_totals(story, ignoring=("sleep",))

    def test_a_programs_own_functions_with_libcs_names_are_not_called_by_us(self):
        story = self.check("own_names")
        self.assertTrue(story.report.waits_in("work", "lock"), f"no wait for the lock\n{story.report}")


if __name__ == "__main__":
    main()
