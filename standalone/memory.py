"""What this process and everything below it holds in memory, and when that is too much.

PM2 looks at the main process alone, whenever its clock says, and in the middle of a cycle. So a scraper weighs its
whole tree once a cycle and ends at the cycle's end when it is too heavy: nothing is lost then, the lease is given
back, and PM2 starts the next process at once. PM2's own limit lies higher, for what never reaches a cycle's end.
"""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from scrapers.fetching.browser import Bounds
from scrapers.fetching.chromium import process_mb, tree_mb
from standalone.cycle.report import CycleReport

EXIT_TOO_HEAVY = 75
"""Exit code of a process that ended for its memory (EX_TEMPFAIL: try again). PM2 starts it anew in any case."""
BELOW_AT_MOST_MB = Bounds().max_mb
"""What may hang below the process: one browser, which is ended when it passes this by itself. One that lingers at
the end of a cycle is no reason to end the process."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Proportional set sizes in MB: of the process itself, and of all below it."""

    own_mb: float
    below_mb: float

    @property
    def tree_mb(self) -> float:
        """Both."""
        return self.own_mb + self.below_mb

    def allowed_mb(self, limit_mb: int) -> float:
        """What the tree may hold, where the process itself may hold `limit_mb`."""
        return limit_mb + (BELOW_AT_MOST_MB if self.below_mb else 0.0)

    def excess(self, limit_mb: int) -> str | None:
        """Why that is passed; None: it is not."""
        if self.own_mb > limit_mb:
            return f"the process holds {self.own_mb:.0f} MB, allowed are {limit_mb}"
        if self.below_mb > BELOW_AT_MOST_MB:
            return f"what it started holds {self.below_mb:.0f} MB, allowed are {BELOW_AT_MOST_MB:.0f}"
        return None


def weigh() -> Memory:
    """This process and its tree now. Costs 7 ms of a core with 212 processes on the machine (2026-11-22)."""
    process = psutil.Process()
    return Memory(process_mb(process), sum(tree_mb(child.pid) for child in process.children()))


def tell(report: CycleReport, limit_mb: int | None) -> None:
    """Weigh, and say in a cycle's report what the tree holds and whether the process should end for it.

    limit_mb: what the process itself may hold; None: whatever it takes.
    """
    memory = weigh()
    report.details["memory_mb"] = round(memory.tree_mb, 1)
    if limit_mb is None:
        return
    report.details["memory_limit_mb"] = memory.allowed_mb(limit_mb)
    report.too_heavy = memory.excess(limit_mb)
    if report.too_heavy:
        report.details["too_heavy"] = report.too_heavy
