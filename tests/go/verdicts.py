# SPDX-License-Identifier: Apache-2.0
"""Go's authors test their parser with traces told as text, each with its verdict: `--strict` gives the same, and without it
everything is read as far as it is whole."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from harness import golang
from harness.go_report import report, run_report
from harness.go_wire import from_text
from harness.story import main


def sections(path):
    """The parts of a file: "-- name --", then its lines."""
    parts = re.split(r"^-- (\w+) --\n", path.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def of_gos_own_tree():
    found = subprocess.run([golang.go(), "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    paths = sorted(pathlib.Path(found, "src/internal/trace/testdata/tests").glob("*.test"))
    if not paths:
        raise golang.Missing(f"there are no text traces in Go's tree at {found}")
    return paths


class Verdicts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tickbird-test.")
        self.addCleanup(self.folder.cleanup)

    def check(self, paths):
        verdicts = set()
        for path in paths:
            with self.subTest(path.name):
                parts = sections(path)
                trace = pathlib.Path(self.folder.name, path.stem)
                trace.write_bytes(from_text(parts["trace"]))
                is_good = parts["expect"].startswith("SUCCESS")
                verdicts.add(is_good)
                strict = run_report("--strict", trace)
                self.assertEqual(strict.returncode, 0 if is_good else 1,
                                 f"Go's parser: {parts['expect']}tickbird: {strict.stderr.decode()}")
                # Damaged, and said so, but read.
                report(trace, exit_codes=(0,) if is_good else (1,))
        self.assertEqual(verdicts, {True, False}, "the verdicts of the files")

    def test_text_traces_of_gos_tree(self):
        self.check(of_gos_own_tree())

    def test_the_example_of_the_format(self):
        # Every kind of batch, two goroutines: 64 ns a unit, as the runtime has it.
        trace = pathlib.Path(self.folder.name, "example")
        trace.write_bytes(bytes.fromhex(EXAMPLE))
        lanes = {lane["id"]: lane for lane in report(trace, "--strict")["lanes"] if lane["kind"] == "goroutine"}
        self.assertEqual({key: lanes[2][key] for key in ("runnable_ns", "running_ns", "start_ns", "end_ns")},
                         {"runnable_ns": 9600, "running_ns": 12800, "start_ns": 64320, "end_ns": 86720})
        self.assertEqual(lanes[1]["waiting_ns"]["sleep"], 86721 - 70720)


EXAMPLE = """
676f20312e32362074726163650000000101ffffffffffffffffff0184071132
08a8d6b9073301c0843d80c3bbc20605010107e807998080808080808080000d
01000119010107020e03020101146403011032020111c8010101ffffffffffff
ffffff01f80a0b0203010180a0800201020c0101ffffffffffffffffff01f80a
22040501096d61696e2e6d61696e05020a2f612f6d61696e2e676f050305736c
65657034
"""

if __name__ == "__main__":
    main()
