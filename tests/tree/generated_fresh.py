#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generated pages that are committed are what schema/ makes today."""
import sys

import rule

sys.dont_write_bytecode = True
sys.path.insert(0, str(rule.SOURCE / "schema"))
import generate

PAGES = {"docs/events.md": "events-md", "docs/settings.md": "settings-md"}


def problems(committed):
    """committed: path → text"""
    return [f"{path} is stale; run: schema/generate.py {what} {path}"
            for path, what in PAGES.items() if committed[path] != generate.make(what)]


def check():
    return problems({path: (rule.SOURCE / path).read_text() for path in PAGES})


FRESH = {path: generate.make(what) for path, what in PAGES.items()}
BREAKS = {f"{path} was changed by hand": problems({**FRESH, path: FRESH[path] + "\nmore\n"}) for path in PAGES}

if __name__ == "__main__":
    rule.run(check, BREAKS)
