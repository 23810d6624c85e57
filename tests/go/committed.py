# SPDX-License-Identifier: Apache-2.0
"""Of every trace in tests/go/traces, of five versions of Go, the report has the numbers of Go's own parser."""

import gzip
import json
import pathlib
import subprocess
import tempfile
import unittest

from harness import golang
from harness.go_report import differences, explain, not_partitioned, report, run_report
from harness.running import TICKBIRD
from harness.story import main


class CommittedTraces(unittest.TestCase):
    def test_each_has_the_oracles_numbers(self):
        for name, path in golang.committed_traces():
            with self.subTest(name):
                said = report(path)
                self.assertEqual(explain(not_partitioned(said)), "")
                self.assertEqual(explain(differences(said, golang.expected_of(path))), "")

    def test_strict_says_the_same(self):
        for name, path in golang.committed_traces():
            with self.subTest(name):
                self.assertEqual(report(path, "--strict"), report(path))

    def test_a_pipe_says_the_same_as_a_file(self):
        name, path = golang.committed_traces()[0]
        from_file = report(path)
        finished = run_report("-", stdin=gzip.decompress(path.read_bytes()))
        self.assertEqual(finished.returncode, 0, finished.stderr)
        self.assertEqual(but_source(json.loads(finished.stdout)), but_source(from_file), name)

    def test_as_text_and_back_it_says_the_same(self):
        with tempfile.TemporaryDirectory(prefix="tickbird-test.") as folder:
            text, again = pathlib.Path(folder, "text"), pathlib.Path(folder, "trace")
            for name, path in golang.committed_traces():
                with self.subTest(name):
                    with text.open("wb") as output:
                        subprocess.run([TICKBIRD, "dump", path], stdout=output, check=True)
                    subprocess.run([TICKBIRD, "dump", "--undump", "--force", "-o", again, text], check=True)
                    self.assertEqual(but_source(report(again, "--strict")), but_source(report(path)))


def but_source(said):
    return {key: value for key, value in said.items() if key != "source"}


if __name__ == "__main__":
    main()
