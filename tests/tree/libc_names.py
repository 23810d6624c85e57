#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Only src/runtime/hooks defines functions with libc's names: elsewhere one would replace libc's in our own programs."""
import json
import shlex

import rule

LIBC = "libc.so.6"
HOOKS = "src/runtime/hooks/"


def names_defined(nm):
    """global functions and variables in the output of nm"""
    rows = [line.split() for line in nm.splitlines()]
    return {row[-1].split("@")[0] for row in rows if len(row) >= 2 and row[-2] in "TWBDRVi"}


def problems(objects, libc):
    """objects: source → names it defines"""
    return [f"{source} defines {name}, a name of libc" for source, names in sorted(objects.items())
            if not source.startswith(HOOKS) for name in sorted(names & libc)]


def check():
    libc_path = rule.output("gcc", f"-print-file-name={LIBC}").strip()
    libc = names_defined(rule.output("nm", "-D", "--defined-only", libc_path))
    assert {"read", "poll", "malloc"} <= libc, "libc's names were not found"
    objects = {}
    for command in json.loads((rule.BUILD / "compile_commands.json").read_text()):
        words = shlex.split(command["command"])
        object_file = rule.BUILD / words[words.index("-o") + 1]
        source = command["file"].removeprefix(f"{rule.SOURCE}/")
        if source.startswith("src/") and not source.endswith("_test.c") and object_file.exists():
            objects[source] = names_defined(rule.output("nm", "-g", "--defined-only", str(object_file)))
    return problems(objects, libc)


BREAKS = {
    "another folder defines read()": problems({"src/runtime/wait/file.c": {"read", "wait_read"}}, {"read", "write"}),
    "a name is weak": problems({"src/base/x.c": names_defined("0000 W poll\n")}, {"poll"}),
}

if __name__ == "__main__":
    assert not problems({HOOKS + "file.c": {"read"}, "src/base/error.c": {"error_set"}}, {"read"})
    rule.run(check, BREAKS)
