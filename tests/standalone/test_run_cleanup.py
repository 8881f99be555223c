"""Keeping the database small without losing what must stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from loguru import logger

from monitoring.etl.journal import open_journal
from monitoring.etl.logger import ETLLogger
from monitoring.etl.recorder import Recorder
from standalone import run_cleanup
from standalone.merging import Merger
from standalone.process import Stop
from standalone.run_cleanup import Cleanup, Rounds
from standalone.settings import Settings
from store.postgres import PostgresBackend
from tests.support.clubs import open_clubs
from tests.support.cycles import House, kickoff, listing
from tests.support.services import started

LOG = ETLLogger(Recorder("cleanup-service"))
OFFERS = {"match_result:home": 2.1, "match_result:away": 3.5}


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round takes in what dead processes of this machine left: not those of a fleet at work here."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


@pytest.fixture
def cleanup(backend: PostgresBackend) -> Cleanup:
    return Cleanup(backend, Settings(_env_file=None, KEEP_MATCHES_HOURS=12, KEEP_HISTORY_DAYS=30), Stop(), LOG)


def rows(db: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return db.execute(query).fetchall()


def reload_epoch(db: psycopg.Connection[Any]) -> int:
    [(epoch,)] = rows(db, "select reload_epoch from catalogue_state")
    return int(epoch)


def test_old_matches_leave_and_their_summaries_stay(
    backend: PostgresBackend, db: psycopg.Connection[Any], cleanup: Cleanup
) -> None:
    alpha = House(backend, "alpha")
    old = listing("old", "Bahia", "Vitória", kickoff(-13), dict(OFFERS))
    recent = listing("recent", "Flamengo", "Santos", kickoff(-11), dict(OFFERS))
    alpha.commit([old, recent], at=kickoff(-15))
    later = listing("old", "Bahia", "Vitória", old.starts_at, {**OFFERS, "match_result:home": 1.4})
    alpha.commit([later, recent], at=kickoff(-14))
    told = cleanup.step()
    assert (told["events"], told["prices"]) == (1, 2)
    assert rows(
        db, "select source_event_id, count(*) from bookmaker_events join prices using (event_id) group by 1"
    ) == [("recent", 2)]
    assert rows(
        db,
        "select source_event_id, opening_price::float, closing_price::float, min_price::float, max_price::float "
        "from price_summaries where selection = 'home'",
    ) == [("old", 2.1, 1.4, 1.4, 2.1)]
    assert cleanup.step()["events"] == 0


def test_what_a_dead_process_left_of_its_execution_is_taken_in_and_closed(
    backend: PostgresBackend, db: psycopg.Connection[Any], cleanup: Cleanup, tmp_path: Path
) -> None:
    journal = open_journal(tmp_path / "etl", "import")
    line = {"timestamp": 1.8e9, "level": "INFO", "component": "import", "message": "last words"}
    assert journal.append({"logs": [line]}) is not None
    journal.close()
    backend.call("start_etl_execution", {"p_component": "import", "p_silent_after_s": 30})
    db.execute("update etl_executions set heartbeat_at = now() - interval '31 s'")
    cleanup.step()
    assert rows(db, "select message from etl_logs") == [("last words",)]
    assert rows(db, "select status from etl_executions") == [("FAILED",)]
    assert list((tmp_path / "etl").iterdir()) == []


def test_many_old_events_go_in_batches(
    backend: PostgresBackend, db: psycopg.Connection[Any], cleanup: Cleanup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_cleanup, "BATCH_EVENTS", 2)
    House(backend, "alpha").commit(
        [listing(f"e{n}", f"A{n}", f"B{n}", kickoff(-20), dict(OFFERS)) for n in range(5)]
    )
    assert cleanup.step()["events"] == 5
    assert rows(db, "select count(*) from bookmaker_events") == [(0,)]


def test_a_stop_is_heeded_between_batches(backend: PostgresBackend, db: psycopg.Connection[Any]) -> None:
    House(backend, "alpha").commit([listing("e", "A", "B", kickoff(-20), dict(OFFERS))])
    stop = Stop()
    stop.set()
    assert Cleanup(backend, Settings(_env_file=None), stop, LOG).step()["events"] == 0
    assert rows(db, "select count(*) from bookmaker_events") == [(1,)]


def test_catalogues_are_reloaded_when_something_was_put_away_at_most_once_a_day(
    backend: PostgresBackend, db: psycopg.Connection[Any], cleanup: Cleanup
) -> None:
    before = reload_epoch(db)
    cleanup.step()
    assert reload_epoch(db) == before
    for slug in ("alpha", "beta"):
        House(backend, slug).commit([listing("e", "A", "B", kickoff(-20), dict(OFFERS))])
        assert cleanup.step()["events"] == 1
        assert reload_epoch(db) == before + 1


def test_partitions_past_retention_go_and_the_coming_ones_are_made(
    db: psycopg.Connection[Any], cleanup: Cleanup
) -> None:
    today = datetime.now(UTC).date()
    ages = {31: "dropped", 30: "kept"}
    for age in ages:
        day = today - timedelta(days=age)
        db.execute(
            f"create table price_history_{day:%Y%m%d} partition of price_history "
            f"for values from ('{day} 00:00+00') to ('{day + timedelta(days=1)} 00:00+00')"
        )
    coming = f"price_history_{today + timedelta(days=7):%Y%m%d}"
    db.execute(f"drop table if exists {coming}")
    assert cleanup.step()["partitions_dropped"] == 1
    there = {name for (name,) in rows(db, "select relname from pg_class where relname like 'price_history_2%'")}
    assert f"price_history_{today - timedelta(days=31):%Y%m%d}" not in there
    assert f"price_history_{today - timedelta(days=30):%Y%m%d}" in there
    assert coming in there


def errors_of(step: Callable[[], Mapping[str, Any]]) -> tuple[Mapping[str, Any], list[str]]:
    """What a round tells of itself, and what it logs as errors."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="ERROR", format="{message}")
    try:
        return step(), lines
    finally:
        logger.remove(sink)


