"""Match prices as evidence: two bookmakers that offer nearly the same chances mean the same match."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

COLUMNS = ("home_price", "draw_price", "away_price")
"""Decimal odds, stake included; empty or absent: not given. The draw may be absent (basketball)."""

ALIKE = 0.04
"""Chances that differ by less agree."""
UNLIKE = 0.25
"""Chances that differ by more are not of one match before kick-off, whatever the bookmaker."""

Chances = tuple[float, ...]
"""Home, away and, where there is one, draw: without the bookmaker's margin, so that they sum to 1."""


class PriceEvidence(Enum):
    """What the prices of two events say of them."""

    ALIKE = "alike"
    NOTHING = "nothing"
    UNLIKE = "unlike"


def read_chances(row: Mapping[str, Any]) -> Chances | None:
    """The chances that a row's prices mean; None when it gives none, or not those of both sides.

    Raises ValueError for a price that is no number above 1.
    """
    if not (row.get("home_price") and row.get("away_price")):
        return None
    given = {column: row[column] for column in COLUMNS if row.get(column) not in (None, "")}
    prices = {column: float(price) for column, price in given.items()}
    for column, price in prices.items():
        if not 1 < price < float("inf"):
            raise ValueError(f"{column} is {price}, expected decimal odds above 1")
    return _without_margin(
        *(prices[column] for column in ("home_price", "away_price", "draw_price") if column in prices)
    )


def chances_of(prices: Mapping[str, Mapping[str, float]]) -> Chances | None:
    """The chances that the prices of `match_result` mean (home, draw, away), or else those of `moneyline` (home,
    away): {market: {selection: decimal odds above 1}}. None where neither market is whole."""
    for market, selections in (("match_result", ("home", "away", "draw")), ("moneyline", ("home", "away"))):
        offered = prices.get(market, {})
        if all(selection in offered for selection in selections):
            return _without_margin(*(offered[selection] for selection in selections))
    return None


def _without_margin(*prices: float) -> Chances:
    shares = [1 / price for price in prices]
    return tuple(share / sum(shares) for share in shares)


def compare_chances(a: Chances | None, b: Chances | None, *, swapped: bool) -> PriceEvidence:
    """What two events' chances say; nothing where one is missing, or only one of them knows a draw."""
    if a is None or b is None or len(a) != len(b):
        return PriceEvidence.NOTHING
    if swapped:
        b = (b[1], b[0], *b[2:])
    apart = max(abs(one - other) for one, other in zip(a, b, strict=True))
    if apart <= ALIKE:
        return PriceEvidence.ALIKE
    return PriceEvidence.UNLIKE if apart >= UNLIKE else PriceEvidence.NOTHING
