"""The stakes that profit most in the worst state.

With r[b][s] what bet b pays back in state s per unit of outlay, shares x of the outlay are sought that maximise the
least payback over all states: a matrix game. Its linear program, in the form that needs no search for a first
solution, is  maximise sum(p)  over state prices p >= 0  subject to  sum_s r[b][s] p[s] <= 1 for every bet b.
The least payback is 1 / sum(p), and the shares are its dual variables. State prices that add up to 1 prove that
there is no profit: then no bet is worth more than it costs. (von Neumann; Dantzig 1951.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

TOLERANCE = 1e-11
"""Below it a number is zero. Paybacks are at most a thousand."""
LEAST_EDGE = 1e-10
"""A guaranteed profit per unit of outlay that is not above this is none."""
AT_ONCE = 80
"""Up to so many states the program is given all of them; of more, evenly spread ones to begin with."""
ADDED = 8
"""How many states it is given beyond those, whenever its shares do worst in them."""
ENOUGH = 1.01
"""State prices with this sum end the search for better ones: the larger it is, the more a price can rise before the
proof no longer holds, and the longer it takes to find."""
_WORTH_ITS_COST = 1.0 + 1e-12
_PATIENCE = 200
"""Steps after which the rule that cannot run in circles takes over (Bland 1977)."""


class Cover(NamedTuple):
    """The best shares of the outlay.

    edge    profit in the worst state per unit of outlay
    shares  (index of the bet, share), the bets that take part only; the shares add up to 1
    """

    edge: float
    shares: tuple[tuple[int, float], ...]


class StatePrices(NamedTuple):
    """The proof that there is no profit: with these chances of the states no bet is worth more than it costs.

    prices  (index of the state, chance), those above zero; they add up to 1. Empty where rounding hides the proof
    """

    prices: tuple[tuple[int, float], ...]

    def breakeven(self, results: Sequence[int]) -> float:
        """The net odds up to which a bet with these results (as of `payback`) is worth no more than it costs.

        Infinite where it wins in no state that has a chance; -1 without a proof.
        """
        if not self.prices:
            return -1.0
        kept, back = 0.0, _back(0.0)
        gained = 0.0
        for state, chance in self.prices:
            result = results[state]
            kept += chance * back[result]
            gained += chance * max(result, 0) / 2
        return (_WORTH_ITS_COST - kept) / gained if gained else math.inf


def payback(odds: float, results: Sequence[int]) -> list[float]:
    """What one unit of outlay brings back in each state.

    Args:
        odds: net odds, what is won per unit of outlay (0.5 for a price of 1.50).
        results: the bettor's result in each state, in half stakes.
    """
    back = _back(odds)
    return [back[result] for result in results]


def _back(odds: float) -> dict[int, float]:
    return {2: 1.0 + odds, 1: 1.0 + odds / 2, 0: 1.0, -1: 0.5, -2: 0.0}


def best_cover(paybacks: Sequence[Sequence[float]]) -> Cover | StatePrices:
    """The best cover with these bets; the proof that there is none when no stakes profit in every state.

    Of many states few decide: the program is given some, and more until its shares are no worse in any other.

    Args:
        paybacks: for each bet what it pays back in each state; at least one row, every row of one length.
    """
    states = len(paybacks[0])
    shown = list(range(0, states, 1 + states // AT_ONCE))
    while True:
        solved = _program([[row[state] for state in shown] for row in paybacks])
        if isinstance(solved, StatePrices):
            return StatePrices(tuple((shown[place], chance) for place, chance in solved.prices))
        backs = list(
            map(sum, zip(*([share * back for back in paybacks[bet]] for bet, share in solved.shares), strict=True))
        )
        # The edge is what these very shares guarantee, so it is true however the program's arithmetic was rounded.
        promised = min(backs[state] for state in shown)
        worse = sorted((back, state) for state, back in enumerate(backs) if back < promised - TOLERANCE)
        if not worse:
            return Cover(promised - 1.0, solved.shares) if promised - 1.0 > LEAST_EDGE else StatePrices(())
        shown += [state for _, state in worse[:ADDED]]


def _program(paybacks: Sequence[Sequence[float]]) -> Cover | StatePrices:
    """The simplex method on the condensed table: a row for each basic variable, a column for each other one. The
    slack of bet b is called -1 - b, the price of state s is called s."""
    states, bets = len(paybacks[0]), len(paybacks)
    table = [[*row, 1.0] for row in paybacks]  # the last column is the right-hand side
    gains = [1.0] * states + [0.0]  # the last one is minus the sum of the state prices
    basic = [-1 - bet for bet in range(bets)]
    outside = list(range(states))
    for step in range(50 * (states + bets)):
        column = _entering(gains, outside, bland=step > _PATIENCE)
        if column is None or gains[-1] <= -ENOUGH:
            break
        leaving = _leaving(table, column, basic)
        if leaving is None:
            # The prices of some states can rise without end: no bet pays anything in them.
            rising = zip(basic, (-row[column] for row in table), strict=True)
            return _proof([(outside[column], 1.0), *rising])
        _pivot(table, gains, leaving, column)
        basic[leaving], outside[column] = outside[column], basic[leaving]
    else:
        raise ArithmeticError(f"the linear program of {bets} bets and {states} states does not end")
    if gains[-1] <= -1.0:
        return _proof(zip(basic, (row[-1] for row in table), strict=True))
    shares = [
        (-1 - name, -gain) for name, gain in zip(outside, gains, strict=False) if name < 0 and -gain > TOLERANCE
    ]
    whole = sum(share for _, share in shares)
    return Cover(-1.0 / gains[-1] - 1.0, tuple((bet, share / whole) for bet, share in shares))


def _proof(prices: Iterable[tuple[int, float]]) -> StatePrices:
    """Variables and their values to chances."""
    kept = [(name, price) for name, price in prices if name >= 0 and price > TOLERANCE]
    whole = sum(price for _, price in kept)
    return StatePrices(tuple((state, price / whole) for state, price in kept))


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
