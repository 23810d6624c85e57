# SPDX-License-Identifier: Apache-2.0
"""What the programs write down of themselves is consistent before anything is compared with it."""

import unittest

from harness.running import BUILD, program, run
from harness.story import main
from harness.truth import TruthFile

STORIES = ["contended_mutex"], ["condition_handover"], ["sleeps"], ["polls"], ["pipes"], ["sockets"], ["durability", BUILD], \
    ["children"], ["joins"], ["blocked_in_stdio"], ["blocked_in_system"], ["blocked_in_futex"], ["blocked_in_fault", BUILD], \
    ["spinners", 2, "pinned"], ["forker", "fork"], ["jumper"]

# The CPU clock is read before the wall clock at the begin and behind it at the end.
READINGS_NS = 500_000


class Truths(unittest.TestCase):
    def tell(self, name, *arguments):
        with TruthFile() as file:
            finished = run(program(name), *arguments, environment=file.environment)
            self.assertEqual(finished.exit_code, 0, finished)
            return file.read()

    def test_waits_of_a_thread_follow_each_other(self):
        for story in STORIES:
            with self.subTest(story[0]):
                ends_ns = {}
                for wait in sorted(self.tell(*story).waits, key=lambda wait: wait.begin_ns):
                    self.assertLessEqual(ends_ns.get(wait.tid, 0), wait.begin_ns, f"{wait} begins inside another")
                    self.assertLess(wait.begin_ns, wait.end_ns, f"{wait} ends before it begins")
                    self.assertLessEqual(wait.cpu_ns, wait.wall_ns + READINGS_NS, f"{wait} used more than there was")
                    ends_ns[wait.tid] = wait.end_ns

    def test_waiter_waits_while_the_holder_works(self):
        truth = self.tell("contended_mutex")
        waited_ns = sum(wait.wall_ns for wait in truth.at("lock", "want_the_lock"))
        tid = truth.at("lock", "want_the_lock")[0].tid
        worked_ns = sum(wait.wall_ns for wait in truth.at("sleep", "pause_ms") if wait.tid != tid)
        self.assertGreaterEqual(waited_ns, worked_ns * 0.99, "the lock was wanted during all of the work")

    def test_sleeps_last_as_long_as_asked(self):
        for wait in self.tell("sleeps").waits:
            asked_ns = {"sleep_by_nanosleep": 50, "sleep_by_usleep": 40, "sleep_by_seconds": 1000, "sleep_by_clock": 30,
                        "sleep_until": 34}[wait.function] * 1_000_000
            self.assertGreaterEqual(wait.wall_ns, asked_ns, f"{wait}")

    def test_death_leaves_the_waits_that_it_cut_off(self):
        with TruthFile() as file:
            run(program("dier"), "KILL", environment=file.environment)
            truth = file.read()
        unended = {wait.function for wait in truth.all_waits if not wait.has_ended}
        self.assertEqual(unended, {"read_for_ever", "lock_for_ever", "sleep_for_ever", "poll_for_ever"})


if __name__ == "__main__":
    main()
