"""The SQL functions of results: written once, linked with care, settled with the prices that were open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from jobs.results.linking import Linker
from scrapers.errors import StoreError
from store.backend import Backend
from tests.support.cycles import LEAGUE, House, kickoff, listing

ODDS = {"match_result:home": 2.0, "match_result:draw": 3.4, "match_result:away": 4.0}


@pytest.fixture
def database(database_url: str, backend: Backend) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The backend's database, for looking."""
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def result(
    page_id: int, home: str, away: str, starts_at: datetime, score: tuple[int, int], **more: Any
) -> dict[str, Any]:
    """A whole result as `record_result` takes it."""
    return {
        "source": "ogol",
        "page_id": page_id,
        "league_key": LEAGUE,
        "edition": 1,
        "round": 3,
        "home_name": home,
        "away_name": away,
        "played_on": starts_at.date().isoformat(),
        "starts_at": starts_at.isoformat(),
        "home_score": score[0],
        "away_score": score[1],
        "home_regular": score[0],
        "away_regular": score[1],
        "home_half": 0,
        "away_half": 0,
        "after_extra_time": False,
        "goals": [],
        "venue": "",
        "referee": "",
        "state": "complete",
        "missing": "",
        "statistics": [{"name": "shots", "home": 7, "away": 5}],
        **more,
    }


def record(backend: Backend, row: dict[str, Any]) -> str:
    return str(backend.call("record_result", {"p_result": row})["written"])


def link(backend: Backend) -> tuple[int, int]:
    linker = Linker(backend, "ogol")
    linker.bring_up()
    return linker.done.linked, linker.done.waiting


def offered(
    backend: Backend, at: datetime, home: str = "Flamengo", away: str = "Santos", slug: str = "alpha"
) -> int:
    """A match that a bookmaker offered an hour before its kick-off; its id."""
    house = House(backend, slug)
    house.commit([listing(f"{slug}-1", home, away, at, ODDS)], at=at - timedelta(hours=1))
    found = backend.call("find_matches", {"p_words": [home.lower()], "p_limit": 1})
    return int(found[0]["match_id"])


def test_a_result_is_written_once_and_a_whole_one_stays_whole(
    backend: Backend, database: psycopg.Connection[dict[str, Any]]
) -> None:
    row = result(1, "Flamengo", "Santos", kickoff(-3), (2, 1))
    assert [record(backend, row) for _ in range(2)] == ["new", "same"]
    changed = {**row, "statistics": [{"name": "shots", "home": 7, "away": 6}]}
    assert [record(backend, changed) for _ in range(2)] == ["changed", "same"]
    poorer = {**changed, "state": "partial", "missing": "page", "statistics": []}
    assert record(backend, poorer) == "same"
    assert database.execute(
        "select state, away from results join result_statistics using (page_id)"
    ).fetchall() == [{"state": "complete", "away": 6}]


def test_a_page_that_fails_takes_nothing_from_what_it_told_before(
    backend: Backend, database: psycopg.Connection[dict[str, Any]]
) -> None:
    row = {**result(1, "A", "B", kickoff(-3), (1, 0)), "state": "partial", "missing": "goals"}
    assert record(backend, row) == "new"
    told = database.execute("select * from results").fetchone()
    assert told is not None
    failed = {"starts_at": None, "goals": None, "home_half": None, "away_half": None, "statistics": []}
    assert record(backend, {**row, **failed, "missing": "page"}) == "same"
    assert database.execute("select * from results").fetchone() == told, "and when it was read stays"


def test_a_score_that_the_site_corrects_is_corrected_in_its_match(
    backend: Backend, database: psycopg.Connection[dict[str, Any]]
) -> None:
    at = kickoff(-5)
    match_id = offered(backend, at)
    row = {**result(1, "CR Flamengo", "Santos FC", at, (1, 1)), "state": "partial", "missing": "statistics"}
    record(backend, row)
    assert link(backend) == (1, 0)
    score = "select home_score, away_score from matches where match_id = %s"
    assert database.execute(score, (match_id,)).fetchone() == {"home_score": 1, "away_score": 1}
    record(backend, result(1, "CR Flamengo", "Santos FC", at, (2, 1)))
    assert database.execute(score, (match_id,)).fetchone() == {"home_score": 2, "away_score": 1}


