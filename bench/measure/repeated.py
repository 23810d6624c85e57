# SPDX-License-Identifier: Apache-2.0
"""A program that prints figures, run several times: each run lies elsewhere in memory."""
import re
import statistics
import subprocess

RUNS = 7


def measure(command, pattern, cpu):
    """pattern: of a line, with a group for its name and one for its figure. name → (median, least, most)."""
    figures = {}
    for _ in range(RUNS):
        run = subprocess.run(["taskset", "-c", str(cpu), *command], check=True, stdout=subprocess.PIPE, text=True)
        for name, figure in re.findall(pattern, run.stdout, re.M):
            figures.setdefault(name.strip(), []).append(float(figure))
    return {name: (statistics.median(values), min(values), max(values)) for name, values in figures.items()}


def spread(least, most, unit):
    return f"{least:.1f} to {most:.1f} {unit}, {RUNS} runs"
