#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/go/traces anew: small traces of every program, written by each version of Go whose format we read, and
beside each what the oracle says of it. Needs Go and the network (`make gotraces`). With --oracle the traces stay, and only
what the oracle says of them is written anew."""

import argparse
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


def write_account(oracle, trace, content):
    compress(golang.account_path(trace), json.dumps(oracle.account(content), sort_keys=True).encode())


def make(oracle, program, name, folder, environment=None):
    raw, trace = folder / f"{name}.raw", folder / f"{name}.trace.gz"
    content = golang.write_trace(program, raw, environment=environment).read_bytes()
    raw.unlink()
    compress(trace, content)
    write_account(oracle, trace, content)
    print(f"{folder.name}/{name}: {len(content)} bytes")


def make_all(oracle, place):
    shutil.rmtree(golang.HOME / "traces", ignore_errors=True)
    for version in VERSIONS:
        folder = golang.HOME / "traces" / version
        folder.mkdir(parents=True)
        built = golang.build_programs(place / version, toolchain=version)
        del built[ONLY_BIG]
        for name, program in sorted(built.items()):
            make(oracle, program, name, folder)
        for name, (program, environment, since) in SPECIAL.items():
            if version >= since:
                make(oracle, built[program], name, folder, environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oracle", action="store_true", help="write the oracle's accounts only")
    is_oracle_alone = parser.parse_args().oracle
    with tempfile.TemporaryDirectory(prefix="tickbird-test.") as place:
        oracle = golang.Oracle(place)
        if not is_oracle_alone:
            make_all(oracle, pathlib.Path(place))
            return
        for _, trace in golang.committed_traces():
            write_account(oracle, trace, gzip.decompress(trace.read_bytes()))


if __name__ == "__main__":
    main()
