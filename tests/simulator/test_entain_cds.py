"""Entain's wire format as the simulator writes it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.answers import Answer, Request, source_id
from simulator.platforms import entain_cds, serving
from simulator.world import World

from .conftest import NOON

HOST = "www.sportingbet.bet.br"
WORLD = World(4)


def ask(path: str, host: str = HOST, **query: str) -> Answer:
    return entain_cds.answer(WORLD, Request(host, f"/cds-api/bettingoffer/{path}", query, NOON))


def fixtures(**query: str) -> list[Any]:
    found: list[Any] = ask("fixtures", **query).body["fixtures"]
    return found


def test_the_api_is_served_beside_the_pages_of_the_brand() -> None:
    assert serving(HOST, "/cds-api/bettingoffer/fixtures") is entain_cds
    assert serving(HOST, "/pt-br/sports") is None
    assert serving("www.kto.bet.br", "/cds-api/bettingoffer/fixtures") is None


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("fixtures", {"sportIds": "4"}, 200),
        ("fixtures", {"sportIds": "4", "competitionIds": "1"}, 200),
        ("fixtures", {"sportIds": "7", "competitionIds": "6004"}, 400),
        ("fixtures", {"sportIds": "4", "take": "all"}, 400),
        ("fixture-view", {"fixtureIds": "2:5"}, 200),
        ("fixture-offers", {"fixtureIds": "2:5"}, 404),
    ],
)
def test_statuses(path: str, query: dict[str, str], status: int) -> None:
    assert ask(path, **query).status == status


def test_pages_make_up_the_list() -> None:
    query = {"sportIds": "4", "competitionIds": "102846"}
    whole = ask("fixtures", **query, take="100")
    count = whole.body["totalCount"]
    assert count == len(whole.body["fixtures"]) > 3
    first, rest = (ask("fixtures", **query, take="3", skip=skip) for skip in ("0", "3"))
    assert first.events is not None
    assert whole.events is None
    assert (len(first.events), first.body["totalCount"]) == (3, count)
    assert first.body["fixtures"] + rest.body["fixtures"][:3] == whole.body["fixtures"][:6]


def test_a_fixture_that_is_not_offered_has_an_empty_view() -> None:
    answer = ask("fixture-view", fixtureIds="2:5")
    assert (answer.events, "fixture" in answer.body) == ((), False)


def test_football_is_of_the_newer_form_and_basketball_of_the_older_in_american_order() -> None:
    (new,) = {row["source"] for row in fixtures(sportIds="4", take="400")}
    assert new == "V2"
    nba = [row for row in fixtures(sportIds="7", take="400") if row["competition"]["name"]["value"] == "NBA"]
    assert nba
    codes = {source_id(WORLD.seed, "entain_cds", fixture): fixture for fixture in WORLD.fixtures("nba", NOON)}
    for row in nba:
        first = row["name"]["value"].split(" at ")[0]
        assert (row["id"].isdecimal(), row["viewType"], row["source"]) == (True, "American", "V1")
        assert first == row["participants"][0]["name"]["value"]
        assert row["games"][0]["results"][0]["sourceName"]["value"] == "1"
        assert row["id"] in codes


def test_the_nbas_list_holds_other_leagues() -> None:
    names = {row["competition"]["name"]["value"] for row in fixtures(sportIds="7", take="400")}
    assert {"NBA", "WNBA", "NBB"} == names
