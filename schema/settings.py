# SPDX-License-Identifier: Apache-2.0
"""schema/settings.toml, read and checked; what is made of it stands in settings_c, settings_text and manual."""
import functools
import pathlib
import re
import tomllib

TOML = pathlib.Path(__file__).with_name("settings.toml")
NOTICE = "made by schema/generate.py; do not edit"
TYPES = ("flag", "path", "uint", "duration", "size", "moment", "choice", "list")
TIMES = ("duration", "moment")
NUMBERS = ("uint", "size", *TIMES)
NANOSECONDS = {"ns": 1, "us": 1000, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
PROGRAM = "program"  # tickbird itself, where the name of a verb is asked for
QUANTITIES = ("a number with `ns`, `us`, `ms`, `s`, `m` or `h` behind it",
              "in bytes, or has `K`, `M` or `G` (powers of 1024) behind it")


@functools.cache
def load():
    schema = tomllib.loads(TOML.read_text())
    for s in schema["setting"]:
        s.setdefault("scope", "program")
        check(s, names(schema))
    for name in names(schema):
        taken = [word for s in options(schema, name) for word in ("--" + s["name"], s.get("letter")) if word]
        assert len(taken) == len(set(taken)), f"{name}: an option twice: {taken}"
    return schema


def check(setting, verbs):
    name, kind = setting["name"], setting["type"]
    assert kind in TYPES and setting["scope"] in ("program", "guest"), name
    assert setting["what"].endswith(".") and setting["verbs"] and set(setting["verbs"]) <= set(verbs), name
    assert kind == "flag" or "argument" in setting or "environment" in setting, f"{name}: no word for its value"
    assert (kind == "choice") == ("choices" in setting), f"{name}: a choice has choices"
    assert setting["scope"] == "program" or "environment" in setting, f"{name}: the guest has no command line"
    for limit in ("least", "most"):
        assert limit not in setting or number(setting, setting[limit]) is not None, f"{name}: {limit}"


def names(schema):
    return [PROGRAM] + [verb["name"] for verb in schema["verb"]]


def verb_named(schema, name):
    return schema["program"] if name == PROGRAM else next(v for v in schema["verb"] if v["name"] == name)


def options(schema, name):
    """what may stand on the command line of the verb"""
    return [s for s in schema["setting"]
            if name in s["verbs"] and s["scope"] == "program" and not s.get("only_environment")]


def variables(schema, name=PROGRAM):
    """the environment that the verb listens to; tickbird itself: all there is"""
    return [s for s in schema["setting"] if "environment" in s and (name == PROGRAM or name in s["verbs"])]


def exits(schema, name):
    """the exit codes of the verb; tickbird itself: all there are"""
    return [e for e in schema["exit"] if name == PROGRAM or name in e.get("verbs", [name])]


def number(setting, text):
    """what a default or a limit is worth in the unit of the setting's field; None for a phrase"""
    units = BYTES if setting["type"] == "size" else NANOSECONDS if setting["type"] in TIMES else {"": 1}
    match = re.fullmatch(r"(\d+)([A-Za-z]*)", text)
    return int(match[1]) * units[match[2]] if match and match[2] in units else None


def synopsis(schema, name):
    return "tickbird VERB [OPTION]... [WORD]..." if name == PROGRAM else (
        f"tickbird {name} [OPTION]... {verb_named(schema, name)['words']}")


def value_word(setting):
    """what stands behind the option in a help: " FILE", or nothing"""
    return "" if setting["type"] == "flag" else " " + setting["argument"]


def sentence(setting):
    """what it does, and its default"""
    return setting["what"] + (f" Default: {setting['default']}." if "default" in setting else "")


def exit_number(code):
    return f"{code['code']}+{code['plus']}" if "plus" in code else str(code["code"])
