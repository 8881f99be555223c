"""Evidence for aliases, verdicts on them and on events, and taking verdicts back: on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
import pytest
from click.testing import CliRunner, Result

from scrapers.errors import FleetError
from standalone.commands import review
from standalone.commands.review import command, proposed
from store.postgres import PostgresBackend
from tests.support.cycles import House, catalogue_rows, kickoff, listing

OFFERS = {"match_result:home": 2.1, "match_result:away": 3.5}
RIVALS = ("Santos", "Bahia", "Vitória", "Fortaleza", "Ceará", "Sport")


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Any:
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*args: str) -> Result:
        return CliRunner().invoke(command, args, catch_exceptions=False)

    return run


class Season:
    """Matches of "Atlético Mineiro" that delta lists; others call it Galo."""

    def __init__(self, backend: PostgresBackend) -> None:
        self.backend = backend
        self.delta = House(backend, "delta")
        self.houses = {slug: House(backend, slug) for slug in ("alpha", "beta", "gamma")}
        self._listed: dict[str, list[Any]] = {slug: [] for slug in ("delta", *self.houses)}

    def play(self, number: int, *slugs: str, alias: str = "Galo") -> int:
        """Delta lists its match `number`; the others link theirs to it by the alias. Its match id."""
        at, rival = kickoff(5 + 24 * number), RIVALS[number]
        self._commit("delta", self.delta, listing(f"d{number}", "Atlético Mineiro", rival, at, OFFERS))
        (row,) = [row for row in catalogue_rows(self.backend, "matches")[1] if row[6] == int(at.timestamp())]
        for slug in slugs:
            event = listing(f"{slug}{number}", alias, rival, at, OFFERS, linked=False)
            self._commit(slug, self.houses[slug], event)
            spelling = {"team_id": row[4], "alias": alias, "folded": alias.lower(), "category": ""}
            self.link(slug, event.source_id, row[1], [spelling])
        return int(row[1])

    def link(self, slug: str, event: str, match_id: int, aliases: list[Any]) -> Any:
        return self.backend.call(
            "link_events",
            {
                "p_scraper": slug,
                "p_lease_token": self.houses[slug].token,
                "p_catalogue_version": catalogue_rows(self.backend, "matches")[0],
                "p_links": [
                    {
                        "event": event,
                        "decision": "match",
                        "match_id": match_id,
                        "swapped": False,
                        "method": "names",
                        "score": 0.9,
                        "aliases": aliases,
                    }
                ],
            },
        )

    def _commit(self, slug: str, house: House, event: Any) -> None:
        self._listed[slug].append(event)
        house.commit(self._listed[slug])


@pytest.fixture
def season(backend: PostgresBackend) -> Season:
    return Season(backend)


def statuses(db: psycopg.Connection[Any]) -> dict[str, tuple[str, int, list[str]]]:
    rows = db.execute("select alias, status, evidence, families from team_aliases").fetchall()
    return {alias: (status, evidence, families) for alias, status, evidence, families in rows}


def matches_of(db: psycopg.Connection[Any], slug: str) -> dict[str, int | None]:
    rows = db.execute(
        "select e.source_event_id, e.match_id from bookmaker_events e join bookmakers b using (bookmaker_id)"
        " where b.slug = %s",
        [slug],
    )
    return dict(rows.fetchall())


# --- evidence --------------------------------------------------------------------------------------------------


def test_brands_of_one_family_are_one_witness(season: Season, db: psycopg.Connection[Any]) -> None:
    for number in range(4):
        season.play(number, "alpha", "beta")
        assert statuses(db)["Galo"] == ("proposed", number + 1, ["altenar"])
    season.play(4, "alpha")
    assert statuses(db)["Galo"] == ("confirmed", 5, ["altenar"])


def test_two_families_confirm_with_three_matches_and_the_log_says_so(
    season: Season, db: psycopg.Connection[Any], fleet: Any
) -> None:
    for number, slug in enumerate(("alpha", "gamma", "alpha")):
        assert statuses(db).get("Galo", ("proposed",))[0] == "proposed"
        season.play(number, slug)
    assert statuses(db)["Galo"] == ("confirmed", 3, ["altenar", "kambi"])
    assert "evidence accept alias" in fleet("list", "--log").stdout


def test_a_spelling_that_is_another_teams_name_waits_for_a_person(
    season: Season, db: psycopg.Connection[Any]
) -> None:
    season.delta.commit([listing("x", "Galo", "Zico", kickoff(200), OFFERS)])
    db.execute("update teams set folded = 'galo' where name = 'Galo'")
    for number in range(5):
        season.play(number, "alpha", "gamma")
    assert statuses(db)["Galo"][0] == "proposed"


def test_a_proposal_is_listed_with_who_saw_it(
    season: Season, fleet: Any, backend: PostgresBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = season.play(0, "alpha", "gamma")
    (row,) = orjson.loads(fleet("list", "--json").stdout)["aliases"]
    assert (row["alias"], row["team"], row["evidence"]) == ("Galo", "Atlético Mineiro", 1)
    assert {(seen["bookmaker"], seen["match_id"]) for seen in row["sightings"]} == {
        ("alpha", match),
        ("gamma", match),
    }
    assert "alias:" in fleet("list").stdout
    assert fleet("list", "--bookmaker", "beta").stdout.startswith("Nada")
    season.play(1, "alpha", alias="Galão")
    monkeypatch.setattr(review, "SHOWN", 1)
    assert "e mais 1 (--all)" in fleet("list").stdout
    assert "Galão" in fleet("list", "--all").stdout
    assert [each["alias"] for each in proposed(backend, page=1)] == ["Galo", "Galão"]


# --- verdicts on aliases -----------------------------------------------------------------------------------


def test_rejecting_an_alias_takes_back_what_was_linked_through_it(
    season: Season, db: psycopg.Connection[Any], fleet: Any, backend: PostgresBackend
) -> None:
    first, second = season.play(0, "alpha", "gamma"), season.play(1, "alpha")
    (alias,) = proposed(backend)
    heads = dict(db.execute("select scraper_name, commit_seq from scraper_status").fetchall())
    ((epoch,),) = db.execute("select reload_epoch from catalogue_state").fetchall()
    told = fleet("reject", f"alias:{alias['alias_id']}", "--by", "ana", "--why", "outro clube").stdout
    assert "3 eventos" in told
    assert matches_of(db, "alpha") == {"alpha0": None, "alpha1": None}
    assert matches_of(db, "gamma") == {"gamma0": None}
    assert set(matches_of(db, "delta").values()) == {first, second}
    # Whoever follows the board sees it, and scrapers read their state anew.
    now = dict(db.execute("select scraper_name, commit_seq from scraper_status").fetchall())
    assert {slug for slug, seq in now.items() if seq > heads[slug]} == {"alpha", "gamma"}
    assert db.execute("select reload_epoch from catalogue_state").fetchall()[0][0] > epoch
    assert statuses(db)["Galo"][0] == "rejected"
    waiting = orjson.loads(fleet("list", "--json").stdout)["events"]
    assert {row["reason"] for row in waiting} == {"revoked"}

    (review,) = orjson.loads(fleet("list", "--log", "--json").stdout)
    assert (review["actor"], review["action"], review["reason"]) == ("ana", "reject", "outro clube")
    fleet("undo", str(review["review_id"]), "--by", "rui")
    assert matches_of(db, "alpha") == {"alpha0": first, "alpha1": second}
    assert statuses(db)["Galo"][0] == "proposed"
    with pytest.raises(FleetError, match="undone"):
        fleet("undo", str(review["review_id"]))
    assert "desfeito por" in fleet("list", "--log").stdout


def test_what_a_person_undid_is_not_confirmed_by_evidence_again(
    season: Season, db: psycopg.Connection[Any], fleet: Any, backend: PostgresBackend
) -> None:
    season.play(0, "alpha", "gamma")
    (alias,) = proposed(backend)
    fleet("accept", f"alias:{alias['alias_id']}")
    assert statuses(db)["Galo"][0] == "confirmed"
    fleet("undo", "1")
    for number in (1, 2, 3):
        season.play(number, "alpha", "gamma")
    assert statuses(db)["Galo"] == ("proposed", 4, ["altenar", "kambi"])


# --- verdicts on events ------------------------------------------------------------------------------------


def undecided(season: Season) -> int:
    """An event of gamma that waits with one candidate; the match's id."""
    match = season.play(0)
    event = listing("g", "Santos F.C.", "Galo Forte", kickoff(5), OFFERS, linked=False)
    season.houses["gamma"].commit([event])
    season.backend.call(
        "link_events",
        {
            "p_scraper": "gamma",
            "p_lease_token": season.houses["gamma"].token,
            "p_catalogue_version": 0,
            "p_links": [
                {
                    "event": "g",
                    "decision": "unmatched",
                    "reason": "uncertain",
                    "candidates": [{"match_id": match, "swapped": True, "score": 0.5}],
                }
            ],
        },
    )
    return match


