# SPDX-License-Identifier: Apache-2.0
"""schema/settings.toml for people: what --help prints, and docs/settings.md."""
import textwrap

import settings

WIDTH = 79
COLUMN = 26  # where the sentences of a help begin


# --- --help ------------------------------------------------------------------------------------------------------------

def wrapped(text, indent):
    """paragraphs at that indent, the first line's own left to the caller"""
    paragraphs = text.replace("`", "").strip().split("\n\n")
    margin = " " * indent
    return "\n\n".join(textwrap.fill(p, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False,
                                     break_on_hyphens=False) for p in paragraphs).removeprefix(margin)


def entry(name, text):
    """two columns; a name too long for the first has a line of its own"""
    left = "  " + name
    left = left.ljust(COLUMN) if len(left) <= COLUMN - 2 else left + "\n" + " " * COLUMN
    return left + wrapped(text, COLUMN)


def help(name):
    schema = settings.load()
    verb = settings.verb_named(schema, name)
    out = [f"usage: {settings.synopsis(schema, name)}", "", wrapped(verb["about"], 0), ""]
    if name == settings.PROGRAM:
        out += ["Verbs:"] + [entry(v["name"], v["what"]) for v in schema["verb"]]
        out += [entry("help [VERB]", "prints the help of a verb"), ""]
    out += ["Options:"]
    for s in settings.options(schema, name):
        letter = f"-{s['letter']}, " if "letter" in s else "    "
        out.append(entry(f"{letter}--{s['name']}{settings.value_word(s)}", settings.sentence(s)))
    if name != settings.PROGRAM and settings.variables(schema, name):
        out += ["", "Environment:"]
        out += [entry(s["environment"], s["what"]) for s in settings.variables(schema, name)]
    out += ["", "Examples:"] + [f"  {e['command']}\n      {wrapped(e['what'], 6)}" for e in verb["examples"]]
    return "\n".join(out) + "\n"


# --- docs/settings.md -----------------------------------------------------------------------------------------------------

def table(head, rows):
    def line(cells):
        return "| " + " | ".join(cells) + " |"
    return [line(head), "|---" * len(head) + "|", *map(line, rows), ""]


def type_of(setting):
    if setting["type"] == "choice":
        return ", ".join(setting["choices"])
    limits = [f"{preposition} {setting[limit]}"
              for limit, preposition in (("least", "from"), ("most", "to")) if limit in setting]
    return " ".join([setting["type"], *limits])


def option_row(setting):
    letter = f"-{setting['letter']}, " if "letter" in setting else ""
    return [f"`{letter}--{setting['name']}{settings.value_word(setting)}`", type_of(setting), setting.get("default", ""),
            setting["what"]]


def page():
    schema = settings.load()
    time, size = settings.QUANTITIES
    out = ["# Settings", "", f"<!-- {settings.NOTICE} -->", "",
           "Every option, environment variable and exit code, from `schema/settings.toml`. "
           "The same is said by `tickbird VERB --help` and by the manual pages.", "",
           f"A duration is {time}; a moment is a duration from the start of the recording; a size is {size}.", ""]
    for name in settings.names(schema):
        out += ["## `tickbird`" if name == settings.PROGRAM else f"## `tickbird {name}`", "",
                f"`{settings.synopsis(schema, name)}`", "", settings.verb_named(schema, name)["about"].strip(), ""]
        out += table(["option", "type", "default", "what"], map(option_row, settings.options(schema, name)))
    readers = {"program": "tickbird", "guest": "libtickbird.so, in the program that is recorded"}
    out += ["## Environment", ""] + table(["variable", "read by", "what"], (
        [f"`{s['environment']}`", readers[s["scope"]], s["what"]] for s in settings.variables(schema)))
    out += ["## Exit codes", ""] + table(["code", "of", "meaning"], (
        [settings.exit_number(e), ", ".join(f"`{v}`" for v in e.get("verbs", [])) or "every verb", e["what"]]
        for e in schema["exit"]))
    return "\n".join(out)
