# SPDX-License-Identifier: Apache-2.0
"""Runs programs, bare or under `tickbird run`, so that none can hang a test.

Every program gets a process group of its own, which is killed when its time is over, and its outputs go to files, so
that a child that keeps them open does not keep the test waiting."""

import fcntl
import os
import pathlib
import signal
import subprocess
import tempfile
import termios
import time

BUILD = pathlib.Path(os.environ.get("TICKBIRD_BUILD", pathlib.Path(__file__).parents[2] / "build")).resolve()
TICKBIRD = str(BUILD / "tickbird")

# Far above what any story takes on a busy machine: reaching it means that something hangs.
PATIENCE_S = 60
OUTPUT_MAX = 1 << 28  # bytes of a program's output that are looked at


class Hang(AssertionError):
    """A program did not end in its time."""


class Finished:
    """How a program ended. exit_code: its own, or 128+n for a death by signal n, as a shell says it."""

    def __init__(self, command, exit_code, stdout, stderr):
        self.command, self.exit_code, self.stdout, self.stderr = command, exit_code, stdout, stderr

    def __str__(self):
        return (f"{' '.join(self.command)}\n  exit code {self.exit_code}\n"
                f"  stdout {shortened(self.stdout)}\n  stderr {shortened(self.stderr)}")


def shortened(text, most=2000):
    """As much of a text as a failure message can bear."""
    return repr(text if len(text) <= most else text[:most // 2] + " […] " + text[-most // 2:])


def program(name):
    """Path of one of tests/programs."""
    return str(BUILD / "tests" / "programs" / name)


class Running:
    """A program that was started; a context manager, so that it never outlives its test. terminal: descriptor of the one that
    controls it, so that Ctrl-C typed there reaches it."""

    def __init__(self, command, environment=None, folder=None, stdin=subprocess.DEVNULL, terminal=None):
        self.command = [str(word) for word in command]
        self.outputs = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
        self.process = subprocess.Popen(
            self.command, stdin=stdin, stdout=self.outputs[0], stderr=self.outputs[1], cwd=folder,
            env={**os.environ, **(environment or {})}, start_new_session=True,
            preexec_fn=None if terminal is None else lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.kill()
        for output in self.outputs:
            output.close()

    @property
    def pid(self):
        return self.process.pid

    def send(self, signal_number):
        """To the program alone, as kill(1) does."""
        self.process.send_signal(signal_number)

    def kill(self):
        """Ends what is left of the group; nothing when nothing is."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def so_far(self):
        """What it has printed until now: stdout, stderr."""
        texts = []
        for output in self.outputs:
            # pread: the program writes at the position that this description has
            texts.append(os.pread(output.fileno(), OUTPUT_MAX, 0).decode("utf-8", "backslashreplace"))
        return texts

    def finish(self, patience_s=PATIENCE_S):
        """Waits until it ends by itself."""
        try:
            code = self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            stacks = self._stacks()
            self.kill()
            stdout, stderr = self.so_far()
            raise Hang(f"{' '.join(self.command)}\n  has not ended after {patience_s} s\n"
                       f"  stdout {shortened(stdout)}\n  stderr {shortened(stderr)}\n{stacks}") from None
        return Finished(self.command, code if code >= 0 else 128 - code, *self.so_far())

    def ends_within(self, seconds):
        """Waits that long at most; whether it has ended."""
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def _stacks(self):
        """Where the kernel has the group's threads, for whoever looks for the hang."""
        lines = []
        for task in pathlib.Path("/proc").glob("[0-9]*/task/*"):
            try:
                if os.getpgid(int(task.parts[2])) == self.process.pid:
                    lines.append(f"  {task}: {(task / 'comm').read_text().strip()}, "
                                 f"in {(task / 'wchan').read_text()}, "
                                 f"system call {(task / 'syscall').read_text().split(' ')[0]}")
            except OSError:
                continue
        return "\n".join(lines)


def run(*command, environment=None, folder=None, patience_s=PATIENCE_S, stdin=subprocess.DEVNULL):
    """Runs a program to its end."""
    with Running(command, environment, folder, stdin) as running:
        return running.finish(patience_s)


def await_that(condition, what, running=None, patience_s=PATIENCE_S):
    """Asks again and again until `condition()` is true; gives its value. For what nobody tells, such as whether a server
    listens."""
    deadline = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if running and running.process.poll() is not None:
            raise AssertionError(f"ended before {what}: {running.finish()}")
        if time.monotonic() > deadline:
            raise Hang(f"after {patience_s} s still not {what}"
                       + (f"\n  of {' '.join(running.command)}, which has printed {running.so_far()}" if running else ""))
        time.sleep(0.01)
