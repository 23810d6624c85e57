# SPDX-License-Identifier: Apache-2.0
"""Traces that are cut anywhere: what was whole before the cut always comes out. TICKBIRD_CUTS says how many cuts,
TICKBIRD_SEED repeats a run."""

import bisect
import gzip
import os
import pathlib
import random
import tempfile
import unittest

from harness import golang
from harness.go_report import TIMES, by_life, explain, not_partitioned, report, waits
from harness.go_wire import HEADER_SIZE, generation_ends
from harness.story import main

CUTS = int(os.environ.get("TICKBIRD_CUTS", 1000))
SEED = int(os.environ.get("TICKBIRD_SEED", random.SystemRandom().randrange(1 << 32)))
SMALL = 1 << 16  # bytes; there are enough of these, and a thousand cuts are to take seconds


class Whole:
    """A trace, and the reports of its first generations alone."""

    def __init__(self, name, path, folder):
        self.name, self.folder = name, folder
        self.content = gzip.decompress(path.read_bytes())
        self.ends = generation_ends(self.content)
        self.reports = [report(self.cut(end), "--strict") for end in self.ends]

    def cut(self, size):
        path = pathlib.Path(self.folder, "cut.trace")
        path.write_bytes(self.content[:size])
        return path

    def complete(self, size):
        """How many generations are whole before a cut."""
        return bisect.bisect_right(self.ends, size)


def missing(said, complete):
    """What the report of the complete generations has and that of the cut trace does not: time only ever grows."""
    found = []
    ours = by_life(said)
    for life, lane in by_life(complete).items():
        mine = ours.get(life)
        if mine is None:
            found.append(f"goroutine {lane['id']} is missing")
            continue
        for key in TIMES:
            if mine[key] < lane[key]:
                found.append(f"goroutine {lane['id']}: {key} is {mine[key]}, in the whole generations {lane[key]}")
        for reason, ns in waits(lane).items():
            if mine["waiting_ns"].get(reason, 0) < ns:
                found.append(f"goroutine {lane['id']}: waiting for {reason!r} is {mine['waiting_ns'].get(reason, 0)}, "
                             f"in the whole generations {ns}")
    for table in "tasks", "regions":
        counts = {row["type"]: row["count"] for row in said[table]}
        found += [f"{table}: {row['type']!r} {counts.get(row['type'])} times, in the whole generations {row['count']}"
                  for row in complete[table] if counts.get(row["type"], 0) < row["count"]]
    return found


class Cuts(unittest.TestCase):
    def test_complete_generations_always_come_out(self):
        print(f"seed {SEED}: TICKBIRD_SEED={SEED} repeats this", flush=True)
        choice = random.Random(SEED)
        with tempfile.TemporaryDirectory(prefix="tickbird-test.") as folder:
            traces = [Whole(name, path, folder) for name, path in golang.committed_traces()
                      if len(gzip.decompress(path.read_bytes())) <= SMALL]
            for _ in range(CUTS):
                whole = choice.choice(traces)
                size = choice.randrange(HEADER_SIZE, len(whole.content))
                with self.subTest(trace=whole.name, cut_at=size):
                    self.check(whole, size)

    def check(self, whole, size):
        path, generations = whole.cut(size), whole.complete(size)
        if not generations:
            return
        said = report(path, exit_codes=(0, 1))
        self.assertEqual(explain(not_partitioned(said)), "")
        self.assertEqual(explain(missing(said, whole.reports[generations - 1])), "")


if __name__ == "__main__":
    main()
