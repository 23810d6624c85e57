# SPDX-License-Identifier: Apache-2.0
"""schema/settings.toml as manual pages, in the man macros."""
import re

import settings


def plain(text):
    """one paragraph; `code` in bold"""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    return re.sub(r"^\.", r"\\&.", text)


def bold(text):
    return f"\\fB{plain(text)}\\fR"


def italic(text):
    return f"\\fI{plain(text)}\\fR"


def tagged(entries):
    """(what, sentence) each"""
    return [line for what, sentence in entries for line in (".TP", what, plain(sentence))]


def option(setting):
    words = [f"-{setting['letter']}"] if "letter" in setting else []
    return ", ".join(map(bold, words + [f"--{setting['name']}"])) + italic_value(setting)


def italic_value(setting):
    word = settings.value_word(setting)
    return f" {italic(word)}" if word else ""


def title(name):
    return "tickbird" if name == settings.PROGRAM else f"tickbird-{name}"


def page(name):
    schema = settings.load()
    verb = settings.verb_named(schema, name)
    command, words = settings.synopsis(schema, name).split(" [OPTION]")
    out = [f'.\\" {settings.NOTICE}', f'.TH {plain(title(name)).upper()} 1 "" "Tickbird" "Tickbird manual"']
    out += [".SH NAME", f"{plain(title(name))} \\- {plain(verb['what'])}"]
    out += [".SH SYNOPSIS", f"{bold(command)} {plain('[OPTION]' + words)}"]
    out += [".SH DESCRIPTION", "\n.PP\n".join(map(plain, verb["about"].strip().split("\n\n")))]
    if name == settings.PROGRAM:
        out += [".SH VERBS"]
        out += tagged((bold(v["name"]), f"{v['what']}; see `tickbird-{v['name']}`(1)") for v in schema["verb"])
        out += tagged([(f"{bold('help')} [{italic('VERB')}]", "prints the help of a verb")])

    options = settings.options(schema, name)
    out += [".SH OPTIONS"] + tagged((option(s), settings.sentence(s)) for s in options)
    time, size = settings.QUANTITIES
    if any(s["type"] in settings.TIMES for s in options):
        out += [".PP", plain(f"A DURATION or MOMENT is {time}.")]
    if any(s["type"] == "size" for s in options):
        out += [".PP", plain(f"A SIZE is {size}.")]

    out += [".SH EXIT STATUS"]
    out += tagged((bold(settings.exit_number(e)), e["what"]) for e in settings.exits(schema, name))
    variables = settings.variables(schema, name)
    if variables:
        out += [".SH ENVIRONMENT"] + tagged((bold(s["environment"]), s["what"]) for s in variables)
    if "files" in verb:
        out += [".SH FILES"] + tagged((italic(f["path"]), f["what"]) for f in verb["files"])
    out += [".SH EXAMPLES"] + tagged((bold(e["command"]), e["what"]) for e in verb["examples"])
    others = [title(other) for other in settings.names(schema) if other != name]
    out += [".SH SEE ALSO", ",\n".join(f"{bold(other)}(1)" for other in others)]
    return "\n".join(out + [""])
