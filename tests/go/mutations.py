# SPDX-License-Identifier: Apache-2.0
"""Damaged Go traces: no crash, no undefined behaviour, bounded memory, and an answer in words. Made for the asan build.
TICKBIRD_MUTATIONS says how many, TICKBIRD_SEED repeats a run (`make gomutations` does 10,000)."""

import concurrent.futures
import gzip
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import threading
import unittest

from harness import golang
from harness.mutation import mutated
from harness.running import TICKBIRD
from harness.story import main

MUTATIONS = int(os.environ.get("TICKBIRD_MUTATIONS", 300))
SEED = int(os.environ.get("TICKBIRD_SEED", random.SystemRandom().randrange(1 << 32)))
MEMORY_MAX_MIB = 100  # of traces that have 300 kB at most; with what the sanitizer needs
PATIENCE_S = 60
AT_A_TIME = 50
COMMANDS = ["report", "--json"], ["report"], ["report", "--strict", "--json"], ["dump"]
SANITIZERS = {"ASAN_OPTIONS": "exitcode=99:quarantine_size_mb=8", "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1"}


def run_measured(command, errors):
    """How a command ended (negative: by that signal) and the most memory it had, in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ, **SANITIZERS})
    # Not process.kill: it may reap the child before wait4 does.
    watchdog = threading.Timer(PATIENCE_S, os.kill, (process.pid, signal.SIGKILL))
    watchdog.start()
    _, status, usage = os.wait4(process.pid, 0)
    watchdog.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / 1024


def problem(number, content, folder):
    """What is wrong with how tickbird takes this trace; None when nothing is."""
    path = pathlib.Path(folder, f"{number}.trace")
    path.write_bytes(content)
    verb, *options = COMMANDS[number % len(COMMANDS)]
    with tempfile.TemporaryFile() as errors:
        code, memory_mib = run_measured([TICKBIRD, verb, *options, path], errors)
        errors.seek(0)
        said = errors.read().decode(errors="backslashreplace")
    path.unlink()
    if code not in (0, 1):
        return f"exit code {code}: {said[:3000]}"
    if code == 1 and not said.startswith("tickbird: "):
        return f"failed without a word: {said!r}"
    return f"took {memory_mib:.0f} MiB" if memory_mib > MEMORY_MAX_MIB else None


class Mutations(unittest.TestCase):
    def test_damaged_traces_are_read_or_refused(self):
        print(f"seed {SEED}: TICKBIRD_SEED={SEED} TICKBIRD_MUTATIONS={MUTATIONS} repeats this", flush=True)
        choice = random.Random(SEED)
        traces = [(name, gzip.decompress(path.read_bytes())) for name, path in golang.committed_traces()]
        with (tempfile.TemporaryDirectory(prefix="tickbird-test.") as folder,
              concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers):
            # A few at a time: what this process holds is counted as the memory of those it starts.
            for first in range(0, MUTATIONS, AT_A_TIME):
                found = []
                for number in range(first, min(first + AT_A_TIME, MUTATIONS)):
                    (name, trace), (_, other) = choice.choice(traces), choice.choice(traces)
                    damaged = mutated(choice, trace, other)
                    found.append((number, name, workers.submit(problem, number, damaged, folder)))
                for number, name, checked in found:
                    with self.subTest(mutation=number, of=name):
                        self.assertIsNone(checked.result())


if __name__ == "__main__":
    main()
