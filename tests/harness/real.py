# SPDX-License-Identifier: Apache-2.0
"""A scenario with one of Debian's programs, played bare and under `tickbird run`."""

import difflib
import os
import pathlib
import pprint
import shutil
import socket
import tempfile

from harness.report import Dump, Report
from harness.running import TICKBIRD
from harness.story import StoryTest


# On a machine that is busy elsewhere a process may not get its welcome in the time that it waits for it; it runs unrecorded then,
# and the trace says so. The scenario is played again.
TRIES = 4


def debian(program, package):
    """Path of a program, or a failure that names the package it comes from."""
    path = pathlib.Path(program)
    if not path.exists():
        raise AssertionError(f"{program} is not there: install the Debian package {package} (see packages.txt)")
    return str(path)


def errors_of(finished):
    """The program's own lines on stderr."""
    return [line for line in finished.stderr.splitlines() if not line.startswith("tickbird: ")]


def lines_of(seen):
    """What a play saw, as lines that can be compared."""
    if isinstance(seen, list) and all(isinstance(item, str) for item in seen):
        return "\n\n".join(seen).splitlines()
    return (seen if isinstance(seen, str) else pprint.pformat(seen, width=150)).splitlines()


class Port:
    """A TCP port of the loopback that the kernel chose and nobody else gets: the socket stays bound and never listens,
    which lets a server that sets SO_REUSEADDR bind it too."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()

    def is_open(self):
        """Whether somebody listens."""
        try:
            socket.create_connection(("127.0.0.1", self.number), timeout=5).close()
            return True
        except ConnectionRefusedError:
            return False


class Played:
    """What a scenario gave, and the trace of it."""

    def __init__(self, bare, traced, trace):
        self.bare, self.traced = bare, traced
        self.report, self.dump = Report(trace), Dump(trace)
        self.truth = None

    def lanes_named(self, name):
        lanes = self.report.named(name)
        assert lanes, f"no lane is named {name}\n{self.report}"
        return lanes


class RealTest(StoryTest):
    """play(prefix, folder), given by the test, runs the scenario with `prefix` before the command in an empty folder and
    returns a dictionary of everything that the program lets one see; "finished" is how it ended."""

    @classmethod
    def both_ways(cls, name, play):
        if name in cls._told:
            return cls._told[name]
        # On a disk, as /tmp may not be.
        base = pathlib.Path(tempfile.mkdtemp(prefix="real.", dir=os.environ.get("TICKBIRD_BUILD")))
        cls.addClassCleanup(shutil.rmtree, base)
        trace = base / f"{name}.tbt"
        # Servers that give up their rights work here too.
        base.chmod(0o755)

        def play_in(place, *prefix):
            folder = base / place
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            return play(list(prefix), folder)
        bare = play_in("bare")
        for _ in range(TRIES):
            traced = play_in("traced", TICKBIRD, "run", "--force", "-o", str(trace), "--")
            assert trace.exists(), f"no trace was written: {traced['finished']}"
            played = Played(bare, traced, trace)
            if not any(lost["reason"] == '"process_refused"' for lost in played.dump.events("lost")):
                break
        cls._told[name] = played
        return played

    def assert_same_play(self, played, exit_code=0):
        bare, traced = dict(played.bare), dict(played.traced)
        finished_bare, finished_traced = bare.pop("finished"), traced.pop("finished")
        self.assertEqual(finished_bare.exit_code, exit_code, f"the bare program: {finished_bare}")
        self.assertEqual(finished_traced.exit_code, exit_code, f"exit code under tickbird run: {finished_traced}")
        self.own_stderr(finished_traced)
        for what in bare:
            if traced[what] != bare[what]:
                difference = "\n".join(difflib.unified_diff(lines_of(bare[what]), lines_of(traced[what]), "bare",
                                                            "under tickbird run", n=2, lineterm=""))
                self.fail(f"{what} under tickbird run is not that of the bare program\n{difference}")

    def assert_whole_play(self, played):
        ends = played.dump.events("recording_end")
        self.assertEqual([(end["exit_code"], end["lost_events"]) for end in ends],
                         [(str(played.traced["finished"].exit_code), "0")], "exit code and losses in recording_end")
        self.assertEqual(played.report.lost_events, 0, "lost events in the report")
        self.assert_partition(played.report)
        self.assert_invariants(played.dump)
