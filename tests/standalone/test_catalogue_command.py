"""`fleet catalogue` and the merges of `fleet review`, as a person types them, on a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from scrapers.errors import FleetError
from standalone.commands import catalogue, review
from store.postgres import PostgresBackend
from tests.support.clubs import Clubs, identity, open_clubs
from tests.support.cycles import LEAGUE

Run = Callable[..., Result]


def runner(group: click.Group) -> Run:
    return lambda *args: CliRunner().invoke(group, args, catch_exceptions=False)


@pytest.fixture
def clubs(backend: PostgresBackend, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clubs]:
    """One match that alpha and gamma list, made twice: gamma calls Atlético Mineiro Galo."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    with open_clubs(backend, database_url) as clubs:
        clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
        clubs.list("gamma", "g1", "Galo", "Santos")
        yield clubs


edit = runner(catalogue.command)
judge = runner(review.command)


def test_a_duplicate_is_listed_merged_shown_and_undone(clubs: Clubs) -> None:
    pair = f"merge:{clubs.team('Atlético Mineiro')}+{clubs.team('Galo')}"
    before = identity(clubs.db)
    listed = judge("list").stdout
    assert pair in listed
    assert "mesmo adversário no mesmo minuto" in listed
    (found,) = orjson.loads(judge("list", "--json", "--bookmaker", "gamma").stdout)["teams"]
    assert found["gone"]["name"] == "Galo"
    assert orjson.loads(judge("list", "--json", "--bookmaker", "delta").stdout)["teams"] == []

    assert judge("accept", pair, "--by", "ana", "--why", "apelido").stdout == (
        "veredito 1: 1 eventos mudaram, 1 partidas juntadas, 0 passaram ao time que fica"
        " (desfazer: fleet review undo 1)\n"
    )
    assert judge("list").stdout.startswith("Nada espera")
    assert "accept teams" in judge("list", "--log").stdout
    shown = judge("show", "1").stdout
    assert "Atlético Mineiro + Galo" in shown
    assert "gamma: Galo x Santos" in shown
    assert judge("undo", "1").stdout == "veredito 2: 1 eventos mudaram\n"
    assert identity(clubs.db) == before
    assert "undo teams" in judge("list", "--log").stdout
    assert judge("list", "--log").stdout.count("(Atlético Mineiro + Galo)") == 2
    with pytest.raises(FleetError, match="no verdict 99"):
        judge("show", "99")


def test_what_is_said_to_be_two_is_not_listed_again(clubs: Clubs) -> None:
    pair = f"merge:{clubs.team('Galo')}+{clubs.team('Atlético Mineiro')}"
    judge("reject", pair)
    listed = judge("list").stdout
    assert "merge:" not in listed
    # Two teams that play one opponent at one minute: then the matches are one, or somebody lists them wrongly.
    judge("reject", f"merge-match:{clubs.match_of('a1')}+{clubs.match_of('g1')}")
    assert judge("list").stdout.startswith("Nada espera")
    with pytest.raises(FleetError, match="they are two"):
        judge("accept", pair)
    judge("undo", "1")
    assert "merge:" in judge("list").stdout


def test_matches_are_merged_by_hand_where_teams_are_not(clubs: Clubs) -> None:
    clubs.db.execute("update teams set category = 'women' where name = 'Galo'")
    pair = f"merge-match:{clubs.match_of('a1')}+{clubs.match_of('g1')}"
    assert pair in judge("list").stdout
    judge("accept", pair)
    assert clubs.match_of("g1") == clubs.match_of("a1")
    assert judge("accept", "merge-match:1").exit_code == 2
    assert "merge:KEEP+GONE" in judge("accept", "team:1").stderr


def test_a_team_is_found_corrected_and_shown(clubs: Clubs) -> None:
    number = str(clubs.team("Galo"))
    assert "Atlético Mineiro" in edit("team", "find", "mineiro", "atl").stdout
    edit(
        "team", "edit", number, "--name", "Galo Sub-20", "--country", "Brazil", "--logo", "https://l.example/g.svg"
    )
    found = orjson.loads(edit("team", "show", number, "--json").stdout)
    assert (found["name"], found["folded"], found["category"], found["country"]) == (
        "Galo Sub-20",
        "galo",
        "u20",
        "Brazil",
    )
    edit("alias", "add", number, "Galinho")
    shown = edit("team", "show", number).stdout
    assert "Galinho: confirmed (0 partidas, à mão)" in shown
    assert "Galo Sub-20 x Santos" in shown
    (galinho,) = [
        row for row in clubs.call("team_details", team_id=int(number))["aliases"] if row["alias"] == "Galinho"
    ]
    assert galinho["category"] == "u20"
    edit("alias", "remove", str(galinho["alias_id"]))
    assert "Galinho: rejected" in edit("team", "show", number).stdout
    log = judge("list", "--log").stdout
    assert "category: - -> 'u20'" in log
    with pytest.raises(FleetError, match="no team 999"):
        edit("team", "show", "999")


def test_a_league_and_a_logo_are_corrected(clubs: Clubs) -> None:
    edit("league", "edit", LEAGUE, "--name", "Brasileirão", "--by", "ana")
    assert f"{LEAGUE}: Brasileirão (Brazil, 2 partidas, à mão: name)" in edit("league", "list").stdout
    edit("bookmaker", "alpha", "--logo", "https://l.example/a.svg")
    judge("undo", "2")
    judge("undo", "1")
    assert f"{LEAGUE}: Brasileirão Série A (Brazil, 2 partidas)" in edit("league", "list").stdout
    with pytest.raises(FleetError, match="so already"):
        edit("league", "edit", LEAGUE, "--country", "Brazil")
