"""Merging what was created twice, and taking it back exactly: on a real database, beside scrapers at work."""

from __future__ import annotations

import random
import threading

import pytest

from scrapers.errors import StoreError
from store.postgres import PostgresBackend
from tests.support.clubs import Clubs, identity
from tests.support.cycles import LEAGUE, House, kickoff, listing


@pytest.fixture
def twice(clubs: Clubs) -> Clubs:
    """Atlético Mineiro is there again as Galo: one match twice, the other way round, and one of each alone."""
    one = clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    other = clubs.list("gamma", "g1", "Santos", "Galo")
    clubs.list("delta", "d1", "Santos", "Galo")
    alone = clubs.list("gamma", "g2", "Galo", "Bahia", 60)
    clubs.list("alpha", "a2", "Ceará", "Atlético Mineiro", 90)
    clubs.list("beta", "b1", "CAM", "Santos", linked=False)
    clubs.link("beta", "b1", one, clubs.team("Atlético Mineiro"), "CAM")
    clubs.list("beta", "b2", "CAM", "Bahia", 60, linked=False)
    clubs.link("beta", "b2", alone, clubs.team("Galo"), "CAM")
    clubs.list("delta", "d2", "Atlético Mineiro", "Bahia", 60, linked=False)
    clubs.link("delta", "d2", alone, clubs.team("Galo"), "Atlético Mineiro")
    clubs.list("beta", "b3", "Vasco", "Bahia", 60, linked=False, scope="other")
    assert one != other
    return clubs


# --- teams -----------------------------------------------------------------------------------------------------


def test_a_merged_team_gives_everything_to_the_kept_one(twice: Clubs) -> None:
    keep, gone, heads = twice.team("Atlético Mineiro"), twice.team("Galo"), twice.heads()
    one, other = twice.match_of("a1"), twice.match_of("g1")
    answer = twice.merge("Atlético Mineiro", "Galo")
    assert answer["matches"] == [[one, other]]
    assert {event["match_id"] for event in answer["touched"]} == {other}

    assert twice.placed("g1") == twice.placed("d1") == (one, True)
    assert twice.placed("a1") == (one, False)
    sides = twice.db.execute("select home_team_id, away_team_id from matches").fetchall()
    assert gone not in {team for row in sides for team in row.values()}
    assert len(sides) == 3
    aliases = twice.db.execute(
        "select alias, team_id, status, evidence from team_aliases order by alias"
    ).fetchall()
    assert [tuple(row.values()) for row in aliases] == [
        ("Atlético Mineiro", keep, "confirmed", 1),
        ("CAM", keep, "proposed", 2),
        ("Galo", keep, "confirmed", 0),
    ]
    # Whoever follows the board reads every match whose name or events are others now.
    assert {slug for slug, seq in twice.heads().items() if seq > heads[slug]} == {"alpha", "beta", "gamma", "delta"}


def test_undoing_a_merge_restores_exactly_what_was(twice: Clubs) -> None:
    before = identity(twice.db)
    review = twice.merge("Atlético Mineiro", "Galo")
    assert identity(twice.db) != before
    twice.undo(review)
    assert identity(twice.db) == before


def test_merges_that_build_on_one_another_are_undone_from_the_last(twice: Clubs) -> None:
    states = [identity(twice.db)]
    first = twice.merge("Atlético Mineiro", "Galo")
    states.append(identity(twice.db))
    twice.list("alpha", "a4", "Atlético", "Bragantino", 120)
    states[1] = identity(twice.db)
    second = twice.merge("Atlético", "Atlético Mineiro")
    into = twice.db.execute("select distinct into_team_id as team from merged_teams").fetchall()
    assert into == [{"team": twice.team("Atlético")}]
    with pytest.raises(StoreError, match=f"review {second['review_id']} came later"):
        twice.undo(first)
    twice.undo(second)
    assert identity(twice.db) == states[1]
    twice.undo(first)
    teams = twice.db.execute("select name from teams").fetchall()
    assert {"Galo", "Atlético", "Atlético Mineiro"} <= {row["name"] for row in teams}


