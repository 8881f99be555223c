"""Knowing when a bookmaker changed: amounts, shapes and overrounds, and what they make of a cycle's outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import BlockedError
from scrapers.records import (
    Event,
    LeagueName,
    Market,
    Outcome,
    Page,
    PageRequest,
    Price,
    Rules,
    Selection,
    Side,
    Sport,
)
from scrapers.registry import load_registry
from standalone.cycle.collect import Collected, Failure, PageKind
from standalone.cycle.expectation import LEARNED_AFTER, Expectation
from standalone.cycle.plausibility import Overrounds
from standalone.cycle.report import CycleReport, judge
from standalone.cycle.state import SeenScope

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOKMAKER = load_registry().bookmaker("kto")
REQUEST = PageRequest("league:la_liga", "https://v.example/")
SELECTIONS = (Selection.HOME, Selection.DRAW, Selection.AWAY)


def three_way(*values: str, rules: Rules = Rules.STANDARD) -> tuple[Price, ...]:
    return tuple(
        Price(Market.MATCH_RESULT, selection, Decimal(value), rules=rules)
        for selection, value in zip(SELECTIONS, values, strict=True)
    )


def event(number: int, prices: tuple[Price, ...]) -> Event:
    kickoff = NOW + timedelta(hours=3)
    return Event(str(number), Sport.FOOTBALL, LeagueName("1", "L"), "Flamengo", "Santos", kickoff, prices=prices)


def round_of(
    count: int, page: object = None, prices: tuple[Price, ...] = three_way("2.1", "3.3", "3.6")
) -> Collected:
    """A cycle with `count` events, whose page has the shape of `page`."""
    body = orjson.dumps([{"id": 1, "odd": 2.1}] if page is None else page)
    collected = Collected()
    events = [collected.overrounds.sifted(event(number, prices)) for number in range(count)]
    kind = PageKind()
    kind.add(Page(REQUEST, 200, body, NOW, 0.1), count)
    collected.kinds["list"] = kind
    collected.prices = sum(len(one.prices) for one in events)
    collected.rejected["x"] = sum(3 - len(one.prices) for one in events)
    collected.seen.append(SeenScope(REQUEST.scope, NOW, events))
    return collected


@pytest.fixture
def expectation(tmp_path: Path) -> Expectation:
    """What a bookmaker with twenty events usually sends, known for good."""
    learned = Expectation(tmp_path / "kto.json")
    for _ in range(LEARNED_AFTER):
        assert judged(round_of(20), learned).outcome is Outcome.OK
    return learned


def judged(collected: Collected, expectation: Expectation) -> CycleReport:
    return judge(collected, BOOKMAKER, expectation)


def test_a_cycle_as_usual_is_ok_and_its_shape_named(expectation: Expectation) -> None:
    report = judged(round_of(18), expectation)
    assert report.outcome is Outcome.OK
    assert report.details["against_usual"] == {"events": 0.9, "prices": 0.9}
    assert len(report.details["shapes"]["list"]["fingerprint"]) == 12
    assert report.details["overrounds"] == {"markets": 18, "implausible": 0}


def test_much_less_than_usual_is_partial_even_when_every_page_came(expectation: Expectation) -> None:
    report = judged(round_of(4), expectation)
    assert (report.outcome, report.success) == (Outcome.PARTIAL, True)
    assert report.error == "4 events and 12 prices, usually 20 and 60"


def test_less_than_usual_on_changed_pages_is_a_changed_schema(expectation: Expectation) -> None:
    changed = [{"id": 1, "price": 2.1}]
    for _ in range(3):  # a change is not learned while it hurts
        report = judged(round_of(4, changed), expectation)
        assert (report.outcome, report.success) == (Outcome.SCHEMA_CHANGED, False)
        assert "list: no [].odd" in str(report.error)
    assert report.details["shapes"]["list"]["new"] == ["[].price"]


def test_changed_pages_with_everything_on_them_are_noted_once_and_learned(expectation: Expectation) -> None:
    retyped = [{"id": 1, "odd": "2.1"}]
    first, second = (judged(round_of(20, retyped), expectation) for _ in range(2))
    assert first.outcome is second.outcome is Outcome.OK
    assert first.details["shapes"]["list"]["retyped"] == ["[].odd"]
    assert "retyped" not in second.details["shapes"]["list"]


def test_a_failed_page_keeps_its_own_reason(expectation: Expectation) -> None:
    collected = round_of(4)
    collected.failures.append(Failure(REQUEST, BlockedError("refused")))
    report = judged(collected, expectation)
    assert (report.outcome, report.error) == (Outcome.PARTIAL, "league:la_liga: refused")


def test_events_whose_every_price_was_rejected_are_a_changed_schema(tmp_path: Path) -> None:
    collected = round_of(20, prices=())
    collected.rejected["unknown_market"] = 60
    report = judged(collected, Expectation(tmp_path / "kto.json"))
    assert (report.outcome, report.success) == (Outcome.SCHEMA_CHANGED, False)
    assert "unknown_market 60" in str(report.error)


def test_markets_that_nobody_would_offer_are_left_out_and_name_the_cycle(tmp_path: Path) -> None:
    report = judged(round_of(20, prices=three_way("4.2", "6.6", "7.2")), Expectation(tmp_path / "kto.json"))
    assert (report.outcome, report.collected, report.rejected) == (Outcome.SCHEMA_CHANGED, 0, 60)
    assert str(report.error).startswith("20 of 20 markets have an overround that nobody offers")


def test_it_outlives_the_process_and_a_damaged_file(expectation: Expectation, tmp_path: Path) -> None:
    expectation.save()
    again = Expectation(tmp_path / "kto.json")
    assert again.usual() == expectation.usual() == (20, 60)
    assert judged(round_of(4, [{"id": 1}]), again).outcome is Outcome.SCHEMA_CHANGED
    (tmp_path / "kto.json").write_bytes(b'{"events": 7')
    assert Expectation(tmp_path / "kto.json").usual() is None


LOW = three_way("3.4", "3.5", "3.6")  # 0.858


@pytest.mark.parametrize(
    ("prices", "kept"),
    [
        (three_way("2.1", "3.3", "3.6"), 3),
        (LOW, 0),
        (tuple(replace(price, rules=Rules.BOOSTED) for price in LOW), 3),
        (three_way("1.5", "2.1", "2.4"), 0),  # 1.56
        (tuple(replace(price, available=Decimal(9)) for price in three_way("1.5", "2.1", "2.4")), 3),
        (LOW[:2], 2),
        (tuple(replace(price, side=Side.LAY) for price in LOW), 3),
    ],
    ids=["ordinary", "gives money away", "a promotion may", "too dear", "thin exchange", "not whole", "lay"],
)
def test_overround_band(prices: tuple[Price, ...], kept: int) -> None:
    ordinary = (
        Price(Market.TOTALS, Selection.OVER, Decimal("1.9"), Decimal("2.5")),
        Price(Market.TOTALS, Selection.UNDER, Decimal("1.9"), Decimal("2.5")),
    )
    sifted = Overrounds().sifted(event(1, (*prices, *ordinary)))
    assert sifted.prices == (*prices[:kept], *ordinary)


@given(chance=st.floats(0.02, 0.9), draw=st.floats(0.02, 0.9), margin=st.floats(1.0, 1.3))
def test_a_double_chance_is_judged_as_what_it_is(chance: float, draw: float, margin: float) -> None:
    total = chance + draw + 0.05
    home, tie, away = (part / total for part in (chance, draw, 0.05))
    pairs = {Selection.HOME_DRAW: home + tie, Selection.HOME_AWAY: home + away, Selection.DRAW_AWAY: tie + away}
    prices = tuple(
        Price(Market.DOUBLE_CHANCE, selection, max(Decimal("1.001"), round(Decimal(1 / (both * margin)), 4)))
        for selection, both in pairs.items()
    )
    assert Overrounds().sifted(event(1, prices)).prices == prices
