"""The life of surebets in a real database: one row each, over restarts, lost answers and two generators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from board.follow import BoardFollower
from board.freshness import Limits
from board.opportunities import Ledger, SurebetMaker
from board.surebets import Settings
from monitoring.etl.logger import ETLLogger
from monitoring.etl.recorder import Recorder
from scrapers.errors import StoreUnavailableError
from standalone.process import Stop
from standalone.run_cleanup import Cleanup
from standalone.settings import Settings as FleetSettings
from store.backend import Backend
from store.postgres import PostgresBackend
from store.supabase import SupabaseBackend
from tests.support.cycles import House, kickoff, listing
from tests.support.postgres import DECLARED
from tests.support.postgrest import Project, key_of

OVER, UNDER = {"totals:over@2.5": 2.1}, {"totals:under@2.5": 2.1}
DERBY = listing("e1", "Flamengo", "Santos", kickoff(2), {})


@dataclass
class Looking:
    """A generator, as far as surebets go."""

    backend: Backend

    def __post_init__(self) -> None:
        self.follower = BoardFollower(self.backend)
        self.maker = SurebetMaker(Limits(max_age_s=180), Settings(unit=1), simulated=False)
        self.ledger = Ledger(self.backend)
        self.unreadable = self.maker.adopt(self.ledger)

    def look(self) -> list[dict[str, Any]]:
        """A round without its record: the surebets listed."""
        self.follower.sync()
        self.maker.update(self.follower.board, self.follower.board.take_changes())
        (feed,) = self.maker.feeds(self.follower.board)
        listed: list[dict[str, Any]] = orjson.loads(orjson.dumps(feed.head["surebets"]))
        return listed

    def record(self) -> None:
        self.maker.record(self.ledger, self.follower.board.now)

    def round(self) -> list[dict[str, Any]]:
        listed = self.look()
        self.record()
        return listed


@pytest.fixture
def backend(request: pytest.FixtureRequest, database_url: str, supabase_project: Project) -> Iterator[Backend]:
    """On a fresh database with the bookmakers of DECLARED; Postgres directly unless a test asks for both."""
    backend: Backend = (
        SupabaseBackend(supabase_project.url_of(database_url), key_of("service_role"))
        if getattr(request, "param", "postgres") == "supabase"
        else PostgresBackend(database_url)
    )
    backend.call(
        "register_declarations", {"p_bookmakers": DECLARED["bookmakers"], "p_leagues": DECLARED["leagues"]}
    )
    yield backend
    backend.close()


over_both_backends = pytest.mark.parametrize("backend", ["postgres", "supabase"], indirect=True)


@pytest.fixture
def houses(backend: Backend) -> tuple[House, House]:
    """Two houses of different desks that together make a surebet."""
    alpha, gamma = House(backend, "alpha"), House(backend, "gamma")
    alpha.commit([replace(DERBY, offers=OVER)])
    gamma.commit([replace(DERBY, source_id="e2", offers=UNDER)])
    return alpha, gamma


def rows(url: str) -> list[dict[str, Any]]:
    """What plain SQL shows."""
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute("select * from surebets_view order by surebet_id").fetchall()


def offers(gamma: House, price: float | None) -> None:
    """Gamma shows this price for under; None: it lists the match no more."""
    shown = [replace(DERBY, source_id="e2", offers={"totals:under@2.5": price})]
    gamma.commit(shown if price is not None else [])


def later(url: str, seconds: float) -> None:
    """Everything that was recorded happened so much earlier."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "update surebets set opened_at = opened_at - %(by)s, last_seen_at = last_seen_at - %(by)s,"
            " sight_at = sight_at - %(by)s, closed_at = closed_at - %(by)s",
            {"by": timedelta(seconds=seconds)},
        )


