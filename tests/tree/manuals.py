#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages are set without a warning, and hold every section that people look for."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import rule

SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]


def problems(page):
    result = subprocess.run(["man", "--warnings=w", "-E", "UTF-8", "-l", str(page)], capture_output=True, text=True,
                            env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""})
    lines = result.stdout.splitlines()
    found = [f"{page.name}: {line}" for line in result.stderr.splitlines()]
    found += [f"{page.name} has no section {section}" for section in SECTIONS if section not in lines]
    return found + [f"{page.name}: wider than 80 columns: {line}" for line in lines if len(line) > 80]


def check():
    pages = sorted((rule.BUILD / "generated/man").glob("*.1"))
    assert pages, "no manual pages were made"
    return [problem for page in pages for problem in problems(page)]


def broken(change):
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "broken.1"
        page.write_text(change((rule.BUILD / "generated/man/tickbird.1").read_text()))
        return problems(page)


if __name__ == "__main__":
    if not shutil.which("man"):
        sys.exit("man is missing; `make check` installs it")
    rule.run(check, {
        "a section is gone": broken(lambda text: text.replace(".SH EXIT STATUS", ".PP")),
        "a macro is misspelt": broken(lambda text: text + ".XX\n"),
    })