def test_accepting_an_event_links_it_and_teaches_its_spellings(
    season: Season, db: psycopg.Connection[Any], fleet: Any
) -> None:
    match = undecided(season)
    ((number,),) = db.execute("select event_id from bookmaker_events where source_event_id = 'g'").fetchall()
    fleet("accept", f"event:{number}")
    assert matches_of(db, "gamma") == {"g": match}
    assert db.execute(
        "select swapped, link_method from bookmaker_events where source_event_id = 'g'"
    ).fetchone() == (
        True,
        "person",
    )
    assert {alias: row[0] for alias, row in statuses(db).items()} == {
        "Santos F.C.": "confirmed",
        "Galo Forte": "confirmed",
    }
    fleet("undo", "1")
    assert matches_of(db, "gamma") == {"g": None}
    assert {row[0] for row in statuses(db).values()} == {"proposed"}


def test_a_match_that_an_event_is_not_is_never_linked_to_it_again(
    season: Season, db: psycopg.Connection[Any], fleet: Any
) -> None:
    match = season.play(0, "alpha")
    ((number,),) = db.execute("select event_id from bookmaker_events where source_event_id = 'alpha0'").fetchall()
    fleet("reject", f"event:{number}")
    assert matches_of(db, "alpha") == {"alpha0": None}
    assert season.link("alpha", "alpha0", match, [])["refused"] == ["alpha0"]
    assert matches_of(db, "alpha") == {"alpha0": None}
    fleet("undo", "1")
    assert matches_of(db, "alpha") == {"alpha0": match}


@pytest.mark.parametrize("args", [("accept", "event:999"), ("reject", "alias:999"), ("undo", "999")])
def test_what_is_not_there_is_one_clear_line(season: Season, fleet: Any, args: tuple[str, ...]) -> None:
    with pytest.raises(FleetError, match="999"):
        fleet(*args)


def test_an_event_without_a_single_candidate_needs_the_match_named(
    season: Season, db: psycopg.Connection[Any], fleet: Any
) -> None:
    match = season.play(0)
    season.houses["gamma"].commit([listing("g", "Galo", "Santos", kickoff(5), OFFERS, linked=False)])
    ((number,),) = db.execute("select event_id from bookmaker_events where source_event_id = 'g'").fetchall()
    with pytest.raises(FleetError, match="--match"):
        fleet("accept", f"event:{number}")
    fleet("accept", f"event:{number}", "--match", str(match))
    assert matches_of(db, "gamma") == {"g": match}
    assert fleet("accept", "team:1").exit_code == 2
