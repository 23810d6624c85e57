# SPDX-License-Identifier: Apache-2.0
"""What a benchmark is told: where the programs are, and how long it may take."""
import dataclasses
import pathlib

from measure import machine


@dataclasses.dataclass(frozen=True)
class Settings:
    build: pathlib.Path
    minutes: float     # most that one co-run takes
    half_width: float  # that it should reach

    def program(self, name):
        return str(self.build / f"bench_{name}")

    @property
    def library(self):
        return str(self.build / "libtickbird.so")

    def recorded(self, trace):
        """What goes before a command so that it is recorded."""
        return [str(self.build / "tickbird"), "run", "--quiet", "-o", str(trace), "--"]

    # What is measured gets the last CPU, what loads it the first, which mostly serves the interrupts too.
    @property
    def cpu(self):
        return machine.cpus()[-1]

    @property
    def load_cpu(self):
        return machine.cpus()[0]
