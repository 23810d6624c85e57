# SPDX-License-Identifier: Apache-2.0
"""What `tickbird report --json` says of a Go trace, beside what the oracle says."""

import collections
import json
import subprocess

from harness.running import TICKBIRD

PATIENCE_S = 240
TIMES = "running_ns", "runnable_ns", "syscall_ns"
LANE = "name", "end_ns", *TIMES
SHOWN = 20  # differences in a failure message


class Unreadable(AssertionError):
    """tickbird refused a trace."""


def run_report(*arguments, stdin=None):
    """Finished `tickbird report --json`, outputs as bytes."""
    return subprocess.run([TICKBIRD, "report", "--json", *map(str, arguments)], input=stdin, capture_output=True,
                          timeout=PATIENCE_S)


def report(path, *options, more=(), exit_codes=(0,)):
    finished = run_report(*options, path, *more)
    if finished.returncode not in exit_codes or not finished.stdout:
        raise Unreadable(f"report of {path}: exit code {finished.returncode}: {finished.stderr.decode()}")
    return json.loads(finished.stdout)


def goroutines(said):
    return [lane for lane in said["lanes"] if lane["kind"] == "goroutine"]


def waits(record):
    """Reasons without time do not count: a report may name them all."""
    return {reason: ns for reason, ns in record["waiting_ns"].items() if ns}


def parts_ns(record):
    return sum(record[key] for key in TIMES) + sum(record["waiting_ns"].values())


def not_partitioned(said):
    """Goroutines whose parts are not their whole."""
    wrong = []
    for lane in goroutines(said):
        rest = sum(lane.get(key, 0) for key in ("throttled_ns", "unknown_ns"))
        if parts_ns(lane) + rest != lane["end_ns"] - lane["start_ns"]:
            wrong.append(f"goroutine {lane['id']}: its states sum to {parts_ns(lane) + rest} ns, "
                         f"it lived {lane['end_ns'] - lane['start_ns']} ns")
    return wrong


def _compare(what, keys, ours, wanted):
    found = [f"{what}: {key} is {ours[key]}, the oracle says {wanted[key]}" for key in keys if ours[key] != wanted[key]]
    if "waiting_ns" in wanted and waits(ours) != waits(wanted):
        found.append(f"{what}: waiting_ns is {waits(ours)}, the oracle says {waits(wanted)}")
    return found


def by_life(said):
    """Goroutines by id and beginning: C threads that call into Go use ids again."""
    lanes = {(lane["id"], lane["start_ns"]): lane for lane in goroutines(said)}
    assert len(lanes) == len(goroutines(said)), "two goroutines with the same id begin at the same time"
    return lanes


def _by(key, records):
    return {record[key]: record for record in records}


def _compare_tables(table, keys, ours, wanted):
    found = [f"{table}: {name!r} is missing" for name in wanted.keys() - ours.keys()]
    found += [f"{table}: the oracle knows no {name!r}" for name in ours.keys() - wanted.keys()]
    for name in wanted.keys() & ours.keys():
        found += _compare(f"{table} {name!r}", keys, ours[name], wanted[name])
    return found


def stack_text(frames):
    return "\n".join(f"{frame['function']} {frame['file']}:{frame['line']}" for frame in frames)


def _waits_by_stack(records):
    """Summed over goroutines that began elsewhere, and over idle waits and others."""
    sums = {}
    for record in records:
        key = record["reason"], stack_text(record["stack"])
        known = sums.setdefault(key, {"count": 0, "total_ns": 0, "max_ns": 0, "wakers": collections.Counter()})
        known["count"] += record["count"]
        known["total_ns"] += record["total_ns"]
        known["max_ns"] = max(known["max_ns"], record["max_ns"])
        for waker in record["wakers"]:
            stack = stack_text(waker["stack"])
            known["wakers"][stack, "count"] += waker["count"]
            known["wakers"][stack, "caused_ns"] += waker["caused_ns"]
    return sums


def _compare_samples(ours, wanted):
    counts = collections.Counter()
    for record in ours:
        counts[stack_text(record["stack"])] += record["count"]
    wanted = {record["stack"]: record["count"] for record in wanted}
    return [] if counts == wanted else [f"CPU samples are {dict(counts)}, the oracle says {wanted}"]


def _compare_waits(ours, wanted):
    found = _compare_tables("wait", ("count", "total_ns", "max_ns"), ours, wanted)
    for key in wanted.keys() & ours.keys():
        wakers = {(waker["stack"], what): waker[what] for waker in wanted[key]["wakers"] for what in ("count", "caused_ns")}
        if ours[key]["wakers"] != wakers:
            found.append(f"wait {key}: its wakers are {dict(ours[key]['wakers'])}, the oracle says {wakers}")
    return found


def differences(said, oracle):
    """A line for each number that is not the oracle's, to the nanosecond."""
    found = _compare("the trace", ("start_ns", "end_ns"), said, oracle)
    found += _compare_tables("goroutine", LANE, by_life(said), by_life(oracle))
    found += _compare_tables("group", ("count", *TIMES), _by("func", said["groups"]), _by("func", oracle["groups"]))
    for table in "tasks", "regions", "ranges":
        keys = "count", "unfinished", "total_ns", "p50_ns", "p95_ns", "p99_ns", "max_ns"
        found += _compare_tables(table, keys, _by("type", said[table]), _by("type", oracle[table]))
    wanted = {(wait["reason"], wait["stack"]): wait for wait in oracle["waits"]}
    found += _compare_waits(_waits_by_stack(said["waits"]), wanted)
    found += _compare("ready", ("count", "total_ns", "max_ns"), said["ready"], oracle["ready"])
    if said["spans"] != oracle["spans"]:
        found.append(f"spans are {said['spans']}, the oracle says {oracle['spans']}")
    counters = _by("name", said["counters"])
    # Not the parser's: how many goroutines there are.
    counters.pop("goroutines")
    keys = "count", "first", "last", "min", "max"
    found += _compare_tables("counter", keys, counters, _by("name", oracle["counters"]))
    return found + _compare_samples(said["samples"], oracle["samples"])


def explain(problems):
    return "\n".join(problems[:SHOWN] + ([f"… and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []))
