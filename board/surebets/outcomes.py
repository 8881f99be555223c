"""Everything that can happen in a match, as finitely many states, and what each bet pays in each of them.

A score is a pair of whole numbers; a bet looks at the difference (home less away), the total, or whether both sides
scored. The lines at hand cut the differences and the totals into ranges within which no bet changes its result. A
state is a range of each that some score falls into at once (a total is at least the difference and even when
that is even), so the states are a partition of all scores: what holds in every state holds in every match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from board.surebets.contracts import Basis, Terms
from scrapers.records import Market, Selection

INFINITE = 10**6
"""Beyond every score."""

WIN, HALF_WIN, PUSH, HALF_LOSS, LOSS = 2, 1, 0, -1, -2
"""The result of a bet in half stakes: +1 wins half of the stake at the odds, -1 loses half of it."""


class Range(NamedTuple):
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        if self.low == self.high:
            return str(self.low)
        if self.low <= -INFINITE:
            return "any" if self.high >= INFINITE else f"<= {self.high}"
        return f">= {self.low}" if self.high >= INFINITE else f"{self.low}..{self.high}"


class Outcome(NamedTuple):
    """Scores between which no bet at hand distinguishes.

    difference    home less away
    total         both together
    both_scored   None: no bet at hand asks
    """

    difference: Range
    total: Range
    both_scored: bool | None


class States(NamedTuple):
    """A partition of everything that can happen.

    outcomes  one example for each state; others that no bet tells apart from it are in it too
    results   bet -> its result in each state, in half stakes from the backer's view
    """

    outcomes: tuple[Outcome, ...]
    results: dict[Terms, tuple[int, ...]]


@lru_cache(maxsize=128)
def states_of(bets: frozenset[Terms]) -> States:
    """The states that these bets tell apart. All bets have one basis."""
    ordered = sorted(bets)
    level = any(bet.basis is Basis.REGULAR for bet in ordered)
    outcomes = list(_outcomes(ordered, level=level))
    rows = [tuple(map(_result_of(bet), outcomes)) for bet in ordered]
    # States in which every bet has the same result are one.
    merged: dict[tuple[int, ...], Outcome] = {}
    for outcome, column in zip(outcomes, zip(*rows, strict=True), strict=True):
        merged.setdefault(column, outcome)
    return States(tuple(merged.values()), dict(zip(ordered, zip(*merged, strict=True), strict=True)))


def _outcomes(bets: list[Terms], *, level: bool) -> Iterator[Outcome]:
    differences = _ranges({0, 1, *_cuts(bets, Market.HANDICAP, -1)}, -INFINITE)
    totals = _ranges({0, *_cuts(bets, Market.TOTALS, 1)}, None)
    both: tuple[bool | None, ...] = (None,)
    if any(bet.market == Market.BOTH_TEAMS_TO_SCORE for bet in bets):
        both = (False, True)
    for difference in differences:
        if difference == (0, 0) and not level:
            continue
        for total in totals:
            for both_scored in both:
                if _possible(difference, total, both_scored):
                    yield Outcome(difference, total, both_scored)


def _cuts(bets: Iterable[Terms], market: Market, sign: int) -> Iterator[int]:
    """Where a range has to begin, so that no line of `market` runs through one."""
    for bet in bets:
        if bet.market == market:
            for halves in _halves(bet.quarters):
                threshold = sign * halves
                # At a whole number the bet is void: a range of its own.
                yield -(-threshold // 2)
                yield threshold // 2 + 1


def _halves(quarters: int) -> tuple[int, int]:
    """The two lines, in halves, that a stake is split between; the same twice unless it is a quarter line."""
    return quarters // 2, -(-quarters // 2)


def _ranges(begins: set[int], lowest: int | None) -> list[Range]:
    """The ranges that begin at each of `begins`, and one from `lowest` up to the first of them."""
    ordered = sorted(begins if lowest is None else {*begins, lowest})
    return [Range(low, high - 1) for low, high in pairwise([*ordered, INFINITE + 1])]


def _possible(difference: Range, total: Range, both_scored: bool | None) -> bool:
    """Whether a score exists with all three. The total of a score is its difference plus twice the lower side."""
    if both_scored is False:
        # The lower side is 0, so the total is the difference without its sign.
        return any(
            max(low, total.low) <= min(high, total.high)
            for low, high in (
                (max(difference.low, 0), difference.high),
                (max(-difference.high, 0), -difference.low),
            )
        )
    lower_side = 1 if both_scored else 0
    nearest = min(max(0, difference.low), difference.high)
    for value in (nearest - 1, nearest, nearest + 1):  # the smallest difference of each parity
        if difference.low <= value <= difference.high:
            least = max(abs(value) + 2 * lower_side, total.low)
            least += (least - value) % 2
            if least <= total.high:
                return True
    return False


def _result_of(bet: Terms) -> Callable[[Outcome], int]:
    """The function that gives the result of a bet in an outcome."""
    if bet.market in _BY_DIFFERENCE:
        sides = _BY_DIFFERENCE[Market(bet.market)][Selection(bet.selection)]
        return lambda outcome: sides[_sign(_inside(outcome.difference))]
    if bet.market == Market.BOTH_TEAMS_TO_SCORE:
        yes = bet.selection == Selection.YES
        return lambda outcome: WIN if outcome.both_scored is yes else LOSS
    low, high = _halves(bet.quarters)
    if bet.market == Market.HANDICAP:
        side = 1 if bet.selection == Selection.HOME else -1

        def handicap(outcome: Outcome) -> int:
            doubled = 2 * _inside(outcome.difference)
            return side * (_sign(doubled + low) + _sign(doubled + high))

        return handicap
    over = 1 if bet.selection == Selection.OVER else -1

    def total(outcome: Outcome) -> int:
        doubled = 2 * _inside(outcome.total)
        return over * (_sign(doubled - low) + _sign(doubled - high))

    return total


def _inside(numbers: Range) -> int:
    """Any number of the range: no bet tells them apart."""
    return numbers.low if numbers.low > -INFINITE else numbers.high


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


_S = Selection
_BY_DIFFERENCE: dict[Market, dict[Selection, dict[int, int]]] = {
    Market.MATCH_RESULT: {
        _S.HOME: {1: WIN, 0: LOSS, -1: LOSS},
        _S.DRAW: {1: LOSS, 0: WIN, -1: LOSS},
        _S.AWAY: {1: LOSS, 0: LOSS, -1: WIN},
    },
    Market.MONEYLINE: {
        _S.HOME: {1: WIN, -1: LOSS},
        _S.AWAY: {1: LOSS, -1: WIN},
    },
    Market.DOUBLE_CHANCE: {
        _S.HOME_DRAW: {1: WIN, 0: WIN, -1: LOSS},
        _S.HOME_AWAY: {1: WIN, 0: LOSS, -1: WIN},
        _S.DRAW_AWAY: {1: LOSS, 0: WIN, -1: WIN},
    },
    Market.DRAW_NO_BET: {
        _S.HOME: {1: WIN, 0: PUSH, -1: LOSS},
        _S.AWAY: {1: LOSS, 0: PUSH, -1: WIN},
    },
}
"""Market -> selection -> sign of the difference -> result. A winner's market never meets a level score."""
