#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file names its licence on its first line, or on its second when the first says who runs it."""
import rule

LINE = "SPDX-License-Identifier: Apache-2.0"
C = (".c", ".h")
OTHERS = (".go", ".py", ".toml", ".cmake", ".sh", ".ts", ".js", "CMakeLists.txt", "Makefile")


def problem(name, text):
    lines = text.splitlines()
    if name.endswith(C):
        return None if lines[:1] == [f"/* {LINE} */"] else f"{name} does not begin with /* {LINE} */"
    first = 1 if lines and lines[0].startswith("#!") else 0
    return None if len(lines) > first and LINE in lines[first] else f"{name} does not begin with {LINE}"


def is_script(path):
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def check():
    found = []
    for path in rule.files(""):
        if path.name.endswith(C + OTHERS) or is_script(path):
            found.append(problem(str(path.relative_to(rule.SOURCE)), path.read_text()))
    return [p for p in found if p]


BREAKS = {
    "a C file has no licence": problem("a.c", "int a;\n"),
    "it comes too late": problem("a.c", f"\n/* {LINE} */\n"),
    "a script has none": problem("a.py", "#!/usr/bin/env python3\nimport sys\n"),
    "a file is empty": problem("a.cmake", ""),
}

if __name__ == "__main__":
    assert not problem("a.c", f"/* {LINE} */\nint a;\n") and not problem("a.py", f"#!/bin/sh\n# {LINE}\n")
    rule.run(check, BREAKS)
