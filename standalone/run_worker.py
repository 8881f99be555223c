"""A worker of the queue: takes jobs of its queues and does them, one process of PM2's (docs/jobs.md).

It outlives a database that is away, gives back what it has no time to end when it is stopped, and what it held when
it is killed goes to others: at once when it comes back on the same machine, else after its silence was noticed.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
from loguru import logger

from jobs.queue.calls import Identity
from jobs.queue.kinds import NAME as QUEUE_NAME
from jobs.queue.kinds import JobKind
from jobs.queue.worker import JobWorker, WorkerLimits
from standalone.connect import database_url, open_backend
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop, end_after, report_ready
from standalone.redaction import Redactor
from standalone.service import wait_for_turn
from standalone.settings import Settings, load_settings
from standalone.shared_resources import SharedResources
from standalone.workers.job_kinds import declared_kinds
from store.backend import Backend

NAME = "worker"
SEAT_BYTES = 12


def _read_queues(context: click.Context, option: click.Parameter, value: str) -> Sequence[str]:
    queues = [queue.strip() for queue in value.split(",")]
    for queue in queues:
        if not QUEUE_NAME.fullmatch(queue):
            raise click.BadParameter(f"{queue!r}: queues are called in lower snake case")
    return queues


@click.command()
@click.option(
    "--queues", default="default", show_default=True, callback=_read_queues, help="which, separated by commas"
)
@click.option("--concurrency", type=click.IntRange(1, 100), default=2, show_default=True, help="jobs at once")
@click.option(
    "--name", default=NAME, show_default=True, help="what this worker is called; one of a name on a machine"
)
def main(queues: Sequence[str], concurrency: int, name: str) -> None:
    """Take jobs of these queues and do them until told to stop."""
    settings = load_settings()
    configure_logs(name, settings.log_level, settings.secrets)
    stop = Stop().listen()
    resources = SharedResources(settings)
    kinds = declared_kinds(resources)
    work(resources, kinds, queues, stop, name=name, limits=WorkerLimits(concurrency=concurrency))


def work(
    resources: SharedResources,
    kinds: Sequence[JobKind],
    queues: Sequence[str],
    stop: Stop,
    *,
    name: str,
    limits: WorkerLimits,
) -> None:
    """Be a worker until `stop`. Another process of the same name on this machine is waited for."""
    settings = resources.settings
    lock_file = settings.data_dir / "locks" / f"{name}.lock"
    with FileLock(lock_file) as lock:
        if not wait_for_turn(lock, stop):
            return
        end_after(stop)
        backend = open_backend(settings, name=name)
        who = Identity(name, socket.gethostname(), os.getpid(), seat_of(lock_file))
        worker = asyncio.run(_run(resources, kinds, queues, stop, who, backend, limits))
        logger.info("ended; attempts: {}", worker.ended or "none")
        backend.close()
        resources.close()


async def _run(
    resources: SharedResources,
    kinds: Sequence[JobKind],
    queues: Sequence[str],
    stop: Stop,
    who: Identity,
    backend: Backend,
    limits: WorkerLimits,
) -> JobWorker:
    async def on_beat() -> None:
        report_ready()
        await asyncio.to_thread(_heartbeat, backend, worker, queues, limits)

    worker = JobWorker(
        who,
        queues,
        kinds,
        backend=backend,
        work=resources.backend,
        url=_listening_url(resources.settings),
        clean=Redactor(resources.settings.secrets).text,
        limits=limits,
        on_beat=on_beat,
    )

    async def stop_it() -> None:
        await stop.wait_async()
        worker.stop()

    stopping = asyncio.create_task(stop_it())
    try:
        await worker.run()
    finally:
        stopping.cancel()
    return worker


def _heartbeat(backend: Backend, worker: JobWorker, queues: Sequence[str], limits: WorkerLimits) -> None:
    backend.call(
        "service_heartbeat",
        {
            "p_service": worker.who.name,
            "p_expected_interval_s": round(limits.beat_s) or 1,
            "p_error": None,
            "p_extra": {
                "host": worker.who.host,
                "queues": list(queues),
                "running": worker.running,
                "ended": worker.ended,
            },
        },
    )


def _listening_url(settings: Settings) -> Callable[[], str] | None:
    """Where notifications come from; None through Supabase's API alone, which has none."""
    if settings.database_url is None and settings.supabase_url is not None:
        return None
    return partial(_known_url, settings)


def _known_url(settings: Settings) -> str:
    url = database_url(settings)
    assert url is not None  # asked only where there is one
    return url


def seat_of(lock_file: Path) -> str:
    """The name of the seat that this lock is: made by chance when the lock is first taken, and kept beside it.

    Not the machine's name: two containers may share that, and each would take the other for its own dead self.
    """
    file = lock_file.with_suffix(".seat")
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.write_text(secrets.token_hex(SEAT_BYTES), encoding="ascii")
        fresh.replace(file)
    return file.read_text(encoding="ascii")


if __name__ == "__main__":
    main()
