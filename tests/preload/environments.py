# SPDX-License-Identifier: Apache-2.0
"""Where the library cannot go, is told not to go, or meets another one: the program goes on as if we were not there."""

import pathlib
import shutil
import tempfile
import unittest

from harness.report import Dump, Report
from harness.running import TICKBIRD, program, run
from harness.story import main


class Environments(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.trace = self.folder / "out.tbt"

    def record(self, *command, **how):
        finished = run(TICKBIRD, "run", "-o", self.trace, "--quiet", "--", *command, **how)
        self.assertEqual(len(Dump(self.trace).events("recording_end")), 1, f"a complete file: {finished}")
        return finished

    def test_static_program_runs_unrecorded(self):
        for name in "alone", "alone_anywhere":
            with self.subTest(name):
                finished = self.record(program(name))
                self.assertEqual((finished.exit_code, finished.stdout, finished.stderr), (9, "alone\n", ""), finished)
                self.trace.unlink()

    def test_environment_gains_our_variables_and_no_other(self):
        def variables(finished):
            return dict(line.split("=", 1) for line in finished.stdout.splitlines() if "=" in line)
        bare, traced = variables(run("/usr/bin/env")), variables(self.record("/usr/bin/env"))
        gained = {name for name in bare.keys() | traced.keys() if bare.get(name) != traced.get(name)}
        self.assertLessEqual(gained, {"LD_PRELOAD", "TICKBIRD_SOCKET", "_"}, "variables that are not as in the bare program")

    def test_preloaded_library_of_the_user_stays(self):
        finished = self.record("/bin/sh", "-c", "echo $LD_PRELOAD; grep -c libm.so.6 /proc/self/maps >/dev/null && echo there",
                               environment={"LD_PRELOAD": "libm.so.6"})
        self.assertIn("libm.so.6", finished.stdout.splitlines()[0], finished)
        self.assertIn("there", finished.stdout, finished)
        self.assertTrue(Report(self.trace).lanes, "and the program is recorded")

    def test_child_with_an_empty_environment_runs(self):
        finished = self.record("/usr/bin/env", "-i", "/bin/sh", "-c", "sleep .05; echo bare; exit 8")
        self.assertEqual((finished.exit_code, finished.stdout, finished.stderr), (8, "bare\n", ""), finished)

    def test_disabled_library_does_nothing(self):
        finished = self.record("/bin/sh", "-c", "echo fine", environment={"TICKBIRD_DISABLE": "1"})
        self.assertEqual((finished.exit_code, finished.stdout), (0, "fine\n"), finished)
        self.assertEqual(Report(self.trace).lanes, [], "lanes of a program that asked for none")

    def test_library_without_a_recorder_is_asleep(self):
        library = pathlib.Path(TICKBIRD).parent / "libtickbird.so"
        self.assertTrue(library.exists(), f"{library} was not built")
        for socket in "", str(self.folder / "nobody.socket"):
            with self.subTest(socket=socket):
                bare = run(program("errno_keeper"))
                preloaded = run(program("errno_keeper"),
                                environment={"LD_PRELOAD": str(library), "TICKBIRD_SOCKET": socket})
                self.assertEqual((preloaded.exit_code, preloaded.stdout, preloaded.stderr),
                                 (bare.exit_code, bare.stdout, bare.stderr), preloaded)


if __name__ == "__main__":
    main()
