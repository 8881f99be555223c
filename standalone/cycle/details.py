"""Whose turn it is among the pages beyond the lists, when there are more than one cycle may ask for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from scrapers.records import PageRequest

TURNS = 4
"""A page's prices stay fresh for about six cycles: within this many it has to come round again."""


class DetailRota:
    """Keeps the pages of the events that start soonest fresh, and asks for no others.

    Of the pages wanted, in the order of kick-off, the first `per_cycle * TURNS` take turns: each cycle asks for
    the `per_cycle` among them that were asked longest ago. A page further back is left alone rather than asked
    so rarely that its prices would come and go.
    """

    def __init__(self, per_cycle: int) -> None:
        self._per_cycle = per_cycle
        self._asked: dict[str, int] = {}
        self._cycle = 0

    def choose(self, wanted: Sequence[PageRequest]) -> list[PageRequest]:
        """The pages to ask for now.

        Args:
            wanted: every page that could be asked for, soonest kick-off first; each scope once.
        """
        self._cycle += 1
        kept = wanted[: self._per_cycle * TURNS]
        self._asked = {request.scope: self._asked.get(request.scope, 0) for request in kept}
        # Sorting keeps the order of kick-off among pages that were asked in the same cycle, or never.
        chosen = sorted(kept, key=lambda request: self._asked[request.scope])[: self._per_cycle]
        self._asked.update((request.scope, self._cycle) for request in chosen)
        return chosen
