"""`fleet unmatched` on a real database, from the matcher's decision to the printed table."""

from __future__ import annotations

import os
import subprocess
import sys

import orjson
import pytest
from click.testing import CliRunner

from normalizer.catalogue import Catalogue
from normalizer.matching import EventToLink, resolve_events
from scrapers.errors import FleetError
from scrapers.records import Sport
from standalone.commands.unmatched import command, waiting
from standalone.settings import ROOT
from store.postgres import PostgresBackend
from tests.support.cycles import LEAGUE, House, catalogue_rows, kickoff, listing

OFFERS = {"match_result:home": 2.1, "match_result:away": 3.5}


def fleet_unmatched(database_url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from standalone.commands import main; main()", "unmatched", *options],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def house(backend: PostgresBackend) -> House:
    """`beta`, with one event that is near a match of `alpha`, but not near enough."""
    at = kickoff(2)
    House(backend, "alpha").commit([listing("a", "Atlético-MG", "Bahia [BA]", at, dict(OFFERS))])
    beta = House(backend, "beta")
    beta.commit([listing("b", "Atlético-GO", "Bahia [BA]", at, dict(OFFERS), linked=False)])
    catalogue = Catalogue()
    for kind in ("leagues", "teams", "aliases", "matches"):
        version, rows = catalogue_rows(backend, kind)
        catalogue.apply_page(kind, rows)
    event = EventToLink("b", Sport.FOOTBALL, LEAGUE, "Série A", "Atlético-GO", "Bahia [BA]", at)
    answer = backend.call(
        "link_events",
        {
            "p_scraper": "beta",
            "p_lease_token": beta.token,
            "p_catalogue_version": version,
            "p_links": [link.as_json() for link in resolve_events([event], catalogue, {})],
        },
    )
    assert answer["unmatched"] == 1
    return beta


def test_what_waits_is_printed_with_its_candidates(house: House, database_url: str) -> None:
    done = fleet_unmatched(database_url)
    assert done.returncode == 0, done.stderr
    assert "Atlético-GO x Bahia [BA]" in done.stdout
    assert "Atlético-MG x Bahia [BA]" in done.stdout
    assert "há uma parecida" in done.stdout


def test_json_holds_the_stored_words_and_can_be_one_bookmakers(house: House, database_url: str) -> None:
    (row,) = orjson.loads(fleet_unmatched(database_url, "--json", "--bookmaker", "beta").stdout)
    assert (row["bookmaker"], row["source_event_id"], row["reason"]) == ("beta", "b", "uncertain")
    assert row["candidates"][0]["home"] == "Atlético-MG"
    assert orjson.loads(fleet_unmatched(database_url, "--json", "--bookmaker", "alpha").stdout) == []
    assert "no event is unmatched" in fleet_unmatched(database_url, "--bookmaker", "alpha").stdout


def test_how_an_event_is_decided_is_told_step_by_step(
    house: House, backend: PostgresBackend, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    (row,) = waiting(backend)
    told = CliRunner().invoke(command, ["--explain", str(row["event_id"])], catch_exceptions=False).stdout
    lines = told.splitlines()
    assert lines[0].startswith("home: 'Atlético-GO'")
    assert "state GO" in lines[0]
    (candidate,) = [line for line in lines if "Atlético-MG - Bahia [BA]" in line]
    assert "states GO and MG" in candidate
    assert lines[-1].startswith("decision: unmatched")
    with pytest.raises(FleetError, match="no event 999"):
        CliRunner().invoke(command, ["--explain", "999"], catch_exceptions=False)


def test_an_unreachable_database_is_one_clear_line(database_url: str) -> None:
    done = fleet_unmatched("postgresql://nobody@127.0.0.1:1/none")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1


def test_every_page_is_read(house: House, backend: PostgresBackend) -> None:
    at = kickoff(3)
    more = [listing(f"x{n}", f"Clube {n}", f"Time {n}", at, dict(OFFERS), linked=False) for n in range(4)]
    house.commit(more, scopes=())
    answer = backend.call(
        "link_events",
        {
            "p_scraper": "beta",
            "p_lease_token": house.token,
            "p_catalogue_version": 0,
            "p_links": [
                {"event": item.source_id, "decision": "unmatched", "reason": "uncertain", "candidates": []}
                for item in more
            ],
        },
    )
    assert answer["unmatched"] == 4
    found = [row["source_event_id"] for row in waiting(backend, page=2)]
    assert sorted(found) == ["b", "x0", "x1", "x2", "x3"]


def test_a_second_listing_of_a_match_waits_while_the_first_one_is_offered(backend: PostgresBackend) -> None:
    at = kickoff(4)
    House(backend, "alpha").commit([listing("a", "Flamengo", "Santos", at, dict(OFFERS))])
    match = catalogue_rows(backend, "matches")[1][0][1]
    beta = House(backend, "beta")
    first, second = (listing(name, "Flamengo", "Santos", at, dict(OFFERS), linked=False) for name in ("b1", "b2"))

    def link(source_id: str) -> dict[str, int]:
        decided = {"event": source_id, "decision": "match", "match_id": match, "method": "exact", "score": 1.0}
        answer: dict[str, int] = backend.call(
            "link_events",
            {
                "p_scraper": "beta",
                "p_lease_token": beta.token,
                "p_catalogue_version": 0,
                "p_links": [decided],
            },
        )
        return {name: answer[name] for name in ("linked", "unmatched")}

    beta.commit([first, second])
    assert link("b1") == {"linked": 1, "unmatched": 0}
    assert link("b2") == {"linked": 0, "unmatched": 1}
    (row,) = waiting(backend)
    assert (row["source_event_id"], row["reason"], row["candidates"]) == ("b2", "duplicate", [{"match_id": match}])

    # The bookmaker lists the match under its new id alone: that one is the match now.
    beta.commit([second])
    assert link("b2") == {"linked": 1, "unmatched": 0}
    assert list(waiting(backend)) == []
