# SPDX-License-Identifier: Apache-2.0
"""What it takes to write an event."""
from measure.repeated import measure, spread
from measure.row import Limit, Row

LIMIT = Limit(15, "≤ 15 ns")


def run(settings):
    found = measure([settings.program("event")], r"^(.+?)  +([\d.]+) ns", settings.cpu)
    for name, (median, least, most) in found.items():
        is_event = name != "clock alone"
        yield Row(f"one event written, clock read, {name}" if is_event else "the clock alone", median,
                  f"{median:.1f} ns", spread(least, most, "ns"), "bench/run event", LIMIT if is_event else None)


BENCHMARKS = {"event": run}
