# SPDX-License-Identifier: Apache-2.0
"""The bytes of Go execution traces, written and cut by nothing but the format's description: independent of the reader."""

import re

HEADER_SIZE = 16
EVENT_BATCH, EXPERIMENTAL_BATCH, END_OF_GENERATION = 1, 49, 52

# Numbers of the events; their arguments stand in the text in the order of the wire.
NUMBERS = {name: number for number, name in enumerate(
    "None EventBatch Stacks Stack Strings String CPUSamples CPUSample Frequency ProcsChange ProcStart ProcStop ProcSteal "
    "ProcStatus GoCreate GoCreateSyscall GoStart GoDestroy GoDestroySyscall GoStop GoBlock GoUnblock GoSyscallBegin "
    "GoSyscallEnd GoSyscallEndBlocked GoStatus STWBegin STWEnd GCActive GCBegin GCEnd GCSweepActive GCSweepBegin GCSweepEnd "
    "GCMarkAssistActive GCMarkAssistBegin GCMarkAssistEnd HeapAlloc HeapGoal GoLabel UserTaskBegin UserTaskEnd "
    "UserRegionBegin UserRegionEnd UserLog GoSwitch GoSwitchDestroy GoCreateBlocked GoStatusStack ExperimentalBatch Sync "
    "ClockSnapshot EndOfGeneration".split())}


def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def unquoted(text):
    """Bytes of a string as Go quotes it."""
    simple = {"n": b"\n", "t": b"\t", "r": b"\r", "\\": b"\\", '"': b'"', "'": b"'", "a": b"\a", "b": b"\b", "f": b"\f",
              "v": b"\v"}

    def one(match):
        escape = match[1].decode()
        if escape[0] == "x":
            return bytes([int(escape[1:], 16)])
        if escape[0] in "uU":
            return chr(int(escape[1:], 16)).encode()
        return simple[escape]
    return re.sub(rb"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", one, text.encode())


def from_text(text):
    """The trace that a text describes: `Trace Go1.22`, then an event a line, frames and data on lines of their own."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    out = bytearray(lines[0].replace("Trace Go", "go ").encode() + b" trace").ljust(HEADER_SIZE, b"\0")
    for line in lines[1:]:
        name, _, rest = line.partition(" ")
        if line.startswith("data="):
            data = unquoted(line[len('data="'):-1])
            out += varint(len(data)) + data
            continue
        values = [int(value) for value in re.findall(r"=(\d+)", line)]
        if name in NUMBERS:
            out.append(NUMBERS[name])
        else:
            assert line.startswith("pc="), f"not an event: {line}"
        for value in values:
            out += varint(value)
    return bytes(out)


def _varint_at(trace, at):
    value = shift = 0
    while True:
        byte = trace[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def batches(trace):
    """(generation, begin, end) of each batch, and of the end marks of generations (generation 0)."""
    at = HEADER_SIZE
    while at < len(trace):
        begin, kind = at, trace[at]
        if kind == END_OF_GENERATION:
            at += 1
            yield 0, begin, at
            continue
        assert kind in (EVENT_BATCH, EXPERIMENTAL_BATCH), f"no batch begins at byte {at}"
        at += 1 if kind == EVENT_BATCH else 2
        generation, at = _varint_at(trace, at)
        _, at = _varint_at(trace, at)
        _, at = _varint_at(trace, at)
        size, at = _varint_at(trace, at)
        at += size
        yield generation, begin, at


def generation_ends(trace):
    """Where each generation ends: cut there, what remains is a whole trace."""
    ends, last = [], None
    for generation, begin, end in batches(trace):
        if generation == 0:
            ends.append(end)
            last = None
            continue
        if last is not None and generation != last:
            ends.append(begin)
        last = generation
    if last is not None:
        ends.append(len(trace))
    return ends
