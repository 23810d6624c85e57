# SPDX-License-Identifier: Apache-2.0
"""What recording everything costs real programs: CPU time per operation, both sides on one CPU at the same time."""
from measure.corun import measure
from measure.row import Limit, Row
from measure.workloads import Nginx, Redis, Sqlite

LIMIT = Limit(1.01, "≤ 1.01")

WORKLOADS = {"nginx": (Nginx, "nginx, static file, wrk"), "redis": (Redis, "redis-server, redis-benchmark"),
             "sqlite": (Sqlite, "sqlite3, batch")}


def row(what, estimate, command, limit, settings):
    return Row(what, estimate.median, f"{estimate.median:.4f}",
               f"±{estimate.half_width * 100:.2f} %, {estimate.figures} pairs, {estimate.lives} lives", command, limit,
               is_sure=estimate.half_width <= settings.half_width)


def benchmark(name):
    workload, what = WORKLOADS[name]

    def run(settings):
        found = measure(settings, workload, {"recorded": settings.recorded, "bare": lambda trace: []})
        yield row(f"{what}: recorded / bare", found["recorded"], f"bench/run {name}", LIMIT, settings)
        yield row(f"{what}: bare / bare", found["bare"], f"bench/run {name}", None, settings)
    return run


BENCHMARKS = {name: benchmark(name) for name in WORKLOADS}
