# SPDX-License-Identifier: Apache-2.0
"""`tickbird doctor`: what it finds is what recording finds, here and where something is taken away."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness.running import BUILD, TICKBIRD, program, run
from harness.story import main


class Doctor(unittest.TestCase):
    def look(self, *words, limit=None, **how):
        """The findings by name, and the exit code."""
        command = [TICKBIRD, "doctor", "--json", *words]
        finished = run("/bin/sh", "-c", f"ulimit {limit} && exec \"$@\"", "sh", *command, **how) if limit else run(*command, **how)
        self.assertEqual(finished.stderr, "", finished)
        found = {check["name"]: check for check in json.loads(finished.stdout)["checks"]}
        for check in found.values():
            self.assertTrue(check["text"], check)
            self.assertEqual(bool(check["advice"]), check["state"] != "fine", f"advice for what is not fine: {check}")
        self.assertEqual(finished.exit_code, int("broken" in [check["state"] for check in found.values()]), finished)
        return found

    def assert_state(self, found, name, state, word=""):
        self.assertEqual(found[name]["state"], state, found[name])
        self.assertIn(word, found[name]["text"])

    def test_a_machine_that_runs_these_tests_can_record(self):
        found = self.look()
        self.assertNotIn("broken", [check["state"] for check in found.values()], found)
        self.assert_state(found, "recording", "fine", "was recorded")
        self.assertNotIn("program", found)

    def test_text_says_the_same(self):
        finished = run(TICKBIRD, "doctor", "--", "/bin/sh", "-c", "exit")
        self.assertEqual((finished.exit_code, finished.stderr), (0, ""), finished)
        for name in [*self.look(), "program", "symbols"]:
            self.assertIn(f" {name}\n", finished.stdout)
        self.assertLessEqual(max(map(len, finished.stdout.splitlines())), 80)

    def test_a_program_that_fits(self):
        found = self.look("sh")
        self.assert_state(found, "program", "fine", "/bin/sh is recorded")

    def test_a_program_that_cannot_be_recorded_is_told_as_run_tells_it(self):
        found = self.look(program("alone"))
        self.assert_state(found, "program", "limited", "statically linked")
        self.assertIn("link it dynamically", found["program"]["advice"])

    def test_a_program_that_is_not_there(self):
        found = self.look("no-such-program-anywhere")
        self.assert_state(found, "program", "broken", "no such program")
        self.assertNotIn("symbols", found)

    def test_a_stripped_program(self):
        with tempfile.TemporaryDirectory() as folder:
            stripped = pathlib.Path(folder) / "stripped"
            shutil.copy(program("sleeps"), stripped)
            self.assert_state(self.look(stripped), "symbols", "fine", "have names")
            subprocess.run(["strip", stripped], check=True)
            self.assert_state(self.look(stripped), "symbols", "limited", "is stripped")

    def test_no_memory_to_share(self):
        found = self.look(limit="-f 100")
        self.assert_state(found, "shared memory", "broken")

    def test_few_descriptors(self):
        self.assert_state(self.look(limit="-n 100"), "descriptors", "limited", "50 processes")

    def test_without_rseq(self):
        found = self.look(environment={"GLIBC_TUNABLES": "glibc.pthread.rseq=0"})
        self.assert_state(found, "left-CPU mark", "limited", "no rseq area")
        self.assert_state(found, "recording", "fine")

    def test_disabled(self):
        found = self.look("sh", environment={"TICKBIRD_DISABLE": "1"})
        self.assert_state(found, "recording", "broken", "TICKBIRD_DISABLE")
        self.assert_state(found, "program", "limited", "TICKBIRD_DISABLE")

    def test_tickbird_without_its_library(self):
        with tempfile.TemporaryDirectory() as folder:
            alone = pathlib.Path(folder) / "tickbird"
            shutil.copy(BUILD / "tickbird", alone)
            finished = run(alone, "doctor")
            self.assertEqual(finished.exit_code, 1, finished)
            self.assertIn("broken   library", finished.stdout)
            self.assertIn("install tickbird whole", finished.stdout)

    def test_a_library_that_not_everybody_can_read(self):
        with tempfile.TemporaryDirectory() as folder:  # which is its owner's alone
            for name in "tickbird", "libtickbird.so":
                shutil.copy(BUILD / name, folder)
            found = json.loads(run(pathlib.Path(folder) / "tickbird", "doctor", "--json").stdout)["checks"]
            self.assertEqual(found[0]["state"], "limited", found[0])


if __name__ == "__main__":
    main()
