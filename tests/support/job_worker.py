"""Workers for tests, as threads and as processes of their own, with kinds made for them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Self

import psycopg
from loguru import logger

from jobs.queue.calls import Identity
from jobs.queue.context import JobContext
from jobs.queue.kinds import JobKind
from jobs.queue.worker import JobWorker, WorkerLimits
from scrapers.errors import DeclarationError, NetworkError
from standalone.redaction import Redactor
from store.backend import Backend
from store.postgres import PostgresBackend
from tests.support.patience import patient

EFFECTS = """
create table public.effects (job_id bigint not null, attempt integer not null);
create function public.have_effect(p_id bigint, p_attempt integer) returns jsonb language plpgsql as $$
begin
  perform complete_job(p_id, p_attempt, jsonb_build_object('attempt', p_attempt));
  insert into effects (job_id, attempt) values (p_id, p_attempt);
  return '{}';
end $$;
"""
"""An effect that happens in the transaction that ends the job. Nothing keeps it from happening twice but that."""


def prepare_effects(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(EFFECTS.encode())


def empty_queue(url: str) -> None:
    """Forget every job, worker and kind; numbers begin anew."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "truncate procrastinate.procrastinate_jobs, procrastinate.procrastinate_workers, job_kinds, "
            "dead_letters restart identity cascade"
        )


async def effect(context: JobContext, args: Mapping[str, Any]) -> None:
    await context.call("have_effect", context.fence)


async def echo(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"args": dict(args), "attempt": context.attempt}


async def hang(context: JobContext, args: Mapping[str, Any]) -> None:
    await asyncio.Event().wait()


async def flaky(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
    if context.failures < args["failures"]:
        raise NetworkError(f"no connection, try {context.attempt}")
    return {"attempt": context.attempt}


async def wrong(context: JobContext, args: Mapping[str, Any]) -> None:
    raise DeclarationError(
        f"job {context.job_id}: league {args.get('league')} is not declared, token=abcdefgh12345678"
    )


KINDS = (
    JobKind("effect", effect),
    JobKind("echo", echo),
    JobKind("hang", hang),
    JobKind("hang_briefly", hang, timeout_s=0.2, retries=0),
    JobKind("flaky", flaky),
    JobKind("wrong", wrong),
)


class Hired:
    """A worker in a thread of this process, for as long as the block lasts."""

    def __init__(self, url: str, seat: str = "a", kinds: Sequence[JobKind] = KINDS, **limits: Any) -> None:
        fast = {"beat_s": 0.1, "silent_s": 60.0, "poll_s": 0.1, "slow_poll_s": 60.0, "grace_s": 0.2, **limits}
        self.joined = threading.Event()
        listening_url = fast.pop("listening_url", url)
        self._backends: tuple[Backend, Backend] = fast.pop("backends", (PostgresBackend(url), PostgresBackend(url)))
        self.worker = _worker(self._backends, seat, WorkerLimits(**fast), self._joined, kinds, listening_url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work)

    async def _joined(self) -> None:
        self.joined.set()

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self.worker.run())

    def stop(self) -> None:
        """Ask it to end and wait until it has."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self.worker.stop)
        self._thread.join(patient(10))
        assert not self._thread.is_alive(), "the worker did not end"
        for backend in self._backends:
            backend.close()

    def start(self) -> None:
        """Begin, without waiting for anything."""
        self._thread.start()

    def __enter__(self) -> Self:
        self.start()
        assert self.joined.wait(patient(10)), "the worker did not join"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Desk:
    """Enqueues jobs and waits for what becomes of them."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def enqueue(self, kind: str, args: Mapping[str, Any] | None = None, **more: Any) -> int:
        """The job's id."""
        (made,) = self.backend.call("enqueue_jobs", {"p_jobs": [{"kind": kind, "args": args or {}, **more}]})
        return int(made["id"])

    def state(self, job_id: int) -> dict[str, Any]:
        """The job as it is now."""
        found: dict[str, Any] = self.backend.call("job_state", {"p_id": job_id})
        return found

    def until(self, job_id: int, status: str, within_s: float = 10) -> dict[str, Any]:
        """The job when it has this status."""
        wait_until(lambda: self.state(job_id)["status"] == status, f"job {job_id} {status}", within_s)
        return self.state(job_id)


def wait_until(holds: Callable[[], Any], what: str, within_s: float = 10) -> None:
    """Look until it holds: the database tells nobody of these."""
    deadline = time.monotonic() + patient(within_s)
    while not holds():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def spawn(url: str, seat: str, **limits: Any) -> BaseProcess:
    """A worker as a process of its own, forked from one that has everything imported: a start costs little."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_be_worker, args=(url, seat, limits), daemon=True)
    process.start()
    return process


def _worker(
    backends: tuple[Backend, Backend],
    seat: str,
    limits: WorkerLimits,
    on_beat: Callable[[], Awaitable[None]],
    kinds: Sequence[JobKind],
    listening_url: str | None,
) -> JobWorker:
    return JobWorker(
        Identity(seat, "test", os.getpid(), seat),
        ["default"],
        kinds,
        backend=backends[0],
        work=backends[1],
        url=None if listening_url is None else lambda: str(listening_url),
        clean=Redactor().text,
        limits=limits,
        on_beat=on_beat,
    )


def _be_worker(url: str, seat: str, limits: Mapping[str, Any]) -> None:
    async def on_beat() -> None:
        pass

    logger.remove()  # a line for each of ten thousand jobs
    backends = PostgresBackend(url), PostgresBackend(url)
    asyncio.run(_worker(backends, seat, WorkerLimits(**limits), on_beat, KINDS, url).run())
