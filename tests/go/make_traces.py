#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/go/traces anew: small traces of every program, written by each version of Go whose format we read, and
beside each what the oracle says of it. Needs Go and the network (`make gotraces`)."""

import gzip
import json
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import golang  # noqa: E402

VERSIONS = "go1.22.12", "go1.23.12", "go1.24.13", "go1.25.9", "go1.26.8"

# Of use only when it is big.
ONLY_BIG = "switches"

# name of the trace → program, environment, first version that can do it
SPECIAL = {
    "allocations": ("network", {"GODEBUG": "traceallocfree=1"}, "go1.23"),
    "one_generation": ("web", {"GODEBUG": ""}, "go1.22"),
}


def compress(path, content):
    # No name and no time in it: the same content gives the same bytes.
    path.write_bytes(gzip.compress(content, 9, mtime=0))


def make(oracle, program, name, folder, environment=None):
    raw = folder / f"{name}.raw"
    golang.write_trace(program, raw, environment=environment)
    content = raw.read_bytes()
    raw.unlink()
    compress(folder / f"{name}.trace.gz", content)
    compress(folder / f"{name}.json.gz", json.dumps(oracle.account(content), sort_keys=True).encode())
    print(f"{folder.name}/{name}: {len(content)} bytes")


def main():
    with tempfile.TemporaryDirectory(prefix="tickbird-test.") as place:
        place = pathlib.Path(place)
        oracle = golang.Oracle(place)
        shutil.rmtree(golang.HOME / "traces", ignore_errors=True)
        for version in VERSIONS:
            folder, programs = golang.HOME / "traces" / version, place / version
            folder.mkdir(parents=True)
            built = golang.build_programs(programs, toolchain=version)
            del built[ONLY_BIG]
            for name, program in sorted(built.items()):
                make(oracle, program, name, folder)
            for name, (program, environment, since) in SPECIAL.items():
                if version >= since:
                    make(oracle, built[program], name, folder, environment)


if __name__ == "__main__":
    main()
