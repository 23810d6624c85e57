# SPDX-License-Identifier: Apache-2.0
"""Threads in great numbers, in waves, on odd stacks, and with odd ends."""

from harness.running import TICKBIRD, program, run
from harness.story import StoryTest, main

# What the library may take of the program's own memory: at all, and for each thread.
OWN_KB, THREAD_KB = 1024, 12


class ThreadLives(StoryTest):
    def check(self, name, *arguments, exit_code=0):
        story = self.tell(name, *arguments)
        self.assert_same_behaviour(story, exit_code)
        self.assert_whole(story)
        return story

    def test_ten_thousand_at_once_lose_nothing(self):
        story = self.tell("crowd")
        self.skip_what_is_missing(story)
        self.check("crowd")
        lanes = [lane for lane in story.report.lanes if lane.name == "crowd"]
        self.assertEqual(len(lanes), 10_001, "lanes of the program and its threads")
        waits = story.report.waits_in("wait_in_the_crowd", "sleep")
        self.assertEqual(sum(wait.count for wait in waits), 100_000, "waits that were seen")

    def test_waves_leave_no_memory_behind(self):
        story = self.check("waves")
        self.assertEqual(len(story.report.lanes), 3001, "lanes of the program and its threads")

    def test_memory_of_the_program_is_hardly_touched(self):
        for threads in 0, 1000:
            with self.subTest(threads=threads):
                bare = run(program("parked"), threads)
                traced = run(TICKBIRD, "run", "-o", self.folder / f"parked.{threads}.tbt", "--", program("parked"), threads)
                self.assertEqual((bare.exit_code, traced.exit_code), (0, 0), f"{bare}\n{traced}")
                self.assertLessEqual(int(traced.stdout) - int(bare.stdout), OWN_KB + threads * THREAD_KB,
                                     f"kB more than the {int(bare.stdout)} of the bare program")

    def test_smallest_stacks_are_enough(self):
        story = self.check("small_stacks")
        smallest = story.report.waits_in("on_the_smallest_stack")
        self.assertLessEqual({"sleep", "poll", "lock", "condition"}, {wait.reason for wait in smallest},
                             f"what was waited for on the smallest stacks\n{story.report}")

    def test_fibres_wait_on_stacks_of_their_own(self):
        story = self.check("fibres")
        self.assert_totals(story)
        self.assert_not_running(story)

    def test_exit_in_a_destructor(self):
        story = self.check("endings", "destructor", exit_code=7)
        self.assert_totals(story)
        self.assert_waits_in(story, "sleep", "pause_ms", "wait_at_the_end", "exit_in_destructor")

    def test_waits_in_all_rounds_of_destructors(self):
        self.assert_totals(self.check("endings", "rounds"))

    def test_main_thread_ends_first(self):
        story = self.check("endings", "main")
        # The last thread calls exit() behind its own end: nobody sees it sleep in there.
        self.assert_totals(story, ignoring=("sleep",))
        self.assert_waits_in(story, "join", "outlive_main")

    def test_quick_exit(self):
        story = self.check("endings", "quick", exit_code=8)
        self.assert_waits_in(story, "sleep", "pause_ms", "wait_at_the_end", "say_goodbye")

    def test_threads_that_end_without_their_destructors(self):
        self.assert_totals(self.check("endings", "raw"))


if __name__ == "__main__":
    main()
