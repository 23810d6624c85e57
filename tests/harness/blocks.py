# SPDX-License-Identifier: Apache-2.0
"""The blocks of a trace file, found by docs/format.md alone: what a reader must find in a file that was cut."""

import pathlib
import struct

HEAD = b"\x89TBT\r\n\x1a\n"
HEAD_SIZE, HEADER_SIZE, EVENTS = 16, 60, 2
HEADER = struct.Struct("<4sBBBBIIIIQQQQI")


def whole_events(path):
    """How many events stand in blocks that are there to their last byte; None when not even the file's head is."""
    content = pathlib.Path(path).read_bytes()
    if len(content) < HEAD_SIZE:
        return None
    assert content.startswith(HEAD), f"{path} begins with {content[:16]}"
    events, at = 0, HEAD_SIZE
    while at + HEADER_SIZE <= len(content):
        mark, _, kind, _, _, stored_size, _, _, _, offset, count, *_ = HEADER.unpack_from(content, at)
        assert mark == b"\xb7TB\x1a" and offset == at, f"no block at {at} of {path}"
        if at + HEADER_SIZE + stored_size > len(content):
            break
        events += count if kind == EVENTS else 0
        at += HEADER_SIZE + stored_size
    return events