@pytest.mark.parametrize(
    "wrong", [{"home_half": 3}, {"home_regular": 4}, {"away_half": None}, {"home_score": 100}, {"state": "whole"}]
)
def test_contradictions_are_refused(backend: Backend, wrong: dict[str, Any]) -> None:
    with pytest.raises(StoreError):
        record(backend, {**result(1, "Flamengo", "Santos", kickoff(-3), (2, 1)), **wrong})


def test_a_partial_result_is_worth_another_look_at_once_only_when_its_page_failed(backend: Backend) -> None:
    at = kickoff(-3)
    record(backend, {**result(1, "A", "B", at, (1, 0)), "state": "partial", "missing": "page"})
    record(backend, {**result(2, "C", "D", at, (1, 0)), "state": "partial", "missing": "goals"})
    record(backend, result(3, "E", "F", at, (1, 0)))
    known = backend.call("known_results", {"p_source": "ogol", "p_page_ids": [1, 2, 3, 4]})
    assert {number: row["again"] for number, row in known.items()} == {"1": True, "2": False, "3": False}
    due = backend.call("results_due", {"p_source": "ogol", "p_leagues": [LEAGUE], "p_after_hours": 2, "p_days": 7})
    assert [(row["matches"], row["partial"]) for row in due] == [(0, 1)]


def test_matches_without_a_result_make_their_league_due(backend: Backend) -> None:
    offered(backend, kickoff(-5))
    asked = {"p_source": "ogol", "p_leagues": [LEAGUE, "nba"], "p_after_hours": 2, "p_days": 7}
    (due,) = backend.call("results_due", asked)
    assert (due["league_key"], due["matches"]) == (LEAGUE, 1)
    record(backend, result(1, "CR Flamengo", "Santos FC", kickoff(-5), (2, 1)))
    assert link(backend) == (1, 0)
    assert backend.call("results_due", asked) == []


def test_a_result_gets_its_match_turned_round_and_long_after(
    backend: Backend, database: psycopg.Connection[dict[str, Any]]
) -> None:
    at = kickoff(-100)
    match_id = offered(backend, at)
    record(
        backend,
        result(
            1,
            "Santos",
            "Flamengo",
            at,
            (0, 3),
            goals=[{"side": "away", "minute": 5, "added": 0, "kind": "goal", "scorer": "X"}] * 3,
        ),
    )
    assert link(backend) == (1, 0)
    assert database.execute("select match_id, swapped from results").fetchone() == {
        "match_id": match_id,
        "swapped": True,
    }
    assert database.execute("select state, home_score, away_score from matches").fetchone() == {
        "state": "finished", "home_score": 3, "away_score": 0}  # fmt: skip
    (page,) = backend.call("closing_page", {"p_filter": {}, "p_after_match_id": 0, "p_limit": 5})
    assert (page["result"]["home"]["score"], page["result"]["away"]["score"]) == (3, 0)
    assert {goal["side"] for goal in page["result"]["goals"]} == {"home"}


def test_what_is_not_sure_waits_and_nothing_is_linked_twice(
    backend: Backend, database: psycopg.Connection[dict[str, Any]]
) -> None:
    at = kickoff(-4)
    offered(backend, at, "Manchester City", "Arsenal")
    record(backend, result(1, "Manchester United", "Chelsea", at, (1, 1)))
    assert link(backend) == (0, 1)
    record(backend, result(2, "Man City", "Arsenal FC", at, (2, 0)))
    record(backend, result(3, "Manchester City", "Arsenal", at, (2, 0)))
    linked, waiting = link(backend)
    assert (linked, waiting) == (1, 2)
    rows = database.execute("select page_id, match_id, link_reason from results order by 1").fetchall()
    assert [row["match_id"] is None for row in rows].count(True) == 2
    assert rows[0]["link_reason"]


