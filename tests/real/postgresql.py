# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL: a server of many processes that shares memory, starts commands for clients and never runs as root: the command
that gives the rights up is the one that is recorded, so that its processes are another user's."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import unittest

from harness.look import LOOK, look_at, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import BUILD, Running, await_that, run
from harness.story import main

USER = "nobody"

SQL = """
CREATE TABLE birds(id serial PRIMARY KEY, name text, born date);
INSERT INTO birds(name, born) SELECT 'bird ' || n, date '2000-01-01' + n FROM generate_series(1, 20000) n;
CREATE INDEX ON birds(name);
SELECT count(*), sum(id), min(name), max(born) FROM birds;
BEGIN; DELETE FROM birds WHERE id % 2 = 0; SELECT count(*) FROM birds; ROLLBACK;
SELECT no_such_column FROM birds;
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM birds a JOIN birds b USING (id) WHERE a.name LIKE '%7%';
LISTEN nest; NOTIFY nest, 'hatched';
SELECT pg_sleep(0.05);
SET statement_timeout = '50ms'; SELECT pg_sleep(10); RESET statement_timeout;
DO $$ BEGIN FOR i IN 1..50 LOOP UPDATE birds SET name = name || '!' WHERE id = i; END LOOP; END $$;
VACUUM ANALYZE birds; CHECKPOINT;
SELECT name FROM birds WHERE id = 50;
"""


def bin_folder():
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return pathlib.Path(debian(folders[-1] if folders else "/usr/lib/postgresql/15/bin/postgres", "postgresql")).parent


def unprivileged():
    """What in front of a command makes it one of a user who is not root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid", USER, "--regid", str(pwd.getpwnam(USER).pw_gid), "--clear-groups"]


def give(folder):
    """To the user the server runs as."""
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)


def play(prefix, folder, stop):
    programs, data = bin_folder(), folder / "data"
    give(folder)
    made = run(*unprivileged(), programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-N", "--locale=C", folder=folder)
    assert made.exit_code == 0, made
    command = [*prefix, *unprivileged(), programs / "postgres", "-D", data, "-k", folder, "-h", "", "-F",
               "-c", "autovacuum=off", "-c", "log_line_prefix=%b ", "-c", "shared_buffers=16MB", "-c", "log_checkpoints=off",
               "-c", "stats_fetch_consistency=none"]
    ask = [programs / "psql", "-X", "-h", folder, "-U", "tester", "-d", "postgres"]
    with Running(command, folder=folder) as running:
        await_that(lambda: run(programs / "pg_isready", "-q", "-h", folder, "-U", "tester").exit_code == 0, "ready", running)
        queries = folder / "queries.sql"
        queries.write_text(SQL)
        answers = run(*ask, "-f", queries, folder=folder)
        started = run(*ask, "-c", f"COPY (SELECT 1) TO PROGRAM '{LOOK} {folder}/look.program'", folder=folder)
        assert started.exit_code == 0, started
        look = look_at(running, prefix, folder)
        running.send(stop)
        finished = running.finish()
    varying = [(r"PID \d+|pid=\d+|\[\d+\]", "PID"), (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+", "NOW"), (r"\d+\.\d+ k?B/s|\d+\.\d+ s", "TIME"), (r"PostgreSQL\.\d+", "SEGMENT")]

    def same(text):
        for pattern, word in [(re.escape(str(folder)), "FOLDER"), *varying]:
            text = re.sub(pattern, word, text)
        return text
    return {"finished": finished, "answers": (answers.exit_code, same(answers.stdout), same(answers.stderr)),
            "errors": sorted(same(line) for line in errors_of(finished)
                                                 if "the database system is starting up" not in line), "look": [same(text) for text in look],
            "program": [same(text) for text in portraits(folder / "look.program", folder)]}


class Postgresql(RealTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        reach = subprocess.run([*unprivileged(), "test", "-r", BUILD / "libtickbird.so", "-a", "-x", BUILD], check=False)
        if reach.returncode:
            raise unittest.SkipTest(f"a build folder that {USER} can reach: PostgreSQL does not run as root, and {BUILD} is closed")

    def setUp(self):
        self.played = self.both_ways("postgresql", lambda prefix, folder: play(prefix, folder, signal.SIGINT))

    def test_answers_and_stops_as_without_us(self):
        exit_code, output, errors = self.played.bare["answers"]
        self.assertEqual(exit_code, 0, f"{output} {errors}")
        self.assertIn("bird 50!", output, "the bare server answers")
        self.assertIn("canceling statement due to statement timeout", errors)
        self.assert_same_play(self.played)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_processes_of_the_server_are_recorded(self):
        names = {lane.name for lane in self.played.report.lanes}
        self.assertIn("postgres", names)
        starts = self.played.dump.events("process_start")
        self.assertGreaterEqual(len(starts), 6, f"postmaster, its helpers and sessions among {starts}")


if __name__ == "__main__":
    main()