def test_a_list_of_pairs_can_be_gone_down_although_merges_change_it(twice: Clubs) -> None:
    twice.list("alpha", "a4", "Atlético", "Bragantino", 120)
    team, gone = twice.team("Atlético"), twice.team("Galo")
    twice.merge("Atlético Mineiro", "Galo")
    twice.edit("merge_teams", keep=team, gone=gone)
    rows = twice.db.execute("select name from teams where name like '%%tlético%%'").fetchall()
    assert [row["name"] for row in rows] == ["Atlético"]
    with pytest.raises(StoreError, match="they are one team"):
        twice.edit("merge_teams", keep=gone, gone=team)
    with pytest.raises(StoreError, match="two teams of the catalogue"):
        twice.edit("merge_teams", keep=team, gone=999)


def test_what_was_decided_since_is_decided_again(twice: Clubs) -> None:
    review = twice.merge("Atlético Mineiro", "Galo")
    keep = twice.team("Atlético Mineiro")
    # A process that knows nothing of the merge makes a match of the name that is gone: it gets the kept team.
    later = twice.list("gamma", "g5", "Galo", "Grêmio", 150)
    sides = twice.db.execute("select home_team_id from matches where match_id = %s", [later]).fetchall()
    assert sides == [{"home_team_id": keep}]
    twice.undo(review)
    assert twice.match_of("g5") is None
    assert twice.db.execute("select 1 from matches where match_id = %s", [later]).fetchall() == []
    waiting = twice.db.execute("select reason from unmatched_events where reason = 'revoked'").fetchall()
    assert len(waiting) == 1


def test_who_decides_on_an_older_catalogue_is_led_to_the_kept_team(twice: Clubs) -> None:
    keep, gone, other = twice.team("Atlético Mineiro"), twice.team("Galo"), twice.match_of("g1")
    alone = twice.match_of("g2")
    twice.merge("Atlético Mineiro", "Galo")
    assert other is not None and alone is not None  # noqa: PT018
    # Its match is gone: decided again. Its team is gone: the spelling is the kept one's.
    assert twice.link("beta", "b3", other)["deferred"] == ["b3"]
    twice.list("alpha", "a8", "O Galo", "Bahia", 60, linked=False)
    assert twice.link("alpha", "a8", alone, gone, "O Galo")["linked"] == 1
    rows = twice.db.execute("select team_id from team_aliases where alias = 'O Galo'").fetchall()
    assert rows == [{"team_id": keep}]


def test_a_bookmaker_that_offers_both_keeps_the_second_waiting(clubs: Clubs) -> None:
    clubs.list("alpha", "a1", "Atlético Mineiro", "Santos")
    clubs.list("alpha", "a2", "Galo", "Santos")
    before = identity(clubs.db)
    review = clubs.merge("Atlético Mineiro", "Galo")
    assert clubs.match_of("a2") is None
    (row,) = clubs.db.execute("select reason, candidates from unmatched_events").fetchall()
    assert (row["reason"], row["candidates"]) == ("duplicate", [{"match_id": clubs.match_of("a1")}])
    clubs.undo(review)
    assert identity(clubs.db) == before
    assert clubs.db.execute("select 1 from unmatched_events").fetchall() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update teams set sport = 'basketball' where name = 'Galo'", "basketball"),
        ("update teams set category = 'women' where name = 'Galo'", "categories differ"),
        ("update teams set country = case name when 'Galo' then 'Chile' else 'Brazil' end", "Chile"),
    ],
)
def test_different_kinds_of_teams_are_not_merged(twice: Clubs, change: str, told: str) -> None:
    twice.db.execute(change)
    before = identity(twice.db)
    with pytest.raises(StoreError, match=told):
        twice.merge("Atlético Mineiro", "Galo")
    assert identity(twice.db) == before


def test_teams_that_met_or_play_elsewhere_at_the_time_are_two(clubs: Clubs) -> None:
    match = clubs.list("alpha", "a1", "Atlético Mineiro", "Galo")
    with pytest.raises(StoreError, match=f"played each other in match {match}"):
        clubs.merge("Atlético Mineiro", "Galo")
    clubs.list("alpha", "a2", "Santos", "Bahia", 50)
    clubs.list("alpha", "a3", "Santos FC", "Sport", 51)
    with pytest.raises(StoreError, match="play others at that time"):
        clubs.merge("Santos", "Santos FC")
    with pytest.raises(StoreError, match="they are one team"):
        clubs.merge("Santos", "Santos")


