#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone, and twice: it includes what it needs, and guards itself."""
import concurrent.futures
import os
import subprocess
import tempfile
import pathlib

import rule

INCLUDE = [f"-I{rule.SOURCE / 'src'}", f"-I{rule.BUILD / 'generated'}", f"-I{rule.SOURCE / 'include'}"]


def problem(header):
    twice = f'#include "{header}"\n' * 2
    result = subprocess.run(["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
                             "-fsyntax-only", *INCLUDE, "-x", "c", "-"], input=twice, capture_output=True, text=True)
    return f"{header} does not compile alone:\n{result.stderr}" if result.returncode else None


def problems(headers):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [p for p in pool.map(problem, headers) if p]


def check():
    return problems(rule.files(".h", below="src") + rule.files(".h", below="include")
                    + sorted((rule.BUILD / "generated").rglob("*.h")))


def broken(text):
    with tempfile.TemporaryDirectory() as folder:
        header = pathlib.Path(folder) / "broken.h"
        header.write_text(text)
        return problems([header])


if __name__ == "__main__":
    assert not broken("#pragma once\n#include <stdint.h>\nstruct one { uint64_t wait_ns; };\n")
    rule.run(check, {
        "a header misses an include": broken("#pragma once\nuint64_t wait_ns(void);\n"),
        "a header does not guard itself": broken("struct one { int number; };\n"),
    })
