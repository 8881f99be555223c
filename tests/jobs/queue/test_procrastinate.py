"""What plain Procrastinate leaves open (its issue #1518 and around it), and that ours does not.

Each test shows the gap on Procrastinate's own manager first. When a new version closes it, that half fails, and our
own way around it can be looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from tests.support.job_worker import Desk, Hired

QUEUES = ["default"]


@asynccontextmanager
async def plain(url: str) -> AsyncIterator[JobManager]:
    """Procrastinate's own manager on our schema."""
    connector = PsycopgConnector(conninfo=url, kwargs={"options": "-c search_path=procrastinate"}, min_size=1)
    app = App(connector=connector)
    async with app.open_async():
        yield app.job_manager


def with_plain(url: str, steps: Callable[[JobManager], Awaitable[None]]) -> None:
    async def run() -> None:
        async with plain(url) as manager:
            await steps(manager)

    asyncio.run(run())


async def taken(manager: JobManager, worker: int) -> Job:
    job = await manager.fetch_job(QUEUES, worker)
    assert job is not None
    return job


def test_a_job_cannot_be_finished_by_an_attempt_that_lost_it(desk: Desk, database_url: str) -> None:
    plainly, ours = desk.enqueue("echo"), desk.enqueue("echo", queue="ours")

    async def gap(manager: JobManager) -> None:
        first, second = await manager.register_worker(), await manager.register_worker()
        job = await taken(manager, first)
        await manager.retry_job(job)  # what the recovery of stalled jobs does
        again = await taken(manager, second)
        assert again.id == job.id == plainly
        # The first was only slow. It ends what the second is doing; the second cannot end it any more.
        await manager.finish_job(job, Status.SUCCEEDED, delete_job=False)
        assert desk.state(plainly)["status"] == "done"
        with pytest.raises(ConnectorException):
            await manager.finish_job(again, Status.FAILED, delete_job=False)

    with_plain(database_url, gap)
    late, current = (take(desk, seat, "ours") for seat in ("seat", "seat"))
    assert (late["id"], late["attempt"], current["id"], current["attempt"]) == (ours, 1, ours, 2)
    ended = {"id": ours, "attempt": 1, "end": "done"}
    assert desk.backend.call("end_jobs", {"p_ended": [ended]}) == [{"id": ours, "written": False}]
    assert desk.state(ours)["status"] == "running"
    assert desk.backend.call("end_jobs", {"p_ended": [{**ended, "attempt": 2}]}) == [{"id": ours, "written": True}]


def test_a_dead_workers_jobs_do_not_run_for_ever(
    desk: Desk, database_url: str, owner: psycopg.Connection[Any]
) -> None:
    job_id = desk.enqueue("echo")

    async def gap(manager: JobManager) -> None:
        worker = await manager.register_worker()
        await taken(manager, worker)
        owner.execute("update procrastinate.procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
        # The next worker that starts prunes it; nobody looks for what it held.
        await manager.prune_stalled_workers(30)
        assert await manager.fetch_job(QUEUES, await manager.register_worker()) is None
        assert desk.state(job_id)["status"] == "running"

    with_plain(database_url, gap)
    with Hired(database_url):
        assert desk.until(job_id, "done")["losses"] == 1


def test_a_worker_that_comes_back_under_its_name_gets_its_jobs_again(desk: Desk, database_url: str) -> None:
    job_id = desk.enqueue("echo")
    take(desk, "a", "default")
    with Hired(database_url, "a"):
        assert desk.until(job_id, "done")["losses"] == 1


def take(desk: Desk, seat: str, queue: str) -> dict[str, Any]:
    """A worker joins in a seat and takes a job; the one that sat there before is dead."""
    worker = {"name": "w", "host": "h", "pid": 1, "seat": seat, "queues": [queue], "concurrency": 1}
    joined = desk.backend.call("join_worker", {"p_worker": worker, "p_kinds": [], "p_max_losses": 5})
    asked = {"p_worker": joined["worker"], "p_queues": [queue], "p_limit": 1}
    (job,) = desk.backend.call("take_jobs", asked)["jobs"]
    found: dict[str, Any] = job
    return found
