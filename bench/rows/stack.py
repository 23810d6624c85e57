# SPDX-License-Identifier: Apache-2.0
"""What it takes to turn a stack that was seen before into its number."""
from measure.repeated import measure, spread
from measure.row import Limit, Row

LIMIT = Limit(40, "≤ 40 ns")
JUDGED = 16  # different stacks in turn: a thread waits in few places


def run(settings):
    found = measure([settings.program("stack")], r"^ *(\d+) stacks in turn +([\d.]+) ns", settings.cpu)
    for stacks, (median, least, most) in found.items():
        yield Row(f"stack of 16 frames, {stacks} stacks in turn", median, f"{median:.1f} ns", spread(least, most, "ns"),
                  "bench/run stack", LIMIT if int(stacks) == JUDGED else None)


BENCHMARKS = {"stack": run}
