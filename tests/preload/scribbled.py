# SPDX-License-Identifier: Apache-2.0
"""Somebody writes nonsense into the shared memory, byte by byte, while the program runs and the recorder drains: the program does
what it does without us, the recorder ends in good order, and its file reads.

KILLS says how many runs, SEED which; `make kill-storm` takes 200."""

import os
import pathlib
import random
import shutil
import signal
import tempfile

from harness.invariants import dump_lines
from harness.report import Report
from harness.running import BUILD, TICKBIRD, Running, program, run
from harness.story import StoryTest, main

RUNS = int(os.environ.get("KILLS", "6"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 31)))
SECONDS = 1


class Scribbled(StoryTest):
    def setUp(self):
        print(f"SEED={SEED} KILLS={RUNS}")
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="scribbled.", dir=BUILD))
        self.addCleanup(shutil.rmtree, self.base)
        self.random = random.Random(SEED)

    def test_nobody_suffers(self):
        scribbled = 0
        for number in range(RUNS):
            with self.subTest(number=number):
                scribbled += self.check()
        self.assertGreater(scribbled, RUNS * 1000, "bytes that were written")

    def check(self):
        path, seed = self.base / "out.tbt", self.random.randrange(1 << 31)
        command = [TICKBIRD, "run", "--force", "-o", path, "--", program("stress"), SECONDS, seed]
        with Running(command) as running:
            running.ends_within(self.random.uniform(0, SECONDS / 2))
            with Running([program("scribbler"), running.pid, seed]) as enemy:
                finished = running.finish()
                enemy.send(signal.SIGTERM)
                written = enemy.finish()
        self.assertEqual(finished.exit_code, 0, finished)
        self.assertIn(" sleeps ", finished.stdout)
        self.assertEqual(self.own_stderr(finished), "", finished)
        # What was scribbled over means nothing, but all of it reads.
        self.assertTrue(any("recording_end" in line for line in dump_lines(path)), "an end of the recording")
        report = Report(path)
        if report.lanes:
            self.assert_partition(report)
        text = run(TICKBIRD, "report", path)
        self.assertEqual(text.exit_code, 0, text)
        return int(written.stdout.split()[0])


if __name__ == "__main__":
    main()
