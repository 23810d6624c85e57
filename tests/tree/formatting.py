#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All C looks as .clang-format says; `make format` makes it so."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import rule

FORMAT = "clang-format-14"


def problems(sources):
    if not sources:
        return []
    command = [FORMAT, f"--style=file:{rule.SOURCE / '.clang-format'}", "--dry-run", "-Werror", "--ferror-limit=1",
               *map(str, sources)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode == 0:
        return []
    return [line for line in result.stderr.splitlines() if "error:" in line] or [result.stderr]


def broken(text):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "broken.c"
        source.write_text(text)
        return problems([source])


if __name__ == "__main__":
    if not shutil.which(FORMAT):
        sys.exit(f"{FORMAT} is missing; `make check` installs it")
    assert not broken("int number;\n")
    rule.run(lambda: problems(rule.files(".c", ".h")), {"a line is indented by blanks": broken("int f(void)\n{\n  return 1;\n}\n")})
