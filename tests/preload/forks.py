# SPDX-License-Identifier: Apache-2.0
"""Children however they are made: each has lanes of its own with its own waits."""

from harness.story import StoryTest, main


class Forks(StoryTest):
    def check(self, way, processes, exit_code=0):
        story = self.tell("forker", way)
        self.assert_same_behaviour(story, exit_code)
        self.assert_whole(story)
        self.assert_totals(story)
        self.assert_not_running(story)
        pids = {wait.pid for wait in story.truth.waits}
        self.assertEqual(len(pids), processes, "processes that wrote down what they did")
        self.assert_waits_in(story, "sleep", "pause_ms", "child_work")
        if way != "daemon":  # whose parent does nothing but end
            self.assert_waits_in(story, "sleep", "pause_ms", "parent_work")
        return story

    def test_fork(self):
        self.check("fork", 2)

    def test_fork_then_exec(self):
        self.check("exec", 2)

    def test_vfork_then_exec(self):
        self.check("vfork", 2)

    def test_posix_spawn(self):
        self.check("spawn", 2)

    def test_daemon_is_recorded_to_its_end(self):
        self.check("daemon", 2)

    def test_exec_in_place_is_another_program_in_the_same_process(self):
        story = self.check("execve", 1, exit_code=6)
        starts = [start for start in story.dump.events("process_start")
                  if start["pid"] == str(story.truth.waits[0].pid)]
        self.assertGreaterEqual(len(starts), 2, f"process_start events of the process: {starts}")
        self.assertIn('sleep"', starts[-1]["command"], "command line of the second program")


if __name__ == "__main__":
    main()
