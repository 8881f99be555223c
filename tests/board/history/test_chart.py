"""Step charts: what holds when, and thinning that loses no extreme."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.history.chart import Point, steps, thinned
from board.history.records import Change

TIMES = st.lists(st.integers(0, 5000), min_size=1, max_size=300, unique=True).map(sorted)
PRICES = st.one_of(st.none(), st.floats(1.01, 1000, allow_nan=False))


@st.composite
def walks(draw: st.DrawFn) -> list[Point]:
    """Points in order of time."""
    return [Point(float(at), draw(PRICES)) for at in draw(TIMES)]


def held_at(points: list[Point], at: float) -> float | None:
    """What the steps say of one moment."""
    return next((point.price for point in reversed(points) if point.at <= at), None)


def test_a_window_begins_with_what_was_in_force_and_ends_with_it() -> None:
    changes = [Change(10, 2.0, "open"), Change(20, 2.1, "open"), Change(30, 2.2, "open"), Change(90, 9.0, "open")]
    assert steps(changes, 25, 60) == [Point(25, 2.1), Point(30, 2.2), Point(60, 2.2)]


def test_a_suspended_or_absent_price_is_a_gap() -> None:
    changes = [
        Change(10, 2.0, "open"),
        Change(20, 2.0, "suspended"),
        Change(30, None, "gone"),
        Change(40, 2.0, "open"),
    ]
    assert steps(changes, 0, 50) == [Point(10, 2.0), Point(20, None), Point(40, 2.0), Point(50, 2.0)]


def test_nothing_before_the_first_price_and_nothing_at_all() -> None:
    assert steps([Change(70, 2.0, "open")], 0, 50) == []
    assert steps([], 0, 50) == []


@given(walks(), st.integers(4, 60))
def test_thinned_points_are_few_in_order_and_hold_the_extremes(points: list[Point], limit: int) -> None:
    kept = thinned(points, limit)
    assert len(kept) <= limit
    assert [point for point in points if point in kept] == kept
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    priced = [point.price for point in points if point.price is not None]
    if priced:
        left = [point.price for point in kept if point.price is not None]
        assert (min(left), max(left)) == (min(priced), max(priced))


@given(walks(), st.integers(4, 60))
def test_thinned_steps_are_right_at_the_end_of_every_slice(points: list[Point], limit: int) -> None:
    slices = limit // 4
    kept, width = thinned(points, limit), (points[-1].at - points[0].at) / slices
    for number in range(1, slices):
        # A hair before the border: the border itself opens the next slice.
        at = points[0].at + width * number - 0.001
        assert held_at(kept, at) == held_at(points, at)


def test_fewer_than_four_points_make_no_chart() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        thinned([], 3)
