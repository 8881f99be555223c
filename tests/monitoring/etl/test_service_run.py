"""The life of a service as an execution: its rounds, its end, and what became of it when nobody could say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from monitoring.etl import service_run
from monitoring.etl.service_run import ServiceRun
from monitoring.etl.writer import send_orphans
from scrapers.errors import StoreError, StoreUnavailableError
from standalone.process import Stop
from standalone.service import Service
from store.backend import Backend
from store.postgres import PostgresBackend

Rows = Callable[[str], list[tuple[Any, ...]]]

LIVES = "select status, successful_fixtures, failed_fixtures, error_message from etl_executions order by started_at"


@pytest.fixture(autouse=True)
def _at_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_run, "BEAT_EVERY_S", 0.0)


class Faulty:
    """A backend whose calls fail when told to; what it was asked is applied all the same where `late`."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.failure: StoreError | None = None
        self.late = False

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        if self.failure is None or self.late:
            answer = self.backend.call(function, args)
        if self.failure is not None:
            raise self.failure
        return answer

    def close(self) -> None:
        self.backend.close()


@pytest.fixture
def faulty(backend: PostgresBackend) -> Faulty:
    return Faulty(backend)


def run_service(backend: Backend, folder: Path, *outcomes: Exception | None) -> None:
    """A service that makes a round for each outcome and is stopped with the last one."""
    stop, left = Stop(), list(outcomes)

    def step() -> Mapping[str, Any]:
        outcome = left.pop(0)
        if not left:
            stop.set()
        if outcome is not None:
            raise outcome
        return {}

    life = ServiceRun(backend, "json-generator", folder, config={"interval_s": 2})
    Service("json-generator", backend, step, interval_s=0.001, heartbeat_s=0, life=life).run(stop)


def test_a_service_from_its_start_to_its_end(backend: PostgresBackend, folder: Path, rows: Rows) -> None:
    run_service(backend, folder, None, StoreError("no such table"), None, None)
    assert rows(LIVES) == [("COMPLETED", 3, 1, None)]
    assert rows("select component, kind, config->>'interval_s' from etl_executions") == [
        ("json-generator", "service", "2")
    ]
    assert [said for (said,) in rows("select message from etl_logs order by log_id")] == [
        "process started", "round failed, will be repeated: no such table", "works again", "process ended",
    ]  # fmt: skip
    metrics = dict(rows("select metric_name, metric_value from etl_metrics"))
    assert metrics["memory"] > 10
    assert metrics["round.duration.max"] > 0
    assert not folder.exists()


def test_a_crash_says_why(backend: PostgresBackend, folder: Path, rows: Rows) -> None:
    with pytest.raises(KeyError):
        run_service(backend, folder, None, KeyError("odds"))
    assert rows(LIVES) == [("FAILED", 1, 0, "KeyError: 'odds'")]
    health = backend.call("get_etl_health_status", {})
    assert (health["status"], health["components"][0]["consecutive_failures"]) == ("unhealthy", 1)
    # It runs again: what happened stays in the count of the day, and the service is well.
    ServiceRun(backend, "json-generator", folder).beat()
    health = backend.call("get_etl_health_status", {})
    assert (health["status"], health["components"][0]["consecutive_failures"]) == ("idle", 1)
    rows("update etl_executions set started_at = now() - interval '100 days'")
    (service,) = backend.call("get_etl_health_status", {})["components"]
    assert (service["last_status"], service["runs_24h"]) == ("RUNNING", 0)


def test_one_that_was_killed_is_closed_by_the_next(backend: PostgresBackend, folder: Path, rows: Rows) -> None:
    killed = ServiceRun(backend, "alerts", folder, clock=lambda: 1.8e9)
    killed.beat()
    ServiceRun(backend, "dashboard", folder, clock=lambda: 1.8e9 + 1).beat()
    assert [status for status, *_ in rows(LIVES)] == ["RUNNING", "RUNNING"]
    ServiceRun(backend, "alerts", folder, clock=lambda: 1.8e9 + 2).beat()
    assert [status for status, *_ in rows(LIVES)] == ["FAILED", "RUNNING", "RUNNING"]
    assert "its process died" in rows(LIVES)[0][3]
    # One that was taken for dead and is not takes itself back.
    killed.beat()
    assert [status for status, *_ in rows(LIVES)] == ["RUNNING", "RUNNING", "RUNNING"]


def test_one_that_fell_silent_is_found(backend: PostgresBackend, folder: Path, rows: Rows) -> None:
    ServiceRun(backend, "alerts", folder).beat()
    rows("update etl_executions set heartbeat_at = now() - interval '299 s'")
    assert backend.call("maintain_etl", {})["closed"] == []
    rows("update etl_executions set heartbeat_at = now() - interval '301 s'")
    assert len(backend.call("maintain_etl", {})["closed"]) == 1


@pytest.mark.parametrize("late", [False, True], ids=["refused-before", "applied-and-not-told"])
def test_what_was_said_during_an_outage_counts_once(faulty: Faulty, folder: Path, rows: Rows, late: bool) -> None:
    life = ServiceRun(faulty, "alerts", folder)
    life.round(1.0)
    faulty.failure, faulty.late = StoreUnavailableError("away"), late
    life.beat()
    life.round(1.0, failed=True)
    life.beat()
    faulty.failure = None
    life.round(1.0)
    life.beat()
    assert rows(LIVES) == [("RUNNING", 2, 1, None)]


@pytest.mark.parametrize("late", [False, True], ids=["refused-before", "applied-and-not-told"])
def test_an_end_without_the_database_is_kept_on_disk(faulty: Faulty, folder: Path, rows: Rows, late: bool) -> None:
    life = ServiceRun(faulty, "alerts", folder)
    life.round(1.0)
    life.beat()
    faulty.failure, faulty.late = StoreUnavailableError("away"), late
    life.round(1.0)
    life.end(reason="too heavy")
    life.end(reason="again")
    faulty.failure = None
    next_one = ServiceRun(faulty, "alerts", folder)
    next_one.beat()
    send_orphans(folder, faulty)
    assert rows(LIVES) == [("COMPLETED", 2, 0, "too heavy"), ("RUNNING", 0, 0, None)]
    assert list(folder.iterdir()) == []


def test_a_stop_while_the_database_hangs_loses_no_end(faulty: Faulty, folder: Path, rows: Rows) -> None:
    life = ServiceRun(faulty, "alerts", folder)
    life.round(1.0)
    life.end(reason="stopped in the middle of a round", database=False)
    assert rows(LIVES) == []
    send_orphans(folder, faulty)
    assert rows(LIVES) == [("COMPLETED", 1, 0, "stopped in the middle of a round")]


def test_what_the_database_refuses_does_not_stand_in_the_way(faulty: Faulty, folder: Path, rows: Rows) -> None:
    life = ServiceRun(faulty, "alerts", folder)
    life.beat()
    faulty.failure = StoreError("value too long")
    life.round(1.0)
    life.beat()
    faulty.failure = None
    life.round(1.0)
    life.beat()
    assert rows(LIVES) == [("RUNNING", 1, 0, None)]
