# SPDX-License-Identifier: Apache-2.0
"""The program, the recorder, or both are killed at random moments: the program never suffers for the recorder, and what was
whole in the file is read.

KILLS says how many moments of each kind, SEED which; `make kill-storm` takes 200."""

import os
import pathlib
import random
import shutil
import signal
import tempfile

from harness.blocks import whole_events
from harness.invariants import Invariants, dump_lines
from harness.look import descendants
from harness.report import Report
from harness.running import BUILD, TICKBIRD, Running, await_that, program
from harness.story import StoryTest, main

KILLS = int(os.environ.get("KILLS", "6"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 31)))
SECONDS = 1     # that the program takes by itself

# Written last, by a shell that is recorded too: nobody waits for what a dead recorder has started.
SCRIPT = '"$0" "$1" "$2" >"$3/output"; echo $? >"$3/ended.new"; mv "$3/ended.new" "$3/ended"'


class Kills(StoryTest):
    @classmethod
    def setUpClass(cls):
        print(f"SEED={SEED} KILLS={KILLS}")
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="kills.", dir=BUILD))
        cls.addClassCleanup(shutil.rmtree, cls.base)
        cls.random = random.Random(SEED)

    def storm(self, check):
        """Half of the moments lie in the first tenth, where processes begin. Each gets an empty folder."""
        for number in range(KILLS):
            folder = self.base / "moment"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            moment_s = self.random.uniform(0, SECONDS * (0.1 if number % 2 else 1))
            with self.subTest(number=number, moment_s=moment_s):
                check(folder, moment_s)

    def start(self, folder):
        return Running([TICKBIRD, "run", "-o", folder / "out.tbt", "--", "/bin/sh", "-c", SCRIPT, program("stress"), SECONDS,
                        self.random.randrange(1 << 31), folder])

    def processes(self, running, name):
        """Pids of the recorded program, youngest last."""
        def is_of(pid):
            try:
                return pathlib.Path(f"/proc/{pid}/comm").read_text() == f"{name}\n"
            except OSError:
                return False
        return [pid for pid in descendants(running.pid) if is_of(pid)]

    def assert_read(self, path, is_complete):
        """What is whole in the file is read, and nothing in it breaks a rule."""
        whole = whole_events(path) if path.exists() else None
        if whole is None:
            self.assertFalse(is_complete, f"{path} is no trace")
            return
        trace = Invariants(dump_lines(path))
        self.assertEqual(trace.broken, [])
        self.assertEqual(sum(trace.counts.values()), whole, "events in the dump and in whole blocks")
        self.assertEqual(trace.recording_end is not None, is_complete, "an end of the recording")
        if whole:
            report = Report(path)
            if report.lanes:
                self.assert_partition(report)

    def kill_program(self, folder, moment_s):
        with self.start(folder) as running:
            running.ends_within(moment_s)
            for pid in self.processes(running, "stress")[:1]:
                os.kill(pid, signal.SIGKILL)
            finished = running.finish()
        self.assertEqual(finished.exit_code, 0, finished)
        self.assertEqual(self.own_stderr(finished).replace("Killed\n", ""), "", finished)
        self.assertIn((folder / "ended").read_text(), ("137\n", "0\n"), finished)
        self.assert_read(folder / "out.tbt", True)

    def kill_recorder(self, folder, moment_s):
        with self.start(folder) as running:
            running.ends_within(moment_s)
            has_begun = bool(descendants(running.pid))
            running.send(signal.SIGKILL)
            if has_begun:
                await_that((folder / "ended").exists, "ended")
                self.assertEqual((folder / "ended").read_text(), "0\n", running.so_far())
                self.assertIn("sleeps", (folder / "output").read_text())
            self.assertEqual(running.so_far(), ["", ""])
        self.assert_read(folder / "out.tbt", False)

    def kill_both(self, folder, moment_s):
        with self.start(folder) as running:
            running.ends_within(moment_s)
            victims = [running.pid, *self.processes(running, "stress"), *self.processes(running, "sh")]
            self.random.shuffle(victims)
            for pid in victims:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        # Killed after its command, the recorder may have come to the end.
        path = folder / "out.tbt"
        self.assert_read(path, bool(path.exists() and whole_events(path) and "recording_end" in "".join(dump_lines(path))))

    def test_program_killed(self):
        self.storm(self.kill_program)

    def test_recorder_killed(self):
        self.storm(self.kill_recorder)

    def test_both_killed(self):
        self.storm(self.kill_both)


if __name__ == "__main__":
    main()
