"""A run against the simulated site's pages: what is asked for, what is kept of what fails, and that it heals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.rows import dict_row

from jobs.fixtures.watching import Unwatched
from jobs.results.importer import MOST_BACK, Importer, Plan
from jobs.results.report import Report
from jobs.results.site import Site, competitions
from scrapers.errors import BlockedError, DeclarationError, FetchError, NetworkError, PayloadShapeError
from scrapers.records import Page, PageRequest
from scrapers.registry import load_registry
from simulator.results import site as simulated
from simulator.results.rounds import Rounds
from standalone.declare import register
from store.backend import Backend
from tests.support.cycles import House, kickoff, listing

LEAGUE = "brasileirao_a"
COMPETITIONS = competitions(load_registry().leagues)
NOW = int(time.time())
ROUNDS = Rounds(7)
CURRENT = ROUNDS.current(NOW)
OVER = CURRENT - 3
"""A round of which nothing is left to play, put off or not."""

Spoil = Callable[[PageRequest, bytes], bytes]


class Pages:
    """Answers with the simulated site's pages. Satisfies `Fetcher`. asked: the paths, in order; spoil: what becomes
    of a page, or raises instead of it."""

    last_use = None

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.spoil: Spoil = lambda request, body: body

    async def fetch(self, request: PageRequest) -> Page:
        path = urlsplit(request.url).path
        self.asked.append(path)
        reply = simulated.answer(ROUNDS, path, dict(request.params), NOW, 0)
        assert reply.status == 200, path
        return Page(request, 200, self.spoil(request, reply.body), datetime.now(UTC), 0.0)

    async def aclose(self) -> None:
        pass


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def database(database_url: str, backend: Backend) -> Any:
    """For looking; the registry's leagues are known."""
    register(backend, load_registry())
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def run(backend: Backend, pages: Pages, league: str | None = LEAGUE, number: int | None = OVER) -> Report:
    pages.asked.clear()
    plan = Plan(tuple(COMPETITIONS), league, number)
    return asyncio.run(Importer(Site(pages, COMPETITIONS), backend, Unwatched(), plan).run())


def content(database: Any) -> list[dict[str, Any]]:
    rows = database.execute("select to_jsonb(r) - 'read_at' - 'changed_at' as row from results r order by page_id")
    return [row["row"] for row in rows]


def matches_spoilt(how: Callable[[bytes], bytes], which: Callable[[int], bool] = lambda number: True) -> Spoil:
    """Pages of matches spoilt, where `which` says so of the number of the match asked for."""
    numbers = iter(range(10_000))

    def spoil(request: PageRequest, body: bytes) -> bytes:
        return how(body) if request.scope.startswith("match:") and which(next(numbers)) else body

    return spoil


def raising(error: Exception) -> Callable[[bytes], bytes]:
    def how(body: bytes) -> bytes:
        raise error

    return how


def test_a_round_is_read_once(backend: Backend, pages: Pages, database: Any) -> None:
    report = run(backend, pages)
    assert (report.new, report.rounds, len(pages.asked)) == (8, 1, 9)
    report = run(backend, pages)
    assert (report.whole, report.skipped, pages.asked) == (1, 8, [])
    assert report.did_nothing


