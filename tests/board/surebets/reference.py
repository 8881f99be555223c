"""The same questions answered another way: every score of a grid, exact fractions, and a linear program of its own.

Nothing here knows states, ranges or positions: a bet is settled on a score, a quarter line as two bets of half the
stake, and the program maximises the least payback directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from board.surebets import Quote, Surebet

GRID = 9
"""Scores from 0 to this on either side: beyond the lines of the tests, which end at 4."""

FINAL_MARKETS = {"moneyline"}
HALF = Fraction(1, 2)


def scores(quotes: Sequence[Quote]) -> Iterator[tuple[int, int]]:
    """Every score that may settle these football bets; a match with a winner is never level."""
    for home in range(GRID):
        for away in range(GRID):
            if home != away or not any(quote.market in FINAL_MARKETS for quote in quotes):
                yield home, away


def result(quote: Quote, home: int, away: int) -> Fraction:
    """-1 the backer loses the stake, +1 wins all of it, in between part of it is void."""
    if quote.line is None:
        return Fraction(_plain(quote, home, away))
    parts = [Fraction(quote.line)]
    if (parts[0] * 2).denominator != 1:
        parts = [parts[0] - Fraction(1, 4), parts[0] + Fraction(1, 4)]
    return sum((HALF if len(parts) == 2 else 1) * _lined(quote, part, home, away) for part in parts) + Fraction(0)


def _plain(quote: Quote, home: int, away: int) -> int:
    winner = "home" if home > away else "away" if away > home else "draw"
    if quote.market == "both_teams_to_score":
        return 1 if (quote.selection == "yes") == (home >= 1 and away >= 1) else -1
    if quote.market == "draw_no_bet" and winner == "draw":
        return 0
    return 1 if winner in quote.selection.split("_") else -1


def _lined(quote: Quote, line: Fraction, home: int, away: int) -> int:
    if quote.market == "totals":
        distance = home + away - line
        distance = distance if quote.selection == "over" else -distance
    elif quote.selection == "home":
        distance = home + line - away
    else:
        distance = away - line - home
    return (distance > 0) - (distance < 0)


def profit(quote: Quote, stake: Fraction, home: int, away: int) -> Fraction:
    """What a bet brings at a score; commission is taken from what is won."""
    price, kept = Fraction(str(quote.price)), 1 - Fraction(str(quote.commission))
    outcome = result(quote, home, away)
    if quote.side == "lay":
        return stake * (-outcome * kept if outcome < 0 else -outcome * (price - 1))
    return stake * (outcome * (price - 1) * kept if outcome > 0 else outcome)


def outlay(quote: Quote, stake: Fraction) -> Fraction:
    """What can be lost."""
    return stake * (Fraction(str(quote.price)) - 1) if quote.side == "lay" else stake


def profits(surebet: Surebet) -> list[Fraction]:
    """The profit of the rounded stakes at every score."""
    quotes = [leg.quote for leg in surebet.legs]
    return [
        sum((profit(leg.quote, Fraction(str(leg.stake)), *score) for leg in surebet.legs), Fraction(0))
        for score in scores(quotes)
    ]


def best_edge(quotes: Sequence[Quote]) -> Fraction:
    """The greatest profit per unit of outlay that can be had at every score; negative when there is none."""
    rows = {
        tuple(profit(quote, 1 / outlay(quote, Fraction(1)), *score) + 1 for quote in quotes)
        for score in scores(quotes)
    }
    return _maximin([list(row) for row in sorted(rows)]) - 1


def _maximin(rows: list[list[Fraction]]) -> Fraction:
    """max t such that row . x >= t for every row, x >= 0, sum(x) <= 1; the rows are not negative.

    The simplex method on the full table, with Bland's rule, in fractions. The rows say t - row . x + slack = 0 and
    sum(x) + slack = 1; the variables are t, x and the slacks.
    """
    bets, count = len(rows[0]), len(rows)
    conditions = [[1, *(-value for value in row)] for row in rows] + [[0] + [1] * bets]
    table = [
        [Fraction(value) for value in (*row, *(place == own for place in range(count + 1)), own == count)]
        for own, row in enumerate(conditions)
    ]
    width = len(table[0]) - 1
    basis = list(range(1 + bets, width))
    costs = [Fraction(-1)] + [Fraction(0)] * width
    while True:
        entering = next((column for column in range(width) if costs[column] < 0), None)
        if entering is None:
            return costs[-1]
        ratios = [
            (row[-1] / row[entering], basis[place], place) for place, row in enumerate(table) if row[entering] > 0
        ]
        leaving = min(ratios)[2]
        turn = [value / table[leaving][entering] for value in table[leaving]]
        table[leaving] = turn
        basis[leaving] = entering
        for row in (*(row for place, row in enumerate(table) if place != leaving), costs):
            factor = row[entering]
            if factor:
                row[:] = [
                    value - factor * other if other else value for value, other in zip(row, turn, strict=True)
                ]


def quote(market: str, selection: str, price: float, bookmaker: str = "a", **more: Any) -> Quote:
    """A price, with what the tests usually leave as it is."""
    return Quote(bookmaker, market, selection, price, **more)
