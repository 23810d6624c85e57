# SPDX-License-Identifier: Apache-2.0
"""The conduct of `tickbird run` itself: what it prints, what it answers, which files it touches, which signals it passes on."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from harness.report import Dump, Report
from harness.running import TICKBIRD, Running, await_that, program, run
from harness.story import main

CTRL_C = b"\x03"
WAITING = ["/bin/sh", "-c", "echo ready; exec sleep 3600"]


class RunCommand(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.trace = self.folder / "out.tbt"

    def record(self, *command, options=(), **how):
        return run(TICKBIRD, "run", "-o", self.trace, *options, "--", *command, **how)

    def assert_one_line(self, finished, *words):
        """Exactly one line of ours on stderr, and these words in it."""
        lines = finished.stderr.splitlines()
        self.assertEqual([line.startswith("tickbird: ") for line in lines], [True], f"one line of ours on stderr: {finished}")
        for word in words:
            self.assertIn(word.lower(), lines[0].lower(), f"what the line says: {finished}")

    def assert_complete(self, exit_code):
        """The file ends with the recording's end, and says the exit code."""
        ends = Dump(self.trace).events("recording_end")
        self.assertEqual([end["exit_code"] for end in ends], [str(exit_code)], "exit codes in recording_end events")
        Report(self.trace)

    # --- answers

    def test_exit_code_is_that_of_the_program(self):
        for code in 0, 1, 7, 126, 255:
            with self.subTest(code):
                finished = self.record("/bin/sh", "-c", f"exit {code}", options=["--force"])
                self.assertEqual(finished.exit_code, code, finished)
                self.assert_one_line(finished, "out.tbt")
                self.assert_complete(code)

    def test_stdout_is_the_programs_alone(self):
        finished = self.record("/bin/printf", r"a\nb\001c")
        self.assertEqual(finished.stdout, "a\nb\001c", finished)

    def test_last_line_tells_file_events_and_losses(self):
        finished = self.record("/bin/true")
        self.assert_one_line(finished, str(self.trace), "event", "lost")

    def test_quiet_leaves_the_line_out(self):
        finished = self.record("/bin/sh", "-c", "echo mine >&2", options=["--quiet"])
        self.assertEqual(finished.stderr, "mine\n", finished)
        self.assert_complete(0)

    def test_stdin_is_the_programs(self):
        words = self.folder / "words"
        words.write_text("one\ntwo\n")
        with open(words, "rb") as stdin:
            finished = self.record("/bin/cat", stdin=stdin)
        self.assertEqual(finished.stdout, "one\ntwo\n", finished)

    def test_program_is_found_on_the_path_and_options_after_it_are_its_own(self):
        finished = run(TICKBIRD, "run", "-o", self.trace, "sh", "-c", "echo $0 $1", "--quiet", "--force")
        self.assertEqual(finished.stdout, "--quiet --force\n", finished)
        self.assert_one_line(finished)

    def test_default_file_has_the_commands_name(self):
        finished = run(TICKBIRD, "run", "--", "/bin/true", folder=self.folder)
        self.assertEqual(finished.exit_code, 0, finished)
        self.assertEqual(os.listdir(self.folder), ["true.tbt"], finished)

    # --- what cannot be done

    def test_no_such_command(self):
        finished = self.record("no-such-command-anywhere")
        self.assertEqual(finished.exit_code, 127, finished)
        self.assert_one_line(finished, "no-such-command-anywhere")
        self.assertFalse(self.trace.exists(), "a trace of nothing was left behind")

    def test_command_that_cannot_be_run(self):
        text = self.folder / "text"
        text.write_text("no program\n")
        finished = self.record(text)
        self.assertEqual(finished.exit_code, 126, finished)
        self.assert_one_line(finished, str(text))
        self.assertFalse(self.trace.exists(), "a trace of nothing was left behind")

    def test_existing_file_is_not_overwritten(self):
        self.trace.write_text("precious")
        marker = self.folder / "marker"
        finished = self.record("/bin/touch", marker)
        self.assertEqual(finished.exit_code, 1, finished)
        self.assert_one_line(finished, str(self.trace), "--force")
        self.assertEqual(self.trace.read_text(), "precious")
        self.assertFalse(marker.exists(), "the command ran although it could not be recorded")

    def test_old_file_survives_a_command_that_cannot_be_run(self):
        for command, code in ("no-such-command-anywhere", 127), (self.folder, 126):
            with self.subTest(command):
                self.trace.write_text("precious")
                finished = self.record(command, options=["--force"])
                self.assertEqual(finished.exit_code, code, finished)
                self.assertEqual(self.trace.read_text(), "precious", finished)

    def test_output_that_is_no_file_is_never_removed(self):
        pipe, link = self.folder / "pipe", self.folder / "link"
        os.mkfifo(pipe)
        link.symlink_to("/dev/null")
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        for output in pipe, link:
            with self.subTest(output):
                finished = run(TICKBIRD, "run", "--force", "-o", output, "--", "no-such-command-anywhere")
                self.assertEqual(finished.exit_code, 127, finished)
                self.assertTrue(output.is_fifo() or output.is_symlink(), "it was removed")

    def test_recorder_that_cannot_begin_leaves_no_file(self):
        """With so few descriptors something cannot be opened: signals, the socket, the pipe to the child."""
        for most in range(4, 10):
            with self.subTest(most):
                finished = run("/bin/sh", "-c", 'ulimit -n "$1"; shift; exec "$@"', "sh", str(most),
                               TICKBIRD, "run", "-o", self.trace, "--", "/bin/echo", "ran")
                self.assertIn(finished.exit_code, (1, 126), finished)
                self.assertEqual(finished.stdout, "", finished)
                self.assert_one_line(finished, "Too many open files; allow more with ulimit -n")
                self.assertFalse(self.trace.exists(), "an empty file was left behind")

    def test_force_overwrites(self):
        self.trace.write_text("worthless" * 1000)
        finished = self.record("/bin/true", options=["--force"])
        self.assertEqual(finished.exit_code, 0, finished)
        self.assert_complete(0)

    def test_output_that_cannot_be_written(self):
        marker = self.folder / "marker"
        for output in self.folder / "nowhere" / "out.tbt", self.folder:
            with self.subTest(output):
                finished = run(TICKBIRD, "run", "--force", "-o", output, "--", "/bin/touch", marker)
                self.assertEqual(finished.exit_code, 1, finished)
                self.assert_one_line(finished, str(output))
                self.assertFalse(marker.exists(), "the command ran although it could not be recorded")

    def test_full_disk_does_not_stop_the_program(self):
        finished = run(TICKBIRD, "run", "--force", "-o", "/dev/full", "--", "/bin/sh", "-c", "echo done; exit 7")
        self.assertEqual(finished.stdout, "done\n", finished)
        self.assertEqual(finished.exit_code, 7, finished)
        self.assert_one_line(finished, "/dev/full", "No space left")

    # --- signals

    def start(self, *command):
        """A program that has said that it is ready, and the keyboard of its terminal."""
        keyboard, terminal = os.openpty()
        self.addCleanup(os.close, keyboard)
        self.addCleanup(os.close, terminal)
        running = Running([TICKBIRD, "run", "-o", self.trace, "--", *command], terminal=terminal)
        self.addCleanup(running.__exit__)
        await_that(lambda: running.so_far()[0], "ready", running)
        return running, keyboard

    def assert_hears(self, running, text):
        await_that(lambda: running.so_far()[0] == text, f"heard {text!r}", running)

    def test_signals_are_passed_on(self):
        running, _ = self.start(program("obedient"))
        heard = "ready\n"
        for number in signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT, signal.SIGINT, signal.SIGTERM:
            running.send(number)
            heard += f"{number.name}\n"
            if number != signal.SIGTERM:
                self.assert_hears(running, heard)
        finished = running.finish()
        self.assertEqual(finished.stdout, heard, finished)
        self.assertEqual(finished.exit_code, 5, finished)
        self.assert_one_line(finished, "out.tbt")
        self.assert_complete(5)

    def test_ctrl_c_reaches_the_program_once(self):
        running, keyboard = self.start(program("obedient"))
        os.write(keyboard, CTRL_C)
        self.assert_hears(running, "ready\nSIGINT\n")
        running.send(signal.SIGTERM)
        finished = running.finish()
        self.assertEqual(finished.stdout, "ready\nSIGINT\nSIGTERM\n", finished)
        self.assertEqual(finished.exit_code, 5, finished)

    def test_ctrl_c_ends_the_recording_in_good_order(self):
        running, keyboard = self.start(*WAITING)
        os.write(keyboard, CTRL_C)
        finished = running.finish()
        self.assertEqual(finished.exit_code, 128 + signal.SIGINT, finished)
        self.assert_one_line(finished, "out.tbt")
        self.assert_complete(128 + signal.SIGINT)

    def test_sigterm_ends_the_recording_in_good_order(self):
        running, _ = self.start(*WAITING)
        running.send(signal.SIGTERM)
        finished = running.finish()
        self.assertEqual(finished.exit_code, 128 + signal.SIGTERM, finished)
        self.assert_complete(128 + signal.SIGTERM)

    def test_program_outlives_a_recorder_that_is_killed(self):
        ending = self.folder / "ending"
        go_on, hold = os.pipe()
        running = Running([TICKBIRD, "run", "-o", self.trace, "--", "/bin/sh", "-c",
                           f"echo ready; read word; sleep .1; echo $word > {ending}.tmp; mv {ending}.tmp {ending}"],
                          stdin=go_on)
        self.addCleanup(running.__exit__)
        self.addCleanup(os.close, go_on)
        await_that(lambda: running.so_far()[0], "ready", running)
        running.send(signal.SIGKILL)
        running.process.wait()
        os.write(hold, b"alive\n")
        os.close(hold)
        await_that(ending.exists, "the program's ending")
        self.assertEqual(ending.read_text(), "alive\n")

    def test_descriptors_of_the_caller_reach_the_program_and_no_other_do(self):
        listing = ["/bin/sh", "-c", "ls /proc/self/fd | wc -l; echo three >&3"]
        outputs = []
        for command in listing, [TICKBIRD, "run", "--quiet", "-o", str(self.trace), "--", *listing]:
            third = self.folder / "third"
            outputs.append(subprocess.run(["/bin/sh", "-c", 'exec "$@" 3>' + str(third), "sh", *command],
                                          capture_output=True, text=True, timeout=60, check=True).stdout)
            self.assertEqual(third.read_text(), "three\n")
        self.assertEqual(outputs[1], outputs[0], "descriptors seen under tickbird run (first) and bare")


if __name__ == "__main__":
    main()
