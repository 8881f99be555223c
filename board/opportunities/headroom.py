"""How far each price of a match may rise before the match has to be searched again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping

from board.surebets import Ceiling, Quote


class Headroom:
    """The engine's `Ceiling` as numbers: by offer, the net odds up to which it is certain that there is no surebet.

    Twelve bytes for an offer: a ceiling with its states takes some ten thousand for a match.
    """

    __slots__ = ("_highest", "_offers")

    def __init__(self, ceiling: Ceiling, offers: Mapping[Quote, int]) -> None:
        """offers: a price of each offer that was looked at, with the offer's number in the match's own view."""
        highest = {number: ceiling.highest(quote) for quote, number in offers.items()}
        ordered = sorted(highest)
        self._offers = array("I", ordered)
        self._highest = array("d", map(highest.__getitem__, ordered))

    def holds(self, offer: int, odds: float) -> bool:
        """Whether a price of these net odds (0: it is gone) leaves it certain. False is only a reason to search."""
        place = bisect_left(self._offers, offer)
        known = place < len(self._offers) and self._offers[place] == offer
        return known and odds <= self._highest[place]
