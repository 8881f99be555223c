"""How far each price of a match may rise before the match has to be searched again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from board.surebets import Ceiling, Quote


class Headroom:
    """The engine's `Ceiling` as numbers: by offer, the net odds up to which it is certain that there is no surebet.

    Twelve bytes for an offer: a ceiling with its states takes some ten thousand for a match.
    """

    __slots__ = ("_highest", "_offers")

    def __init__(self, ceiling: Ceiling, quotes: Iterable[tuple[int, Quote]]) -> None:
        """quotes: every price that was searched, with the number of its offer in the match's own view."""
        highest = {}
        for number, quote in quotes:
            if number not in highest:
                highest[number] = ceiling.highest(quote)
        ordered = sorted(highest)
        self._offers = array("I", ordered)
        self._highest = array("d", map(highest.__getitem__, ordered))

    def holds(self, offer: int, odds: float) -> bool:
        """Whether a price of these net odds leaves it certain. False is only a reason to search."""
        place = bisect_left(self._offers, offer)
        known = place < len(self._offers) and self._offers[place] == offer
        return known and odds <= self._highest[place]
