"""What a cycle does when the database, the lease, the disk, the clock or the matcher is not as it should be."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from psycopg.rows import dict_row

from scrapers.errors import LeaseLostError, StateConflictError, StoreUnavailableError
from scrapers.records import Outcome
from scrapers.registry import load_registry
from standalone.catalogue import KINDS, CatalogueCache
from standalone.connect import claim_source
from standalone.cycle.lease import Lease
from standalone.cycle.report import CycleReport
from standalone.cycle.scraper import Scraper
from standalone.cycle.spool import Spool
from standalone.declare import register
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from store.postgres import PostgresBackend
from tests.support.recordings import FOLDER

SLUG = "br4bet_nba"


class Switched(PostgresBackend):
    """A real backend that can be cut, and that can do something before its next call of a function."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.away = False
        self.before: dict[str, Callable[[], object]] = {}

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        if self.away:
            raise StoreUnavailableError("cut")
        self.before.pop(function, lambda: None)()
        return super().call(function, args)


class Bench:
    """A scraper on recordings, its database, and another machine that wants the same bookmaker."""

    def __init__(self, url: str, backend: Switched, rival: PostgresBackend, settings: Settings) -> None:
        self.url = url
        self.backend = backend
        self.rival = rival
        self.settings = settings
        self.resources = SharedResources(settings)
        self.resources.__dict__["backend"] = backend
        self.lease_of_rival = Lease(
            rival, SLUG, mode="parallel", data_dir=settings.data_dir / "elsewhere", interval_s=30
        )

    def scraper(self, *, source: str = f"replay:{FOLDER}", hurry: bool = True) -> Scraper:
        self.resources.settings = self.settings.model_copy(update={"odds_source": source})
        return Scraper(self.resources.registry.bookmaker(SLUG), self.resources, mode="parallel", hurry=hurry)

    def rival_takes_over(self) -> None:
        """As after the lease ran out."""
        self.rival.call("release_lease", {"p_scraper": SLUG, "p_lease_token": self.status()["lease_token"]})
        assert self.lease_of_rival.acquire() is None

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the database answers."""
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(query, values).fetchall()

    def status(self) -> dict[str, Any]:
        (row,) = self.rows("select *, now() as now from scraper_status where scraper_name = %s", SLUG)
        return row

    def prices(self) -> list[Any]:
        rows: list[Any] = self.rival.call(
            "load_state", {"p_scraper": SLUG, "p_after_key": -(2**63), "p_limit": 9999}
        )
        return rows


@pytest.fixture
def bench(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    backend, rival = Switched(database_url), PostgresBackend(database_url)
    register(rival, load_registry())
    yield Bench(database_url, backend, rival, Settings())
    backend.close()
    rival.close()


def cycles(scraper: Scraper, *prepare: Callable[[], object] | None) -> list[CycleReport]:
    """A first cycle, then one after each preparation; closes the scraper."""

    async def main() -> list[CycleReport]:
        try:
            reports = [await scraper.run_cycle()]
            for step in prepare:
                if step is not None:
                    step()
                reports.append(await scraper.run_cycle())
            return reports
        finally:
            await scraper.close()

    return asyncio.run(main())


def outcomes(reports: list[CycleReport]) -> list[Outcome | None]:
    return [report.outcome for report in reports]


def test_a_scraper_that_has_nothing_but_heartbeats_notices_that_it_lost_its_lease(
    bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    scraper = bench.scraper(source=f"replay:{tmp_path}/empty")
    reports = cycles(scraper, bench.rival_takes_over, None)
    assert outcomes(reports) == [Outcome.NETWORK, Outcome.NETWORK, None]
    assert reports[2].standby_of == bench.status()["lease_holder"]
    assert bench.status()["cycle_count"] == 1


def test_a_lease_lost_while_pages_were_read_commits_nothing(bench: Bench) -> None:
    scraper = bench.scraper()

    def lose() -> None:
        bench.rival_takes_over()
        scraper.lease.renew()  # what its keeper does in a long cycle
        assert scraper.lease.token is None

    bench.backend.before["platform_links"] = lose
    reports = cycles(scraper, None)
    assert outcomes(reports) == [Outcome.DATABASE, None]
    assert "lease" in (reports[0].error or "")
    assert reports[1].standby_of is not None
    assert bench.prices() == []
    assert bench.status()["cycle_count"] == 0


@pytest.mark.parametrize("fence", ["lease_token", "base_seq"])
def test_a_commit_that_names_no_fence_is_refused(bench: Bench, fence: str) -> None:
    assert bench.lease_of_rival.acquire() is None
    now = datetime.now(UTC).isoformat()
    cycle = {
        "cycle_id": str(uuid.uuid4()),
        "scraper": SLUG,
        "lease_token": bench.lease_of_rival.token,
        "lease_ttl_s": 60,
        "base_seq": 0,
        "started_at": now,
        "duration_ms": 1,
        "outcome": "ok",
        "success": True,
        "odds_collected": 0,
        "odds_inserted": 0,
        "rejected": 0,
        "scopes": [["league:nba", now]],
        **{part: [] for part in ("events", "new", "changed", "moved", "gone")},
    }
    with pytest.raises(LeaseLostError if fence == "lease_token" else StateConflictError):
        bench.rival.call("commit_cycle", {"p_cycle": cycle | {fence: None}})
    assert bench.rival.call("commit_cycle", {"p_cycle": cycle})["commit_seq"] == 1


def test_a_spooled_cycle_that_the_database_refuses_for_good_blocks_nobody(bench: Bench, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool" / SLUG, 10**6)
    spool.append({"scraper": SLUG, "cycle_id": "no uuid", "started_at": datetime.now(UTC).isoformat()})
    assert outcomes(cycles(bench.scraper())) == [Outcome.OK]
    assert spool.waiting() == 0
    assert [path.stem.partition("-")[2] for path in (spool.folder / "set-aside").iterdir()] == ["refused"]


def test_without_room_on_the_disk_the_prices_still_arrive_later(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / SLUG).write_bytes(b"no folder")

    def away(value: bool) -> Callable[[], None]:
        return lambda: setattr(bench.backend, "away", value)

    scraper = bench.scraper()
    # Cut between loading the state and the commit.
    bench.backend.before["platform_links"] = away(True)
    reports = cycles(scraper, None, away(False))
    assert outcomes(reports) == [Outcome.DATABASE, Outcome.DATABASE, Outcome.OK]
    assert [report.spooled for report in reports] == [False, False, False]
    assert len(bench.prices()) == reports[2].inserted > 0


def test_what_waits_is_sent_between_cycles_as_soon_as_the_database_is_back(bench: Bench) -> None:
    async def main() -> None:
        scraper = bench.scraper()
        try:
            await scraper.run_cycle()
            bench.backend.away = True
            assert (await scraper.run_cycle()).spooled
            await scraper.drain()
            assert len(bench.rows("select from scraper_cycles")) == 1
            bench.backend.away = False
            await scraper.drain()
            assert len(bench.rows("select from scraper_cycles")) == 2
            assert (await scraper.run_cycle()).outcome is Outcome.OK
        finally:
            await scraper.close()

    asyncio.run(main())
    assert bench.status()["base_seq"] == 3


def test_what_waits_is_not_sent_without_the_lease(bench: Bench) -> None:
    async def main() -> None:
        scraper = bench.scraper()
        try:
            await scraper.run_cycle()
            bench.backend.away = True
            assert (await scraper.run_cycle()).spooled
            bench.rival_takes_over()
            bench.backend.away = False
            await scraper.drain()
            assert scraper.lease.token is None
            await scraper.drain()
        finally:
            await scraper.close()

    asyncio.run(main())
    assert len(bench.rows("select from scraper_cycles")) == 1


def test_a_state_is_not_loaded_past_cycles_that_still_wait(bench: Bench, tmp_path: Path) -> None:
    """Its difference would be made against a state that the waiting cycles are about to change."""
    spool = Spool(tmp_path / "spool" / SLUG, 10**6)
    spool.append({"scraper": SLUG, "cycle_id": "no uuid", "started_at": datetime.now(UTC).isoformat()})

    def cut() -> None:
        raise StoreUnavailableError("cut for one call")

    bench.backend.before["commit_cycle"] = cut
    reports = cycles(bench.scraper(), None)
    assert [report.asked for report in reports] == [False, True]
    assert reports[0].error == "1 earlier cycles still wait for the database"


def test_a_matcher_that_breaks_costs_no_price(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("names")

    monkeypatch.setattr("normalizer.matching.resolve_events", broken)
    (report,) = cycles(bench.scraper())
    assert (report.outcome, len(bench.prices())) == (Outcome.OK, report.inserted)
    assert report.inserted > 0
    assert "bug while matching events" in (report.error or "")
    assert bench.status()["last_error"] == report.error


def test_a_clock_that_runs_ahead_makes_nothing_look_fresh(bench: Bench, tmp_path: Path) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=3)
    folder = tmp_path / "recordings" / SLUG
    folder.mkdir(parents=True)
    (folder / "nba.body").write_bytes((FOLDER / SLUG / "nba.body").read_bytes().replace(b"2026-03-", b"2126-03-"))
    meta = orjson.loads((FOLDER / SLUG / "nba.meta.json").read_bytes())
    (folder / "nba.meta.json").write_bytes(orjson.dumps(meta | {"fetched_at": ahead.isoformat()}))
    (report,) = cycles(bench.scraper(source=f"replay:{folder.parent}"))
    assert report.outcome is Outcome.OK
    assert bench.rows("select bool_and(last_seen_at <= now()) as fine from price_scopes") == [{"fine": True}]

    assert bench.lease_of_rival.acquire() is None
    heartbeat = {
        "cycle_id": str(uuid.uuid4()),
        "scraper": SLUG,
        "lease_token": bench.lease_of_rival.token,
        "lease_ttl_s": 60,
        "started_at": ahead.isoformat(),
        "duration_ms": 1,
        "outcome": "ok",
        "success": True,
        "odds_collected": 1,
        "odds_inserted": 1,
        "rejected": 0,
    }
    bench.rival.call("commit_cycle", {"p_cycle": heartbeat})
    status = bench.status()
    assert status["cycle_count"] == 2
    assert status["last_success"] <= status["now"]


def test_a_clock_set_back_makes_nobody_wait_longer_than_the_interval(bench: Bench) -> None:
    assert outcomes(cycles(bench.scraper())) == [Outcome.OK]
    bench.rows("update scraper_status set last_heartbeat = now() + interval '1 hour' returning 1")
    (early,) = cycles(bench.scraper(hurry=False))
    assert not early.asked
    assert 25 < early.resume_in_s <= 30


def test_scrapers_of_one_process_read_the_catalogue_in_turn(backend: PostgresBackend) -> None:
    asked: list[str] = []
    inside = threading.Semaphore(1)

    class Watched:
        def call(self, function: str, args: Mapping[str, Any]) -> Any:
            assert inside.acquire(blocking=False), "two at once"
            asked.append(args["p_kind"])
            threading.Event().wait(0.02)
            answer = backend.call(function, args)
            inside.release()
            return answer

        def close(self) -> None:
            raise NotImplementedError

    cache = CatalogueCache(Watched())
    threads = [threading.Thread(target=cache.fresh) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert asked == [*KINDS] * 4


def test_a_scraper_at_work_claims_a_wiped_database_again(bench: Bench) -> None:
    def source() -> Any:
        return bench.rows("select source from catalogue_state")[0]["source"]

    claimed = []

    def wipe() -> None:
        claimed.append(source())
        bench.rival.call("wipe_odds", {})
        claimed.append(source())

    reports = cycles(bench.scraper(), wipe)
    assert outcomes(reports) == [Outcome.OK, Outcome.OK]
    assert [*claimed, source()] == ["replay", None, "replay"]
    assert len(bench.prices()) == reports[1].inserted > 0


def test_a_database_of_another_source_is_neither_written_nor_its_bookmaker_asked(bench: Bench) -> None:
    assert claim_source(bench.rival, "simulator", claim=True)
    (report,) = cycles(bench.scraper())
    assert not report.asked
    assert "fleet db wipe" in (report.error or "")
    assert bench.prices() == []


def test_an_event_unlinked_by_a_verdict_is_decided_anew(bench: Bench) -> None:
    def reject() -> None:
        (event,) = bench.rows("select event_id, match_id from bookmaker_events order by event_id limit 1")
        bench.rival.call(
            "review_event",
            {
                "p_event_id": event["event_id"],
                "p_match_id": event["match_id"],
                "p_accept": False,
                "p_swapped": False,
                "p_sides": [],
                "p_actor": "ana",
                "p_reason": "",
            },
        )

    # The first cycle after the verdict hears of it, the second reads what is linked anew and decides.
    reports = cycles(bench.scraper(), reject, None)
    assert reports[0].details["unmatched"] == 0
    assert bench.rows("select reason from unmatched_events") == [{"reason": "refused"}]
    assert bench.rows("select count(match_id)::int as linked from bookmaker_events") == [{"linked": 1}]
    assert "unmatched" in bench.status()["extra_data"]