@over_both_backends
def test_one_row_from_opening_to_end(backend: Backend, database_url: str, houses: tuple[House, House]) -> None:
    alpha, gamma = houses
    looking = Looking(backend)
    looking.round()
    (row,) = rows(database_url)
    assert (row["state"], row["home"], row["closed_at"], row["sights"]) == ("open", "Flamengo", None, 1)
    assert sorted(row["bets"].split(" | ")) == ["alpha: totals over 2.5 @ 2.1", "gamma: totals under 2.5 @ 2.1"]
    alpha.commit([replace(DERBY, offers=OVER)])
    offers(gamma, 2.3)
    looking.round()
    (row,) = rows(database_url)
    assert row["confirmed_at"] is not None
    assert row["last_edge"] == row["best_edge"] == pytest.approx(2.1 * 2.3 / 4.4 - 1)
    assert row["first_edge"] == pytest.approx(0.05)
    offers(gamma, None)
    assert looking.round() == []
    (row,) = rows(database_url)
    assert (row["state"], row["closed_reason"], row["closed_detail"]) == ("closed", "leg_gone", "gamma")
    assert row["duration_s"] == (row["closed_at"] - row["opened_at"]).total_seconds() > 0
    assert {leg["price"] for leg in row["best_sight"]["legs"]} == {2.1, 2.3}


