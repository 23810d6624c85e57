# SPDX-License-Identifier: Apache-2.0
"""schema/events.toml as C and as a page."""
import pathlib
import tomllib

TOML = pathlib.Path(__file__).with_name("events.toml")
VARINT_MAX = 10  # bytes of a 64-bit varint
NOTICE = "made by schema/generate.py; do not edit"


def load_values():
    """lists of numbers that have names"""
    lists = tomllib.loads(TOML.read_text())["values"]
    for values in lists:
        numbers = [v["number"] for v in values["list"]]
        assert numbers == list(range(len(numbers))), f"{values['name']}: numbers count from 0"
    return lists


def load():
    events = tomllib.loads(TOML.read_text())["event"]
    lists = {values["name"] for values in load_values()}
    seen = set()
    for e in events:
        assert 0 < e["number"] < 128, f"{e['name']}: numbers are 1 to 127"
        assert e["number"] not in seen and e["name"] not in seen, f"{e['name']}: name or number used twice"
        seen |= {e["number"], e["name"]}
        assert e["shape"] in ("point", "range") and e["what"] and e["since"]
        for f in e["fields"]:
            assert f["type"] in ("uint", "sint", "address", "stack", "text") and f["what"], f"{e['name']}.{f['name']}"
            assert f.get("values") in lists | {None}, f"{e['name']}.{f['name']}: no such list of values"
    return events


def c_parameter(field):
    match field["type"]:
        case "sint":
            return f"int64_t {field['name']}"
        case "text":
            return f"const void *{field['name']}, size_t {field['name']}_size"
        case _:
            return f"uint64_t {field['name']}"


def c_put(field):
    name = field["name"]
    match field["type"]:
        case "sint":
            return f"c->at = wire_put_sint(c->at, {name});"
        case "address":
            return f"c->at = wire_put_sint(c->at, (int64_t)({name} - c->registers.address));\n\tc->registers.address = {name};"
        case "text":
            return f"c->at = wire_put_text(c->at, {name}, {name}_size);"
        case _:
            return f"c->at = wire_put_uint(c->at, {name});"


def writer(e):
    times = ["uint64_t start", "uint64_t duration"] if e["shape"] == "range" else ["uint64_t time"]
    lines = [f"/* {e['what']} */", f"static inline void event_put_{e['name']}(struct event_cursor *c, "
             + ", ".join(times + [c_parameter(f) for f in e["fields"]]) + ")", "{"]
    lines.append(f"\t*c->at++ = EVENT_{e['name'].upper()};")
    if e["shape"] == "range":
        lines += ["\tc->at = wire_put_sint(c->at, (int64_t)(start - c->registers.time));",
                  "\tc->at = wire_put_uint(c->at, duration);", "\tc->registers.time = start + duration;"]
    else:
        lines += ["\tc->at = wire_put_sint(c->at, (int64_t)(time - c->registers.time));", "\tc->registers.time = time;"]
    lines += ["\t" + c_put(f) for f in e["fields"]] + ["}"]
    return "\n".join(lines)


def most_bytes(e):
    """the longest the event can be, its texts' bytes not counted"""
    return 1 + VARINT_MAX * ((2 if e["shape"] == "range" else 1) + len(e["fields"]))


def values_enum(values):
    prefix = values["prefix"]
    out = [f"/* {values['what']} */", f"enum {values['name']} {{"]
    for v in values["list"]:
        what = f" /* {v['what']} */" if "what" in v else ""
        out.append(f"\t{prefix}_{v['name'].upper()} = {v['number']},{what}")
    out += ["};", f"enum {{ {values['name'].upper()}_COUNT = {len(values['list'])} }};"]
    if "word" in values["list"][0]:
        out.append(f"extern const char *const {values['name']}_words[{values['name'].upper()}_COUNT];")
    return out + [""]


def subset_enum(name, what, events):
    """some of the events, so that the compiler finds a switch that has not all of them; and the most bytes of any"""
    upper = name.upper()
    out = [f"/* {what} */", f"enum {name} {{"]
    out += [f"\t{upper}_{e['name'].upper()} = EVENT_{e['name'].upper()}," for e in events]
    return out + ["};", f"enum {{ {upper}_MAX = {max(map(most_bytes, events))} }};", ""]


def header():
    out = [f"/* {NOTICE} */", "#pragma once", '#include "record/wire.h"', "", "enum event_number {"]
    out += [f"\tEVENT_{e['name'].upper()} = {e['number']}," for e in load()] + ["};", "", "/* where a field stands in event.values */", "enum {"]
    out += [f"\tEVENT_{e['name'].upper()}_{f['name'].upper()} = {i}," for e in load() for i, f in enumerate(e["fields"])]
    out += ["};", "", "/* most bytes an event takes, its texts' bytes not counted */", "enum {"]
    out += [f"\tEVENT_{e['name'].upper()}_MAX = {most_bytes(e)}," for e in load()]
    out += ["};", ""]
    out += subset_enum("wait_event", "the waits", [e for e in load() if "reason" in e])
    out += subset_enum("wake_event", "what ends waits", [e for e in load() if e.get("wakes")])
    for values in load_values():
        out += values_enum(values)
    out += [writer(e) + "\n" for e in load()]
    return "\n".join(out)


def table():
    out = [f"/* {NOTICE} */", '#include "record/event.h"', ""]
    for e in load():
        fields = ", ".join(f'{{"{f["name"]}", FIELD_{f["type"].upper()}}}' for f in e["fields"])
        reason = f'"{e["reason"]}"' if "reason" in e else "NULL"
        out.append(f"static const struct event_type {e['name']} = {{.number = {e['number']}, .name = \"{e['name']}\", "
                   f".shape = EVENT_{e['shape'].upper()}, .reason = {reason}, .field_count = {len(e['fields'])}, .fields = {{{fields}}}}};")
    out += ["", "const struct event_schema event_schema_own = {.by_number = {"]
    out += [f"\t[{e['number']}] = &{e['name']}," for e in load()] + ["}};", ""]
    for values in load_values():
        if "word" in values["list"][0]:
            out += [f"const char *const {values['name']}_words[{values['name'].upper()}_COUNT] = {{"]
            out += [f'\t"{v["word"]}",' for v in values["list"]] + ["};", ""]
    return "\n".join(out)


def page():
    """docs/events.md"""
    who = {True: "agent", False: "guest"}
    out = ["# Events", "", f"<!-- {NOTICE} -->", "", "What a trace can hold, from `schema/events.toml`. How the bytes stand is in [format.md](format.md).", ""]
    for e in load():
        reason = f", reason `{e['reason']}`" if "reason" in e else ""
        out += [f"## {e['number']} `{e['name']}`", "", f"{e['what']} (a {e['shape']}, written by the {who[e['number'] < 64]}, since {e['since']}{reason})", ""]
        if e["fields"]:
            out += ["| field | type | unit | what |", "|---|---|---|---|"]
            for f in e["fields"]:
                what = f"{f['what']}: a [{f['values']}](#values-{f['values']})" if "values" in f else f["what"]
                out.append(f"| `{f['name']}` | {f['type']} | {f.get('unit', '')} | {what} |")
            out.append("")
    for values in load_values():
        out += [f"## Values: {values['name']}", "", values["what"], "", "| number | name | what |", "|---|---|---|"]
        out += [f"| {v['number']} | `{v['name']}` | {v.get('what', v.get('word', ''))} |" for v in values["list"]] + [""]
    return "\n".join(out)
