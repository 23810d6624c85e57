# SPDX-License-Identifier: Apache-2.0
"""What the tests of the tree have in common: a rule finds problems, and has to prove first that it can."""
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TB_BUILD", SOURCE / "build"))


def run(check, breaks):
    """check() gives the problems of the tree, a line each. breaks: for each way to break the rule, in words, the
    problems that the rule finds then; a rule that does not see one of them is worth nothing and fails."""
    blind = [how for how, problems in breaks.items() if not problems]
    if blind:
        sys.exit("this test does not notice when " + "; nor when ".join(blind))
    problems = check()
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} problem(s)")
    print(f"fine; and the test notices when {'; when '.join(breaks)}")


def files(*suffixes, below="."):
    """files of the tree with such endings: those git knows or would add, or all when this is no checkout"""
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard", below], cwd=SOURCE, capture_output=True)
    if listed.returncode == 0:
        names = [SOURCE / name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [p for p in SOURCE.joinpath(below).rglob("*")
                 if not any(part.startswith(("build", ".")) for part in p.relative_to(SOURCE).parts)]
    return sorted(p for p in names if p.name.endswith(suffixes) and p.is_file())


def words_with_reasons(path):
    """a committed list: `word: reason` a line"""
    found = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            word, colon, reason = line.partition(":")
            if not colon or not reason.strip():
                sys.exit(f"{path.name}: no reason is given for {line!r}")
            found[word.strip()] = reason.strip()
    return found


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def compare(found, allowed, what, where):
    """both ways: nothing that is not in the list, nothing in the list that is gone"""
    return ([f"{what} {word} is not in {where}" for word in sorted(set(found) - set(allowed))]
            + [f"{where}: there is no {what} {word} any more" for word in sorted(set(allowed) - set(found))])