@pytest.mark.parametrize(
    "how",
    [
        lambda body: body[: len(body) // 8],
        lambda body: b"<html><title>Voltamos em breve</title></html>",
        lambda body: body.replace(b"class=", b"klass="),
        lambda body: body.replace(b'class="match-header-vs"><a', b'class="match-header-vs">9-9<a'),
        raising(NetworkError("reset")),
    ],
    ids=["truncated", "maintenance", "schema", "score", "network"],
)
def test_a_page_that_fails_leaves_its_score_and_is_read_with_the_next_run(
    backend: Backend, pages: Pages, database: Any, how: Callable[[bytes], bytes]
) -> None:
    pages.spoil = matches_spoilt(how, lambda number: number % 3 == 0)
    report = run(backend, pages)
    if report.failed == 0:  # the page says the same another way
        assert report.new == 8
        return
    assert (report.new, report.failed) == (5, 3)
    rows = database.execute("select home_score, missing from results where state = 'partial'").fetchall()
    assert [row["missing"] for row in rows] == ["page"] * 3
    assert database.execute("select count(*) as n from result_rejects").fetchone() == {"n": 3}
    pages.spoil = lambda request, body: body
    report = run(backend, pages)
    assert (report.changed, report.skipped, len(pages.asked)) == (3, 5, 4)
    healed = content(database)
    assert database.execute("select count(*) as n from result_rejects").fetchone() == {"n": 0}
    database.execute("select wipe_odds()")
    run(backend, pages)
    assert content(database) == healed


def test_a_row_that_cannot_be_read_is_kept_and_its_round_is_not_whole(
    backend: Backend, pages: Pages, database: Any
) -> None:
    def spoil(request: PageRequest, body: bytes) -> bytes:
        return body.replace(b'<td class="result">', b"<td>", 1) if request.scope.startswith("round:") else body

    pages.spoil = spoil
    report = run(backend, pages)
    assert (report.new, report.failed) == (7, 1)
    (reject,) = database.execute("select * from result_rejects").fetchall()
    assert (reject["reference"], reject["reason"]) == (f"ogol:{LEAGUE}:{OVER}:row:0", "no_result_cell")
    assert database.execute("select complete from result_rounds").fetchone() == {"complete": False}
    pages.spoil = lambda request, body: body
    assert run(backend, pages).new == 1
    assert database.execute("select complete from result_rounds").fetchone() == {"complete": True}
    assert database.execute("select count(*) as n from result_rejects").fetchone() == {"n": 0}


def test_another_round_than_was_asked_for_fails_by_name(backend: Backend, pages: Pages, database: Any) -> None:
    with pytest.raises(PayloadShapeError, match=f"expected round {CURRENT + 50}, but the site shows {CURRENT}"):
        run(backend, pages, number=CURRENT + 50)
    assert database.execute("select error <> '' as wrong from result_rounds").fetchone() == {"wrong": True}
    pages.spoil = lambda request, body: body[:100] if request.scope.startswith("round:") else body
    with pytest.raises(PayloadShapeError, match="fixture_games"):
        run(backend, pages)
    pages.spoil = lambda request, body: body
    assert run(backend, pages).failed_rounds == 0
    failed = database.execute("select round from result_rounds where error <> ''").fetchall()
    assert failed == [{"round": CURRENT + 50}]
    with pytest.raises(DeclarationError, match="nba"):
        run(backend, pages, "nba")


@pytest.mark.parametrize(
    ("error", "asked"), [(BlockedError("HTTP 403"), 2), (NetworkError("reset"), 6)], ids=["refused", "silent"]
)
def test_a_site_that_refuses_or_is_away_is_left_alone(
    backend: Backend, pages: Pages, database: Any, error: FetchError, asked: int
) -> None:
    pages.spoil = matches_spoilt(raising(error))
    with pytest.raises(type(error)):
        run(backend, pages)
    assert len(pages.asked) == asked


def test_a_result_that_the_database_refuses_takes_no_other_with_it(
    backend: Backend, pages: Pages, database: Any
) -> None:
    database.execute("alter table results add constraint odd check (page_id % 2 = 0)")
    report = run(backend, pages)
    assert (report.new, report.failed) == (4, 4)
    reasons = database.execute("select distinct reason from result_rejects").fetchall()
    assert reasons == [{"reason": "refused_by_database"}]


def test_without_arguments_it_asks_only_for_what_is_due(backend: Backend, pages: Pages, database: Any) -> None:
    assert run(backend, pages, None, None).requests == 0
    house = House(backend, "alpha")
    at = kickoff(-6 * 24)
    house.commit([listing("1", "Flamengo", "Santos", at, {"match_result:home": 2.0})], at=kickoff(-6 * 24 - 1))
    report = run(backend, pages, None, None)
    lists = [path for path in pages.asked if path.startswith("/competicao/")]
    assert set(lists) == {f"/competicao/{COMPETITIONS[LEAGUE]}"}
    assert 2 <= len(lists) <= MOST_BACK + 1
    assert report.new >= 8
    # Its match is in none of these rounds, so it stays due; what is whole is not asked for again.
    again = run(backend, pages, None, None)
    assert again.new == 0
    assert not [path for path in pages.asked if path.startswith("/jogo/")]
