"""The worker as PM2 runs it: ready, stopped and killed in the middle of an import, which then goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store.postgres import PostgresBackend
from tests.support.job_worker import Desk
from tests.support.postgres import TestServer
from tests.support.scraping import Started, Workplace, until, workplace

pytestmark = pytest.mark.fleet

CHUNKS = 6
SETTINGS = {"FIXTURES_DAYS_AHEAD": "5"}
KILL_TIMEOUT_S = 10.0
"""PM2's, for the worker (standalone/pm2_apps.py)."""


@pytest.fixture
def place(postgres_server: TestServer, tmp_path: Path) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path, seed=7) as place:
        yield place


@pytest.fixture
def desk(place: Workplace) -> Iterator[Desk]:
    backend = PostgresBackend(place.url)
    yield Desk(backend)
    backend.close()


def worker(place: Workplace) -> Started:
    return place.start("run_worker.py", "--queues", "default", "--concurrency", "2", **SETTINGS)


def chunks_done(place: Workplace) -> int:
    return int(place.rows("select count(*)::int as n from fixture_chunks where status = 'done'")[0]["n"])


def executions(place: Workplace) -> list[Any]:
    rows = place.rows("select status from etl_executions where component = 'fixtures_import' order by started_at")
    return [row["status"] for row in rows]


def test_an_import_survives_stop_and_kill(place: Workplace, desk: Desk) -> None:
    job_id = desk.enqueue("import_fixtures", {"max_chunks": CHUNKS})
    with worker(place) as first:
        until(lambda: chunks_done(place) >= 1, what=first.messages)
        first.stop(within_s=KILL_TIMEOUT_S)
    given_back = desk.state(job_id)
    assert (given_back["status"], given_back["attempts"], given_back["failures"]) == ("waiting", 1, 0)
    assert executions(place) == ["CANCELLED"]

    stopped_at = chunks_done(place)
    with worker(place) as second:
        until(lambda: chunks_done(place) > stopped_at, what=second.messages)
        second.kill()
    assert desk.state(job_id)["status"] == "running"

    killed_at = chunks_done(place)
    with worker(place) as third:
        found = desk.until(job_id, "done", within_s=60)
        third.stop()
    assert (found["attempts"], found["losses"], found["failures"]) == (3, 1, 0)
    assert killed_at + found["result"]["processed_chunks"] >= CHUNKS
    assert executions(place)[-1] == "COMPLETED"
    (service,) = place.rows("select * from service_status where service_name = 'worker'")
    assert service["extra_data"]["queues"] == ["default"]


def test_a_second_worker_of_one_name_waits_for_the_first(place: Workplace, desk: Desk) -> None:
    with worker(place) as first:
        until(lambda: desk.backend.call("jobs_overview", {})["workers"], what=first.messages)
        with worker(place) as second:
            until(lambda: "another copy" in second.messages(), what=second.messages)
            first.kill()
            until(lambda: seat_of(desk) == second.pid, what=second.messages)
            second.stop()


def seat_of(desk: Desk) -> int | None:
    """The process that is the worker, by the database."""
    workers = desk.backend.call("jobs_overview", {})["workers"]
    return workers[0]["pid"] if workers else None
