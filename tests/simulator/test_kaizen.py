"""Kaizen's pages as they are written, with what is odd about them."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.answers import Answer, Request, source_id
from simulator.platforms import kaizen
from simulator.wires import Demand
from simulator.world import World

from .conftest import NOON

HOST = "www.betano.bet.br"
WORLD = World(4)


def ask(path: str, **query: str) -> Answer:
    return kaizen.answer(WORLD, Request(HOST, path, query, NOON))


def football(league_id: str) -> Answer:
    return ask("/api/league/hot/upcoming/", leagueId=league_id, req="s,stnf,c,mb")


def basketball() -> Answer:
    return ask("/api/sports/BASK/hot/trending/leagues/441g/events/", req="s,stnf,c,mb")


def events(answer: Answer) -> list[Any]:
    found: list[Any] = answer.body["data"]["events"]
    return found


def test_its_pages_stand_on_the_brands_own_host_beside_the_site() -> None:
    assert kaizen.serves(HOST, "/api/league/hot/upcoming/")
    assert not kaizen.serves(HOST, "/")
    assert not kaizen.serves("www.kto.bet.br", "/api/league/hot/upcoming/")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/league/hot/upcoming/", 200),
        ("/api/sports/TENN/hot/trending/leagues/1/events/", 404),
        ("/api/odds/evento/5/", 404),
        ("/api/odds/evento/abc/", 404),
        ("/api/nothing/", 404),
    ],
)
def test_statuses(path: str, status: int) -> None:
    assert ask(path).status == status


def test_an_unknown_league_has_no_events() -> None:
    assert (events(football("999")), events(football("441g"))) == ([], [])


def test_basketball_is_for_the_page_alone() -> None:
    assert (basketball().demand, football("1").demand) == (Demand.PAGE, None)
    fixture = WORLD.fixtures("nba", NOON)[0]
    page = ask(f"/api/odds/evento/{source_id(WORLD.seed, 'kaizen', fixture)}/", bt="0")
    assert (page.status, page.demand) == (200, Demand.PAGE)


def test_what_is_odd_about_the_lists() -> None:
    leagues = ["10016", "1635", "5", "216"]
    rows = [row for league in leagues for row in events(football(league))]
    matches = [row for row in rows if row["markets"]]
    types = {market["type"] for row in matches for market in row["markets"]}
    assert types == {"MRES", "MR12", "HCTG", "OUH1", "BTSC", "DBLC", "DNOB", "CNOU"}
    assert 0 < sum("participants" not in row for row in matches) < len(matches) / 2
    assert sum(bool(row.get("isOutrightEvent")) for row in rows) == len(leagues)
    assert any("(Esports)" in side["name"] for row in rows for side in row.get("participants", ()))
    double = next(market for row in matches for market in row["markets"] if market["type"] == "DBLC")
    assert [selection["name"] for selection in double["selections"]] == ["1X", "X2", "12"]


def test_basketball_has_the_winner_beside_the_grid_and_the_rest_in_it() -> None:
    matches = [row for row in events(basketball()) if row.get("sixPackBlocks")]
    assert matches
    columns = [column for row in matches for column in row["sixPackBlocks"][0]["columns"]]
    assert {market["type"] for row in matches for market in row["markets"]} == {"H2HT"}
    assert {column["type"] for column in columns} == {"H2H1", "FHOT", "FTPO", "H2HT"}
    assert {column["handicap"] for column in columns} == {0.0}
    assert {selection["columnIndex"] for column in columns for selection in column["selections"]} == {0}
    assert {row["leagueId"] for row in matches} == {"1441"}
