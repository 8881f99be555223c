"""The prices of a match that one score settles, and the best set of any part of them.

Prices that pay in the same states are one *position*, whatever they are called: laying the home side, backing draw
or away, and the away side at +0.5. Only the best price of a position can be in the best set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from board.surebets.contracts import Terms
from board.surebets.cover import StatePrices, best_cover, payback
from board.surebets.outcomes import States, states_of
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
    return odds_after(quote.side, quote.price, quote.commission)


def odds_after(side: str, price: float, commission: float) -> float:
    """The same of a price alone."""
    won = 1.0 - commission
    return (price - 1.0) * won if side == Side.BACK else won / (price - 1.0)


def proof_of(priced: Iterable[Priced]) -> tuple[States, StatePrices] | None:
    """The proof that these prices hold no surebet, with the states it speaks of; None when they hold one.

    Cheaper than a pool, and all that most matches need: it looks at the best price of each bet alone.
    """
    best: dict[tuple[Terms, str], Priced] = {}
    for one in priced:
        bet = one.terms, one.quote.side
        held = best.get(bet)
        if held is None or one.odds > held.odds:
            best[bet] = one
    states = states_of(frozenset(terms for terms, _ in best))
    odds: dict[tuple[int, ...], float] = {}
    for one in best.values():
        results = results_of(one.quote, states.results[one.terms])
        odds[results] = max(one.odds, odds.get(results, 0.0))
    solved = best_cover([payback(highest, results) for results, highest in odds.items()])
    return (states, solved) if isinstance(solved, StatePrices) else None


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
        self.states: States = states_of(frozenset(one.terms for one in ordered))
        members: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for index, one in enumerate(ordered):
            members[results_of(one.quote, self.states.results[one.terms])].append(index)
        self._positions = list(members.items())
        self._place = {index: place for place, (_, inside) in enumerate(self._positions) for index in inside}
        self._solved: dict[tuple[int, ...], Candidate | StatePrices] = {}

    def results(self, index: int) -> tuple[int, ...]:
        """The bettor's result with this price in each state, in half stakes."""
        return self._positions[self._place[index]][0]

    def position(self, index: int) -> int:
        """The part that pays in the same states as this price."""
        return bits(self._positions[self._place[index]][1])

    def where(self, holds: Callable[[Quote], bool]) -> int:
        """The part for whose prices this holds."""
        return bits(index for index, quote in enumerate(self.quotes) if holds(quote))

    def best_set(self, part: int) -> Candidate | StatePrices:
        """The set of these prices with the greatest guaranteed profit; the proof when none has any."""
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

    def _solve(self, prices: Sequence[int]) -> Candidate | StatePrices:
        if not prices:
            return StatePrices(())
        cover = best_cover([payback(self._odds[index], self.results(index)) for index in prices])
        if isinstance(cover, StatePrices):
            return cover
        return Candidate(cover.edge, tuple(sorted((prices[bet], share) for bet, share in cover.shares)))


def results_of(quote: Quote, backed: tuple[int, ...]) -> tuple[int, ...]:
    """The bettor's results with a price, given those of who backs it."""
    return backed if quote.side == Side.BACK else tuple(-result for result in backed)


def _order(one: Priced) -> tuple[float, float, str, Terms, str, str]:
    quote = one.quote
    return -one.odds, quote.age_s, quote.bookmaker, one.terms, quote.side, quote.rules


def bits(indexes: Iterable[int]) -> int:
    """The part with these prices."""
    part = 0
    for index in indexes:
        part |= 1 << index
    return part
