# SPDX-License-Identifier: Apache-2.0
"""The programs, built with this machine's Go and run now: of each trace the report has the numbers of Go's own parser."""

import pathlib
import shutil
import tempfile
import unittest

from harness import golang
from harness.go_report import differences, explain, goroutines, not_partitioned, report
from harness.story import main

# How much each does: enough for the loads that the small committed traces do not have.
SIZES = {"callbacks": 4, "channels": 3, "garbage": 2, "network": 10, "storm": 100, "switches": 40, "syscalls": 3, "tasks": 10,
         "web": 25}
STORM = 100_000  # goroutines


class LiveTraces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        programs = golang.build_programs(cls.folder / "programs")
        cls.traces = {name: golang.write_trace(program, cls.folder / f"{name}.trace", size=SIZES.get(name, 1))
                      for name, program in sorted(programs.items())}
        cls.reports = {}

    def report(self, name):
        if name not in self.reports:
            self.reports[name] = report(self.traces[name])
        return self.reports[name]

    def test_the_states_of_each_goroutine_sum_to_its_life(self):
        for name in self.traces:
            with self.subTest(name):
                self.assertEqual(explain(not_partitioned(self.report(name))), "")

    def test_a_hundred_thousand_goroutines_are_all_there(self):
        workers = [lane for lane in goroutines(self.report("storm")) if lane["name"] == "main.main.func1"]
        self.assertEqual(len(workers), STORM)

    def test_the_oracle_says_the_same(self):
        oracle = golang.Oracle(self.folder)
        for name, trace in self.traces.items():
            with self.subTest(name):
                wanted = oracle.account(trace.read_bytes())
                self.assertEqual(explain(differences(self.report(name), wanted)), "")


if __name__ == "__main__":
    main()
