"""The stakes that profit most in the worst state.

With r[b][s] what bet b pays back in state s per unit of outlay, shares x of the outlay are sought that maximise the
least payback over all states: a matrix game. Its linear program, in the form that needs no search for a first
solution, is  maximise sum(p)  over state prices p >= 0  subject to  sum_s r[b][s] p[s] <= 1 for every bet b.
The least payback is 1 / sum(p), and the shares are its dual variables. State prices that add up to 1 prove that
there is no profit: then no bet is worth more than it costs. (von Neumann; Dantzig 1951.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

TOLERANCE = 1e-11
"""Below it a number is zero. Paybacks are at most a thousand."""
LEAST_EDGE = 1e-10
"""A guaranteed profit per unit of outlay that is not above this is none."""
_PATIENCE = 200
"""Steps after which the rule that cannot run in circles takes over (Bland 1977)."""


class Cover(NamedTuple):
    """The best shares of the outlay.

    edge    profit in the worst state per unit of outlay
    shares  (index of the bet, share), the bets that take part only; the shares add up to 1
    """

    edge: float
    shares: tuple[tuple[int, float], ...]


def payback(odds: float, results: Sequence[int]) -> list[float]:
    """What one unit of outlay brings back in each state.

    Args:
        odds: net odds, what is won per unit of outlay (0.5 for a price of 1.50).
        results: the bettor's result in each state, in half stakes.
    """
    back = {2: 1.0 + odds, 1: 1.0 + odds / 2, 0: 1.0, -1: 0.5, -2: 0.0}
    return [back[result] for result in results]


def best_cover(paybacks: Sequence[Sequence[float]]) -> Cover | None:
    """The best cover with these bets; None when no stakes profit in every state.

    Args:
        paybacks: for each bet what it pays back in each state; every row of one length.
    """
    solved = _shares(paybacks)
    if solved is None:
        return None
    whole = sum(share for _, share in solved)
    shares = tuple((bet, share / whole) for bet, share in solved)
    # The edge is what these very shares guarantee, so it is true however the arithmetic above was rounded.
    least = min(map(sum, zip(*([share * back for back in paybacks[bet]] for bet, share in shares), strict=True)))
    return Cover(least - 1.0, shares) if least - 1.0 > LEAST_EDGE else None


def _shares(paybacks: Sequence[Sequence[float]]) -> list[tuple[int, float]] | None:
    """The dual variables at the optimum, in no scale; None as soon as it is known that there is no profit.

    The simplex method on the condensed table: a row for each basic variable, a column for each other one.
    """
    if not paybacks:
        return None
    states, bets = len(paybacks[0]), len(paybacks)
    table = [[*row, 1.0] for row in paybacks]  # the last column is the right-hand side
    gains = [1.0] * states + [0.0]  # the last one is minus the sum of the state prices
    basic = [-1 - bet for bet in range(bets)]  # the slack of bet b is -1 - b, the price of state s is s
    outside = list(range(states))
    for step in range(50 * (states + bets)):
        if gains[-1] <= -1.0 + LEAST_EDGE:
            return None
        column = _entering(gains, outside, bland=step > _PATIENCE)
        if column is None:
            return [
                (-1 - name, -gain)
                for name, gain in zip(outside, gains, strict=False)
                if name < 0 and gain < -TOLERANCE
            ]
        leaving = _leaving(table, column, basic)
        if leaving is None:
            return None  # a state that no bet pays in
        _pivot(table, gains, leaving, column)
        basic[leaving], outside[column] = outside[column], basic[leaving]
    raise ArithmeticError(f"the linear program of {bets} bets and {states} states does not end")


def _entering(gains: list[float], outside: list[int], *, bland: bool) -> int | None:
    """The column that takes part next; None at the optimum."""
    if bland:
        rising = [column for column in range(len(outside)) if gains[column] > TOLERANCE]
        return min(rising, key=outside.__getitem__) if rising else None
    best = max(gains[:-1])
    return gains.index(best) if best > TOLERANCE else None


def _leaving(table: list[list[float]], column: int, basic: list[int]) -> int | None:
    """The row that limits the column first; None when none does. Of equals the lowest name."""
    least: tuple[float, int] | None = None
    chosen = None
    for place, row in enumerate(table):
        if row[column] > TOLERANCE:
            limit = (row[-1] / row[column], basic[place])
            if least is None or limit < least:
                least, chosen = limit, place
    return chosen


def _pivot(table: list[list[float]], gains: list[float], leaving: int, column: int) -> None:
    """Exchange the basic variable of row `leaving` with the one of `column`, in place."""
    turn = table[leaving]
    scale = 1.0 / turn[column]
    turn[:] = [value * scale for value in turn]
    turn[column] = scale
    for row in (*table, gains):
        factor = row[column]
        if row is not turn and factor:
            row[:] = [value - factor * other for value, other in zip(row, turn, strict=True)]
            row[column] = -factor * scale
