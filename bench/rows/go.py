# SPDX-License-Identifier: Apache-2.0
"""How fast a Go trace is read and reported, beside the readers of Go's authors on the same file in the same run."""
import statistics
import tempfile

from measure import golang, machine
from measure.row import Limit, NotMeasured, Row

TRACE_BYTES, LONG_TRACE_BYTES = 100_000_000, 1_000_000_000
ROUNDS = 7
MIB = 1 << 20
OWN_MEMORY_MIB = 64  # beside one generation


def ratio_row(what, theirs, ours, limit, unit="s"):
    """How many times as fast: of each round, in which both ran one behind the other."""
    ratios = [their / our for their, our in zip(theirs, ours)]
    return Row(what, statistics.median(ratios), f"{statistics.median(ratios):.2f} times",
               f"{min(ratios):.2f} to {max(ratios):.2f}, {ROUNDS} rounds; {statistics.median(ours):.2f} {unit}",
               "bench/run go", limit)


def readers(settings, peers, trace):
    """Rows of reading alone, and the seconds of the bare loop in each round."""
    bare, ordered, reported = [], [], []
    for _ in range(ROUNDS):
        events, seconds = golang.read_events([peers.oracle, "-events"], settings.cpu, trace)
        bare.append(seconds)
        ours, seconds = golang.read_events([settings.program("go_events"), trace], settings.cpu, trace)
        ordered.append(seconds)
        if ours != events:
            raise NotMeasured(f"the readers see {events} and {ours} events in the same trace")
        reported.append(golang.run(report(settings, trace), [settings.cpu]).wall_s)
    speed = statistics.median(events / seconds / 1e6 for seconds in bare)
    yield Row("Go's bare ReadEvent loop, one core", speed, f"{speed:.1f} million/s",
              f"{events / 1e6:.1f} million events, {trace.stat().st_size / 1e6:.0f} MB", "bench/run go")
    yield ratio_row("events in order / that loop, one core each", bare, ordered, Limit(5, "≥ 5", is_least=True))
    yield ratio_row("report --json / that loop, one core each", bare, reported, Limit(3, "≥ 3", is_least=True))


def report(settings, trace):
    return [settings.build / "tickbird", "report", "--json", trace]


def scan(settings, trace):
    """Counts by kind of event: what finding the events alone takes."""
    command = [settings.build / "tickbird", "dump", "--count", trace]
    speeds = sorted(trace.stat().st_size / golang.run(command, [settings.cpu]).wall_s / 1e9 for _ in range(ROUNDS))
    yield Row("structural scan (dump --count), one core", statistics.median(speeds),
              f"{statistics.median(speeds):.2f} GB/s", f"{speeds[0]:.2f} to {speeds[-1]:.2f} GB/s, {ROUNDS} rounds",
              "bench/run go", Limit(1, "≥ 1 GB/s", is_least=True))


def summary(settings, peers, trace):
    """What Go's own tool takes for one profile of the same trace."""
    theirs = golang.run(peers.summary_command(trace), machine.cpus())
    ours = golang.run(report(settings, trace), machine.cpus())
    yield Row("go tool trace -pprof=sched, all cores", theirs.wall_s, f"{theirs.wall_s:.1f} s",
              f"{theirs.peak_mib:.0f} MiB; report --json {ours.wall_s:.2f} s, {ours.peak_mib:.0f} MiB", "bench/run go")


def memory(settings, peers):
    trace = peers.trace(LONG_TRACE_BYTES)
    most = OWN_MEMORY_MIB + golang.largest_generation(trace) / MIB
    found = golang.run(report(settings, trace), machine.cpus())
    yield Row("memory of report --json, 1 GB trace", found.peak_mib, f"{found.peak_mib:.0f} MiB",
              f"{trace.stat().st_size / 1e9:.2f} GB in {found.wall_s:.1f} s", "bench/run go",
              Limit(most, f"≤ {most:.0f} MiB"))


def run(settings):
    # The traces are big: not in a /tmp that may be memory.
    with tempfile.TemporaryDirectory(prefix="bench-go.", dir=settings.build) as folder:
        peers = golang.Peers(folder)
        trace = peers.trace(TRACE_BYTES)
        yield from readers(settings, peers, trace)
        yield from scan(settings, trace)
        yield from summary(settings, peers, trace)
        yield from memory(settings, peers)


BENCHMARKS = {"go": run}
