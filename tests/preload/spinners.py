# SPDX-License-Identifier: Apache-2.0
"""Time on the CPU is running; time without one is runnable, not waiting."""

from harness.story import PART, StoryTest, main


class Spinners(StoryTest):
    def check(self, story):
        self.assert_same_behaviour(story)
        self.assert_whole(story)
        self.assert_not_running(story)
        for spin in story.truth.at("running", "spin_for_a_while"):
            lanes = story.report.lanes_of(spin.tid)
            running_ns = sum(lane.running_ns for lane in lanes)
            self.assertGreaterEqual(running_ns, spin.cpu_ns * (1 - PART), f"running of thread {spin.tid}\n{story.report}")
            # Where the machine is itself virtual, its host's delays are neither; they are allowed to be unknown or running.
            delayed_ns = sum(lane.runnable_ns + lane.throttled_ns for lane in lanes)
            self.assertGreaterEqual(delayed_ns, spin.run_delay_ns * (1 - PART) - 500_000,
                                    f"runnable of thread {spin.tid}, which knows {spin.run_delay_ns} ns\n{story.report}")
            waiting_ns = sum(sum(lane.waiting_ns.values()) for lane in lanes)
            self.assertLessEqual(waiting_ns, spin.wall_ns * PART + 1_000_000, f"waiting of {spin.tid}\n{story.report}")

    def test_one_alone_runs(self):
        self.check(self.tell("spinners", 1, "free"))

    def test_two_on_one_cpu_are_runnable_half_of_the_time(self):
        story = self.tell("spinners", 2, "pinned")
        self.check(story)
        spins = story.truth.at("running", "spin_for_a_while")
        self.assertGreater(sum(spin.run_delay_ns for spin in spins), sum(spin.cpu_ns for spin in spins) // 2,
                           "the spinners have kept each other from their CPU")


if __name__ == "__main__":
    main()
