# SPDX-License-Identifier: Apache-2.0
"""One line of the table: what was measured, what it may cost, what it does cost, and how sure that is."""
import dataclasses

COLUMNS = ("what", 52), ("target", 14), ("measured", 14), ("spread", 34), ("", 4), ("command", 24)


class NotMeasured(Exception):
    """This machine does not let a benchmark run; the text says why, and what to do."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """Most (or, is_least, least) that a figure may be. text: as the table shows it."""
    value: float
    text: str
    is_least: bool = False

    def admits(self, figure):
        return figure >= self.value if self.is_least else figure <= self.value


@dataclasses.dataclass(frozen=True)
class Row:
    what: str
    measured: float
    text: str  # the figure with its unit
    spread: str
    command: str
    limit: Limit | None = None  # None: it stands beside another row
    is_sure: bool = True        # False: the spread is too wide to tell

    @property
    def verdict(self):
        if not self.limit:
            return ""
        return "ok" if self.is_sure and self.limit.admits(self.measured) else "miss"


def line(cells):
    return "| " + " | ".join(cell.ljust(width) for cell, (_, width) in zip(cells, COLUMNS)) + " |"


def head():
    return line([name for name, _ in COLUMNS]) + "\n" + line(["-" * width for _, width in COLUMNS])


def body(row):
    return line([row.what, row.limit.text if row.limit else "", row.text, row.spread, row.verdict, f"`{row.command}`"])
