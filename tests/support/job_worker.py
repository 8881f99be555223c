"""Workers as real processes, with kinds made for tests.

Run as a program it is such a worker: `python -m tests.support.job_worker URL SEAT [LIMIT=VALUE ...]`. It prints
"joined" at every sign of life that was heard; what it does is in KINDS.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import psycopg
from loguru import logger

from jobs.queue.calls import Identity
from jobs.queue.context import JobContext
from jobs.queue.kinds import JobKind
from jobs.queue.worker import JobWorker, WorkerLimits
from scrapers.errors import DeclarationError, NetworkError
from store.postgres import PostgresBackend

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


def spawn(url: str, seat: str, **limits: float) -> subprocess.Popen[str]:
    """A worker as a process of its own."""
    options = [f"{name}={value}" for name, value in limits.items()]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.job_worker", url, seat, *options], stdout=subprocess.PIPE, text=True
    )


async def _run(url: str, seat: str, limits: WorkerLimits) -> None:
    async def joined() -> None:
        print("joined", flush=True)  # noqa: T201 - for the test that waits

    worker = JobWorker(
        Identity(seat, "test", os.getpid(), seat),
        ["default"],
        KINDS,
        backend=PostgresBackend(url),
        work=PostgresBackend(url),
        url=lambda: url,
        clean=str,
        limits=limits,
        on_beat=joined,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, worker.stop)
    await worker.run()


if __name__ == "__main__":
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    options = dict(option.split("=") for option in sys.argv[3:])
    limits = WorkerLimits(
        concurrency=int(options.get("concurrency", 2)),
        beat_s=float(options.get("beat_s", 10)),
        silent_s=float(options.get("silent_s", 30)),
        grace_s=float(options.get("grace_s", 5)),
    )
    asyncio.run(_run(sys.argv[1], sys.argv[2], limits))
