"""A cycle worker as a process: `run_cycle_worker.py --kind http|browser --number N` (docs/scaling.md)."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import closing

import click
from loguru import logger

from jobs.cycles.queue import CycleQueue
from scrapers.errors import FleetError
from standalone.connect import open_backend
from standalone.cycle.lease import holder_name
from standalone.etl import open_service_run
from standalone.life import Life
from standalone.log_rotation import start_log_rotation
from standalone.logs import configure_logs
from standalone.pm2_apps import every_name
from standalone.process import FileLock, Stop, end_after, end_when_stuck
from standalone.service import wait_for_turn
from standalone.settings import Settings, load_settings
from standalone.shared_resources import SharedResources
from standalone.workers.cycle_worker import CycleWorker
from standalone.workers.names import KINDS, MEMORY_MB, bookmakers_of_workers, worker_name, workers_here

STUCK_AFTER_S = 300.0
"""A worker's loop waits for a few calls of the database at most, each of which is given up after a minute. Nobody
else would notice: its bookmakers are with other workers long before."""


@click.command()
@click.option("--kind", type=click.Choice(KINDS), required=True, help="what its bookmakers are read with")
@click.option("--number", type=click.IntRange(min=1), default=1, show_default=True, help="of this kind here")
def main(kind: str, number: int) -> None:
    """Collect whichever bookmakers of a kind are this worker's, until stopped."""
    stop = Stop().listen()
    end_after(stop)
    code = 0
    try:
        settings = load_settings()
        name = worker_name(kind, number)
        configure_logs(name, settings.log_level, settings.secrets)
        with FileLock(settings.data_dir / "locks" / f"{name}.lock") as lock:
            if wait_for_turn(lock, stop):
                if not settings.run_services and (kind, number) in workers_here(settings)[:1]:
                    # Elsewhere cleanup-service does it.
                    start_log_rotation(every_name(), stop, max_mb=settings.log_max_mb, keep=settings.log_keep)
                code = work(settings, kind, number, stop)
    except FleetError as error:
        logger.error("{}", error)
        code = 2
    sys.exit(code)


def work(settings: Settings, kind: str, number: int, stop: Stop) -> int:
    """Be this machine's worker of that kind and number until `stop`; the exit code. Raises DeclarationError."""
    resources = SharedResources(settings, keep_catalogue=True)
    host, _, folder = holder_name(settings.data_dir).rpartition("/")
    chosen = bookmakers_of_workers(resources.registry, settings)
    name = worker_name(kind, number)
    with closing(open_backend(settings, name=f"{name} queue")) as backend:
        queue = CycleQueue(
            backend,
            kind=kind,
            own=f"{kind}@{folder}-{number}",
            holder=f"{host}/{folder}/{kind}-{number}",
            host=socket.gethostname(),
            pid=os.getpid(),
        )
        worker = CycleWorker(
            resources,
            queue,
            {slug: one for slug, one in chosen.items() if one.transport == kind},
            slots=settings.worker_slots,
            memory_limit_mb=MEMORY_MB,
        )
        end_when_stuck(lambda: worker.turned_at, STUCK_AFTER_S)
        # Of this name there is one on every machine.
        run = open_service_run(settings, resources.backend, f"{name}@{host}/{folder}", measured=False)
        code = asyncio.run(worker.run(stop, Life(run)))
    resources.close()
    return code


if __name__ == "__main__":
    main()
