"""Stakes for bettors, against arithmetic done another way."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.board.calculators import UNITS, cover_free_bet, split_outlay

prices = st.decimals("1.01", "1001", places=2)
units = st.sampled_from(UNITS)


def test_a_surebet_of_two() -> None:
    split = split_outlay([Decimal("2.10"), Decimal("2.10")], Decimal(100), Decimal("0.01"))
    assert split.stakes == (50, 50)
    assert split.profits == (5, 5)
    assert split.yield_ == Fraction(5, 100)
    assert split.overround < 1


def test_three_outcomes_with_a_margin_lose_about_that_margin() -> None:
    split = split_outlay([Decimal("2.50"), Decimal("3.20"), Decimal("2.80")], Decimal(1000), Decimal("0.01"))
    assert float(split.yield_) == pytest.approx(1 / (1 / 2.5 + 1 / 3.2 + 1 / 2.8) - 1, abs=1e-4)
    assert split.worst < 0


def test_a_free_bet_of_fifty_at_four() -> None:
    # 150 in profit if it wins; 150 / 1.25 = 120 on the other side leave 30 either way.
    covered = cover_free_bet(Decimal(4), Decimal(50), [Decimal("1.25")], Decimal("0.01"))
    assert covered.stakes == (120,)
    assert covered.profits == (30, 30)
    assert covered.kept == Fraction(30, 50)


@given(st.lists(prices, min_size=2, max_size=3), st.decimals("1", "100000", places=2), units)
def test_the_split_is_within_the_outlay_and_exact(odds: list[Decimal], outlay: Decimal, unit: Decimal) -> None:
    split = split_outlay(odds, outlay, unit)
    assert split.outlay <= Fraction(outlay)
    assert all(stake % Fraction(unit) == 0 for stake in split.stakes)
    for winner, price in enumerate(odds):
        paid = sum(split.stakes)
        assert split.profits[winner] == split.stakes[winner] * Fraction(price) - paid


@given(st.lists(st.decimals("1.2", "9", places=1), min_size=2, max_size=3))
def test_no_rounding_near_the_ideal_one_is_better(odds: list[Decimal]) -> None:
    split = split_outlay(odds, Decimal(100), Decimal(5))
    overround = sum(1 / Fraction(price) for price in odds)
    near = [[5 * (100 / (overround * Fraction(price)) // 5 + step) for step in (0, 1)] for price in odds]
    for stakes in product(*near):
        if sum(stakes) <= 100:
            worst = min(stake * Fraction(price) - sum(stakes) for stake, price in zip(stakes, odds, strict=True))
            assert worst <= split.worst


@given(prices, st.decimals("1", "1000", places=0), st.lists(prices, min_size=1, max_size=2), units)
def test_a_covered_free_bet_pays_what_it_says(
    free: Decimal, amount: Decimal, others: list[Decimal], unit: Decimal
) -> None:
    covered = cover_free_bet(free, amount, others, unit)
    paid = sum(covered.stakes)
    assert covered.profits[0] == Fraction(amount) * (Fraction(free) - 1) - paid
    for stake, price, profit in zip(covered.stakes, others, covered.profits[1:], strict=True):
        assert profit == stake * Fraction(price) - paid
    assert covered.worst == min(covered.profits)
