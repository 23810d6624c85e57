# SPDX-License-Identifier: Apache-2.0
"""One program run several ways at once, its batches of a few milliseconds in turn (bench/turns.h)."""
import os
import pathlib
import random
import subprocess
import tempfile

from measure.estimate import estimate

WARM_UP = 5  # rounds


class Side:
    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})

    def batch(self):
        """Nanoseconds an operation."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.process.args} ended with code {self.process.wait()}")
        return float(answer)

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def one_life(settings, command, rounds):
    """Figures of each round: side → nanoseconds."""
    order = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="tickbird-bench.") as folder:
        sides = {"bare": Side(command, {}),
                 "asleep": Side(command, {"LD_PRELOAD": settings.library}),
                 "recorded": Side([*settings.recorded(pathlib.Path(folder) / "trace.tbt"), *command], {})}
        figures = [{name: sides[name].batch() for name in order.sample(list(sides), len(sides))}
                   for _ in range(WARM_UP + rounds)]
        for side in sides.values():
            side.end()
    return figures[WARM_UP:]


def measure(settings, command, lives, rounds):
    """What the bare program takes, and what is added to it by the library asleep and by being recorded: an Estimate
    each, in nanoseconds an operation. Added is the median of the differences within a round."""
    all_figures = [one_life(settings, command, rounds) for _ in range(lives)]
    added = {name: estimate([[figures[name] - figures["bare"] for figures in life] for life in all_figures])
             for name in ("asleep", "recorded")}
    return {"bare": estimate([[figures["bare"] for figures in life] for life in all_figures]), **added}
