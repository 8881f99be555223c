"""What a bet is about: the score that settles it, its line, its selection. Tables.

Two bets are comparable when one score settles both. A football market is about regular time; in basketball totals,
handicap and winner include overtime while the three-way result does not, so these are about two different scores.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from scrapers.records import MARKETS_WITH_LINE, SELECTIONS, Market, Period, Sport

QUARTERS = 4
MAX_LINE = 1000
"""No line in goals or points is beyond it, either way."""


class Basis(StrEnum):
    """The score that settles a bet."""

    REGULAR = "regular"
    """At the end of the period's regular time; may be level."""
    FINAL = "final"
    """At the end of the match, overtime (and penalties) included; never level."""


_SIDED = frozenset({Market.MATCH_RESULT, Market.DOUBLE_CHANCE, Market.DRAW_NO_BET})
_LINED = frozenset({Market.TOTALS, Market.HANDICAP})

BASES: dict[tuple[str, str], dict[Basis, frozenset[Market]]] = {
    (Sport.FOOTBALL, Period.MATCH): {
        Basis.REGULAR: _SIDED | _LINED | {Market.BOTH_TEAMS_TO_SCORE},
        Basis.FINAL: frozenset({Market.MONEYLINE}),
    },
    (Sport.FOOTBALL, Period.FIRST_HALF): {Basis.REGULAR: _SIDED | _LINED | {Market.BOTH_TEAMS_TO_SCORE}},
    (Sport.FOOTBALL, Period.SECOND_HALF): {Basis.REGULAR: _SIDED | _LINED | {Market.BOTH_TEAMS_TO_SCORE}},
    (Sport.BASKETBALL, Period.MATCH): {
        Basis.REGULAR: _SIDED,
        Basis.FINAL: _LINED | {Market.MONEYLINE},
    },
    # The second half is missing: bookmakers differ in whether overtime belongs to it. So is the winner of a half:
    # they differ in what a level half does to it.
    (Sport.BASKETBALL, Period.FIRST_HALF): {Basis.REGULAR: _SIDED | _LINED},
}
"""(sport, period) -> score -> the markets it settles. What is not listed is not the same bet everywhere."""


class Terms(NamedTuple):
    """What a bet is about. `quarters`: the line in quarters of a goal or point, 0 for markets without one."""

    basis: Basis
    market: str
    selection: str
    quarters: int


class Unknown(StrEnum):
    """Why a bet has no terms."""

    MALFORMED = "malformed"
    UNCLEAR = "unclear"


@lru_cache(maxsize=4096)
def terms_of(sport: str, period: str, market: str, selection: str, line: float | None) -> Terms | Unknown:
    """The terms of a bet; `Unknown` when it is not one (malformed) or not the same one everywhere (unclear)."""
    selections = SELECTIONS.get(market)  # type: ignore[call-overload]
    if selections is None or selection not in selections or (line is not None) != (market in MARKETS_WITH_LINE):
        return Unknown.MALFORMED
    quarters = 0
    if line is not None:
        # Written so that NaN fails too.
        if not abs(line) <= MAX_LINE or not (line * QUARTERS).is_integer():
            return Unknown.MALFORMED
        quarters = int(line * QUARTERS)
        if market == Market.TOTALS and quarters <= 0:
            return Unknown.MALFORMED
    for basis, markets in BASES.get((sport, period), {}).items():
        if market in markets:
            return Terms(basis, market, selection, quarters)
    return Unknown.UNCLEAR
