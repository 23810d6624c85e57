# SPDX-License-Identifier: Apache-2.0
"""A trace is complete on another machine: names are in it when the program is gone and the file is elsewhere."""

import pathlib
import shutil
import tempfile
import unittest

from harness.report import Report
from harness.running import TICKBIRD, program, run
from harness.story import main


class MovedTrace(unittest.TestCase):
    def test_names_are_inside(self):
        with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as there:
            copy, trace = pathlib.Path(here) / "copy", pathlib.Path(here) / "out.tbt"
            shutil.copy(program("contended_mutex"), copy)
            finished = run(TICKBIRD, "run", "-o", trace, "--", copy)
            self.assertEqual(finished.exit_code, 0, finished)
            before = Report(trace).record
            copy.unlink()
            moved = pathlib.Path(shutil.move(trace, there))
            report = Report(moved)
            self.assertTrue(report.waits_in("want_the_lock", "lock"), f"the waiter's name\n{report}")
            before.pop("source"), report.record.pop("source")
            self.assertEqual(report.record, before, "the report before and after the move")


if __name__ == "__main__":
    main()
