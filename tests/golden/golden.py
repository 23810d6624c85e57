#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what tickbird says of a trace in text form with what is expected of it.

usage: golden.py TICKBIRD NAME.txt [--update]

Lines of NAME.txt that begin with "#$ " are commands, run in order:
  #$ report [OPTION]...   runs `tickbird report OPTION... NAME.tbt`
  #$ json [OPTION]...     the same with --json; that the states sum to each lane's time is checked too
  #$ cut BYTES            cuts so many bytes off the end of the trace
  #$ spoil OFFSET         changes the byte that stands so far from the end
NAME.expected holds the commands with their output. --update writes it: read the difference before committing it.
"""
import difflib
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def tickbird(program, folder, *arguments):
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)


def check_partition(text):
    """The promise of docs/report.md: the states of a lane sum to its time, the waits to the lanes' waiting."""
    report = json.loads(text)
    waiting = {}
    for lane in report["lanes"]:
        parts = sum(lane[f"{state}_ns"] for state in ("running", "runnable", "throttled", "unknown"))
        parts += sum(lane["waiting_ns"].values())
        life = lane["end_ns"] - lane["start_ns"]
        assert parts == life, f"lane {lane['id']}: the states sum to {parts} ns, the lane took {life} ns"
        for reason, ns in lane["waiting_ns"].items():
            waiting[reason] = waiting.get(reason, 0) + ns
    for wait in report["waits"]:
        waiting[wait["reason"]] -= wait["total_ns"]
    assert not any(waiting.values()), f"waits and lanes differ: {waiting}"


def transcript(program, source):
    """What all the commands of the file say."""
    commands = [line[3:].split() for line in source.read_text().splitlines() if line.startswith("#$ ")]
    assert commands, f"{source} has no command"
    out = []
    with tempfile.TemporaryDirectory(prefix="tickbird-test.") as folder:
        trace = pathlib.Path(folder, source.stem + ".tbt")
        made = tickbird(program, folder, "dump", "--undump", "-o", trace.name, source)
        assert made.returncode == 0, made.stderr
        for command, *arguments in commands:
            out.append(f"$ {' '.join([command, *arguments])}\n")
            match command:
                case "cut":
                    trace.write_bytes(trace.read_bytes()[:-int(arguments[0])])
                    continue
                case "spoil":
                    content = bytearray(trace.read_bytes())
                    content[-int(arguments[0])] ^= 0xff
                    trace.write_bytes(content)
                    continue
                case "json":
                    arguments = ["--json", *arguments]
                case "report":
                    pass
                case _:
                    sys.exit(f"{source}: there is no command '{command}'")
            finished = tickbird(program, folder, "report", *arguments, trace.name)
            if command == "json" and finished.stdout:
                check_partition(finished.stdout)
            for line in finished.stdout.splitlines():
                assert command == "json" or len(line) <= 80, f"a line of {len(line)} columns: {line}"
            # How small the blocks become is the business of zstd.
            output = re.sub(r"\bbyte \d+", "byte N", finished.stdout + finished.stderr)
            out += [output, f"exit code {finished.returncode}\n"]
    return "".join(out)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    expected = source.with_suffix(".expected")
    actual = transcript(program, source)
    if sys.argv[3:] == ["--update"]:
        expected.write_text(actual)
        return
    want = expected.read_text() if expected.exists() else ""
    if actual != want:
        sys.stdout.writelines(difflib.unified_diff(want.splitlines(True), actual.splitlines(True), expected.name, "now"))
        sys.exit(f"{source.name}: the report is another than expected")


if __name__ == "__main__":
    main()