def test_an_idle_round_writes_nothing_until_the_row_is_to_be_renewed(
    backend: Backend, database_url: str, houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Looking(backend)
    looking.round()
    (before,) = rows(database_url)
    looking.round()
    assert rows(database_url) == [before]
    monkeypatch.setattr("board.opportunities.ledger.RENEW_EVERY_S", 0)
    looking.round()
    (after,) = rows(database_url)
    assert after["last_seen_at"] > before["last_seen_at"]


@over_both_backends
def test_a_generator_that_restarts_goes_on_with_what_is_open(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    (first,) = Looking(backend).round()
    later(database_url, 10)
    (again,) = Looking(backend).round()
    opened_at = datetime.fromisoformat(first["opened_at"]) - timedelta(seconds=10)
    assert abs(datetime.fromisoformat(again["opened_at"]) - opened_at) <= timedelta(seconds=1)
    (row,) = rows(database_url)
    assert (row["state"], row["gaps"]) == ("open", 0)


@pytest.mark.parametrize(
    ("away_s", "reason", "closed_s_ago"), [(10, "price_moved", 0), (100, "generator_stopped", 100)]
)
def test_what_ended_meanwhile_is_closed_with_an_honest_time(
    backend: Backend,
    database_url: str,
    houses: tuple[House, House],
    away_s: float,
    reason: str,
    closed_s_ago: float,
) -> None:
    Looking(backend).round()
    later(database_url, away_s)
    offers(houses[1], 1.5)
    assert Looking(backend).round() == []
    (row,) = rows(database_url)
    assert row["closed_reason"] == reason
    assert (datetime.now(UTC) - row["closed_at"]).total_seconds() == pytest.approx(closed_s_ago, abs=3)


def test_one_that_was_unwatched_for_long_is_closed_and_opened_anew(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    Looking(backend).round()
    later(database_url, 1000)
    assert [row["state"] for row in rows(database_url)] == ["unwatched"]
    assert backend.call("open_surebets", {"p_limit": 10}) == []
    Looking(backend).round()
    assert [(row["state"], row["closed_reason"]) for row in rows(database_url)] == [
        ("closed", "generator_stopped"),
        ("open", None),
    ]


def test_one_that_closed_before_the_restart_and_is_back_is_the_same(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    looking = Looking(backend)
    looking.round()
    offers(houses[1], 1.5)
    looking.round()
    later(database_url, 20)
    offers(houses[1], 2.1)
    (one,) = Looking(backend).round()
    (row,) = rows(database_url)
    assert (row["state"], row["gaps"], one["gaps"]) == ("open", 1, 1)
    assert row["gap_s"] == pytest.approx(20, abs=3)


def test_a_row_of_another_release_goes_on_when_it_is_found_again(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    Looking(backend).round()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update surebets set last_sight = last_sight || '{\"odd\": 1}'")
    looking = Looking(backend)
    assert looking.unreadable == 1
    looking.round()
    assert looking.maker.adopt(looking.ledger) == 0
    assert [row["state"] for row in rows(database_url)] == ["open"]


def test_two_generators_at_once_make_one_row(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    one, other = Looking(backend), Looking(backend)
    assert one.look()
    assert other.look()
    one.record()
    other.record()
    assert len(rows(database_url)) == 1
    offers(houses[1], 1.5)
    for looking in (one, other, other, one):
        looking.round()
    (row,) = rows(database_url)
    assert row["closed_reason"] == "price_moved"
    offers(houses[1], 2.1)
    for looking in (other, one):
        looking.round()
    (row,) = rows(database_url)
    assert (row["state"], row["gaps"]) == ("open", 1)


class Losing:
    """A backend whose answers to records get lost while it is told to lose them."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.loses = False

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        answer = self._backend.call(function, args)
        if self.loses and function == "record_surebets":
            raise StoreUnavailableError("the answer was lost")
        return answer

    def close(self) -> None:
        """Nothing."""


@over_both_backends
def test_a_lost_answer_is_repeated_without_harm(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    losing = Losing(backend)
    looking = Looking(losing)
    losing.loses = True
    for price in (2.1, 1.5, 2.2):
        offers(houses[1], price)
        with pytest.raises(StoreUnavailableError):
            looking.round()
    losing.loses = False
    looking.round()
    looking.round()
    (row,) = rows(database_url)
    assert (row["state"], row["gaps"], row["last_edge"]) == ("open", 1, pytest.approx(2.1 * 2.2 / 4.3 - 1))
    losing.loses = True
    offers(houses[1], 1.5)
    with pytest.raises(StoreUnavailableError):
        looking.round()
    losing.loses = False
    looking.round()
    (again,) = rows(database_url)
    assert (again["closed_reason"], again["surebet_id"]) == ("price_moved", row["surebet_id"])


def test_an_event_that_a_person_takes_from_its_match_revokes_it(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    looking = Looking(backend)
    looking.round()
    with psycopg.connect(database_url, autocommit=True) as connection:
        (event_id, match_id) = connection.execute(
            "select event_id, match_id from bookmaker_events where source_event_id = 'e2'"
        ).fetchone() or (None, None)
    verdict = {
        "p_event_id": event_id,
        "p_match_id": match_id,
        "p_swapped": False,
        "p_accept": False,
        "p_sides": None,
        "p_actor": "maria",
        "p_reason": "other teams",
    }
    backend.call("review_event", verdict)
    assert looking.round() == []
    (row,) = rows(database_url)
    assert (row["closed_reason"], row["closed_detail"]) == ("revoked", "gamma")


@over_both_backends
def test_readers_page_by_key_and_cleaning_forgets(
    backend: Backend, database_url: str, houses: tuple[House, House], tmp_path: Path
) -> None:
    alpha, gamma = houses
    alpha.commit([replace(DERBY, offers=OVER | {"both_teams_to_score:yes": 2.2})])
    gamma.commit([replace(DERBY, source_id="e2", offers=UNDER | {"both_teams_to_score:no": 2.2})])
    looking = Looking(backend)
    listed = looking.round()
    stand = backend.call("open_surebets", {"p_limit": 100})
    assert [one["last_edge"] for one in stand] == [one["edge"] for one in listed]
    newest = backend.call("recent_surebets", {"p_before_id": 2**63 - 1, "p_limit": 1})
    rest = backend.call("recent_surebets", {"p_before_id": newest[0]["surebet_id"], "p_limit": 100})
    ids = [one["surebet_id"] for one in newest + rest]
    assert ids == sorted((one["surebet_id"] for one in stand), reverse=True)
    assert len(ids) > 1
    later(database_url, 400)
    settings = FleetSettings(_env_file=None, data_dir=tmp_path, KEEP_HISTORY_DAYS=1)
    cleanup = Cleanup(backend, settings, Stop(), ETLLogger(Recorder("cleanup-service")))
    assert cleanup.step()["surebets_dropped"] == 0
    closed = rows(database_url)
    assert {row["closed_reason"] for row in closed} == {"generator_stopped"}
    assert all(row["closed_at"] == row["last_seen_at"] for row in closed)
    later(database_url, 86_400)
    assert cleanup.step()["surebets_dropped"] == len(ids)
    assert rows(database_url) == []


def test_a_wipe_forgets_them_and_what_closes_then_is_not_made_again(
    backend: Backend, database_url: str, houses: tuple[House, House]
) -> None:
    looking = Looking(backend)
    looking.round()
    backend.call("wipe_odds", {})
    assert looking.round() == []
    assert rows(database_url) == []
