# SPDX-License-Identifier: Apache-2.0
"""Beside others who stand between a program and libc, or between it and the kernel: in either order the program behaves as
with them alone."""

import pathlib
import re
import shutil
import tempfile
import time

from harness.report import Dump, Report
from harness.running import BUILD, TICKBIRD, program, run
from harness.story import StoryTest, main

OURS = BUILD / "libtickbird.so"
LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")

PROGRAMS = ("contended_mutex",), ("errno_keeper",), ("forker", "fork"), ("durability", BUILD)


class Interposers(StoryTest):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix="tickbird-test.")
        self.addCleanup(shutil.rmtree, folder)
        self.trace = pathlib.Path(folder) / "out.tbt"

    def recorded(self, *command):
        """The trace of a run in a new file."""
        self.trace.unlink(missing_ok=True)
        finished = run(TICKBIRD, "run", "-o", self.trace, "--", *command)
        return finished, Report(self.trace), Dump(self.trace)

    def assert_good_trace(self, report, dump, is_slow=False):
        """is_slow: the agent cannot answer in the few milliseconds that a process waits for it; that is counted."""
        reasons = {lost["reason"] for lost in dump.events("lost")}
        self.assertLessEqual(reasons, {'"process_refused"'} if is_slow else set(), f"lost events: {dump.events('lost')}")
        self.assert_partition(report)
        self.assert_invariants(dump)

    # --- libraries

    def check_library(self, path, package, *variables):
        library = LIBRARIES / path
        self.assertTrue(library.exists(), f"{library} is not there: install the Debian package {package} (see packages.txt)")
        for name, *arguments in PROGRAMS:
            command = [program(name), *arguments]
            bare = run("env", *variables, f"LD_PRELOAD={library}", *command)
            self.assertEqual(bare.exit_code, 0, bare)
            for order in f"{library}:{OURS}", f"{OURS}:{library}":
                with self.subTest(name, order=order):
                    traced, report, dump = self.recorded("env", *variables, f"LD_PRELOAD={order}", *command)
                    self.assertEqual((traced.exit_code, traced.stdout, self.own_stderr(traced)),
                                     (bare.exit_code, bare.stdout, bare.stderr), "what the program does")
                    self.assert_good_trace(report, dump)
                    self.assertTrue(report.named(pathlib.Path(command[0]).name[:15]), f"no lane of the program\n{report}")

    def test_jemalloc(self):
        self.check_library("libjemalloc.so.2", "libjemalloc2")

    def test_libeatmydata(self):
        self.check_library("libeatmydata.so", "libeatmydata1")

    def test_libfaketime(self):
        self.check_library("faketime/libfaketimeMT.so.1", "libfaketime")

    def test_no_call_goes_past_a_library_that_counts_them(self):
        """Even where the system call could be made without libc."""
        command, counter = program("straight"), BUILD / "tests" / "programs" / "libcounter.so"
        bare = run("env", f"LD_PRELOAD={counter}", command)
        self.assertRegex(bare.stdout, r"counted \d\d+ reads, \d\d+ writes", bare)
        for order in f"{counter}:{OURS}", f"{OURS}:{counter}":
            with self.subTest(order=order):
                traced, report, dump = self.recorded("env", f"LD_PRELOAD={order}", command)
                self.assertEqual((traced.exit_code, traced.stdout), (0, bare.stdout))
                self.assert_good_trace(report, dump)

    def test_a_program_whose_time_is_not_ours(self):
        """Ten days ahead and five times as fast: the trace has the time that passed."""
        library = LIBRARIES / "faketime/libfaketimeMT.so.1"
        for order in f"{library}:{OURS}", f"{OURS}:{library}":
            with self.subTest(order=order):
                before = time.monotonic()
                traced, report, dump = self.recorded("env", "FAKETIME=+10d x5", f"LD_PRELOAD={order}", program("sleeps"))
                took_ns = (time.monotonic() - before) * 1e9
                self.assertEqual(traced.exit_code, 0, traced)
                self.assert_good_trace(report, dump)
                slept_ns = sum(lane.waiting_ns["sleep"] for lane in report.lanes)
                moments = [int(pair["monotonic_ns"]) for pair in dump.events("clock_pair")]
                self.assertLess(max(moments) - min(moments), took_ns, "from the first to the last pair of clocks")
                self.assertGreater(slept_ns, 200e6, f"time slept\n{report}")
                self.assertLess(slept_ns, took_ns, f"time slept, of the {took_ns / 1e6:.3f} ms that it took\n{report}")

    # --- tools that control the program

    def check_tool(self, tool, package, *options, is_slow=False):
        """The tool between tickbird and the program, and around both."""
        if not shutil.which(tool):
            self.fail(f"{tool} is not there: install the Debian package {package} (see packages.txt)")
        allowed = run(tool, *options, "/bin/true")
        if allowed.exit_code != 0 or "not permitted" in allowed.stderr:
            self.skipTest(f"{tool} may not control programs here: {allowed.stderr.strip().splitlines()[-1:]}")
        command = program("contended_mutex")
        with self.subTest("tickbird run TOOL"):
            alone = run(tool, *options, command)
            traced, report, dump = self.recorded(tool, *options, command)
            self.assertEqual((traced.exit_code, self.words_of(traced)), (alone.exit_code, self.words_of(alone)),
                             f"what the program says\n{traced}")
            self.assert_good_trace(report, dump, is_slow)
        with self.subTest("TOOL tickbird run"):
            bare = run(command)
            self.trace.unlink(missing_ok=True)
            traced = run(tool, *options, TICKBIRD, "run", "-o", self.trace, "--", command)
            self.assertEqual((traced.exit_code, self.words_of(traced)), (bare.exit_code, self.words_of(bare)),
                             f"what the program says\n{traced}")
            self.assert_good_trace(Report(self.trace), Dump(self.trace), is_slow)

    @staticmethod
    def words_of(finished):
        """The program's own lines on stdout: gdb's stand in brackets, and one names libthread_db."""
        return [line for line in finished.stdout.splitlines() if not re.match(r"\[.*\]|Using host libthread_db", line)]

    def test_strace(self):
        self.check_tool("strace", "strace", "-f", "-o", "/dev/null")

    def test_gdb(self):
        self.check_tool("gdb", "gdb", "-q", "-batch", "-ex", "run", "-ex", "quit $_exitcode", "--args")

    def test_valgrind(self):
        self.check_tool("valgrind", "valgrind", "-q", is_slow=True)


if __name__ == "__main__":
    main()
