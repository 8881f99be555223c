"""Getting pages, behind one Protocol: real bookmakers, the simulator, recorded responses."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Protocol

from scrapers.records import Page, PageRequest

# httpx loads its own command line, and with it rich and pygments, wherever those are installed: 3.5 MB in every
# process of the fleet (2026-11-22). It goes without when that import fails.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class BrowserUse:
    """What one browser cost: seconds it was open, and the highest memory of its whole process tree."""

    seconds: float
    peak_mb: float


class Fetcher(Protocol):
    """Answers the page requests of one bookmaker. Used by one cycle at a time."""

    @property
    def last_use(self) -> BrowserUse | None:
        """What the last browser cost, or the open one so far; None when none was opened."""
        ...

    async def fetch(self, request: PageRequest) -> Page:
        """The page, within the fetcher's own deadline.

        A status in `request.empty_status` gives a Page with an empty body: nothing offered there.
        Raises a FetchError of the right kind for everything else that is not a page; a challenge page
        is a BlockedError whatever its status.
        """
        ...

    async def aclose(self) -> None:
        """Close connections and anything else held."""
        ...
