# SPDX-License-Identifier: Apache-2.0
"""schema/settings.toml as C: struct settings, the tables that main and settings_read work by, and the helps."""
import settings
import settings_text
from settings import NOTICE

FIELDS = {  # type → in C, what comes behind the name, value when nothing was said; None: its default is a value
    "flag": ("bool ", "", "false"),
    "path": ("const char *", "", "NULL"),
    "uint": ("uint64_t ", "", None),
    "duration": ("uint64_t ", "_ns", None),
    "size": ("uint64_t ", "_bytes", None),
    "moment": ("uint64_t ", "_ns", "UINT64_MAX"),
    "choice": ("enum {name}_choice ", "", None),
    "list": ("struct settings_list ", "", "{0}"),
}
ABSENT = {nothing: f"; {nothing}: not given" for nothing in ("NULL", "UINT64_MAX")}


def word(name):
    return name.replace("-", "_")


def field(setting):
    return word(setting["name"]) + FIELDS[setting["type"]][1]


def text(value):
    return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def page_of_text(value):
    """a long text, a C string for each of its lines"""
    return "\n".join("\t\t" + text(line) for line in value.splitlines(keepends=True))


def enumerator(prefix, name):
    return f"{word(prefix)}_{word(name)}".upper()


def value(setting, said):
    number = settings.number(setting, said)
    return None if number is None else f"UINT64_C({number})"


def initial(setting):
    default = setting.get("default", "")
    if setting["type"] == "choice":
        return enumerator(setting["name"], default)
    number = value(setting, default) if setting["type"] in settings.NUMBERS else None
    nothing = FIELDS[setting["type"]][2]
    assert number or nothing, f"{setting['name']}: needs a default that is a value"
    return number or nothing


def own(schema):
    """the settings that tickbird reads itself"""
    return [s for s in schema["setting"] if s["scope"] == "program"]


def fields(schema):
    """name in struct settings → setting; verbs may share one"""
    found = {}
    for s in own(schema):
        first = found.setdefault(field(s), s)
        assert first["type"] == s["type"] and initial(first) == initial(s), f"{s['name']}: differs between verbs"
    return found


def header():
    schema = settings.load()
    out = [f"/* {NOTICE} */", "#pragma once", "#include <stdbool.h>", "#include <stddef.h>", "#include <stdint.h>",
           '#include "base/exit_code.h"', ""]
    out += ["enum verb_bit {"]
    out += [f"\t{enumerator('verb', name)} = 1 << {i}," for i, name in enumerate(settings.names(schema))]
    out += ["};", ""]
    for s in own(schema):
        if s["type"] == "choice":
            choices = ", ".join(enumerator(s["name"], choice) for choice in s["choices"])
            out += [f"enum {word(s['name'])}_choice {{ {choices} }};", ""]
    out += ["/* what was given for an option that may be repeated, in order */",
            "struct settings_list {", "\tconst char **items;", "\tsize_t count;", "};", "", "struct settings {"]
    for name, s in fields(schema).items():
        kind = FIELDS[s["type"]][0].format(name=word(s["name"]))
        absent = ABSENT.get(initial(s), "")
        out.append(f"\t{kind}{name}; /* {s['what'].rstrip('.')}{absent} */")
    out += ["};", "", f"enum {{ SETTING_COUNT = {len(own(schema))} }};", ""]
    return "\n".join(out)


def exit_header():
    out = [f"/* {NOTICE} */", "#pragma once", "", "enum exit_code {"]
    out += [f"\t{enumerator('exit_code', e['name'])} = {e['code']}, /* {e['what']} */" for e in settings.load()["exit"]]
    return "\n".join(out + ["};", ""])


def row(setting):
    parts = [f".name = {text(setting['name'])}", f".type = {enumerator('setting', setting['type'])}",
             ".verbs = " + " | ".join(enumerator("verb", v) for v in setting["verbs"]),
             f".offset = offsetof(struct settings, {field(setting)})"]
    if "letter" in setting:
        parts.append(f".letter = '{setting['letter']}'")
    if "environment" in setting:
        parts.append(f".environment = {text(setting['environment'])}")
    if setting.get("only_environment"):
        parts.append(".is_only_environment = true")
    if "choices" in setting:
        parts.append(".choices = (const char *const[]){" + ", ".join(map(text, setting["choices"])) + ", NULL}")
    if setting["type"] in settings.NUMBERS:
        for limit, otherwise in (("least", "0"), ("most", "UINT64_MAX")):
            said = setting.get(limit)
            parts.append(f".{limit} = {value(setting, said) if said else otherwise}, .{limit}_text = {text(said)}")
    return "\t{" + ", ".join(parts) + "},"


def verb(schema, name):
    entry = settings.verb_named(schema, name)
    is_program = name == settings.PROGRAM
    stops = is_program or entry.get("stops_at_word", False)
    return "\n".join(["{", f"\t.name = {text(name)},", f"\t.bit = {enumerator('verb', name)},",
                      f"\t.stops_at_word = {str(stops).lower()},", f"\t.words = {text(entry.get('words', ''))},",
                      f"\t.words_least = {entry.get('words_least', 0)},",
                      f"\t.words_most = {entry.get('words_most', 'SIZE_MAX')},",
                      f"\t.function = {'NULL' if is_program else 'verb_' + name},",
                      f"\t.help =\n{page_of_text(settings_text.help(name))},", "}"])


def table():
    schema = settings.load()
    out = [f"/* {NOTICE} */", '#include "cli/setting.h"', '#include "cli/verb.h"', ""]
    out += ["const struct settings settings_default = {"]
    out += [f"\t.{name} = {initial(s)}," for name, s in fields(schema).items()] + ["};", ""]
    out += ["const struct setting setting_table[SETTING_COUNT] = {"] + [row(s) for s in own(schema)] + ["};", ""]
    out += [f"const struct verb verb_program = {verb(schema, settings.PROGRAM)};", "", "const struct verb verb_table[] = {"]
    out += [verb(schema, v["name"]) + "," for v in schema["verb"]] + ["{0},", "};", ""]
    return "\n".join(out)


def environment_header():
    """the names of variables that the guest reads and the agent sets"""
    schema = settings.load()
    out = [f"/* {NOTICE} */", "#pragma once", ""]
    out += [f"#define {enumerator('environment', s['name'])} {text(s['environment'])} /* {s['what']} */"
            for s in settings.variables(schema) if s["scope"] == "guest"]
    return "\n".join(out + [""])
