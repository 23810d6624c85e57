# SPDX-License-Identifier: Apache-2.0
"""What the agent takes while a program makes 100,000 events a second."""
import pathlib
import re
import subprocess
import tempfile
import time

from measure.row import Limit, Row

# A pass of bench/waits.c is three events: condition_signal, condition_wait, lock_release.
PASSES_PER_SECOND = 34000
SECONDS = 14
WINDOWS, WINDOW_S = 10, 1


def cpu_seconds(pid):
    """Of all threads that live."""
    threads = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(path.read_text().split()[0]) for path in threads) * 1e-9


def peak_mib(pid):
    found = re.search(r"^VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found[1]) / 1024 if found else 0


def shares(pid):
    """Of one core, in each window. The first second has the start in it, and is left out."""
    time.sleep(1)
    before, then = cpu_seconds(pid), time.monotonic()
    for _ in range(WINDOWS):
        time.sleep(WINDOW_S)
        used, now = cpu_seconds(pid), time.monotonic()
        yield (used - before) / (now - then)
        before, then = used, now


def run(settings):
    with tempfile.TemporaryDirectory(prefix="tickbird-bench.") as folder:
        command = [word for word in settings.recorded(pathlib.Path(folder) / "trace.tbt") if word != "--quiet"]
        agent = subprocess.Popen([*command, settings.program("waits"), str(PASSES_PER_SECOND), str(SECONDS),
                                  str(settings.cpu)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        found, peak = list(shares(agent.pid)), 0
        while agent.poll() is None:
            peak = max(peak, peak_mib(agent.pid))
            time.sleep(0.02)
        output, line = agent.communicate()
    seconds = float(output.split()[1])
    events, lost = (int(number) for number in re.search(r"(\d+) events, (\d+) lost", line).groups())
    rate = f"{events / seconds / 1000:.0f} thousand events/s, {lost} lost"
    share = sum(found) / len(found) * 100
    yield Row(f"agent's CPU, {rate}", share, f"{share:.2f} %",
              f"{min(found) * 100:.2f} to {max(found) * 100:.2f} %, {WINDOWS} seconds", "bench/run agent",
              Limit(3, "≤ 3 % of one"), is_sure=events / seconds >= 100000)
    yield Row(f"agent's memory, {rate}", peak, f"{peak:.1f} MiB", "peak", "bench/run agent", Limit(64, "≤ 64 MiB"))


BENCHMARKS = {"agent": run}
