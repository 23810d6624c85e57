# SPDX-License-Identifier: Apache-2.0
"""What is added to the life of a short process, from fork until its parent has waited for it."""
from measure.row import Limit, Row
from measure.turns import measure

LIVES, ROUNDS = 4, 60
SMALL_PROGRAM = "/usr/bin/true"

KINDS = {
    "exec": ("fork and exec of a small program", ["exec", SMALL_PROGRAM], Limit(500, "≤ 500 µs")),
    "fork": ("fork, one hooked call, exit", ["fork"], Limit(100, "≤ 100 µs")),
}


def microseconds(nanoseconds):
    return f"{nanoseconds / 1000:.0f} µs"


def benchmark(kind):
    what, arguments, limit = KINDS[kind]

    def run(settings):
        found = measure(settings, [settings.program("start"), *arguments], LIVES, ROUNDS)
        for side, text, row_limit in (("bare", "bare", None), ("asleep", "asleep, added", None),
                                      ("recorded", "recorded, added", limit)):
            estimate = found[side]
            yield Row(f"{what}: {text}", estimate.median / 1000, microseconds(estimate.median),
                      f"{microseconds(estimate.low)} to {microseconds(estimate.high)}, {estimate.lives} lives",
                      f"bench/run {kind}", row_limit)
    return run


BENCHMARKS = {kind: benchmark(kind) for kind in KINDS}
