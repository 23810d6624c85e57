# SPDX-License-Identifier: Apache-2.0
"""A median and how far to trust it.

Figures come in lives (of a server, of a process): those of one life have its layout of memory and its luck in common.
The bootstrap draws lives first and then figures of each, so the interval holds both kinds of chance."""
import dataclasses
import random
import statistics

RESAMPLES = 1000
PART = 0.95


@dataclasses.dataclass(frozen=True)
class Estimate:
    median: float
    low: float   # bounds of the interval
    high: float
    figures: int
    lives: int

    @property
    def half_width(self):
        return (self.high - self.low) / 2


def draw(random_source, lives):
    figures = []
    for life in random_source.choices(lives, k=len(lives)):
        figures += random_source.choices(life, k=len(life)) if len(life) > 1 else life
    return statistics.median(figures)


def estimate(lives, seed=1):
    """lives: a list of lists of figures."""
    random_source = random.Random(seed)
    figures = [figure for life in lives for figure in life]
    medians = sorted(draw(random_source, lives) for _ in range(RESAMPLES))
    outside = round((1 - PART) / 2 * RESAMPLES)
    return Estimate(statistics.median(figures), medians[outside], medians[-1 - outside], len(figures), len(lives))
