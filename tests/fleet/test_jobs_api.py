"""A job that a program started, and everything that then dies around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.operator import TOKEN
from tests.support.ports import free_port
from tests.support.postgres import TestServer
from tests.support.scraping import Workplace, until, workplace

pytestmark = pytest.mark.fleet

MINE = {"authorization": f"Bearer {TOKEN}"}


@contextmanager
def program(place: Workplace) -> Iterator[httpx.Client]:
    """A program at a dashboard of its own, which is killed at the end of the block."""
    port = free_port()
    with (
        place.start("run_dashboard.py", ADMIN_TOKEN=TOKEN, DASHBOARD_PORT=str(port)) as dashboard,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=MINE, trust_env=False) as client,
    ):
        until(lambda: answers(client), what=dashboard.messages)
        yield client
        dashboard.popen.kill()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def test_a_restart_of_anything_loses_no_job(postgres_server: TestServer, tmp_path: Path) -> None:
    with workplace(postgres_server, tmp_path, seed=7) as place:
        with program(place) as client:
            started = client.post("/api/jobs/import_fixtures", json={"args": {"max_chunks": 1}}).json()
            assert client.get(started["state"]).json()["status"] == "waiting"
            ready = client.get("/health/ready").json()
            assert "1 wait in queue default, which no living worker takes" in ready["checks"]["jobs"]["reason"]
        with place.start("run_worker.py", FIXTURES_DAYS_AHEAD="2") as worker, program(place) as client:
            until(lambda: client.get(started["state"]).json()["status"] == "done", what=worker.messages)
            job = client.get(started["state"]).json()
            assert (job["args"], job["attempts"], job["error"]) == ({"max_chunks": 1}, 1, None)
            assert job["result"]["successful"] > 0
            again = client.post("/api/jobs/import_fixtures").json()
            assert (again["existing"], again["id"] != started["id"]) == (False, True)
