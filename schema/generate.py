#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes code and pages from schema/*.toml.

usage: generate.py WHAT OUTPUT
  events-h       numbers, field indices, straight-line writers      (C header)
  events-table   the decoder's table                                (C source)
  events-md      docs/events.md
  settings-h     struct settings                                    (C header)
  exit-h         exit codes                                         (C header)
  settings-table options, verbs and their help                      (C source)
  settings-md    docs/settings.md
  environment-h  names of the variables that guest and agent share  (C header)
  man-VERB       manual page of a verb; man-program is tickbird's own
"""
import pathlib
import sys

sys.dont_write_bytecode = True
import events
import manual
import settings_c
import settings_text

MAKERS = {
    "events-h": events.header,
    "events-table": events.table,
    "events-md": events.page,
    "settings-h": settings_c.header,
    "exit-h": settings_c.exit_header,
    "settings-table": settings_c.table,
    "settings-md": settings_text.page,
    "environment-h": settings_c.environment_header,
}


def make(what):
    if what.startswith("man-"):
        return manual.page(what.removeprefix("man-"))
    return MAKERS[what]()


def main():
    if len(sys.argv) != 3 or not (sys.argv[1] in MAKERS or sys.argv[1].startswith("man-")):
        sys.exit(__doc__)
    path = pathlib.Path(sys.argv[2])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(make(sys.argv[1]))


if __name__ == "__main__":
    main()
