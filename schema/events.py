# SPDX-License-Identifier: Apache-2.0
"""schema/events.toml as C and as a page."""
import pathlib
import tomllib

TOML = pathlib.Path(__file__).with_name("events.toml")
VARINT_MAX = 10  # bytes of a 64-bit varint
NOTICE = "made by schema/generate.py; do not edit"


def load():
    events = tomllib.loads(TOML.read_text())["event"]
    seen = set()
    for e in events:
        assert 0 < e["number"] < 128, f"{e['name']}: numbers are 1 to 127"
        assert e["number"] not in seen and e["name"] not in seen, f"{e['name']}: name or number used twice"
        seen |= {e["number"], e["name"]}
        assert e["shape"] in ("point", "range") and e["what"] and e["since"]
        for f in e["fields"]:
            assert f["type"] in ("uint", "sint", "address", "stack", "text") and f["what"], f"{e['name']}.{f['name']}"
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


def header():
    out = [f"/* {NOTICE} */", "#pragma once", '#include "record/wire.h"', "", "enum event_number {"]
    out += [f"\tEVENT_{e['name'].upper()} = {e['number']}," for e in load()] + ["};", "", "/* where a field stands in event.values */", "enum {"]
    out += [f"\tEVENT_{e['name'].upper()}_{f['name'].upper()} = {i}," for e in load() for i, f in enumerate(e["fields"])]
    out += ["};", "", "/* most bytes an event takes, its texts' bytes not counted */", "enum {"]
    out += [f"\tEVENT_{e['name'].upper()}_MAX = {most_bytes(e)}," for e in load()]
    out += ["};", ""] + [writer(e) + "\n" for e in load()]
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
            out += [f"| `{f['name']}` | {f['type']} | {f.get('unit', '')} | {f['what']} |" for f in e["fields"]] + [""]
    return "\n".join(out)
