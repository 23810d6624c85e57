# SPDX-License-Identifier: Apache-2.0
"""Files that are no whole traces, given to `report` and `dump`: one clear line or what can still be read, never a crash."""

import os
import pathlib
import random
import shutil
import tempfile
import unittest

from harness.running import TICKBIRD, program, run
from harness.story import main

CUTS = 25
FLIPS = 40


class DamagedTraces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        whole = cls.folder / "whole.tbt"
        # More than a second, so that the file has several segments.
        finished = run(TICKBIRD, "run", "-o", whole, "--", program("sleeps"))
        assert whole.exists(), f"no trace was written: {finished}"
        cls.bytes = whole.read_bytes()
        seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"SEED={seed}")
        cls.random = random.Random(seed)

    def read(self, content):
        """What report, report --json and dump make of a file's bytes."""
        path = self.folder / "damaged.tbt"
        path.write_bytes(content)
        return [run(TICKBIRD, "report", path), run(TICKBIRD, "report", "--json", path), run(TICKBIRD, "dump", path)]

    def assert_no_crash(self, finished):
        self.assertIn(finished.exit_code, (0, 1), finished)
        for line in finished.stderr.splitlines():
            self.assertTrue(line.startswith("tickbird: "), f"a line on stderr that is not ours: {finished}")
        if finished.exit_code == 1:
            self.assertTrue(finished.stderr, f"failed without a word: {finished}")

    def test_cut_anywhere(self):
        size = len(self.bytes)
        cuts = [0, 1, 4, 8, 16, 64, size // 2, size - 1]
        cuts += [self.random.randrange(size) for _ in range(CUTS)]
        for cut in cuts:
            with self.subTest(cut=cut, size=size):
                for finished in self.read(self.bytes[:cut]):
                    self.assert_no_crash(finished)

    def test_cut_at_its_end_is_read_and_says_so(self):
        for cut in 1, 10:
            report, as_json, dump = self.read(self.bytes[:-cut])
            for finished in report, as_json, dump:
                self.assertEqual(finished.exit_code, 0, f"{cut} bytes cut off: {finished}")
            self.assertIn("cut", report.stdout + report.stderr, f"{cut} bytes cut off: {report}")
            self.assertIn("cut", dump.stderr, f"{cut} bytes cut off: {dump}")

    def test_bytes_changed_anywhere(self):
        for _ in range(FLIPS):
            changed = bytearray(self.bytes)
            at = self.random.randrange(len(changed))
            changed[at] ^= 1 << self.random.randrange(8)
            with self.subTest(changed=at):
                for finished in self.read(bytes(changed)):
                    self.assert_no_crash(finished)

    def test_pieces_removed_and_doubled(self):
        for _ in range(10):
            start, end = sorted(self.random.randrange(len(self.bytes)) for _ in range(2))
            for what, content in (("removed", self.bytes[:start] + self.bytes[end:]),
                                  ("doubled", self.bytes[:end] + self.bytes[start:])):
                with self.subTest(what, start=start, end=end):
                    for finished in self.read(content):
                        self.assert_no_crash(finished)

    def test_foreign_files(self):
        for name, content in (("empty", b""), ("text", b"no trace at all\n" * 100), ("zeros", bytes(100_000)),
                              ("program", pathlib.Path("/bin/true").read_bytes()),
                              ("noise", self.random.randbytes(50_000))):
            with self.subTest(name):
                for finished in self.read(content):
                    self.assert_refused(finished, "damaged.tbt")

    def assert_refused(self, finished, *words):
        self.assertEqual(finished.exit_code, 1, finished)
        self.assertEqual(finished.stdout, "", finished)
        self.assertEqual(finished.stderr.count("\n"), 1, f"one line: {finished}")
        for word in "tickbird: ", *words:
            self.assertIn(word, finished.stderr, finished)

    def test_what_is_no_file(self):
        for path in self.folder, self.folder / "nothing.tbt", "/dev/null":
            for verb in "report", "dump":
                with self.subTest(verb, path=path):
                    self.assert_refused(run(TICKBIRD, verb, path), str(path))

    def test_output_that_is_full(self):
        whole = self.folder / "whole.tbt"
        for verb in ["report"], ["report", "--json"], ["dump"]:
            with self.subTest(verb):
                command = " ".join([TICKBIRD, *verb, str(whole), ">/dev/full"])
                finished = run("/bin/sh", "-c", command)
                self.assert_refused(finished, "No space left")


if __name__ == "__main__":
    main()
