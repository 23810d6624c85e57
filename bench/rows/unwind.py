# SPDX-License-Identifier: Apache-2.0
"""What it takes to walk a stack in code without frame pointers, beside other walkers."""
from measure.repeated import measure, spread
from measure.row import Limit, Row

LIMITS = {
    "walk, 2 new frames": Limit(28, "≤ 28 ns"),
    "walk and intern, 2 new frames": Limit(45, "≤ 45 ns"),
    "walk, empty memo": Limit(170, "≤ 170 ns"),
    "walk, empty cache": Limit(2500, "≤ 2.5 µs"),
}


def run(settings):
    found = measure([settings.program("unwind")], r"^(.+?)  +([\d.]+) ns", settings.cpu)
    for name, (median, least, most) in found.items():
        yield Row(f"stack of 34 frames: {name}", median, f"{median:.1f} ns", spread(least, most, "ns"),
                  "bench/run unwind", LIMITS.get(name))


BENCHMARKS = {"unwind": run}
