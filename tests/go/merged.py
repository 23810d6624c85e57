# SPDX-License-Identifier: Apache-2.0
"""A Go trace and a native one of the same moments, in one report: every lane as in its own report, on one line of time."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness import golang
from harness.go_report import report
from harness.running import TICKBIRD, program, run
from harness.story import main

# What may be other in a report of more: numbers of lanes and processes, and what is idle by comparison with the rest.
OWN = "name", "start_ns", "end_ns", "running_ns", "runnable_ns", "throttled_ns", "unknown_ns", "waiting_ns"


def lives(said, kind):
    return sorted(([lane[key] for key in OWN] for lane in said["lanes"] if lane["kind"] == kind), key=str)


class Merged(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        programs = golang.build_programs(cls.folder / "programs")
        cls.go, cls.native = cls.folder / "go.trace", cls.folder / "native.tbt"
        with subprocess.Popen([programs["processors"], cls.go, "10"]):
            recorded = run(TICKBIRD, "run", "-o", cls.native, "--", program("contended_mutex"))
        assert recorded.exit_code == 0, recorded
        cls.alone = {"goroutine": report(cls.go), "thread": report(cls.native)}

    def check(self, merged):
        reports = self.alone.values()
        self.assertEqual(merged["start_ns"], min(each["start_ns"] for each in reports))
        self.assertEqual(merged["end_ns"], max(each["end_ns"] for each in reports))
        self.assertEqual(merged["events"], sum(each["events"] for each in reports))
        for kind, alone in self.alone.items():
            self.assertEqual(lives(merged, kind), lives(alone, kind), kind)

    def test_they_were_recorded_at_the_same_time(self):
        latest_start = max(each["start_ns"] for each in self.alone.values())
        self.assertLess(latest_start, min(each["end_ns"] for each in self.alone.values()))

    def test_each_lane_is_as_in_its_own_report(self):
        self.check(report(self.go, more=[self.native]))

    def test_their_order_does_not_matter(self):
        self.check(report(self.native, more=[self.go]))


if __name__ == "__main__":
    main()
