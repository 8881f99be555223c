"""The board's filters live in the address and survive whatever stands there."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from dashboard.board.filters import BoardFilter, read_filter
from scrapers.records import Sport

days = st.dates(date(2020, 1, 1), date(2099, 12, 31))
filters = st.builds(
    BoardFilter,
    sport=st.sampled_from(sorted(Sport)),
    leagues=st.lists(st.sampled_from(["brasileirao_a", "_unknown", "nba"]), unique=True).map(tuple),
    days=st.none() | st.tuples(days, days).map(sorted).map(tuple),
    bookmakers=st.lists(st.sampled_from(["bet365", "kto"]), unique=True).map(tuple),
    text=st.text(max_size=60).map(str.strip).filter(lambda text: "\0" not in text),
    after=st.none() | st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)),
)


@given(filters)
def test_an_address_says_all_of_a_filter(shown: BoardFilter) -> None:
    query = urlsplit(shown.address()).query
    assert read_filter(parse_qsl(query, keep_blank_values=True)) == shown


@given(st.lists(st.tuples(st.sampled_from(["sport", "league", "from", "to", "q", "after", "x"]), st.text())))
def test_any_address_is_some_filter(items: list[tuple[str, str]]) -> None:
    shown = read_filter(items)
    assert shown.sport in tuple(Sport)
    assert set(shown.as_json()) == {"sport", "leagues", "from", "until", "bookmakers", "text"}


def test_days_are_those_of_the_readers() -> None:
    asked = read_filter([("from", "2026-11-22"), ("to", "2026-11-22")]).as_json()
    assert asked["until"] - asked["from"] == 24 * 3600
    assert asked["from"] % 86400 == 3 * 3600, "midnight in São Paulo is 3:00 UTC"


def test_another_sport_has_other_leagues() -> None:
    shown = BoardFilter(leagues=("brasileirao_a",), text="fla", after=(1, 2)).of_sport("basketball")
    assert shown.address() == "/?sport=basketball&q=fla"
