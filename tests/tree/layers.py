#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who includes whom: every #include below src/ stays in its layer or goes to one that the layer says it uses."""
import re
import sys

import rule

# What a layer may use at most. build/layers.txt says what it does use.
BASIC = {"base", "record", "cfi"}
LIBRARIES = BASIC | {"block", "symbol"}
MAY_USE = {
    "base": set(),
    "record": {"base"},
    "cfi": {"base"},
    "symbol": {"base"},
    "block": {"base", "record"},
    "runtime": BASIC,
    "trace": LIBRARIES,
    "agent": LIBRARIES,
    "cli": LIBRARIES | {"trace", "agent"},
}


def read_layers(text):
    """name → (folder, names of those used)"""
    lines = [re.fullmatch(r"(\S+) (\S+): ?(.*)", line) for line in text.splitlines()]
    return {m[1]: (m[2], set(m[3].split())) for m in lines}


def layer_of(path, layers):
    """of a file below src/, or an include: the layer with the longest folder that it is in"""
    homes = [name for name, (folder, _) in layers.items() if path.startswith(folder + "/")]
    return max(homes, key=lambda name: len(layers[name][0]), default=None)


def problems_of_layers(layers):
    found = []
    for name, (folder, uses) in layers.items():
        house = folder.split("/")[0]
        if house not in MAY_USE:
            found.append(f"layer {name}: tests/tree/layers.py does not know what src/{house} may use")
            continue
        for used in uses:
            used_house = layers[used][0].split("/")[0] if used in layers else used
            if used_house != house and used_house not in MAY_USE[house]:
                found.append(f"layer {name} must not use {used}")
    return found


def problems_of_includes(layers, sources):
    """sources: path below src/ → its text"""
    found = []
    for path, text in sources.items():
        own = layer_of(path, layers)
        if own is None:
            found.append(f"src/{path} is in no layer")
            continue
        for included in re.findall(r'^\s*#\s*include\s*"([^"]+)"', text, re.M):
            other = layer_of(included, layers)
            if other is None:
                found.append(f'src/{path}: "{included}" is in no layer; name it from src/')
            elif other != own and other not in layers[own][1]:
                found.append(f'src/{path}: "{included}" is of layer {other}, which {own} does not use')
    return found


def check():
    layers = read_layers((rule.BUILD / "layers.txt").read_text())
    sources = {str(p.relative_to(rule.SOURCE / "src")): p.read_text() for p in rule.files(".c", ".h", below="src")}
    return problems_of_layers(layers) + problems_of_includes(layers, sources)


SAMPLE = read_layers("base base: \nrecord record: base\nagent agent: base record\ntrace trace: base record\n"
                     "runtime_wait runtime/wait: base\nruntime_core runtime/core: base\n")
BREAKS = {
    "a lower layer includes a higher": problems_of_includes(SAMPLE, {"base/error.c": '#include "record/wire.h"\n'}),
    "agent includes trace": problems_of_includes(SAMPLE, {"agent/drain.c": '# include "trace/model.h"\n'}),
    "a part of the guest includes another that it does not name":
        problems_of_includes(SAMPLE, {"runtime/wait/lock.c": '#include "runtime/core/thread.h"\n'}),
    "an include is named from its own folder": problems_of_includes(SAMPLE, {"base/error.c": '#include "error.h"\n'}),
    "a file is in no layer": problems_of_includes(SAMPLE, {"lost/lost.c": ""}),
    "the guest uses the file layer": problems_of_layers(read_layers("block block: \nruntime runtime: block\n")),
    "agent uses trace": problems_of_layers(read_layers("trace trace: \nagent agent: trace\n")),
    "cli uses the guest": problems_of_layers(read_layers("runtime_core runtime/core: \ncli cli: runtime_core\n")),
}

if __name__ == "__main__":
    assert not problems_of_includes(SAMPLE, {"record/wire.c": '#include "base/error.h"\n#include <stdio.h>\n'})
    rule.run(check, BREAKS)
