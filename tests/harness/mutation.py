# SPDX-License-Identifier: Apache-2.0
"""Damage as it comes: bits that flip, bytes that are lost or repeated, pieces of other files."""

from harness.go_wire import HEADER_SIZE, batches

TELLING = bytes((0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 49, 50, 52))
PIECE_MAX = 64


def _flip(choice, trace, at, _):
    trace[at] ^= 1 << choice.randrange(8)


def _set(choice, trace, at, _):
    trace[at] = choice.choice(TELLING)


def _lose(choice, trace, at, _):
    del trace[at:at + choice.randrange(1, PIECE_MAX)]


def _insert(choice, trace, at, _):
    trace[at:at] = choice.randbytes(choice.randrange(1, PIECE_MAX))


def _grow(choice, trace, at, _):
    """A number becomes a huge one."""
    trace[at:at] = b"\xff" * choice.randrange(1, 10)


def _graft(choice, trace, at, other):
    there = choice.randrange(len(other))
    trace[at:at + PIECE_MAX] = other[there:there + PIECE_MAX]


def _cut(choice, trace, at, _):
    del trace[at:]


def _move_batch(choice, trace, at, _):
    """A batch is lost, comes twice or elsewhere."""
    found = list(batches(bytes(trace)))
    (_, begin, end), (_, place, _) = choice.choice(found), choice.choice(found)
    piece = trace[begin:end]
    if choice.random() < 0.5:
        del trace[begin:end]
    if choice.random() < 0.7:
        trace[place:place] = piece


BYTES = _flip, _flip, _set, _lose, _insert, _grow, _graft, _cut


def mutated(choice, trace, other):
    """The trace with one to four damages; `other` is what pieces come from."""
    damaged = bytearray(trace)
    if choice.random() < 0.3:
        _move_batch(choice, damaged, 0, other)
    for _ in range(choice.choice((1, 1, 2, 4))):
        if len(damaged) > HEADER_SIZE:
            # The header is damaged now and then only: nothing comes behind a bad one.
            least = 0 if choice.random() < 0.05 else HEADER_SIZE
            choice.choice(BYTES)(choice, damaged, choice.randrange(least, len(damaged)), other)
    return bytes(damaged)
