"""Correcting the catalogue by hand, finding what was created twice, and what a page shows: on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from normalizer.catalogue import Catalogue
from normalizer.chances import chances_of
from scrapers.errors import StoreError
from tests.support.clubs import Clubs, identity
from tests.support.cycles import LEAGUE
from tests.support.postgres import DECLARED

GALO = {"alias": "Galo", "folded": "galo", "category": ""}


def names(clubs: Clubs) -> list[str]:
    return [row["name"] for row in clubs.db.execute("select name from teams order by team_id").fetchall()]


def reviews(clubs: Clubs) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = clubs.call("list_reviews", before_review_id=2**62, limit=50)
    return found


# --- editing ---------------------------------------------------------------------------------------------------


def test_a_renamed_team_keeps_its_former_name_and_the_board_reads_it_again(clubs: Clubs) -> None:
    match = clubs.list("alpha", "a1", "Atletico", "Santos")
    clubs.list("beta", "b1", "Bahia", "Sport", 60)
    before, heads, team = identity(clubs.db), clubs.heads(), clubs.team("Atletico")
    changes = {"name": "Atlético Mineiro", "folded": "atletico mineiro", "logo_url": "https://logo.example/cam.svg"}
    review = clubs.edit("edit_team", team_id=team, changes=changes)
    assert review["before"] == {"name": "Atletico", "folded": "atletico", "logo_url": ""}
    assert clubs.call("board_matches", match_ids=[match])[0][5] == "Atlético Mineiro"
    assert {slug for slug, seq in clubs.heads().items() if seq > heads[slug]} == {"alpha"}
    details = clubs.call("team_details", team_id=team)
    assert [(alias["alias"], alias["status"]) for alias in details["aliases"]] == [("Atletico", "confirmed")]
    assert details["logo_url"] == changes["logo_url"]
    (logged,) = reviews(clubs)
    assert (logged["action"], logged["subject"], logged["after"]) == ("edit", "team", changes)
    clubs.undo(review)
    assert identity(clubs.db) == before


def test_an_edit_that_was_edited_again_is_not_undone_over_it(clubs: Clubs) -> None:
    clubs.list("alpha", "a1", "Galo", "Santos")
    team = clubs.team("Galo")
    first = clubs.edit("edit_team", team_id=team, changes={"country": "Brazil"})
    second = clubs.edit("edit_team", team_id=team, changes={"country": "Chile"})
    with pytest.raises(StoreError, match="changed again since"):
        clubs.undo(first)
    clubs.undo(second)
    clubs.undo(first)
    assert clubs.call("team_details", team_id=team)["country"] == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Santos", "folded": "santos"}, "merge:"),
        ({"name": "Galo", "folded": "galo"}, "so already"),
        ({"name": "Galo FC"}, "folded form"),
        ({"name": " ", "folded": ""}, "a letter or a digit"),
        ({"sport": "basketball"}, "expected texts for name"),
        ({"country": 5}, "expected texts for name"),
        ({"logo_url": "javascript:alert(1)"}, "begins with https"),
    ],
)
def test_what_a_team_cannot_become_is_refused(clubs: Clubs, changes: dict[str, Any], told: str) -> None:
    clubs.list("alpha", "a1", "Galo", "Santos")
    with pytest.raises(StoreError, match=told):
        clubs.edit("edit_team", team_id=clubs.team("Galo"), changes=changes)
    assert reviews(clubs) == []


def test_what_a_person_set_of_a_league_or_a_bookmaker_goes_before_its_declaration(clubs: Clubs) -> None:
    match = clubs.list("alpha", "a1", "Galo", "Santos")
    league = clubs.edit("edit_league", league_key=LEAGUE, changes={"name": "Brasileirão"})
    logo = clubs.edit("edit_bookmaker", slug="alpha", changes={"logo": "https://logo.example/alpha.svg"})

    def shown() -> tuple[str, str]:
        bookmaker = clubs.call("list_bookmakers")[0]
        return clubs.call("board_matches", match_ids=[match])[0][3], bookmaker["logo"]

    for _ in range(2):
        assert shown() == ("Brasileirão", "https://logo.example/alpha.svg")
        answer = clubs.call("register_declarations", bookmakers=DECLARED["bookmakers"], leagues=DECLARED["leagues"])
        assert answer == {"bookmakers": 0, "leagues": 0}
    leagues = {row["league_key"]: row["edited"] for row in clubs.call("list_leagues", after_league_id=0, limit=50)}
    assert leagues[LEAGUE] == {"name": "Brasileirão"}
    clubs.undo(league)
    clubs.undo(logo)
    assert shown() == ("Brasileirão Série A", "")
    assert clubs.call("register_declarations", bookmakers=[], leagues=DECLARED["leagues"])["leagues"] == 0
    with pytest.raises(StoreError, match="expected texts for logo"):
        clubs.edit("edit_bookmaker", slug="alpha", changes={"name": "Alfa"})


def test_an_alias_by_hand_goes_again_with_what_was_linked_through_it(clubs: Clubs) -> None:
    match = clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    team = clubs.team("Atlético Mineiro")
    before = identity(clubs.db)
    review = clubs.edit("add_alias", team_id=team, spelling=GALO)
    with pytest.raises(StoreError, match="a name of team"):
        clubs.edit("add_alias", team_id=team, spelling=GALO)
    clubs.list("beta", "b1", "Galo", "Santos", linked=False)
    clubs.link("beta", "b1", match, team, "Galo")
    assert [event["match_id"] for event in clubs.undo(review)["touched"]] == [match]
    assert clubs.match_of("b1") is None
    after = identity(clubs.db)
    assert after["team_aliases"] == before["team_aliases"] == []


# --- finding ---------------------------------------------------------------------------------------------------


def duplicates(clubs: Clubs) -> list[tuple[str, str]]:
    """Every proposed pair of teams, read one a page."""
    found: list[tuple[str, str]] = []
    after = (0, 0)
    while True:
        page = clubs.call("list_team_duplicates", after_keep=after[0], after_gone=after[1], limit=1)
        if not page:
            return found
        (row,) = page
        after = (row["keep"]["team_id"], row["gone"]["team_id"])
        found.append((row["keep"]["name"], row["gone"]["name"]))


def test_one_opponent_at_one_minute_and_one_spelling_of_two_teams_are_found(clubs: Clubs) -> None:
    clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    clubs.list("gamma", "g1", "Santos", "Galo")
    clubs.list("alpha", "a2", "Grêmio", "Bahia", 60)
    clubs.list("gamma", "g2", "Gremio FBPA", "Vasco", 90)
    assert duplicates(clubs) == [("Atlético Mineiro", "Galo")]
    clubs.edit("add_alias", team_id=clubs.team("Grêmio"), spelling={**GALO, "alias": "X", "folded": "gremio fbpa"})
    assert duplicates(clubs) == [("Atlético Mineiro", "Galo"), ("Grêmio", "Gremio FBPA")]

    first, second = clubs.call("list_team_duplicates", after_keep=0, after_gone=0, limit=50)
    assert first["matches"] == [[clubs.match_of("a1"), clubs.match_of("g1")]]
    assert (first["spellings"], first["listed_together"]) == ([], [])
    assert (second["spellings"], second["matches"]) == (["gremio fbpa"], [])
    assert first["gone"]["bookmakers"] == ["gamma"]
    # What is proposed can be merged, and what is merged is proposed no more.
    clubs.merge("Atlético Mineiro", "Galo")
    apart = clubs.edit("keep_apart", subject="teams", one=clubs.team("Gremio FBPA"), other=clubs.team("Grêmio"))
    assert duplicates(clubs) == []
    clubs.undo(apart)
    assert duplicates(clubs) == [("Grêmio", "Gremio FBPA")]


def test_who_met_or_plays_others_at_that_time_is_not_proposed(clubs: Clubs) -> None:
    clubs.list("alpha", "a1", "Nacional", "Galo")
    clubs.edit("add_alias", team_id=clubs.team("Nacional"), spelling=GALO)
    assert duplicates(clubs) == []
    clubs.list("alpha", "a2", "River", "Santos", 60)
    clubs.list("alpha", "a3", "Rio", "Bahia", 61)
    clubs.edit("add_alias", team_id=clubs.team("River"), spelling={**GALO, "folded": "rio"})
    assert duplicates(clubs) == []


def test_matches_that_no_merge_of_teams_would_join_are_found(clubs: Clubs) -> None:
    one = clubs.list("alpha", "a1", "Galo", "Santos")
    clubs.list("gamma", "g1", "Galo", "Santos Women")
    clubs.db.execute("update teams set category = 'women' where name = 'Santos Women'")
    (row,) = clubs.call("list_match_duplicates", after_keep=0, after_gone=0, limit=50)
    assert (row["why"], row["swapped"], row["keep"]["match_id"]) == ("one_team", False, one)
    assert row["gone"]["events"][0]["home_name"] == "Galo"
    assert clubs.call("list_match_duplicates", after_keep=one, after_gone=clubs.match_of("g1"), limit=5) == []
    clubs.edit("keep_apart", subject="matches", one=one, other=clubs.match_of("g1"))
    assert clubs.call("list_match_duplicates", after_keep=0, after_gone=0, limit=50) == []
    with pytest.raises(StoreError, match="they are two"):
        clubs.merge_matches(one, clubs.match_of("g1") or 0)


def test_two_matches_that_an_event_could_be_are_found_although_they_share_no_team(clubs: Clubs) -> None:
    one = clubs.list("alpha", "a1", "Bristol C", "Tottenham")
    other = clubs.list("gamma", "g1", "Spurs", "Bristol City")
    clubs.list("delta", "d1", "Bristol City", "Tottenham", linked=False)
    with pytest.raises(StoreError, match="share no team"):
        clubs.merge_matches(one, other)
    candidates = [
        {"match_id": other, "swapped": True, "score": 0.8},
        {"match_id": one, "swapped": False, "score": 0.7},
    ]
    link = {"event": "d1", "decision": "unmatched", "reason": "uncertain", "candidates": candidates}
    clubs.call_link("delta", link)
    (row,) = clubs.call("list_match_duplicates", after_keep=0, after_gone=0, limit=50)
    assert (row["why"], row["swapped"], row["listed_together"]) == ("one_event", True, [])
    clubs.merge_matches(row["keep"]["match_id"], row["gone"]["match_id"])
    assert clubs.placed("g1") == (one, True)
    # The event that waits has one candidate now.
    (waits,) = clubs.call("waiting_events", bookmaker=None, after_event_id=0, limit=50)
    assert [(each["match_id"], each["swapped"]) for each in waits["candidates"]] == [(one, False)]


# --- looking ---------------------------------------------------------------------------------------------------


def waiting(clubs: Clubs) -> dict[str, Any]:
    """An event of beta that waits, with a match of alpha as its candidate the other way round."""
    match = clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    clubs.list("beta", "b1", "Peixe", "Galo", linked=False)
    candidates = [
        {"match_id": match, "swapped": True, "score": 0.5, "why": "near"},
        {"match_id": None, "home": "?"},
    ]
    link = {"event": "b1", "decision": "unmatched", "reason": "uncertain", "candidates": candidates}
    clubs.call_link("beta", link)
    (row,) = clubs.call("waiting_events", bookmaker=None, after_event_id=0, limit=50)
    waiting: dict[str, Any] = row
    return waiting


def test_an_event_that_waits_stands_beside_what_it_could_be(clubs: Clubs) -> None:
    row = waiting(clubs)
    assert (row["bookmaker"], row["family"], row["home_name"], row["reason"]) == (
        "beta",
        "altenar",
        "Peixe",
        "uncertain",
    )
    assert chances_of(row["prices"]) is not None
    near, unborn = row["candidates"]
    assert (near["match"]["home"], near["match"]["league_key"], near["why"]) == ("Atlético Mineiro", LEAGUE, "near")
    assert near["match"]["prices"] == row["prices"]
    assert [event["bookmaker"] for event in near["match"]["events"]] == ["alpha"]
    assert unborn["match"] is None
    assert clubs.call("waiting_events", bookmaker="alpha", after_event_id=0, limit=50) == []
    assert clubs.call("waiting_events", bookmaker="beta", after_event_id=row["event_id"], limit=50) == []
    assert clubs.call("event_for_diagnosis", event_id=row["event_id"]) == row
    assert clubs.call("event_for_diagnosis", event_id=999) is None


def test_the_catalogue_around_an_event_is_enough_to_hold_it_against(clubs: Clubs) -> None:
    row = waiting(clubs)
    clubs.list("alpha", "a2", "Bahia", "Sport", 99)
    clubs.edit("add_alias", team_id=clubs.team("Atlético Mineiro"), spelling=GALO)
    around = clubs.call("catalogue_around", event_id=row["event_id"])
    catalogue = Catalogue()
    for kind in ("leagues", "teams", "aliases", "matches"):
        catalogue.apply_page(kind, around[kind])
    assert {team.name for team in catalogue.teams.values()} == {"Atlético Mineiro", "Santos"}
    assert list(catalogue.matches) == [row["candidates"][0]["match_id"]]
    assert catalogue.alias_status(clubs.team("Atlético Mineiro"), "galo", "") == "confirmed"
    assert LEAGUE in catalogue.leagues
    assert clubs.call("catalogue_around", event_id=999) is None


def test_what_a_merge_touched_is_told(clubs: Clubs) -> None:
    one = clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    other = clubs.list("gamma", "g1", "Galo", "Santos")
    review = clubs.merge("Atlético Mineiro", "Galo")
    effects = clubs.call("review_effects", review_id=review["review_id"])
    (event,) = effects["events"]
    assert (event["bookmaker"], event["match_id"], event["was"]["match_id"], event["offered"]) == (
        "gamma",
        one,
        other,
        3,
    )
    assert effects["matches"] == sorted((one, other))
    assert effects["review"]["what"] == "Atlético Mineiro + Galo"
    assert clubs.call("review_effects", review_id=999) is None


def test_teams_are_found_by_the_words_of_any_of_their_names(clubs: Clubs) -> None:
    clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    clubs.list("alpha", "a2", "Atlético Goianiense", "Bahia", 60)
    clubs.edit("add_alias", team_id=clubs.team("Atlético Mineiro"), spelling=GALO)

    def found(*words: str, after: int = 0) -> list[str]:
        rows = clubs.call("find_teams", words=list(words), sport=None, after_team_id=after, limit=50)
        return [row["name"] for row in rows]

    assert found("mineiro", "atl") == found("gal") == ["Atlético Mineiro"]
    assert found("tico") == ["Atlético Mineiro", "Atlético Goianiense"]
    assert found("tico", after=clubs.team("Atlético Mineiro")) == ["Atlético Goianiense"]
    assert found("%") == []
    assert clubs.call("find_teams", words=[], sport="basketball", after_team_id=0, limit=50) == []
    assert clubs.call("team_details", team_id=999) is None


def test_whoever_forgets_all_odds_forgets_the_merges_too(clubs: Clubs) -> None:
    clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    clubs.list("gamma", "g1", "Galo", "Santos")
    clubs.merge("Atlético Mineiro", "Galo")
    clubs.edit("keep_apart", subject="teams", one=clubs.team("Santos"), other=clubs.team("Atlético Mineiro"))
    clubs.call("wipe_odds")
    assert not any(identity(clubs.db).values())
    assert names(clubs) == []