def test_a_verdict_against_it_stands_in_the_way(twice: Clubs) -> None:
    clubs = twice
    pair = {"p_subject": "teams", "p_one": clubs.team("Galo"), "p_other": clubs.team("Atlético Mineiro")}
    apart = clubs.backend.call("keep_apart", {**pair, "p_actor": "ana", "p_reason": ""})
    with pytest.raises(StoreError, match="they are two"):
        clubs.merge("Atlético Mineiro", "Galo")
    clubs.undo(apart)
    (event,) = clubs.db.execute("select event_id from bookmaker_events where source_event_id = 'b1'").fetchall()
    clubs.db.execute(
        "update bookmaker_events set not_matches = array[%s::bigint] where event_id = %s",
        [clubs.match_of("g1"), event["event_id"]],
    )
    with pytest.raises(StoreError, match="only one of them"):
        clubs.merge("Atlético Mineiro", "Galo")


def test_who_was_said_to_be_another_stays_another_after_a_merge(twice: Clubs) -> None:
    twice.list("alpha", "a9", "CAM MG", "Ceará", 200)
    pair = {"one": twice.team("CAM MG"), "other": twice.team("Atlético Mineiro")}
    twice.edit("keep_apart", subject="teams", **pair)
    twice.merge("Galo", "CAM MG")
    with pytest.raises(StoreError, match="they are two"):
        twice.merge("Atlético Mineiro", "Galo")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_merges_are_undone_exactly_from_the_last_to_the_first(clubs: Clubs, seed: int) -> None:
    """Ten names, listings and spellings of four houses at random: whatever can be merged is, one after another."""
    chance = random.Random(seed)
    names = ["Galo", "CAM", "Atlético", "Mineiro", "Santos", "Peixe", "Bahia", "Tricolor", "Sport", "Leão"]
    for number in range(18):
        home, away = chance.sample(names, 2)
        slug, hours = chance.choice(list(clubs.houses)), 24 * chance.randint(2, 7) + chance.choice((0, 1))
        match = clubs.list(slug, f"e{number}", home, away, hours)
        house, spelling = (
            chance.choice([each for each in clubs.houses if each != slug]),
            chance.choice(names) + " FC",
        )
        clubs.list(house, f"x{number}", spelling, away, hours, linked=False)
        clubs.link(house, f"x{number}", match, clubs.team(home), spelling, swapped=chance.random() < 0.3)
    done = []
    for _ in range(60):
        before = identity(clubs.db)
        teams = [row["team_id"] for row in before["teams"]]
        matches = [row["match_id"] for row in before["matches"]]
        try:
            if chance.random() < 0.6:
                keep, gone = chance.sample(teams, 2)
                review = clubs.edit("merge_teams", keep=keep, gone=gone)
            else:
                review = clubs.merge_matches(*chance.sample(matches, 2), swapped=chance.choice((None, False, True)))
        except StoreError:
            assert identity(clubs.db) == before
        else:
            done.append((review, before))
    assert len(done) > 2
    for review, before in reversed(done):
        clubs.undo(review)
        assert identity(clubs.db) == before


# --- matches ---------------------------------------------------------------------------------------------------


def test_two_matches_of_the_same_teams_become_one_and_two_again(clubs: Clubs) -> None:
    keep = clubs.list("alpha", "a1", "Galo", "Santos")
    link = {
        "event": "g1",
        "decision": "create",
        "league_key": LEAGUE,
        "home": {"team_id": clubs.team("Santos")},
        "away": {"team_id": clubs.team("Galo")},
        "method": "new",
        "score": 1.0,
    }
    clubs.list("gamma", "g1", "Santos", "Galo", 30.5, linked=False)
    clubs.call_link("gamma", link)
    gone = clubs.match_of("g1")
    assert gone not in (None, keep)
    before = identity(clubs.db)
    review = clubs.merge_matches(keep, gone)
    (row,) = clubs.db.execute(
        "select match_id, swapped from bookmaker_events where source_event_id = 'g1'"
    ).fetchall()
    assert (row["match_id"], row["swapped"]) == (keep, True)
    with pytest.raises(StoreError, match="two different matches"):
        clubs.merge_matches(keep, gone)
    clubs.undo(review)
    assert identity(clubs.db) == before


