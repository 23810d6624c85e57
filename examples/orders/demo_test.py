#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo shows what it promises, and leaves nothing behind.

usage: demo_test.py BUILD-FOLDER"""
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

from harness.running import Running, await_that

BUILD = pathlib.Path(sys.argv[1]).resolve()
DEMO = pathlib.Path(__file__).parent / "demo"
SKIPPED = 77


def is_anything_left(running):
    try:
        os.killpg(running.pid, 0)
    except ProcessLookupError:
        return False
    return True


def run_demo(*words, stop_by=None):
    """Runs it on a build folder of its own, which shows what it leaves there."""
    with tempfile.TemporaryDirectory() as folder:
        build = pathlib.Path(folder) / "build"
        (build / "examples").mkdir(parents=True)
        for name in ("tickbird", "libtickbird.so", "examples/orders"):
            (build / name).symlink_to(BUILD / name)
        with Running([DEMO, build, *words]) as running:
            if stop_by:
                await_that(lambda: list(build.glob("demo.*/port")), "recording", running)
                running.send(stop_by)
            ended = running.finish()
            assert not is_anything_left(running), f"something goes on running after {ended}"
        assert not list(build.glob("demo.??????")), f"files are left by {ended}"
        if ended.exit_code == 0:
            assert (build / "demo.tbt").stat().st_size > 0, ended
    return ended


def expect_in_report(ended, *patterns):
    assert ended.exit_code == 0, ended
    for pattern in patterns:
        assert re.search(pattern, ended.stdout), f"the report does not show {pattern!r}:\n{ended.stdout}"
    print(re.search("(?m)^Biggest losses(.*\n)*?$", ended.stdout)[0])


def the_report_names_the_lock_who_waits_and_who_holds_it():
    expect_in_report(run_demo(), r" orders; half of them took up to \d+ ms",
                     r"Biggest losses.*\n +[0-9.]+ m?s  lock \S+\n"
                     r" +inventory_reserve_stock waits \(inventory\.c:\d+\)\n"
                     r" +inventory_recount holds it \(inventory\.c:\d+\)\n")


def the_report_names_the_file_that_orders_wait_for():
    expect_in_report(run_demo("fsync"), r" disk \S*/orders\.journal\n +journal_sync waits \(journal\.c:\d+\)\n")


def a_demo_that_is_stopped_leaves_nothing():
    for by in (signal.SIGTERM, signal.SIGINT):
        ended = run_demo(stop_by=by)
        assert ended.exit_code == 128 + by, ended


def what_is_wrong_is_told():
    ended = run_demo("lcok")
    assert ended.exit_code == 1 and "there is no 'lcok'" in ended.stderr, ended
    assert ended.stderr.endswith("demo: the service did not start\n"), ended
    with tempfile.TemporaryDirectory() as empty, Running([DEMO, empty]) as running:
        ended = running.finish()
        assert (ended.exit_code, ended.stderr) == (1, f"demo: {empty}/tickbird is not there; run make first\n"), ended


if not shutil.which("wrk"):
    print("wrk is missing; make check installs it")
    sys.exit(SKIPPED)
for test in (the_report_names_the_lock_who_waits_and_who_holds_it, the_report_names_the_file_that_orders_wait_for,
             a_demo_that_is_stopped_leaves_nothing, what_is_wrong_is_told):
    print(test.__name__)
    test()
