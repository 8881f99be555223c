"""One machine's workers: what they hold through outages, stops and restarts, and beside other modes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobs.cycles.queue import CycleQueue
from scrapers.declarations import Bookmaker
from scrapers.errors import StoreUnavailableError
from scrapers.registry import load_registry
from standalone.cycle.lease import Lease
from standalone.memory import EXIT_TOO_HEAVY
from standalone.process import Stop
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from standalone.workers.cycle_worker import CycleWorker
from store.postgres import PostgresBackend
from tests.support.postgres import TestServer
from tests.support.scraping import Workplace, until, workplace

pytestmark = pytest.mark.fleet

SLUGS = ("br4bet_nba", "mcgames_nba", "jogodeouro_nba", "tradeball")
HEARTBEAT_S = 0.5
JOBS = " from procrastinate.procrastinate_jobs"


@pytest.fixture(scope="module")
def site(postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path_factory.mktemp("workers")) as place:
        yield place


@pytest.fixture
def place(site: Workplace) -> Workplace:
    """Nobody was here: no jobs, no workers, no lease, and no bookmaker was asked a moment ago."""
    for table in ("cycle_workers", "procrastinate.procrastinate_jobs", "procrastinate.procrastinate_workers"):
        site.rows(f"delete from {table} returning 1")
    site.rows(
        "update scraper_status set lease_holder = null, lease_expires_at = null, last_heartbeat = null,"
        " status = 'waiting' returning 1"
    )
    return site


class Cut(PostgresBackend):
    """A real backend that can be cut."""

    away = False

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        if self.away:
            raise StoreUnavailableError("cut")
        return super().call(function, args)


@dataclass
class Running:
    """A worker in a thread of this process. code: what it ended with."""

    queue: CycleQueue
    backends: tuple[Cut, Cut]
    stop: Stop
    thread: threading.Thread | None = None
    code: int | None = None

    def cut(self, away: bool) -> None:
        """Take the database away from it, or give it back."""
        for backend in self.backends:
            backend.away = away

    def end(self) -> int | None:
        """Stop it as a signal does; its exit code."""
        self.stop.set()
        assert self.thread is not None
        self.thread.join(10)
        assert not self.thread.is_alive()
        return self.code


def declared(slugs: tuple[str, ...] = SLUGS, interval_s: int = 1, **changes: Any) -> dict[str, Bookmaker]:
    registry = load_registry()
    return {
        slug: registry.bookmaker(slug).model_copy(update={"interval_s": interval_s, **changes}) for slug in slugs
    }


@contextmanager
def worker(
    place: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    bookmakers: Mapping[str, Bookmaker] | None = None,
    *,
    folder: str | None = None,
    memory_limit_mb: int | None = None,
) -> Iterator[Running]:
    """A worker at work. folder: of its machine; None: one of its own."""
    data = str(place.folder / (folder or name))
    environment = place.environment(DATA_DIR=data, WORKER_HEARTBEAT_S=str(HEARTBEAT_S), START_SPREAD_S="0")
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    resources = SharedResources(Settings(), keep_catalogue=True)
    backends = Cut(place.url), Cut(place.url)
    resources.__dict__["backend"] = backends[0]
    queue = CycleQueue(backends[1], kind="http", own=f"http@{name}", holder=f"vps/{name}/http-1", host="vps", pid=1)
    running = Running(queue, backends, Stop())
    cycles = CycleWorker(resources, queue, bookmakers or declared(), slots=2, memory_limit_mb=memory_limit_mb)

    def run() -> None:
        running.code = asyncio.run(cycles.run(running.stop))

    running.thread = threading.Thread(target=run, name=name)
    running.thread.start()
    try:
        yield running
    finally:
        running.cut(away=False)
        running.end()
        for backend in backends:
            backend.close()


def holders(place: Workplace) -> dict[str, str | None]:
    """Bookmaker -> who holds its lease."""
    rows = place.rows("select scraper_name, lease_holder from scraper_status")
    return {row["scraper_name"]: row["lease_holder"] for row in rows if row["scraper_name"] in SLUGS}


def cycles_of_all(place: Workplace) -> int:
    """The fewest cycles that any of the bookmakers has committed."""
    return min(len(place.cycles(slug)) for slug in SLUGS)


def test_the_database_is_away_and_both_workers_go_on_with_what_they_hold(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with worker(place, monkeypatch, "one") as one, worker(place, monkeypatch, "other") as other:
        until(lambda: set(holders(place).values()) == {one.queue.holder, other.queue.holder}, 15)
        until(lambda: cycles_of_all(place) >= 2, 15)
        before = holders(place)
        committed = {slug: len(place.cycles(slug)) for slug in SLUGS}
        for each in (one, other):
            each.cut(away=True)
        spools = [place.folder / name / "spool" for name in ("one", "other")]

        def waiting() -> dict[str, int]:
            return {path.name: len(list(path.glob("*.cycle"))) for spool in spools for path in spool.glob("*")}

        # Long past the silence after which a worker is dead (2 s).
        until(lambda: waiting().keys() >= set(SLUGS) and min(waiting().values()) >= 4, 20, waiting)
        for each in (one, other):
            each.cut(away=False)
        until(lambda: not sum(waiting().values()), 15, waiting)
        assert holders(place) == before, "nobody was buried for an outage"
        for slug in SLUGS:
            assert len(place.cycles(slug)) >= committed[slug] + 4
            assert {cycle["outcome"] for cycle in place.cycles(slug)} == {"ok"}
        each_once = "select count(*) = count(distinct args->>'bookmaker') as once" + JOBS
        assert place.rows(each_once) == [{"once": True}]


def test_a_clean_stop_hands_over_and_the_last_one_says_stopped(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with worker(place, monkeypatch, "one") as one, worker(place, monkeypatch, "other") as other:
        until(lambda: set(holders(place).values()) == {one.queue.holder, other.queue.holder}, 15)
        assert one.end() == 0
        assert {place.status(slug)["status"] for slug in SLUGS} <= {"ok", "waiting"}
        until(lambda: set(holders(place).values()) == {other.queue.holder}, 10, lambda: holders(place))
        assert {place.status(slug)["mode"] for slug in SLUGS} == {"workers-http"}
        counted = cycles_of_all(place)
        until(lambda: cycles_of_all(place) > counted, 10)
        assert other.end() == 0
    assert {place.status(slug)["status"] for slug in SLUGS} == {"stopped"}
    # The other modes find everything free: a process of its own is at work at once.
    with place.scraper(SLUGS[0]) as scraper:
        until(lambda: place.status(SLUGS[0])["mode"] == "parallel", 10, scraper.messages)
        until(lambda: place.status(SLUGS[0])["status"] == "ok", 10, scraper.messages)


def test_a_bookmaker_that_a_process_of_its_own_collects_is_left_alone(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = PostgresBackend(place.url)
    lease = Lease(backend, SLUGS[0], mode="parallel", data_dir=place.folder / "pm2", interval_s=30)
    assert lease.acquire() is None
    counted = len(place.cycles(SLUGS[0]))
    with worker(place, monkeypatch, "one", declared(interval_s=2)) as one:
        until(lambda: len(place.cycles(SLUGS[1])) > 1 and place.status(SLUGS[0])["standby"], 15)
        assert place.status(SLUGS[0])["standby"][0]["holder"] == one.queue.holder
        assert len(place.cycles(SLUGS[0])) == counted
        lease.release()
        until(lambda: len(place.cycles(SLUGS[0])) > counted, 10)
        assert place.status(SLUGS[0])["lease_holder"] == one.queue.holder
    backend.close()


def test_a_heavy_worker_starts_anew_with_what_it_held(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "select count(*)::int as n" + JOBS + " where queue_name = 'http@one'"
    with worker(place, monkeypatch, "one", memory_limit_mb=10) as one:
        assert one.thread is not None
        one.thread.join(15)
        assert one.code == EXIT_TOO_HEAVY
    (held,) = place.rows(own)
    assert held["n"] >= 1
    with worker(place, monkeypatch, "one") as again:
        until(lambda: set(holders(place).values()) == {again.queue.holder}, 15, lambda: holders(place))


def test_a_bookmaker_that_is_declared_wrongly_costs_the_others_nothing(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = declared(("kto",), transport="browser")  # its platform has no sessions
    with worker(place, monkeypatch, "one", declared() | wrong) as one:
        until(lambda: set(holders(place).values()) == {one.queue.holder}, 15, lambda: holders(place))
        free = (
            "select queue_name = 'http' and scheduled_at > now() as later"
            + JOBS
            + " where args->>'bookmaker' = 'kto'"
        )
        until(lambda: place.rows(free) == [{"later": True}], 10)
        assert one.thread is not None
        assert one.thread.is_alive()


def test_every_worker_of_a_machine_has_a_place_of_its_own(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two processes on one folder: the file locks of bookmakers move with them."""
    with (
        worker(place, monkeypatch, "first", folder="shared") as first,
        worker(place, monkeypatch, "second", folder="shared") as second,
    ):
        both = {first.queue.holder, second.queue.holder}
        until(lambda: set(holders(place).values()) == both, 15, lambda: holders(place))
        counts = [list(holders(place).values()).count(holder) for holder in both]
        assert counts == [2, 2]
        second.end()
        until(lambda: set(holders(place).values()) == {first.queue.holder}, 10, lambda: holders(place))
