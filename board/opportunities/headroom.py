"""How far each price of a match may rise before the match has to be searched again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from board.surebets import Ceiling, Quote, Reason, Rejection
from board.surebets.pool import net_odds

_ANY = -1.0
"""Below every price, also of one that is gone (0): any change is a reason to search."""

_LEAVES_THE_REST = frozenset({Reason.RULES, Reason.EDGE, Reason.MIN_PROFIT, Reason.ROUNDING})
"""After sets that were turned down for these, what comes next depends on legs and each bet's best price alone."""


class Headroom:
    """By offer, the net odds up to which everything in the match stays as it was found.

    Twelve bytes for an offer: a ceiling with its states takes some ten thousand for a match.
    """

    __slots__ = ("_highest", "_offers")

    def __init__(self, highest: Mapping[int, float]) -> None:
        ordered = sorted(highest)
        self._offers = array("I", ordered)
        self._highest = array("d", map(highest.__getitem__, ordered))

    def holds(self, offer: int, odds: float) -> bool:
        """Whether a price of these net odds (0: it is gone) changes nothing. False is only a reason to search."""
        place = bisect_left(self._offers, offer)
        known = place < len(self._offers) and self._offers[place] == offer
        return known and odds <= self._highest[place]


def headroom(
    ceiling: Ceiling,
    best: Mapping[Quote, int],
    legs: Iterable[Quote],
    refused: Sequence[Rejection],
) -> Headroom:
    """What a search leaves.

    Where there is a proof, prices may rise up to it. Where sets were found, a bet that no leg is about changes
    nothing as long as no price for it is better than the best one was: that one was there, and not used. (A price
    for the same bet as a leg's moves the median that the leg is judged by.)

    Args:
        best: the best price of each offer, with the offer's number in the match's own view.
        legs: of every set, found or refused.
    """
    bets = {_bet(quote) for quote in legs}
    others_stand = all(_LEAVES_THE_REST.issuperset(one.reasons) for one in refused)
    highest = {}
    for quote, number in best.items():
        proved = ceiling.highest(quote)
        if proved >= 0:
            highest[number] = proved
        else:
            highest[number] = net_odds(quote) if others_stand and _bet(quote) not in bets else _ANY
    return Headroom(highest)


def _bet(quote: Quote) -> tuple[str, str, float | None, str, str]:
    return quote.period, quote.market, quote.line, quote.selection, quote.side
