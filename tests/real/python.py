# SPDX-License-Identifier: Apache-2.0
"""Debian's python3 with threads, children and sockets: prints what it prints without us, and the trace knows its waits."""

import json
import pathlib

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import run
from harness.story import main

SCRIPT = pathlib.Path(__file__).parent / "python_script" / "waits.py"


def play(prefix, folder):
    times = folder / "times.json"
    finished = run(*prefix, debian("/usr/bin/python3", "python3"), SCRIPT, times, LOOK, folder / "look")
    return {"finished": finished, "stdout": finished.stdout,
            "errors": errors_of(finished), # Its threads open what they need in an order of their own.
            "look": portraits(folder / "look", folder, [(r"descriptor \d+", "descriptor")])}


class Python(RealTest):
    def setUp(self):
        self.played = self.both_ways("python", play)

    def test_prints_what_it_prints_without_us(self):
        self.assertTrue(self.played.bare["stdout"].endswith("end\n"), f"the bare script: {self.played.bare['finished']}")
        self.assert_same_play(self.played)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_waits_are_known(self):
        times = json.loads((pathlib.Path(self.played.traced["finished"].command[-3])).read_text())
        for name, reasons in (("sleep", ("sleep",)), ("child", ("child",)), ("socket", ("network", "poll")),
                              ("lock", ("semaphore", "futex", "lock", "unseen")),
                              ("select", ("poll",)), ("pipe", ("pipe", "poll"))):
            with self.subTest(name):
                lane = next(lane for lane in self.played.report.lanes if lane.tid == times[name]["tid"])
                seen_ns = sum(lane.waiting_ns[reason] for reason in reasons)
                # A thread of python waits for the interpreter's own lock as well: what it measured is the least.
                self.assertGreaterEqual(seen_ns, times[name]["off_ns"] * 0.99,
                                        f"{name}: the script knows {times[name]}\n{self.played.report}")

    def test_no_thread_runs_while_it_waits(self):
        times = json.loads((pathlib.Path(self.played.traced["finished"].command[-3])).read_text())
        for name, measured in times.items():
            with self.subTest(name):
                lanes = self.played.report.lanes_of(measured["tid"])
                running_ns = sum(lane.running_ns for lane in lanes)
                self.assertLessEqual(running_ns, measured["thread_cpu_ns"] * 1.01 + 2_000_000, f"{lanes[0]}")

    def test_children_are_recorded(self):
        commands = [start["command"] for start in self.played.dump.events("process_start")]
        self.assertTrue(any("exit 3" in command for command in commands), f"the shell among {commands}")


if __name__ == "__main__":
    main()
