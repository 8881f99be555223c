"""Calculators for bettors: stakes with an equal return, and what a free bet is worth. Pure and exact.

Stakes are multiples of a unit, so returns are nearly equal, not exactly; every figure is the one after rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import NamedTuple

MAX_STAKE = Decimal(10_000_000)
MAX_PRICE = Decimal(1001)
UNITS = (Decimal("0.01"), Decimal("0.10"), Decimal("0.50"), Decimal(1), Decimal(5), Decimal(10))


class Split(NamedTuple):
    """An outlay split over bets of which exactly one wins.

    stakes    by bet
    profits   by bet: what is left in the end if that one wins
    overround what the prices add up to (below 1 it is a surebet)
    """

    stakes: tuple[Fraction, ...]
    profits: tuple[Fraction, ...]
    overround: Fraction

    @property
    def outlay(self) -> Fraction:
        """What all of it costs."""
        return sum(self.stakes, Fraction(0))

    @property
    def worst(self) -> Fraction:
        """The profit in the worst case; below zero it is a loss."""
        return min(self.profits)

    @property
    def yield_(self) -> Fraction:
        """The worst case per unit of outlay."""
        return self.worst / self.outlay if self.outlay else Fraction(0)


class FreeBet(NamedTuple):
    """A free bet (its stake is not given back) covered with own money on the other outcomes.

    stakes    own stakes on the other outcomes
    profits   by outcome, that of the free bet first
    """

    stakes: tuple[Fraction, ...]
    profits: tuple[Fraction, ...]
    amount: Fraction

    @property
    def worst(self) -> Fraction:
        """What is left whatever happens."""
        return min(self.profits)

    @property
    def kept(self) -> Fraction:
        """The part of the free bet's amount that becomes money."""
        return self.worst / self.amount


def split_outlay(prices: Sequence[Decimal], outlay: Decimal, unit: Decimal) -> Split:
    """Stakes of at most `outlay` in all with the best worst case.

    prices: decimal odds of bets of which exactly one wins, two or three of them, each above 1.
    Each ideal stake is tried rounded down and up; the result is the best of the combinations within the outlay.
    """
    odds = [Fraction(price) for price in prices]
    overround = sum((1 / price for price in odds), Fraction(0))
    ideal = [Fraction(outlay) / (overround * price) for price in odds]

    def profits(stakes: Sequence[Fraction]) -> tuple[Fraction, ...]:
        paid = sum(stakes, Fraction(0))
        return tuple(stake * price - paid for stake, price in zip(stakes, odds, strict=True))

    stakes = _best_rounding(ideal, Fraction(unit), profits, at_most=Fraction(outlay))
    return Split(stakes, profits(stakes), overround)


def cover_free_bet(free: Decimal, amount: Decimal, others: Sequence[Decimal], unit: Decimal) -> FreeBet:
    """Own stakes on the other outcomes with the best worst case.

    free: decimal odds that the free bet is placed at; amount: its size; others: decimal odds of every other outcome
    (one or two). If the free bet wins it pays amount * (free - 1).
    """
    won = Fraction(amount) * (Fraction(free) - 1)
    odds = [Fraction(price) for price in others]
    ideal = [won / price for price in odds]

    def profits(stakes: Sequence[Fraction]) -> tuple[Fraction, ...]:
        paid = sum(stakes, Fraction(0))
        return won - paid, *(stake * price - paid for stake, price in zip(stakes, odds, strict=True))

    stakes = _best_rounding(ideal, Fraction(unit), profits, at_most=None)
    return FreeBet(stakes, profits(stakes), Fraction(amount))


def _best_rounding(
    ideal: Sequence[Fraction],
    unit: Fraction,
    profits: Callable[[Sequence[Fraction]], tuple[Fraction, ...]],
    *,
    at_most: Fraction | None,
) -> tuple[Fraction, ...]:
    """Multiples of the unit next to the ideal stakes with the best worst case; of equal ones the cheapest.

    Rounding everything down is always among them, so that there is one within `at_most`.
    """
    choices = [[unit * math.floor(stake / unit), unit * math.ceil(stake / unit)] for stake in ideal]
    within = [stakes for stakes in product(*choices) if at_most is None or sum(stakes) <= at_most]
    return max(within, key=lambda stakes: (min(profits(stakes)), -sum(stakes)))
