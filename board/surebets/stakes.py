"""Shares of an outlay to amounts a person can bet, and the exact profit with them.

Whole units are counted, so that an amount is exactly a multiple of the unit; profits are fractions, so that the
worst case is exact and a set that does not profit is never called one that does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from board.surebets.records import Quote
from board.surebets.settings import Settings
from scrapers.records import Side

_TRIED_BOTH_WAYS = 8
"""So many legs are tried rounded down and up in every combination; any beyond go to the nearest unit."""


class Bet(NamedTuple):
    """A leg before rounding. `results`: the bettor's result in each state, in half stakes."""

    quote: Quote
    share: float
    results: tuple[int, ...]


class Rounded(NamedTuple):
    """Stakes that can be bet, and what follows from them, all exact. `profits`: by state."""

    stakes: tuple[Fraction, ...]
    outlays: tuple[Fraction, ...]
    profits: tuple[Fraction, ...]

    @property
    def worst(self) -> Fraction:
        """Profit in the worst state; above zero."""
        return min(self.profits)

    @property
    def outlay(self) -> Fraction:
        """What the whole set costs, liabilities included."""
        return sum(self.outlays, Fraction(0))


def round_stakes(bets: Sequence[Bet], settings: Settings) -> Rounded | None:
    """The rounding with the greatest worst case, within every limit; None when none profits in every state.

    The set is scaled to the outlay of the settings, or to what its tightest leg allows.
    """
    unit = exact(settings.unit)
    most = [_most_units(bet.quote, unit, settings) for bet in bets]
    if 0 in most:
        return None
    # What one unit of the stake costs, and what it profits in each state.
    costs = [unit * _outlay_per_stake(bet.quote) for bet in bets]
    gains = [[unit * gain for gain in _profits_per_stake(bet)] for bet in bets]
    rough_costs = [float(cost) for cost in costs]
    rough_gains = [[float(gain) for gain in row] for row in gains]
    limits = [limit * cost / bet.share for limit, cost, bet in zip(most, rough_costs, bets, strict=True) if limit]
    whole = min([settings.outlay, *limits])
    ideal = [whole * bet.share / cost for bet, cost in zip(bets, rough_costs, strict=True)]
    best: tuple[float, float] | None = None
    chosen: tuple[int, ...] | None = None
    for units in product(*map(_choices, ideal, most, range(len(bets)))):
        outlay = sum(count * cost for count, cost in zip(units, rough_costs, strict=True))
        if outlay > settings.outlay * (1 + 1e-12):
            continue
        states = zip(*rough_gains, strict=True)
        worst = min(sum(count * gain for count, gain in zip(units, state, strict=True)) for state in states)
        if best is None or (worst, -outlay) > best:
            best, chosen = (worst, -outlay), units
    if chosen is None:
        return None
    rounded = Rounded(
        tuple(count * unit for count in chosen),
        tuple(count * cost for count, cost in zip(chosen, costs, strict=True)),
        tuple(
            sum((count * gain for count, gain in zip(chosen, state, strict=True)), Fraction(0))
            for state in zip(*gains, strict=True)
        ),
    )
    return rounded if rounded.worst > 0 and rounded.outlay <= exact(settings.outlay) else None


def exact(number: float) -> Fraction:
    """The decimal number that a double is printed as: 2.1 is 21/10."""
    return Fraction(str(number))


def _most_units(quote: Quote, unit: Fraction, settings: Settings) -> int | None:
    """How many units may be staked on it; None: as many as one likes."""
    limits = [limit for limit in (quote.available, quote.max_stake, settings.max_stake) if limit is not None]
    return max(0, math.floor(exact(min(limits)) / unit)) if limits else None


def _outlay_per_stake(quote: Quote) -> Fraction:
    return Fraction(1) if quote.side == Side.BACK else exact(quote.price) - 1


def _profits_per_stake(bet: Bet) -> list[Fraction]:
    """Profit in each state per unit of the stake; commission is taken from what is won."""
    won = 1 - exact(bet.quote.commission)
    if bet.quote.side == Side.BACK:
        won *= exact(bet.quote.price) - 1
    lost = _outlay_per_stake(bet.quote)
    return [Fraction(result, 2) * (won if result > 0 else lost) for result in bet.results]


def _choices(ideal: float, most: int | None, place: int) -> list[int]:
    """Numbers of units near the ideal one: at least one, at most `most`."""
    near = [math.floor(ideal), math.ceil(ideal)] if place < _TRIED_BOTH_WAYS else [round(ideal)]
    return sorted({max(1, count if most is None else min(count, most)) for count in near})
