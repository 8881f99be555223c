"""The chart of a selection: axes that hold every price, steps that are where they belong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.history import Change, MatchHistory, PriceHistory
from board.orientation import Offer
from board.records import Match
from dashboard.board.movement import HEIGHT, WIDTH, draw, path, price_ticks

OFFER = Offer("match_result", "match", None, "home", "standard", "back")
NOW = 1_800_000_000.0


def history(*changes: Change, starts_at: float = NOW + 3600) -> MatchHistory:
    first = changes[0].at
    price = PriceHistory(
        1, "kto", "KTO", "9", OFFER, "open", 2.0, 2.0, None, 2.0, 2.0, first, changes[-1].at, changes
    )
    match = Match(1, "football", "brasileirao_a", "Série A", "Brazil", "Flamengo", "Santos", int(starts_at))
    return MatchHistory(match, first, [price])


@given(st.floats(1.01, 1000), st.floats(1.01, 1000))
def test_an_axis_holds_its_prices(one: float, other: float) -> None:
    low, high = sorted((one, other))
    ticks = price_ticks(low, high)
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= high - 1e-6
    assert 2 <= len(ticks) <= 8
    assert ticks == sorted(set(ticks))


def test_steps_go_sideways_first_and_break_where_nothing_was_offered() -> None:
    assert path([(0, 10), (5, 20), (8, None), (9, 15), (10, 15)]) == "M0.0 10.0H5.0V20.0H8.0M9.0 15.0H10.0V15.0"


@given(st.lists(st.tuples(st.floats(0, 90_000), st.none() | st.floats(1.01, 1001)), min_size=1, max_size=30))
def test_every_line_stays_within_the_drawing(raw: list[tuple[float, float | None]]) -> None:
    changes = [
        Change(NOW - ago, price, "open" if price else "suspended")
        for ago, price in sorted(raw, key=lambda each: -each[0])
    ]
    movement = draw(history(*changes), now=NOW, hours=24)
    (line,) = movement.lines
    xs = [float(x) for x in re.findall(r"[MH](-?[\d.]+)", line.path)]
    ys = [float(y) for y in re.findall(r"(?:V|M[\d.]+ )(-?[\d.]+)", line.path)]
    assert all(0 <= x <= WIDTH for x in xs)
    assert all(0 <= y <= HEIGHT for y in ys)


def test_a_new_price_fills_the_chart_and_kick_off_ends_it() -> None:
    movement = draw(history(Change(NOW - 1800, 2.0, "open"), Change(NOW - 900, 2.5, "open")), now=NOW, hours=24)
    assert movement.times[0].value == NOW - 1800
    over = draw(history(Change(NOW - 7200, 2.0, "open"), starts_at=NOW - 3600), now=NOW, hours=24)
    assert over.times[-1].value == pytest.approx(NOW - 3600)


def test_nothing_kept_of_the_time_is_no_chart() -> None:
    movement = draw(history(Change(NOW - 90_000, None, "gone")), now=NOW, hours=24)
    assert (movement.prices, [line.path for line in movement.lines]) == ((), [""])
