# SPDX-License-Identifier: Apache-2.0
"""Processes of another user neither get at a recording nor into it. Only root can play both."""

import array
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness.report import Dump, Report
from harness.running import BUILD, TICKBIRD, Running, await_that, program
from harness.story import StoryTest, main

NOBODY = 65534
LIBRARY = "libtickbird.so"


def hello_of_a_guest():
    """What the library says when it asks an agent."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind("")
        listener.listen()
        name = listener.getsockname()[1:].decode()
        with Running(["/bin/true"], {"LD_PRELOAD": str(BUILD / LIBRARY), "TICKBIRD_SOCKET": name}):
            listener.settimeout(10)
            connection, _ = listener.accept()
            with connection:
                return connection.recv(1000)


def ask(name, message):
    """What the agent answers: bytes and descriptors."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(10)
        connection.connect("\0" + name)
        try:
            connection.send(message)
            answer, control, _, _ = connection.recvmsg(100, socket.CMSG_SPACE(40))
        except (ConnectionResetError, BrokenPipeError):
            return 0, 0
        descriptors = array.array("i")
        for _, _, content in control:
            descriptors.frombytes(content)
        for descriptor in descriptors:
            os.close(descriptor)
        return len(answer), len(descriptors)


def can_open(path):
    try:
        os.close(os.open(path, os.O_RDONLY))
        return True
    except OSError:
        return False


def open_those_of(pid):
    """What can be opened of a process's memory and files."""
    paths = [f"/proc/{pid}/mem", f"/proc/{pid}/maps"]
    for folder in "fd", "map_files":
        try:
            paths += [entry.path for entry in os.scandir(f"/proc/{pid}/{folder}")]
        except OSError:
            pass
    return [path for path in paths if can_open(path)]


def as_stranger(function):
    """What the function returns in a process of another user, as text."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        try:
            os.write(writer, repr(function()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(pid, 0)
    return text


@unittest.skipIf(os.geteuid() != 0, "only root can run processes of two users")
class Strangers(StoryTest):
    def setUp(self):
        self.trace = self.folder / f"{self.id()}.tbt"
        self.running = Running([TICKBIRD, "run", "-o", self.trace, "--", "/bin/sh", "-c", "echo $$; read line; sleep .05"],
                               stdin=subprocess.PIPE)
        self.addCleanup(self.running.__exit__)
        self.host = int(await_that(lambda: self.running.so_far()[0].strip(), "the program says its number", self.running))
        environment = pathlib.Path(f"/proc/{self.host}/environ").read_bytes().decode()
        self.name = re.search(r"TICKBIRD_SOCKET=([^\0]+)", environment)[1]

    def finish(self):
        self.running.process.stdin.close()
        finished = self.running.finish()
        self.assertEqual(finished.exit_code, 0, finished)
        report = Report(self.trace)
        self.assertEqual(report.lost_events, 0, "lost events")
        self.assert_partition(report)
        self.assert_invariants(Dump(self.trace))
        return report

    def test_hellos_of_a_stranger_get_nothing_and_disturb_nobody(self):
        hello = hello_of_a_guest()
        messages = hello, hello[:-1], b"", b"x" * 5000
        answers = as_stranger(lambda: {ask(self.name, message) for message in messages for _ in range(50)})
        self.assertEqual(answers, "{(0, 0)}", "bytes and descriptors of the answers")
        self.finish()

    def test_a_process_of_the_same_user_would_get_an_arena(self):
        answer, descriptors = ask(self.name, hello_of_a_guest())
        self.assertEqual((answer > 0, descriptors), (True, 1), "whether there was an answer, and its descriptors")
        self.finish()

    def test_a_stranger_opens_nothing_of_the_program_or_the_recorder(self):
        for pid in self.host, self.running.pid:
            self.assertTrue(open_those_of(pid), "what the user itself can open")
            self.assertEqual(as_stranger(lambda: open_those_of(pid)), "[]", f"what the stranger opened of process {pid}")
        self.finish()

    def test_a_strangers_program_with_the_library_is_not_recorded(self):
        shelf = pathlib.Path(tempfile.mkdtemp(prefix="tickbird-test."))
        self.addCleanup(shutil.rmtree, shelf)
        shelf.chmod(0o755)
        for path in program("contended_mutex"), BUILD / LIBRARY: # where the stranger can read them
            shutil.copy(path, shelf)
        stranger = subprocess.run([shelf / "contended_mutex"], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", timeout=60,
                                  capture_output=True, text=True,
                                  env={"LD_PRELOAD": str(shelf / LIBRARY), "TICKBIRD_SOCKET": self.name})
        self.assertEqual((stranger.returncode, stranger.stderr), (0, ""), stranger)
        report = self.finish()
        self.assertEqual(report.named("contended_mutex"), [], "lanes of the stranger")
        self.assertTrue(report.named("sh"), f"lanes of the program that is recorded\\n{report}")


if __name__ == "__main__":
    main()
