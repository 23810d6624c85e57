# SPDX-License-Identifier: Apache-2.0
"""Go: the machine's toolchain, the programs of tests/go and the oracle that says what their traces hold."""

import functools
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

HOME = pathlib.Path(__file__).resolve().parents[1] / "go"
PATIENCE_S = 240
LEAST_VERSION = 1, 22
USUAL_PLACE = "/usr/local/go/bin/go"

# Several generations in traces of a tenth of a second; the runtime makes one a second by itself.
GENERATION_MS = 20


class Missing(unittest.SkipTest):
    """Something that a test needs is not on this machine."""


@functools.cache
def go():
    found = shutil.which("go") or (USUAL_PLACE if os.access(USUAL_PLACE, os.X_OK) else None)
    if not found:
        raise Missing(f"there is no Go on this machine (neither in PATH nor at {USUAL_PLACE})")
    version = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    number = re.match(r"go(\d+)\.(\d+)", version)
    if number and tuple(map(int, number.groups())) < LEAST_VERSION:
        raise Missing(f"{found} is {version}, and traces are read from Go {'.'.join(map(str, LEAST_VERSION))} on")
    return found


def run_go(*arguments, folder, toolchain=None):
    environment = {**os.environ, "GOFLAGS": "-buildvcs=false", "GOWORK": "off"}
    if toolchain:
        environment["GOTOOLCHAIN"] = toolchain
    return subprocess.run([go(), *map(str, arguments)], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=PATIENCE_S)


def build_programs(folder, toolchain=None):
    """Path by name, built without network: they need Go's own library alone. Those that this Go is too old for are absent."""
    finished = run_go("build", "-o", f"{folder}/", "./...", folder=HOME / "programs", toolchain=toolchain)
    if finished.returncode:
        raise AssertionError(f"tests/go/programs cannot be built:\n{finished.stderr}")
    return {path.name: path for path in pathlib.Path(folder).iterdir()}


def write_trace(program, trace, *, size=1, environment=None):
    """Runs one of the programs."""
    knobs = {"GODEBUG": f"traceadvanceperiod={GENERATION_MS * 1_000_000}", **(environment or {})}
    finished = subprocess.run([program, trace, str(size)], env={**os.environ, **knobs}, capture_output=True, text=True,
                              timeout=PATIENCE_S)
    if finished.returncode:
        raise AssertionError(f"{program.name} failed with {finished.returncode}: {finished.stderr}")
    return trace


class Oracle:
    """golang.org/x/exp/trace, built from the module cache or with the network."""

    def __init__(self, folder):
        self.program = pathlib.Path(folder) / "oracle"
        finished = run_go("build", "-o", self.program, ".", folder=HOME / "oracle")
        if finished.returncode:
            raise Missing(f"the oracle cannot be built, golang.org/x/exp is out of reach: {finished.stderr.strip()}")

    def account(self, trace):
        """What `tickbird report --json` has to say of the trace, uncompressed bytes; an AssertionError when it is broken."""
        finished = subprocess.run([self.program], input=trace, capture_output=True, timeout=PATIENCE_S)
        if finished.returncode:
            raise AssertionError(f"the oracle does not accept the trace: {finished.stderr.decode()}")
        return json.loads(finished.stdout)

    def verdicts(self, paths):
        """Whether Go's parser accepts each of these uncompressed files, as dictionaries: accepted, events, error."""
        finished = subprocess.run([self.program, "-verdicts", *map(str, paths)], check=True, capture_output=True,
                                  timeout=PATIENCE_S)
        return [json.loads(line) for line in finished.stdout.splitlines()]


def committed_traces():
    """(name, path) of the traces in the tree, of every Go version, gzipped."""
    paths = sorted((HOME / "traces").glob("*/*.trace.gz"))
    assert paths, "tests/go/traces holds no trace"
    return [(f"{path.parent.name}/{path.name.removesuffix('.trace.gz')}", path) for path in paths]


def account_path(trace):
    """Where the oracle's account of a committed trace stands."""
    return trace.with_name(trace.name.replace(".trace.gz", ".json.gz"))


def expected_of(trace):
    with gzip.open(account_path(trace)) as file:
        return json.load(file)
