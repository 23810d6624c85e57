#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tickbird answers to a command line, right or wrong, before a verb is reached.

usage: command_line.py TICKBIRD"""
import subprocess
import sys

TICKBIRD = sys.argv[1]
OK, FAILED, USAGE = 0, 1, 2


def tickbird(*words, stdout=subprocess.PIPE):
    done = subprocess.run([TICKBIRD, *words], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout, done.stderr


def expect(words, code, stdout, stderr):
    """stdout, stderr: the whole text, or how it begins when it ends in …"""
    answer = tickbird(*words)
    for name, got, wanted in zip(("exit code", "stdout", "stderr"), answer, (code, stdout, stderr)):
        begins = isinstance(wanted, str) and wanted.endswith("…")
        if not (got.startswith(wanted[:-1]) if begins else got == wanted):
            sys.exit(f"tickbird {' '.join(words)}\n{name} expected: {wanted!r}\n{name} got:      {got!r}")


def help_is_told_to_who_asks():
    for words in (["--help"], ["-h"], ["help"]):
        expect(words, OK, "usage: tickbird VERB…", "")
    for verb in ("run", "report", "dump", "doctor"):
        for words in ([verb, "--help"], ["help", verb]):
            expect(words, OK, f"usage: tickbird {verb} …", "")
    expect(["help", "nothing"], USAGE, "", "tickbird: there is no verb 'nothing'; see tickbird --help\n")


def help_fits_80_columns():
    for verb in ("", "run", "report", "dump", "doctor"):
        for line in tickbird("help", *filter(None, [verb]))[1].splitlines():
            assert len(line) <= 80, line


def no_verb_is_a_fault_of_usage():
    expect([], USAGE, "", "usage: tickbird VERB…")


def a_wrong_verb_is_answered_with_the_one_meant():
    expect(["reprot", "x"], USAGE, "", "tickbird: there is no verb 'reprot'; did you mean 'report'?\n")
    expect(["install"], USAGE, "", "tickbird: there is no verb 'install'; see tickbird --help\n")
    expect([""], USAGE, "", "tickbird: there is no verb ''; see tickbird --help\n")


def the_version_is_one_line():
    for words in (["--version"], ["run", "--version"]):
        expect(words, OK, "tickbird 0.…", "")
        assert tickbird(*words)[1].count("\n") == 1


def words_are_counted():
    expect(["run"], USAGE, "", "tickbird: run: something is missing; "
           "write it like: tickbird run [OPTION]... [--] COMMAND [ARGUMENT]...\n")
    expect(["dump", "a", "b"], USAGE, "", "tickbird: dump: too many words; "
           "write it like: tickbird dump [OPTION]... FILE\n")


def a_wrong_value_is_answered_with_the_right_form():
    expect(["run", "--threshold", "5 parsecs", "true"], USAGE, "",
           "tickbird: --threshold: '5 parsecs' is not a duration; write it like 10us, 5ms or 1s\n")


def a_full_disk_is_told():
    with open("/dev/full", "w") as full:
        code, _, stderr = tickbird("--help", stdout=full)
    assert (code, stderr) == (FAILED, "tickbird: standard output: No space left on device\n"), (code, stderr)


for test in [value for name, value in list(globals().items()) if name.startswith(("help_", "no_", "a_", "the_", "words_"))]:
    test()
    print(test.__name__)
