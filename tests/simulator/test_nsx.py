"""NSX's back-end as it is simulated: what it refuses, and the shapes that its details come in."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.answers import Request
from simulator.platforms import nsx
from simulator.world import World

from .conftest import NOON

WORLD = World(4)
LIST = "/api/odds/1/events-by-seasons"


def ask(path: str, **query: str) -> Any:
    return nsx.answer(WORLD, Request(nsx.HOST, path, query, NOON))


def listed(**query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask(LIST, **query).body["odds"]
    return rows


@pytest.mark.parametrize(
    ("path", "status"),
    [(LIST, 200), ("/api/event-odds/5", 404), ("/api/event-odds/5/grouped", 404), ("/api/markets", 404)],
)
def test_statuses(path: str, status: int) -> None:
    assert ask(path, sport_id="1", markets="1").status == status


def test_a_list_is_one_market_of_one_tournament_with_its_rows_mixed() -> None:
    rows = listed(sport_id="1", tournament_id="23", markets="1")
    assert {(row["market_id"], row["tournament_id"]) for row in rows} == {(1, 23)}
    events = [row["event_id"] for row in rows]
    assert events[0] != events[1]
    assert {row["market_id"] for row in listed(sport_id="2", markets="219")} == {219}
    assert listed(sport_id="1", markets="18") == []


def test_names_have_blanks_behind_them_and_prices_are_numbers_or_text() -> None:
    rows = listed(sport_id="1", markets="1")
    assert any(row["home"] != row["home"].strip() for row in rows)
    assert {type(row["odd"]) for row in rows if row["market_status_id"] == 1} == {float, str}


def test_details_come_in_three_shapes() -> None:
    shapes = set()
    for event in {row["event_id"] for row in listed(sport_id="1", markets="1")}:
        body = ask(f"/api/event-odds/{event}").body
        nested = any("odds" in row for row in body.get("events", []))
        shapes.add((nested, "events" in body, "event_id" in (body.get("odds") or [{}])[0]))
        grouped = ask(f"/api/event-odds/{event}/grouped").body
        assert {row["market_id"] > 999_000 for row in grouped["odds"]} == {True}
    assert shapes == {(True, True, False), (False, True, True), (False, False, False)}
