"""What the surebet engine is measured by: its questions answered another way, and no line of its own.

Nothing here knows states, ranges or positions. A bet is settled on a score, a quarter line as two bets of half the
stake; every score of a grid is looked at; a linear program of somebody else's (HiGHS, by scipy) gives the best
shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import linprog

from board.surebets import Quote, Surebet

GRID = 9
"""Scores from 0 to below this on either side: beyond the lines that are asked about, which end at 4."""

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


def best_edge(quotes: Sequence[Quote]) -> float:
    """The greatest profit per unit of outlay that can be had at every score, to 1e-10; negative when there is none.

    A linear program over the scores: maximise t, where row . x >= t at every score and the shares x add up to 1.
    HiGHS solves it and is not believed: its shares guarantee an edge, and its dual prices of the scores prove
    that no shares guarantee more; both are computed here and have to agree.
    """
    rows = {
        tuple(float(profit(quote, 1 / outlay(quote, Fraction(1)), *score)) + 1 for quote in quotes)
        for score in scores(quotes)
    }
    paybacks = np.array(sorted(rows))
    count, bets = paybacks.shape
    solved = linprog(
        [0.0] * bets + [-1.0],
        A_ub=np.hstack([-paybacks, np.ones((count, 1))]),
        b_ub=np.zeros(count),
        A_eq=[[1.0] * bets + [0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * bets + [(None, None)],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert solved.status == 0, solved.message
    shares, chances = np.maximum(solved.x[:bets], 0), np.maximum(-solved.ineqlin.marginals, 0)
    guaranteed = float((paybacks @ (shares / shares.sum())).min())
    no_more_than = float(((chances / chances.sum()) @ paybacks).max())
    assert no_more_than - guaranteed < 1e-10, (no_more_than, guaranteed)
    return guaranteed - 1


def quote(market: str, selection: str, price: float, bookmaker: str = "a", **more: Any) -> Quote:
    """A price, with what the tests usually leave as it is."""
    return Quote(bookmaker, market, selection, price, **more)
