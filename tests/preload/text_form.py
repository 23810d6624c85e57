# SPDX-License-Identifier: Apache-2.0
"""The text form of a real trace says all that the trace says: there and back it is the same text and the same report."""

import pathlib
import shutil
import tempfile
import unittest

from harness.report import Report
from harness.running import TICKBIRD, program, run
from harness.story import main


class TextForm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.trace, cls.text = cls.folder / "first.tbt", cls.folder / "first.txt"
        cls.again, cls.text_again = cls.folder / "second.tbt", cls.folder / "second.txt"
        for command in (["run", "-o", cls.trace, "--", program("forker"), "exec"],
                        ["dump", "-o", cls.text, cls.trace],
                        ["dump", "--undump", "-o", cls.again, cls.text],
                        ["dump", "-o", cls.text_again, cls.again]):
            finished = run(TICKBIRD, *command)
            assert finished.exit_code == 0, finished

    def test_text_is_the_same(self):
        self.assertEqual(self.text.read_text().splitlines(), self.text_again.read_text().splitlines())

    def test_report_is_the_same(self):
        first, second = Report(self.trace).record, Report(self.again).record
        first.pop("source"), second.pop("source")
        self.assertEqual(first, second)

    def test_a_wrong_line_is_named(self):
        lines = self.text.read_text().splitlines()
        number = next(index for index, line in enumerate(lines, 1) if " process_start " in line)
        lines[number - 1] = "12 no_such_event at=all"
        wrong = self.folder / "wrong.txt"
        wrong.write_text("\n".join(lines) + "\n")
        finished = run(TICKBIRD, "dump", "--undump", "-o", self.folder / "wrong.tbt", wrong)
        self.assertEqual(finished.exit_code, 1, finished)
        self.assertIn(str(number), finished.stderr, f"the line's number: {finished}")

    def test_existing_file_is_not_overwritten(self):
        before = self.again.read_bytes()
        finished = run(TICKBIRD, "dump", "--undump", "-o", self.again, self.text)
        self.assertEqual(finished.exit_code, 1, finished)
        self.assertEqual(self.again.read_bytes(), before, "the file was touched")


if __name__ == "__main__":
    main()