def test_matches_that_cannot_be_one_are_refused(clubs: Clubs) -> None:
    first = clubs.list("alpha", "a1", "Galo", "Santos")
    second = clubs.list("alpha", "a2", "Bahia", "Vitória")
    later = clubs.list("alpha", "a3", "Santos", "Galo", 90)
    with pytest.raises(StoreError, match="share no team"):
        clubs.merge_matches(first, second)
    with pytest.raises(StoreError, match="three hours"):
        clubs.merge_matches(first, later)
    assert clubs.merge_matches(first, second, swapped=False)["review_id"]


def test_an_older_verdict_is_undone_onto_the_match_that_is_left(twice: Clubs) -> None:
    (event,) = twice.db.execute("select event_id from bookmaker_events where source_event_id = 'd1'").fetchall()
    verdict = twice.backend.call(
        "review_event",
        {
            "p_event_id": event["event_id"],
            "p_match_id": twice.match_of("d1"),
            "p_accept": False,
            "p_swapped": False,
            "p_sides": [],
            "p_actor": "ana",
            "p_reason": "",
        },
    )
    twice.merge("Atlético Mineiro", "Galo")
    twice.undo(verdict)
    (row,) = twice.db.execute(
        "select match_id, swapped from bookmaker_events where source_event_id = 'd1'"
    ).fetchall()
    assert (row["match_id"], row["swapped"]) == (twice.match_of("a1"), True)


def test_what_an_event_is_said_not_to_be_follows_merges_and_their_undoing(twice: Clubs) -> None:
    one, other, alone = (twice.match_of(source_id) or 0 for source_id in ("a1", "g1", "g2"))
    (event,) = twice.db.execute("select event_id from bookmaker_events where source_event_id = 'b3'").fetchall()

    def refuse(match: int) -> None:
        rest = {"accept": False, "swapped": False, "sides": []}
        twice.edit("review_event", event_id=event["event_id"], match_id=match, **rest)

    def refused() -> list[int]:
        query = "select not_matches from bookmaker_events where event_id = %s"
        (row,) = twice.db.execute(query, [event["event_id"]]).fetchall()
        return sorted(row["not_matches"])

    refuse(other)
    review = twice.merge("Atlético Mineiro", "Galo")
    assert refused() == [one]
    refuse(alone)
    twice.undo(review)
    assert refused() == sorted((other, alone))


# --- beside others at work -------------------------------------------------------------------------------------


def test_scrapers_commit_while_teams_are_merged_and_nothing_is_lost(twice: Clubs, database_url: str) -> None:
    """Four houses commit and link without pause while merges and their undoing alternate: nothing is torn."""
    failures: list[BaseException] = []
    stop = threading.Event()
    commits = dict.fromkeys(twice.houses, 0)
    last: dict[str, tuple[str, float]] = {}

    def work(slug: str) -> None:
        backend = PostgresBackend(database_url)
        try:
            house = House(backend, slug)
            while not stop.is_set():
                number = commits[slug]
                name = ("Galo", "Atlético Mineiro")[number % 2]
                offers = {"match_result:home": round(2 + number % 50 / 100, 2)}
                rival, at = f"Rival {number % 5}", kickoff(300 + 24 * (number % 5))
                house.commit([listing(f"{slug}-{rival}", name, rival, at, offers)])
                last[slug] = (f"{slug}-{rival}", offers["match_result:home"])
                commits[slug] += 1
        except BaseException as failure:  # a thread's failure is the test's
            failures.append(failure)
        finally:
            backend.close()

    threads = [threading.Thread(target=work, args=(slug,)) for slug in twice.houses]
    for thread in threads:
        thread.start()
    for _ in range(8):
        twice.undo(twice.merge("Atlético Mineiro", "Galo"))
    stop.set()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert min(commits.values()) >= 3
    broken = twice.db.execute(
        "select m.match_id from matches m left join teams h on h.team_id = m.home_team_id"
        " left join teams a on a.team_id = m.away_team_id where h.team_id is null or a.team_id is null"
    ).fetchall()
    assert broken == []
    for source_id, price in last.values():
        query = "select price from prices join bookmaker_events using (event_id) where source_event_id = %s"
        assert [float(row["price"]) for row in twice.db.execute(query, [source_id]).fetchall()] == [price]
