# SPDX-License-Identifier: Apache-2.0
"""What is measured: one file for each kind of benchmark, in the order of the table."""
from rows import agent, calls, corun, decode, event, go, idle, shell, size, stack, start, unwind

# name on the command line → function of the settings that gives its rows
BENCHMARKS = {name: benchmark for kind in (corun, calls, event, size, stack, unwind, start, shell, idle, agent, decode, go)
              for name, benchmark in kind.BENCHMARKS.items()}