def test_rows_in_a_default_partition_are_an_error_in_log_and_status(
    db: psycopg.Connection[Any], cleanup: Cleanup
) -> None:
    db.execute("insert into price_history values (1, now() - interval '5 days', 2, 'open', 1, 1)")
    told, (line,) = errors_of(cleanup.step)
    assert told["default_rows"] == 1
    assert told["warnings"] == [line.strip()]
    assert "1 rows in the default partition of price_history" in line


def test_a_database_near_its_limit_is_an_error_in_log_and_status(backend: PostgresBackend) -> None:
    roomy, tight = (
        Cleanup(backend, Settings(_env_file=None, STORAGE_LIMIT_MB=limit), Stop(), LOG) for limit in (100_000, 10)
    )
    assert errors_of(roomy.step)[1] == []
    told, (line,) = errors_of(tight.step)
    assert told["database_mb"] >= 8
    assert told["warnings"] == [line.strip()]
    assert "limite de 10 MB" in line


def test_summaries_past_retention_go_and_their_matches_with_them(
    backend: PostgresBackend, db: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_cleanup, "BATCH_SUMMARIES", 1)
    cleanup = Cleanup(backend, Settings(_env_file=None, KEEP_SUMMARIES_DAYS=20), Stop(), LOG)
    House(backend, "alpha").commit([listing("e", "A", "B", kickoff(-20), dict(OFFERS))])
    assert cleanup.step()["summaries_dropped"] == 0
    db.execute("update price_summaries set starts_at = now() - interval '21 days'")
    assert cleanup.step()["summaries_dropped"] == 2
    cleanup.step()
    assert rows(db, "select (select count(*) from price_summaries), (select count(*) from matches)") == [(0, 0)]


@pytest.mark.parametrize(("clean_every_s", "cleaned"), [(0.0, 1), (3600.0, 0)], ids=["due", "not due"])
def test_teams_are_merged_in_every_round_and_the_rest_is_done_when_it_is_due(
    backend: PostgresBackend, cleanup: Cleanup, database_url: str, clean_every_s: float, cleaned: int
) -> None:
    rounds = Rounds(cleanup, Merger(backend), clean_every_s, LOG)
    assert rounds.step()["teams_merged"] == 0
    with open_clubs(backend, database_url) as clubs:
        clubs.list("delta", "old", "Bahia", "Vitória", -20)
        for slug in ("alpha", "gamma", "delta"):
            clubs.list(slug, f"{slug} 1", "Atlético", "Santos", 30, catalogue=("Galo", "Santos"))
            clubs.list(slug, f"{slug} 2", "Atlético", "Ceará", 60, catalogue=("CAM", "Ceará"))
    told = rounds.step()
    assert (told["teams_merged"], told["events"]) == (1, cleaned)
    assert rounds.step()["teams_merged"] == 1


def test_the_process_cleans_at_its_start_reports_and_stops(
    backend: PostgresBackend, database_url: str, tmp_path: Path
) -> None:
    House(backend, "alpha").commit([listing("e", "A", "B", kickoff(-20), dict(OFFERS))])
    with started("run_cleanup.py", DATABASE_URL=database_url, DATA_DIR=str(tmp_path)) as process:
        process.wait_ready()
        process.interrupt()
    [service] = backend.call("status_report", {})["services"]
    assert (service["service_name"], service["expected_interval_s"]) == ("cleanup-service", 300)
    assert service["extra_data"]["events"] == 1
    assert service["extra_data"]["teams_merged"] == 0
