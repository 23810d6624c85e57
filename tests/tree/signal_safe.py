#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What libtickbird.so calls from outside is in signal_safe.txt, where each name stands with the reason why it may.

A hook may run anywhere in the host, in a signal handler too. clang-tidy does not see handlers that are installed by
sigaction at run time, so the objects themselves are asked. A line `name [folder/file.c, …]: reason` allows the name in
these sources of src/runtime/ alone, for what runs once at the start. And nothing of the guest calls a name that the
library itself exports: that would be a hook that hooks itself."""
import json
import os
import pathlib
import re
import shlex

import rule

LIST = "tests/tree/signal_safe.txt"


def undefined(nm):
    """names in the output of nm -u"""
    return {line.split()[-1].split("@")[0] for line in nm.splitlines() if len(line.split()) >= 2}


def read_list(entries):
    """name → sources that may call it, None: all"""
    allowed = {}
    for entry in entries:
        name, _, sources = entry.partition(" ")
        allowed[name] = set(re.split(r",\s*", sources.strip("[]"))) if sources else None
    return allowed


def problems(library, objects, allowed, exported=frozenset()):
    """library: names it takes from outside; objects: source below src/runtime/ → names it does not define itself"""
    found = rule.compare(library, allowed, "call of", LIST)
    for source, names in sorted(objects.items()):
        found += [f"src/runtime/{source} calls {name}, which is our own hook" for name in sorted(names & exported)]
        found += [f"src/runtime/{source} calls {name}, which {LIST} allows only in {', '.join(sorted(allowed[name]))}"
                  for name in sorted(names) if allowed.get(name) and source not in allowed[name]]
    return found


def check():
    library = undefined(rule.output("nm", "-D", "-u", os.environ["TB_LIBRARY"]))
    objects = {}
    for command in json.loads((rule.BUILD / "compile_commands.json").read_text()):
        source = command["file"].removeprefix(f"{rule.SOURCE}/src/runtime/")
        if source == command["file"] or source.endswith("_test.c"):
            continue
        words = shlex.split(command["command"])
        objects[source] = undefined(rule.output("nm", "-u", str(rule.BUILD / words[words.index("-o") + 1])))
    assert library and objects, "the library or its objects were not found"
    exported = {line.split()[-1] for line in rule.output("nm", "-D", "--defined-only", os.environ["TB_LIBRARY"]).splitlines()}
    return problems(library, objects, read_list(rule.words_with_reasons(rule.SOURCE / LIST)), exported)


ALLOWED = read_list(["memcpy", "dlsym [hooks/resolve.c]"])
FINE = {"hooks/resolve.c": {"dlsym"}, "wait/wait.c": {"memcpy"}}
BREAKS = {
    "the guest calls malloc": problems({"memcpy", "dlsym", *undefined("  U malloc@GLIBC_2.2.5\n")}, FINE, ALLOWED),
    "a hook calls what only the start may": problems({"memcpy", "dlsym"}, {**FINE, "wait/wait.c": {"dlsym"}}, ALLOWED),
    "the list holds what nobody calls": problems({"dlsym"}, FINE, ALLOWED),
    "a hook calls a hook": problems({"memcpy", "dlsym"}, {"wait/wait.c": {"read"}}, ALLOWED, {"read"}),
}

if __name__ == "__main__":
    assert not problems({"memcpy", "dlsym"}, FINE, ALLOWED)
    rule.run(check, BREAKS)