def test_another_tale_of_a_score_is_not_overwritten_but_told(
    backend: Backend, database: psycopg.Connection[dict[str, Any]]
) -> None:
    at = kickoff(-30)
    match_id = offered(backend, at)
    database.execute("update matches set state = 'finished', home_score = 1, away_score = 1")
    backend.call("finish_result_round", {"p_round": {
        "source": "ogol", "league_key": LEAGUE, "edition": 1, "round": 3, "listed": 1, "finished": 1,
        "complete": False, "first_day": None, "last_day": None, "error": "", "execution_id": None}})  # fmt: skip
    health = backend.call("results_health", {"p_source": "ogol"})
    assert (health["missing"], health["contradicting"]) == (1, [])
    record(backend, result(1, "Flamengo", "Santos", at, (2, 1)))
    assert link(backend) == (1, 0)
    health = backend.call("results_health", {"p_source": "ogol"})
    assert health["missing"] == 0
    assert health["contradicting"] == [
        {"match_id": match_id, "home": "Flamengo", "away": "Santos", "site": "2-1", "held": "1-1"}
    ]


def test_closing_is_the_last_price_before_kickoff_on_offer_and_put_away(backend: Backend) -> None:
    at = kickoff(-20)
    house = House(backend, "alpha")
    home = {**ODDS, "match_result:home": 2.2}
    for offers, hours in ((ODDS, -3), (home, -1), ({**home, "match_result:home": 9.0}, 1)):
        house.commit([listing("e1", "Flamengo", "Santos", at, offers)], at=at + timedelta(hours=hours))
    record(backend, result(1, "Flamengo", "Santos", at, (2, 1)))
    assert link(backend) == (1, 0)

    def prices() -> dict[str, tuple[float, float]]:
        (page,) = backend.call(
            "closing_page", {"p_filter": {"league": LEAGUE}, "p_after_match_id": 0, "p_limit": 5}
        )
        return {row[5]: (row[8], row[9]) for row in page["prices"]}

    expected = {"home": (2.0, 2.2), "draw": (3.4, 3.4), "away": (4.0, 4.0)}
    assert prices() == expected
    assert backend.call("cleanup_old_matches", {"p_keep_hours": 12, "p_limit": 10})["events"] == 1
    assert prices() == expected
    assert backend.call("closing_page", {"p_filter": {"league": "nba"}, "p_after_match_id": 0, "p_limit": 5}) == []


def test_a_whole_round_holds_for_a_season(backend: Backend) -> None:
    def known(last_day: date, *, complete: bool = True) -> Any:
        row = {
            "source": "ogol", "league_key": LEAGUE, "edition": 1, "round": 3, "listed": 8, "finished": 8,
            "complete": complete, "first_day": last_day.isoformat(), "last_day": last_day.isoformat(),
        }  # fmt: skip
        backend.call("finish_result_round", {"p_round": row})
        return backend.call("known_round", {"p_source": "ogol", "p_league_key": LEAGUE, "p_round": 3})["holds"]

    today = datetime.now(UTC).date()
    assert known(today)
    assert not known(today, complete=False)
    assert not known(today - timedelta(days=200))


def test_what_was_left_out_is_forgotten_once_it_is_in_order_and_all_is_with_the_odds(
    backend: Backend, database: psycopg.Connection[dict[str, Any]]
) -> None:
    rejected = [{"reference": f"ogol:match:{number}", "reason": "x", "detail": ""} for number in (1, 2)]
    for count in (2, 0):
        assert backend.call("reject_results", {"p_rejected": rejected, "p_within": None}) == {"rejected": count}
    record(backend, result(1, "Flamengo", "Santos", kickoff(-3), (2, 1)))
    assert [row["reference"] for row in database.execute("select * from result_rejects")] == ["ogol:match:2"]
    backend.call("wipe_odds", {})
    for table in ("results", "result_statistics", "result_rejects", "result_rounds"):
        assert database.execute(f"select count(*) as n from {table}").fetchone() == {"n": 0}
