# SPDX-License-Identifier: Apache-2.0
"""node, with V8's threads, its pool, workers and children: prints what it prints without us."""

import pathlib

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import run
from harness.story import main

SCRIPT = pathlib.Path(__file__).parent / "node_script" / "waits.js"


def play(prefix, folder):
    finished = run(*prefix, debian("/usr/bin/node", "nodejs"), SCRIPT, LOOK, folder / "look", folder=folder)
    return {"finished": finished, "stdout": finished.stdout, "errors": errors_of(finished),
            "look": portraits(folder / "look", folder)}


class Node(RealTest):
    def setUp(self):
        self.played = self.both_ways("node", play)

    def test_prints_what_it_prints_without_us(self):
        self.assertTrue(self.played.bare["stdout"].endswith("signal\n"), f"the bare script: {self.played.bare['finished']}")
        self.assert_same_play(self.played, exit_code=8)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_its_threads_are_known(self):
        report = self.played.report
        node = [lane for lane in report.lanes if lane.name == "node"]
        self.assertGreaterEqual(len(node), 8, f"main thread, V8's four, libuv's four and the workers\n{report}")
        self.assertGreater(sum(lane.waiting_ns["poll"] for lane in node), 30_000_000, f"the timer is waited for in epoll\n{report}")


if __name__ == "__main__":
    main()
