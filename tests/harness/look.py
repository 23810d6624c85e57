# SPDX-License-Identifier: Apache-2.0
"""What a process is, as the kernel and its environment have it, with all that differs from one start to the next taken out: so
that a program that was started bare and one under `tickbird run` can be compared word by word. tests/programs/look.c looks."""

import collections
import pathlib
import re

from harness.running import BUILD, await_that, program, run

LOOK = program("look")

# What `tickbird run` adds to the environment: docs/settings.md says so.
OURS = re.compile(rf"environment (LD_PRELOAD={re.escape(str(BUILD / 'libtickbird.so'))}|TICKBIRD_SOCKET=.*)")

VARYING = [(r"(pipe|socket):\[\d+\]", r"\1"), (r"#\d+ \(deleted\)", "(deleted)"), (r"/proc/\d+/", "/proc/PID/")]


def portraits(path, folder, substitutions=()):
    """One text for each process that was looked at, in an order of their own. substitutions: pairs of a pattern and what stands
    for it, of the program's own varying words."""
    processes = collections.defaultdict(list)
    patterns = [(re.escape(str(folder)), "FOLDER"), *substitutions, *VARYING]
    for line in pathlib.Path(path).read_text(errors="backslashreplace").splitlines():
        pid, line = line.split(" ", 1)
        # Programs that change their title put it where their environment was, and leave zeros.
        if OURS.fullmatch(line) or line in ("environment ", "argument "):
            continue
        for pattern, word in patterns:
            line = re.sub(pattern, word, line)
        processes[pid].append(line.replace(r"\011", " "))
    return sorted("\n".join(_threads_together(lines)) for lines in processes.values())


def _threads_together(lines):
    """The lines of a thread as one, without its number, in an order of their own; those of descriptors too."""
    threads, rest = collections.defaultdict(list), []
    for line in lines:
        found = re.fullmatch(r"thread (\d+) (.*)", line)
        if found:
            threads[found[1]].append(found[2])
        else:
            rest.append(line)
    return sorted(rest) + sorted("thread " + ", ".join(words) for words in threads.values())


def descendants(pid):
    """All processes below one that live."""
    children = collections.defaultdict(list)
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            children[int(fields[1])].append(int(stat.parts[2]))
    found, ahead = [], [pid]
    while ahead:
        more = children[ahead.pop()]
        found += more
        ahead += more
    return found


def look_at(running, prefix, folder, substitutions=()):
    """Portraits of a server and of its children, once none comes or goes while they are looked at."""
    path = folder / "look.server"

    def looked():
        pids = descendants(running.pid) + ([] if prefix else [running.pid])
        path.unlink(missing_ok=True)
        finished = run(LOOK, path, *sorted(pids))
        assert finished.exit_code == 0, finished
        return set(descendants(running.pid)) | {running.pid} == set(pids) | {running.pid}
    await_that(looked, "at rest", running)
    return portraits(path, folder, substitutions)
