"""Prices to chances, without the bookmaker's margin. Pure.

The implied chances q = 1 / price of a market's selections add up to the overround B, usually above 1. Each method
says differently who bears the excess; all answer chances in the order of the prices that add up to 1, a lower one
for a higher price, and all agree at B = 1.

A market with B below 1 has no margin whose place a model could explain (it is a promotion, or an exchange between
two moves), so every method scales its chances up in proportion.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

_STEPS = 60
_ENOUGH = 1e-14


def multiplicative(prices: Sequence[float]) -> tuple[float, ...]:
    """p = q / B: the margin lies on every selection in proportion to its chance."""
    implied = [1 / price for price in prices]
    overround = sum(implied)
    return tuple(chance / overround for chance in implied)


def power(prices: Sequence[float]) -> tuple[float, ...]:
    """p = q ** k with the k that makes them add up to 1: outsiders bear more of the margin than favourites.

    Clarke, Kovalchik and Ingram, "Adjusting bookmaker's odds to allow for overround", American Journal of Sports
    Science 5 (2017). The sum falls in k and is convex, so Newton's steps from k = 1 never overshoot.
    """
    logs = [-math.log(price) for price in prices]
    if sum(map(math.exp, logs)) <= 1:
        return multiplicative(prices)
    exponent = 1.0
    for _ in range(_STEPS):
        chances = [math.exp(exponent * log) for log in logs]
        excess = sum(chances) - 1
        if excess <= _ENOUGH:
            break
        exponent -= excess / sum(log * chance for log, chance in zip(logs, chances, strict=True))
    return _whole([math.exp(exponent * log) for log in logs])


def shin(prices: Sequence[float]) -> tuple[float, ...]:
    """The margin as protection against the share z of bettors who know the result: outsiders bear most of it.

    p = (sqrt(z^2 + 4 (1 - z) q^2 / B) - z) / (2 (1 - z)), with the z that makes them add up to 1. Shin, "Prices of
    state contingent claims with insider traders", Economic Journal 102 (1992) and 103 (1993); solved for p by
    Jullien and Salanié, "Measuring the incidence of insider trading", Economic Journal 104 (1994).

    The condition, sum sqrt(...) - (n - 2) z - 2 = 0, is convex with its root below the trivial z = 1, so Newton's
    steps from z = 0 never overshoot. With two selections z falls out and p = q - (B - 1) / 2.
    """
    implied = [1 / price for price in prices]
    overround = sum(implied)
    if overround <= 1:
        return multiplicative(prices)
    if len(implied) == 2:
        half = (overround - 1) / 2
        return implied[0] - half, implied[1] - half
    weights = [4 * chance * chance / overround for chance in implied]
    extra, share = len(implied) - 2, 0.0
    for _ in range(_STEPS):
        roots = [math.sqrt(share * share + (1 - share) * weight) for weight in weights]
        excess = sum(roots) - extra * share - 2
        if excess <= _ENOUGH:
            break
        slope = sum((share - weight / 2) / root for root, weight in zip(roots, weights, strict=True)) - extra
        share -= excess / slope
    return _whole([math.sqrt(share * share + (1 - share) * weight) - share for weight in weights])


METHODS: Mapping[str, Callable[[Sequence[float]], tuple[float, ...]]] = {
    "multiplicative": multiplicative,
    "power": power,
    "shin": shin,
}
"""By the name that settings and documents use."""


def _whole(parts: Sequence[float]) -> tuple[float, ...]:
    """Parts scaled to add up to 1."""
    whole = sum(parts)
    return tuple(part / whole for part in parts)
