# SPDX-License-Identifier: Apache-2.0
"""What a call that does not block costs more under the library: asleep, and recorded."""
from measure.row import Limit, Row
from measure.turns import measure

LIVES, ROUNDS = 6, 40

LOCK = Limit(2, "≤ 2 ns")
CALL = Limit(3, "≤ 3 ns")
ASLEEP = Limit(2, "≤ 2 ns a call")

# scenario of bench/calls.c → what, hooked calls in it, limit when recorded
SCENARIOS = {
    "lock": ("lock + unlock, one thread", 2, LOCK),
    "lock-threads": ("lock + unlock, second thread alive", 2, LOCK),
    "signal": ("condition signal, nobody waits", 1, CALL),
    "recv": ("recv, nothing there", 1, CALL),
    "read": ("read of a socket, nothing there", 1, CALL),
    "epoll": ("epoll_wait, not waiting", 1, CALL),
    "file": ("pread, page in memory", 1, CALL),
}


def spread(estimate, parts=1):
    return f"{estimate.low / parts:.1f} to {estimate.high / parts:.1f} ns, {estimate.lives} lives"


def benchmark(scenario):
    what, calls, limit = SCENARIOS[scenario]

    def run(settings):
        found = measure(settings, [settings.program("calls"), scenario, str(settings.cpu)], LIVES, ROUNDS)
        bare, asleep, recorded = found["bare"], found["asleep"], found["recorded"]
        command = f"bench/run {scenario}"
        yield Row(f"{what}: bare", bare.median, f"{bare.median:.1f} ns", spread(bare), command)
        yield Row(f"{what}: recorded, added", recorded.median, f"{recorded.median:.1f} ns", spread(recorded), command,
                  limit)
        yield Row(f"{what}: asleep, added a call", asleep.median / calls, f"{asleep.median / calls:.1f} ns",
                  spread(asleep, calls), command, ASLEEP)
    return run


BENCHMARKS = {scenario: benchmark(scenario) for scenario in SCENARIOS}
