# SPDX-License-Identifier: Apache-2.0
"""How often the agent wakes up beside a program that does nothing."""
import pathlib
import re
import subprocess
import tempfile
import time

from measure.row import Limit, Row

SETTLE_S, WATCH_S = 3, 10


def wake_ups(pid):
    """Of all its threads so far: each begins with having given the CPU away."""
    texts = [path.read_text() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M)[1]) for text in texts)


def run(settings):
    with tempfile.TemporaryDirectory(prefix="tickbird-bench.") as folder:
        agent = subprocess.Popen([*settings.recorded(pathlib.Path(folder) / "trace.tbt"), "/bin/sleep", "3600"])
        time.sleep(SETTLE_S)
        before, then = wake_ups(agent.pid), time.monotonic()
        time.sleep(WATCH_S)
        rate = (wake_ups(agent.pid) - before) / (time.monotonic() - then)
        agent.terminate()
        agent.wait()
    yield Row("agent's wake-ups a second, idle program", rate, f"{rate:.1f}", f"{WATCH_S} seconds", "bench/run idle",
              Limit(2, "≤ 2"))


BENCHMARKS = {"idle": run}
