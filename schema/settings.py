# SPDX-License-Identifier: Apache-2.0
"""schema/settings.toml as C, as a page and as manual pages."""
import functools
import pathlib
import re
import tomllib

TOML = pathlib.Path(__file__).with_name("settings.toml")
NOTICE = "made by schema/generate.py; do not edit"
TYPES = {  # field in C, what comes behind its name, value when nothing was said
    "flag": ("bool", "", "false"),
    "text": ("const char *", "", "NULL"),
    "path": ("const char *", "", "NULL"),
    "uint": ("uint64_t", "", None),
    "duration": ("uint64_t", "_ns", None),
    "size": ("uint64_t", "_bytes", None),
    "moment": ("uint64_t", "_ns", "UINT64_MAX"),
    "choice": ("int", "", None),
    "list": ("struct settings_list", "", "{0}"),
}
NANOSECONDS = {"ns": 1, "us": 1000, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
HELP_WIDTH = 79
HELP_INDENT = 26


# --- the declarations, checked ----------------------------------------------------------------------------------------

@functools.cache
def load():
    schema = tomllib.loads(TOML.read_text())
    verbs = {"program"} | {v["name"] for v in schema["verb"]}
    for s in schema["setting"]:
        s.setdefault("scope", "program")
        name = s["name"]
        assert s["type"] in TYPES and s["scope"] in ("program", "guest"), name
        assert s["what"].endswith(".") and set(s["verbs"]) <= verbs and s["verbs"], name
        assert s["type"] == "flag" or "argument" in s or "environment" in s, f"{name}: no argument"
        assert (s["type"] == "choice") == ("choices" in s), name
        assert s["scope"] == "program" or "environment" in s, f"{name}: the guest has no command line"
    for verb in verbs:
        taken = [word for s in options(schema, verb) for word in ("--" + s["name"], s.get("letter")) if word]
        assert len(taken) == len(set(taken)), f"{verb}: an option twice: {taken}"
    return schema


def options(schema, verb):
    """what may stand on the command line of the verb"""
    return [s for s in schema["setting"]
            if verb in s["verbs"] and s["scope"] == "program" and not s.get("only_environment")]


def environment(schema, verb=None):
    """the variables that the verb, or any, listens to"""
    return [s for s in schema["setting"] if "environment" in s and (verb is None or verb in s["verbs"])]


def number(setting, text):
    """the value of a default or limit, in the unit of its field"""
    units = BYTES if setting["type"] == "size" else {"": 1} if setting["type"] == "uint" else NANOSECONDS
    match = re.fullmatch(r"(\d+)([A-Za-z]*)", text)
    return int(match[1]) * units[match[2]] if match and match[2] in units else None


def field(setting):
    return setting["name"].replace("-", "_") + TYPES[setting["type"]][1]


def c_identifier(text):
    return text.replace("-", "_").upper()


def c_text(text):
    if text is None:
        return "NULL"
    lines = text.replace("\\", "\\\\").replace('"', '\\"').split("\n")
    return "\n\t".join(f'"{line}\\n"' for line in lines[:-1]) + ("\n\t" if len(lines) > 1 and lines[-1] else "") + (
        f'"{lines[-1]}"' if lines[-1] or len(lines) == 1 else "")


# --- C ------------------------------------------------------------------------------------------------------------------

def default_value(setting):
    """as a C initialiser"""
    kind, default = setting["type"], setting.get("default")
    if kind == "choice":
        return f"{c_identifier(setting['name'])}_{c_identifier(default)}"
    value = number(setting, default) if default and kind in ("uint", "duration", "size", "moment") else None
    if value is not None:
        return f"UINT64_C({value})"
    assert TYPES[kind][2], f"{setting['name']}: a {kind} needs a default"
    return TYPES[kind][2]


def fields(schema):
    """one setting for each field of struct settings: two verbs may have the same"""
    found = {}
    for s in schema["setting"]:
        if s["scope"] == "program":
            same = found.setdefault(field(s), s)
            assert same["type"] == s["type"] and default_value(same) == default_value(s), s["name"]
    return found


def header():
    schema = load()
    out = [f"/* {NOTICE} */", "#pragma once", "#include <stdbool.h>", "#include <stddef.h>", "#include <stdint.h>", "",
           "enum verb_bit {", "\tVERB_PROGRAM = 1 << 0,"]
    out += [f"\tVERB_{c_identifier(v['name'])} = 1 << {i + 1}," for i, v in enumerate(schema["verb"])]
    out += ["};", "", "enum exit_code {"]
    for e in schema["exit"]:
        out += [f"\tEXIT_CODE_{c_identifier(e['name'])} = {e['code']}, /* {e['what']} */"]
    out += ["};", ""]
    for s in schema["setting"]:
        if s["type"] == "choice":
            values = ", ".join(f"{c_identifier(s['name'])}_{c_identifier(c)}" for c in s["choices"])
            out += [f"enum {s['name'].replace('-', '_')}_choice {{ {values} }};", ""]
    out += ["/* what was given for an option that may be repeated, in order */", "struct settings_list {",
            "\tconst char **items;", "\tsize_t count;", "};", "", "struct settings {"]
    for name, s in fields(schema).items():
        kind = TYPES[s["type"]][0] if s["type"] != "choice" else f"enum {s['name'].replace('-', '_')}_choice"
        space = "" if kind.endswith("*") else " "
        absent = "; NULL: not given" if s["type"] in ("text", "path") else ""
        absent = "; UINT64_MAX: not given" if default_value(s) == "UINT64_MAX" else absent
        out.append(f"\t{kind}{space}{name}; /* {s['what'].rstrip('.')}{absent} */")
    out += ["};", "", f"enum {{ SETTING_COUNT = {sum(s['scope'] == 'program' for s in schema['setting'])} }};", ""]
    return "\n".join(out)


def table():
    schema = load()
    out = [f"/* {NOTICE} */", '#include "cli/setting.h"', '#include "cli/verb.h"', "",
           "const struct settings settings_default = {"]
    out += [f"\t.{name} = {default_value(s)}," for name, s in fields(schema).items()]
    out += ["};", "", "const struct setting setting_table[SETTING_COUNT] = {"]
    for s in schema["setting"]:
        if s["scope"] != "program":
            continue
        parts = [f".name = {c_text(s['name'])}", f".type = SETTING_{c_identifier(s['type'])}",
                 ".verbs = " + " | ".join(f"VERB_{c_identifier(v)}" for v in s["verbs"]),
                 f".offset = offsetof(struct settings, {field(s)})"]
        if "letter" in s:
            parts.append(f".letter = '{s['letter']}'")
        if "environment" in s:
            parts.append(f".environment = {c_text(s['environment'])}")
        if s.get("only_environment"):
            parts.append(".is_only_environment = true")
        if "choices" in s:
            parts.append(".choices = (const char *const[]){" + ", ".join(map(c_text, s["choices"])) + ", NULL}")
        if s["type"] in ("uint", "duration", "size", "moment"):
            parts.append(f".least = {limit(s, 'least', '0')}, .least_text = {c_text(s.get('least'))}")
            parts.append(f".most = {limit(s, 'most', 'UINT64_MAX')}, .most_text = {c_text(s.get('most'))}")
        out.append("\t{" + ", ".join(parts) + "},")
    out += ["};", ""]
    out += [c_verb("const struct verb verb_program", "program", schema["program"], "NULL"), ""]
    out += ["const struct verb verb_table[] = {"]
    for v in schema["verb"]:
        out.append("\t" + c_verb(None, v["name"], v, f"verb_{v['name']}").rstrip(";") + ",")
    out += ["\t{0},", "};", ""]
    return "\n".join(out)


def limit(setting, which, otherwise):
    if which not in setting:
        return otherwise
    value = number(setting, setting[which])
    assert value is not None, setting["name"]
    return f"UINT64_C({value})"


def c_verb(declaration, name, verb, function):
    stops = "true" if verb.get("stops_at_word") or name == "program" else "false"
    body = (f"{{\n\t.name = {c_text(name)},\n\t.bit = VERB_{c_identifier(name)},\n\t.stops_at_word = {stops},\n"
            f"\t.words = {c_text(verb.get('words', ''))},\n\t.words_least = {verb.get('words_least', 0)},\n"
            f"\t.words_most = {verb.get('words_most', 'SIZE_MAX')},\n\t.function = {function},\n"
            f"\t.help =\n\t{c_text(help_text(name))},\n}}")
    return f"{declaration} = {body};" if declaration else body


def environment_header():
    """the names of variables that guest and host's side share"""
    out = [f"/* {NOTICE} */", "#pragma once", ""]
    out += [f"#define ENVIRONMENT_{c_identifier(s['name'])} {c_text(s['environment'])} /* {s['what']} */"
            for s in environment(load()) if s["scope"] == "guest"]
    return "\n".join(out + [""])


# --- --help -----------------------------------------------------------------------------------------------------------------

def wrap(text, indent, width=HELP_WIDTH):
    """paragraphs as indented lines; the first line's indent is left to the caller"""
    lines = []
    for paragraph in text.strip().split("\n\n"):
        line = ""
        for word in paragraph.replace("`", "").split():
            if line and indent + len(line) + 1 + len(word) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines += [line, ""]
    return ("\n" + " " * indent).join(lines[:-1]).replace("\n" + " " * indent + "\n", "\n\n")


def synopsis(schema, name):
    if name == "program":
        return "tickbird VERB [OPTION]... [WORD]..."
    verb = next(v for v in schema["verb"] if v["name"] == name)
    return f"tickbird {name} [OPTION]... {verb['words']}"


def said(setting):
    """the sentence, and the default with it"""
    default = setting.get("default")
    return setting["what"] + (f" Default: {default}." if default else "")


def entry(left, text):
    left = "  " + left
    if len(left) > HELP_INDENT - 2:
        left += "\n"
        return left + " " * HELP_INDENT + wrap(text, HELP_INDENT)
    return left.ljust(HELP_INDENT) + wrap(text, HELP_INDENT)


def spelled(setting):
    """-o, --output FILE"""
    letter = f"-{setting['letter']}, " if "letter" in setting else "    "
    return f"{letter}--{setting['name']}" + (f" {setting['argument']}" if setting["type"] != "flag" else "")


def help_text(name):
    schema = load()
    verb = schema["program"] if name == "program" else next(v for v in schema["verb"] if v["name"] == name)
    out = [f"usage: {synopsis(schema, name)}", "", wrap(verb["about"], 0), ""]
    if name == "program":
        out += ["Verbs:"] + [entry(v["name"], v["what"]) for v in schema["verb"]]
        out += [entry("help [VERB]", "prints the help of a verb"), ""]
    out += ["Options:"] + [entry(spelled(s), said(s)) for s in options(schema, name)]
    variables = environment(schema, name)
    if variables:
        out += ["", "Environment:"] + [entry(s["environment"], s["what"]) for s in variables]
    out += ["", "Examples:"] + [f"  {e['command']}\n      {wrap(e['what'], 6)}" for e in verb["examples"]]
    return "\n".join(out) + "\n"


# --- docs/settings.md -----------------------------------------------------------------------------------------------------------

def page():
    schema = load()
    out = ["# Settings", "", f"<!-- {NOTICE} -->", "",
           "Every option, environment variable and exit code, from `schema/settings.toml`. "
           "The same is said by `tickbird VERB --help` and by the manual pages.", "",
           "A duration is a number with `ns`, `us`, `ms`, `s`, `m` or `h` behind it; a moment is a duration from the "
           "start of the recording; a size is in bytes, or has `K`, `M` or `G` (powers of 1024) behind it.", ""]
    for name in ["program"] + [v["name"] for v in schema["verb"]]:
        verb = schema["program"] if name == "program" else next(v for v in schema["verb"] if v["name"] == name)
        out += [f"## `tickbird`" if name == "program" else f"## `tickbird {name}`", "",
                f"`{synopsis(schema, name)}`", "", verb["about"].strip(), "",
                "| option | type | default | what |", "|---|---|---|---|"]
        for s in options(schema, name):
            out.append(f"| `{spelled(s).strip()}` | {type_text(s)} | {s.get('default', '')} | {s['what']} |")
        out.append("")
    out += ["## Environment", "", "| variable | read by | what |", "|---|---|---|"]
    reader = {"program": "tickbird", "guest": "libtickbird.so, in the program that is recorded"}
    out += [f"| `{s['environment']}` | {reader[s['scope']]} | {s['what']} |" for s in environment(schema)]
    out += ["", "## Exit codes", "", "| code | of | meaning |", "|---|---|---|"]
    out += [f"| {exit_text(e)} | {', '.join(f'`{v}`' for v in e.get('verbs', ['every verb'])).replace('`every verb`', 'every verb')} | {e['what']} |"
            for e in schema["exit"]]
    return "\n".join(out + [""])


def type_text(setting):
    if setting["type"] == "choice":
        return ", ".join(setting["choices"])
    bounds = [f"{word} {setting[key]}" for key, word in (("least", "from"), ("most", "to")) if key in setting]
    return " ".join([setting["type"]] + bounds)


def exit_text(code):
    return f"{code['code']}+{code['plus']}" if "plus" in code else str(code["code"])


# --- manual pages -----------------------------------------------------------------------------------------------------------------

def roff(text):
    """plain text with `code` in it as roff"""
    text = text.strip().replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    return re.sub(r"(?m)^\.", r"\\&.", text)


def roff_paragraphs(text):
    return "\n.PP\n".join(roff(" ".join(p.split())) for p in text.strip().split("\n\n"))


def bold(text):
    return f"\\fB{roff(text)}\\fR"


def italic(text):
    return f"\\fI{roff(text)}\\fR"


def roff_option(setting):
    names = ([f"-{setting['letter']}"] if "letter" in setting else []) + [f"--{setting['name']}"]
    return ", ".join(map(bold, names)) + (f" {italic(setting['argument'])}" if setting["type"] != "flag" else "")


def manual(name):
    schema = load()
    is_program = name == "program"
    verb = schema["program"] if is_program else next(v for v in schema["verb"] if v["name"] == name)
    title = "tickbird" if is_program else f"tickbird-{name}"
    command, words = synopsis(schema, name).split(" [OPTION]")
    out = [f'.\\" {NOTICE}', f'.TH {roff(title).upper()} 1 "" "Tickbird" "Tickbird manual"', ".SH NAME",
           f"{roff(title)} \\- {roff(verb['what'])}", ".SH SYNOPSIS", f"{bold(command)} {roff('[OPTION]' + words)}",
           ".SH DESCRIPTION", roff_paragraphs(verb["about"])]
    if is_program:
        out += [".SH VERBS"]
        for v in schema["verb"]:
            out += [".TP", bold(v["name"]), f"{roff(v['what'])}; see {bold('tickbird-' + v['name'])}(1)"]
        out += [".TP", f"{bold('help')} [{italic('VERB')}]", "prints the help of a verb"]
    out += [".SH OPTIONS"]
    for s in options(schema, name):
        out += [".TP", roff_option(s), roff(said(s))]
    if any(s["type"] in ("duration", "moment", "size") for s in options(schema, name)):
        out += [".PP", roff("A DURATION or MOMENT is a number with `ns`, `us`, `ms`, `s`, `m` or `h` behind it; "
                            "a SIZE is in bytes, or has `K`, `M` or `G` (powers of 1024) behind it.")]
    out += [".SH EXIT STATUS"]
    for e in schema["exit"]:
        if is_program or name in e.get("verbs", [name]):
            out += [".TP", bold(exit_text(e)), roff(e["what"])]
    variables = environment(schema, None if is_program else name)
    if variables:
        out += [".SH ENVIRONMENT"]
        for s in variables:
            out += [".TP", bold(s["environment"]), roff(s["what"])]
    if "files" in verb:
        out += [".SH FILES"]
        for f in verb["files"]:
            out += [".TP", italic(f["path"]), roff(f["what"])]
    out += [".SH EXAMPLES"]
    for e in verb["examples"]:
        out += [".TP", bold(e["command"]), roff(e["what"])]
    others = ["tickbird"] + [f"tickbird-{v['name']}" for v in schema["verb"]]
    out += [".SH SEE ALSO", ",\n".join(bold(o) + "(1)" for o in others if o != title)]
    return "\n".join(out + [""])
