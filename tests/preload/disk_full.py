# SPDX-License-Identifier: Apache-2.0
"""The file of a recording cannot grow any more: the program does not notice, the user is told, and what was written reads."""

import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness.blocks import whole_events
from harness.invariants import Invariants, dump_lines
from harness.report import Report
from harness.running import BUILD, TICKBIRD, program, run
from harness.story import StoryTest, main

ROOM = 1 << 20      # bytes, of the disk or the limit; two floods write more
PROGRAM = '"$0" flood & "$0" flood; wait; echo end'


class DiskFull(StoryTest):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="full.", dir=BUILD))
        self.addCleanup(shutil.rmtree, self.base)

    def assert_told(self, finished, word):
        self.assertEqual(finished.exit_code, 1, f"tickbird's own failure, as the program had none: {finished}")
        self.assertEqual(finished.stderr.count("\n"), 1, finished)
        self.assertTrue(finished.stderr.startswith("tickbird: "), finished)
        self.assertIn(word, finished.stderr, finished)

    def assert_goes_on(self, finished, path, word):
        self.assert_told(finished, word)
        self.assertEqual(finished.stdout.splitlines()[-1], "end", finished)
        self.assertEqual(finished.stdout.count(" threads 25 "), 2, f"the floods came to their end: {finished}")
        whole = whole_events(path)
        self.assertGreater(whole, 1000, "events in what was written")
        trace = Invariants(dump_lines(path))
        self.assertEqual(trace.broken, [])
        self.assertEqual(sum(trace.counts.values()), whole, "events in the dump and in whole blocks")
        self.assert_partition(Report(path))

    def flood(self, path, *before):
        return run(*before, TICKBIRD, "run", "--arena-size", "1M", "-o", path, "--", "/bin/sh", "-c", PROGRAM, program("stress"))

    def test_disk_is_full(self):
        disk = self.base / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", disk], capture_output=True, check=False)
        if mounted.returncode:
            self.skipTest(f"the right to mount a small disk: {mounted.stderr.decode().strip()}")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        finished = self.flood(disk / "out.tbt")
        self.assert_goes_on(finished, disk / "out.tbt", "No space left")

    def test_file_has_a_limit(self):
        path = self.base / "out.tbt"
        finished = self.flood(path, "prlimit", f"--fsize={ROOM}")
        self.assert_goes_on(finished, path, "File too large")

    def test_device_that_is_always_full(self):
        finished = run(TICKBIRD, "run", "--force", "-o", "/dev/full", "--", "/bin/sh", "-c", "echo fine")
        self.assert_told(finished, "No space left")
        self.assertEqual(finished.stdout, "fine\n")

    def test_limit_too_low_for_the_shared_memory(self):
        """Was: killed by SIGXFSZ, and an empty file."""
        path = self.base / "none.tbt"
        finished = run("prlimit", f"--fsize={ROOM}", TICKBIRD, "run", "-o", path, "--", "/bin/echo", "not run")
        self.assert_told(finished, "ulimit -f")
        self.assertEqual(finished.stdout, "")
        self.assertFalse(path.exists(), "a file that nothing was recorded in")

    def test_program_keeps_its_signal(self):
        finished = run(TICKBIRD, "run", "-o", self.base / "killed.tbt", "--", "/bin/sh", "-c", "kill -XFSZ $$")
        self.assertEqual(finished.exit_code, 128 + signal.SIGXFSZ, finished)


if __name__ == "__main__":
    main()
