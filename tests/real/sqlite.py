# SPDX-License-Identifier: Apache-2.0
"""sqlite3: a batch of small transactions gives the same answers and the same database, and its fsync waits are known by
file."""

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import run
from harness.story import main

TRANSACTIONS = 60
SCRIPT = "\n".join(
    ["PRAGMA journal_mode=DELETE;", "PRAGMA synchronous=FULL;", "CREATE TABLE birds(id INTEGER PRIMARY KEY, name TEXT);"]
    + [f"INSERT INTO birds(name) VALUES ('tickbird {index}');" for index in range(TRANSACTIONS)]
    + ["SELECT count(*), sum(id), max(name) FROM birds;", "SELECT no_such_column FROM birds;", "PRAGMA integrity_check;"]
    + [".shell $LOOK $LOOKED"]) + "\n"


def play(prefix, folder):
    script = folder / "script.sql"
    script.write_text(SCRIPT)
    with open(script, "rb") as stdin:
        finished = run(*prefix, debian("/usr/bin/sqlite3", "sqlite3"), "birds.db", stdin=stdin, folder=folder,
                       environment={"LOOK": LOOK, "LOOKED": str(folder / "look")})
    return {"finished": finished, "stdout": finished.stdout, "database": (folder / "birds.db").read_bytes(),
            "errors": errors_of(finished), "look": portraits(folder / "look", folder)}


class Sqlite(RealTest):
    def setUp(self):
        self.played = self.both_ways("sqlite", play)

    def test_answers_as_without_us(self):
        self.assertIn(f"{TRANSACTIONS}|", self.played.bare["stdout"], f"the bare program: {self.played.bare['finished']}")
        self.assert_same_play(self.played, exit_code=self.played.bare["finished"].exit_code)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_durability_is_waited_for_in_the_database(self):
        report = self.played.report
        lane = self.played.lanes_named("sqlite3")[0]
        if lane.span_ns - lane.running_ns < 5_000_000:
            self.skipTest("a disk that takes time: sqlite3 hardly left the CPU in this folder")
        self.assertGreater(lane.waiting_ns["disk"], 0, f"waiting for the disk\n{report}")
        objects = " ".join(str(wait.object) for wait in report.waits if wait.reason == "disk")
        self.assertIn("birds.db", objects, f"files that were waited for\n{report}")


if __name__ == "__main__":
    main()
