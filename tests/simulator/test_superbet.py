"""Superbet's offer API as it is simulated: what it refuses, and the traps that its answers hold."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.answers import Request
from simulator.platforms import superbet
from simulator.world import World

from .conftest import NOON

WORLD = World(4)
DATES = {"startDate": "2026-09-21 00:00:00", "endDate": "2026-10-21 00:00:00"}


def ask(path: str, **query: str) -> Any:
    return superbet.answer(WORLD, Request(superbet.HOST, path, query, NOON))


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/v2/pt-BR/events/by-date", DATES, 200),
        ("/v2/pt-BR/events/by-date", {}, 400),
        # What a blank sent as %2B arrives as.
        ("/v2/pt-BR/events/by-date", {"startDate": "2026-09-21+00:00:00"}, 400),
        ("/v2/pt-BR/events/5", {}, 404),
        ("/v2/pt-BR/special-offers", {}, 404),
        ("/v2/ro-RO/struct", {}, 404),
        ("/v2/pt-BR/struct", {}, 200),
    ],
)
def test_statuses(path: str, query: dict[str, str], status: int) -> None:
    assert ask(path, **query).status == status


def test_a_list_shows_the_main_market_and_counts_what_the_details_hold() -> None:
    rows = ask("/v2/pt-BR/events/by-date", sportId="5", tournamentIds="1698,104", **DATES).body["data"]
    matches = [row for row in rows if row["odds"]]
    assert {row["tournamentId"] for row in matches} == {1698, 104}
    for row in matches[:3]:
        assert {odd["marketId"] for odd in row["odds"]} == {547}
        (event,) = ask(f"/v2/pt-BR/events/{row['eventId']}").body["data"]
        assert len({odd["uuid"] for odd in event["odds"]}) == row["counts"]["odds"]["1"] > len(row["odds"])
        assert {odd["uuid"] for odd in row["odds"]} <= {odd["uuid"] for odd in event["odds"]}


def test_a_list_holds_matches_that_moved_to_another_id_and_rows_that_are_no_match() -> None:
    rows = ask("/v2/pt-BR/events/by-date", **DATES).body["data"]
    finished = [row for row in rows if row["offerStateStatus"] == {"1": "finished"}]
    assert finished
    for row in finished:
        copies = [other for other in rows if other["matchName"] == row["matchName"] and other is not row]
        assert any(other["offerStateStatus"] == {"1": "active"} for other in copies)
    assert any("·" not in row["matchName"] for row in rows)
    assert any("utcDate" not in row for row in rows)
    assert len({row["eventId"] for row in rows}) == len(rows)
