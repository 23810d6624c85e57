#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes code and pages from schema/*.toml.

usage: generate.py WHAT OUTPUT
  events-h      numbers, field indices, straight-line writers      (C header)
  events-table  the decoder's table                                (C source)
  events-md     docs/events.md
"""
import pathlib
import sys

import events

MAKERS = {"events-h": events.header, "events-table": events.table, "events-md": events.page}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in MAKERS:
        sys.exit(__doc__)
    path = pathlib.Path(sys.argv[2])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MAKERS[sys.argv[1]]())


if __name__ == "__main__":
    main()
