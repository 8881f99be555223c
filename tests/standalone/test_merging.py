"""Teams that were made twice are merged by what bookmakers print, and by nothing less: on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scrapers.errors import StoreError
from standalone.merging import Merger
from store.postgres import PostgresBackend
from tests.support.clubs import Clubs, identity, open_clubs

NAMES = {"alpha": "Atlético Mineiro", "gamma": "Galo", "delta": "CAM"}
"""What three families call one club, whose two matches two of them made."""


@pytest.fixture
def clubs(backend: PostgresBackend, database_url: str) -> Iterator[Clubs]:
    with open_clubs(backend, database_url) as clubs:
        yield clubs


def made_twice(clubs: Clubs, *slugs: str) -> None:
    """Alpha made one match and gamma the other, each in its words; the named houses list both."""
    clubs.list("alpha", "alpha 1", "Atlético Mineiro", "Santos")
    clubs.list("gamma", "gamma 2", "Galo", "Bahia", 60)
    for slug in slugs:
        lists_both(clubs, slug, NAMES[slug], NAMES[slug])


def lists_both(clubs: Clubs, slug: str, one: str, other: str) -> None:
    """A house that calls the club so in the one and in the other match."""
    if slug != "alpha":
        clubs.list(slug, f"{slug} 1", "Santos", one, catalogue=("Atlético Mineiro", "Santos"), swapped=True)
    if slug != "gamma":
        clubs.list(slug, f"{slug} 2", other, "Bahia", 60, catalogue=("Galo", "Bahia"))


def test_a_team_made_twice_is_merged_and_the_log_says_by_whom(clubs: Clubs) -> None:
    made_twice(clubs, *NAMES)
    kept = clubs.team("Atlético Mineiro")
    assert Merger(clubs.backend).step() == 1
    teams = clubs.db.execute("select team_id, name from teams order by 1").fetchall()
    assert [team["name"] for team in teams] == ["Atlético Mineiro", "Santos", "Bahia"]
    assert teams[0]["team_id"] == kept
    (review,) = clubs.call("list_reviews", before_review_id=2**62, limit=10)
    assert (review["actor"], review["action"], review["subject"]) == ("evidence", "accept", "teams")
    assert review["reason"] == "printed alike by families altenar, kambi, other"
    assert Merger(clubs.backend).step() == 0


def test_what_a_person_undid_the_evidence_does_not_do_again(clubs: Clubs) -> None:
    made_twice(clubs, *NAMES)
    before = identity(clubs.db)
    Merger(clubs.backend).step()
    (review,) = clubs.call("list_reviews", before_review_id=2**62, limit=10)
    clubs.undo(review)
    assert identity(clubs.db) == before
    assert Merger(clubs.backend).step() == 0
    pair = {"keep": clubs.team("Atlético Mineiro"), "gone": clubs.team("Galo"), "reason": ""}
    with pytest.raises(StoreError, match="only a person does it again"):
        clubs.call("merge_teams", **pair, actor="evidence")
    assert clubs.call("merge_teams", **pair, actor="ana")


def test_a_team_made_three_times_is_one_in_the_end(clubs: Clubs) -> None:
    made_twice(clubs, *NAMES)
    clubs.list("delta", "delta 3", "CAM", "Ceará", 90)
    for slug in ("alpha", "gamma"):
        clubs.list(slug, f"{slug} 3", NAMES[slug], "Ceará", 90, catalogue=("CAM", "Ceará"))
    assert Merger(clubs.backend).step() == 2
    assert len(clubs.db.execute("select from teams").fetchall()) == 4


def test_two_families_are_not_enough(clubs: Clubs) -> None:
    made_twice(clubs, "alpha", "gamma")
    lists_both(clubs, "beta", "Galo", "Galo")  # of alpha's family
    assert Merger(clubs.backend).step() == 0


def test_one_house_that_tells_them_apart_is_enough_against_it(clubs: Clubs) -> None:
    made_twice(clubs, *NAMES)
    lists_both(clubs, "beta", "Atlético Mineiro", "Atlético Goianiense")
    assert Merger(clubs.backend).step() == 0


def test_what_a_person_said_of_an_event_stands_and_other_teams_are_merged_all_the_same(clubs: Clubs) -> None:
    made_twice(clubs, *NAMES)
    one = clubs.list("alpha", "alpha 4", "Atlético Mineiro", "Ceará", 90)
    other = clubs.list("gamma", "gamma 4", "Galo", "Ceará", 90)
    assert one != other
    clubs.db.execute(
        "update bookmaker_events set not_matches = array[%s::bigint] where match_id = %s", [one, other]
    )
    clubs.list("alpha", "alpha 5", "Inter", "Remo", 120)
    clubs.list("gamma", "gamma 6", "Internacional", "Avaí", 150)
    for slug, name in (("alpha", "Inter"), ("gamma", "Internacional"), ("delta", "Inter (RS)")):
        if slug != "alpha":
            clubs.list(slug, f"{slug} 5", name, "Remo", 120, catalogue=("Inter", "Remo"))
        if slug != "gamma":
            clubs.list(slug, f"{slug} 6", name, "Avaí", 150, catalogue=("Internacional", "Avaí"))
    merger = Merger(clubs.backend)
    assert merger.step() == 1
    assert merger.step() == 0
    names = {row["name"] for row in clubs.db.execute("select name from teams").fetchall()}
    assert {"Atlético Mineiro", "Galo", "Inter"} <= names
    assert "Internacional" not in names


@pytest.mark.parametrize(
    "told",
    [
        "update teams set category = 'women' where name = 'Galo'",
        "update teams set country = case name when 'Galo' then 'Portugal' else 'Brazil' end",
        "update teams set sport = 'basketball' where name = 'Galo'",
        "update matches set league_id = null",
        "update teams set country = 'Brazil';"
        "update matches set starts_at = (select min(starts_at) from matches) + interval '2 hours'"
        " where match_id = (select max(match_id) from matches)",
        "update teams set country = 'Brazil';"
        "update matches set starts_at = (select min(starts_at) from matches), league_id = match_id,"
        " away_team_id = (select team_id from teams where name = 'Santos')",
        "insert into matches (sport, home_team_id, away_team_id, starts_at)"
        " select 'football', one.team_id, other.team_id, now() from teams one, teams other"
        " where one.name = 'Galo' and other.name = 'Atlético Mineiro'",
        "insert into team_aliases (team_id, alias, folded, category, status, evidence)"
        " select team_id, 'CAM', 'cam', '', case name when 'Galo' then 'rejected' else 'proposed' end, 1"
        " from teams where name in ('Galo', 'Atlético Mineiro')",
        "insert into kept_apart (subject, low_id, high_id, review_id)"
        " select 'teams', min(team_id), max(team_id), 1 from teams where name in ('Galo', 'Atlético Mineiro')",
    ],
    ids=[
        "category",
        "country",
        "sport",
        "no league",
        "at one time",
        "two leagues",
        "met",
        "rejected",
        "kept apart",
    ],
)
def test_names_do_not_outweigh_what_speaks_against_it(clubs: Clubs, told: str) -> None:
    made_twice(clubs, *NAMES)
    clubs.db.execute(told)
    assert Merger(clubs.backend).step() == 0
    assert clubs.call("list_reviews", before_review_id=2**62, limit=10) == []
