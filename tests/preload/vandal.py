# SPDX-License-Identifier: Apache-2.0
"""The memory that a program shares with its recorder is destroyed byte by byte while both use it: the program does not
notice, the trace can be read, and what other processes wrote is whole."""

import os
import random

from harness.report import Dump, Report
from harness.running import TICKBIRD, program, run
from harness.story import StoryTest, main

RUNS = 15
BYSTANDER = "contended_mutex"


class Vandal(StoryTest):
    def check(self, seed):
        trace = self.folder / f"{seed}.tbt"
        command = ["/bin/sh", "-c", f"{program(BYSTANDER)} & {program('vandal')} {seed}; code=$?; wait; exit $code"]
        traced = run(TICKBIRD, "run", "-o", trace, "--", *command)
        self.assertEqual((traced.exit_code, sorted(traced.stdout.splitlines()), self.own_stderr(traced)),
                         (0, self.expected, ""), "what the programs do")
        report, dump = Report(trace), Dump(trace)
        self.assertEqual(len(dump.events("recording_end")), 1, "recording_end events")
        self.assert_partition(report)
        bystanders = report.named(BYSTANDER)
        self.assertEqual(len(bystanders), 2, f"lanes of the process that nobody disturbed\n{report.about(())}")
        waits = report.waits_in("want_the_lock", "lock")
        self.assertEqual(sum(wait.count for wait in waits), 10, "its waits for the lock")

    def test_neither_the_program_nor_its_neighbour_nor_the_recorder_is_hurt(self):
        bare = [run(program(BYSTANDER)), run(program("vandal"), 1)]
        self.assertEqual([finished.exit_code for finished in bare], [0, 0], f"{bare[0]}\n{bare[1]}")
        self.expected = sorted("".join(finished.stdout for finished in bare).splitlines())
        first = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"SEED={first}")
        for seed in range(first, first + RUNS):
            with self.subTest(seed=seed):
                self.check(seed)


if __name__ == "__main__":
    main()
