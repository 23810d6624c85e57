#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What libtickbird.so puts before libc is what exports.txt lists: a name more changes every program it rides on."""
import os

import rule

LIST = "tests/tree/exports.txt"


def exported(nm):
    """names in the output of nm -D --defined-only"""
    return {line.split()[-1].split("@")[0] for line in nm.splitlines() if len(line.split()) >= 3}


def problems(names, listed):
    return rule.compare(names, listed, "export", LIST)


def check():
    listed = {line for line in (rule.SOURCE / LIST).read_text().splitlines() if line and not line.startswith("#")}
    return problems(exported(rule.output("nm", "-D", "--defined-only", os.environ["TB_LIBRARY"])), listed)


READ = exported("0000000000001139 T read@@TICKBIRD_0\n")
BREAKS = {
    "a name is exported by accident": problems(READ | exported("0000 W chunk_reserve\n"), {"read"}),
    "a hook is lost": problems(set(), {"read"}),
}

if __name__ == "__main__":
    assert not problems(READ, {"read"})
    rule.run(check, BREAKS)
