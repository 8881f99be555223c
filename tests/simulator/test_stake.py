"""What is odd about Stake's simulated pages."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.answers import Answer, Request
from simulator.platforms import stake
from simulator.world import World

from .conftest import NOON

WORLD = World(4)
SERIE_A = "1000095001"


def ask(path: str, time: int = NOON, **query: str) -> Answer:
    return stake.answer(WORLD, Request("sbweb.stake.bet.br", f"/api/v1/br/pt-br{path}", query, time))


def listed(time: int = NOON) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = ask(f"/tournament/{SERIE_A}/live-upcoming", time).body["events"]
    return events


def test_a_list_has_no_prices_and_ids_of_both_kinds() -> None:
    answer = ask(f"/tournament/{SERIE_A}/live-upcoming")
    assert (answer.kind, answer.holds_prices) == ("events", False)
    assert {type(event["id"]) for event in listed()} == {int, str}
    assert any(event["teams"]["home"].endswith(" ") for event in listed())


def test_a_match_stays_on_the_list_as_live() -> None:
    first = WORLD.fixtures("serie_a", NOON)[0]
    flags = [event["isLive"] for event in listed(first.kickoff(NOON) + 600)]
    assert flags[0] is True
    assert flags.count(False) > 5


def test_several_events_have_the_result_only_and_one_has_all_and_the_trap() -> None:
    ids = [str(event["id"]) for event in listed()]
    together = ask("/events/odds", events=",".join(ids)).body["odds"]
    assert {row["marketId"] for row in together if row} == {"1001159858"}
    assert {str(row["eventId"]) for row in together if row} <= set(ids)
    alone = {row["marketId"] for number in ids for row in ask(f"/events/{number}/odds").body["odds"] if row}
    assert {"1001159858", "2100089307_0", "1000316018", "1001159926"} <= alone


def test_prices_come_in_both_spellings() -> None:
    rows = [row for event in listed() for row in ask(f"/events/{event['id']}/odds").body["odds"] if row]
    spellings = {"flat" if "oddValue" in row else type(row["oddValues"]["decimal"]) for row in rows}
    assert spellings >= {"flat", str, float}


@pytest.mark.parametrize("path", ["/tournament/1", "/events", "/sports"])
def test_unknown_places_are_not_found(path: str) -> None:
    assert ask(path).status == 404


def test_a_tournament_of_nobody_is_an_honest_empty_list() -> None:
    assert ask("/tournament/5/live-upcoming").body == {"events": []}
