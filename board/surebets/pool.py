"""The prices of a match that one score settles, and the best set of any part of them.

Prices that pay in the same states are one *position*, whatever they are called: laying the home side, backing draw
or away, and the away side at +0.5. Only the best price of a position can be in the best set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from board.surebets.contracts import Terms
from board.surebets.cover import best_cover, payback
from board.surebets.outcomes import states_of
from board.surebets.records import Quote
from scrapers.records import Side


class Priced(NamedTuple):
    """A price with what it is about. `odds`: what is won per unit that can be lost, after commission."""

    quote: Quote
    terms: Terms
    odds: float


class Candidate(NamedTuple):
    """The best set of some prices. `legs`: index of the price, share of the outlay; in order of the index."""

    edge: float
    legs: tuple[tuple[int, float], ...]


def net_odds(quote: Quote) -> float:
    """What is won per unit that can be lost: a lay risks price - 1 for each unit of the backer's stake."""
    won = 1.0 - quote.commission
    return (quote.price - 1.0) * won if quote.side == Side.BACK else won / (quote.price - 1.0)


class Pool:
    """Prices by number. A part of them is a whole number whose bit i stands for price i; `everything` has all bits.

    programs  how many linear programs were solved so far
    """

    def __init__(self, priced: Iterable[Priced]) -> None:
        # Of equal prices the one seen last is shown; the rest of the order only makes it the same every time.
        ordered = sorted(priced, key=_order)
        self.quotes = [one.quote for one in ordered]
        self.everything = (1 << len(ordered)) - 1
        self.programs = 0
        self._odds = [one.odds for one in ordered]
        states = states_of(frozenset(one.terms for one in ordered))
        self.outcomes = states.outcomes
        members: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for index, one in enumerate(ordered):
            results = states.results[one.terms]
            members[results if one.quote.side == Side.BACK else tuple(-r for r in results)].append(index)
        self._positions = list(members.items())
        self._place = {index: place for place, (_, inside) in enumerate(self._positions) for index in inside}
        self._solved: dict[tuple[int, ...], Candidate | None] = {}

    def results(self, index: int) -> tuple[int, ...]:
        """The bettor's result with this price in each state, in half stakes."""
        return self._positions[self._place[index]][0]

    def position(self, index: int) -> int:
        """The part that pays in the same states as this price."""
        return bits(self._positions[self._place[index]][1])

    def where(self, holds: Callable[[Quote], bool]) -> int:
        """The part for whose prices this holds."""
        return bits(index for index, quote in enumerate(self.quotes) if holds(quote))

    def best_set(self, part: int) -> Candidate | None:
        """The set of these prices with the greatest guaranteed profit; None when none has any."""
        prices = tuple(self._best_prices(part))
        if prices not in self._solved:
            self.programs += 1
            self._solved[prices] = self._solve(prices)
        return self._solved[prices]

    def _best_prices(self, part: int) -> Iterable[int]:
        for _, inside in self._positions:
            for index in inside:
                if part >> index & 1:
                    yield index
                    break

    def _solve(self, prices: Sequence[int]) -> Candidate | None:
        cover = best_cover([payback(self._odds[index], self.results(index)) for index in prices])
        if cover is None:
            return None
        return Candidate(cover.edge, tuple(sorted((prices[bet], share) for bet, share in cover.shares)))


def _order(one: Priced) -> tuple[float, float, str, Terms, str, str]:
    quote = one.quote
    return -one.odds, quote.age_s, quote.bookmaker, one.terms, quote.side, quote.rules


def bits(indexes: Iterable[int]) -> int:
    """The part with these prices."""
    part = 0
    for index in indexes:
        part |= 1 << index
    return part
