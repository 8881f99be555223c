"""A cycle worker as a process: `run_cycle_worker.py --kind http|browser --number N` (docs/scaling.md)."""

from __future__ import annotations

import asyncio
import os
import socket
import sys

import click
from loguru import logger

from jobs.cycles.queue import CycleQueue
from scrapers.errors import FleetError
from standalone.connect import open_backend
from standalone.cycle_worker import CycleWorker
from standalone.lease import holder_name
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop, end_after
from standalone.service import wait_for_turn
from standalone.settings import load_settings
from standalone.shared_resources import SharedResources
from standalone.workers import KINDS, MEMORY_MB, bookmakers_of_workers, worker_name


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
                resources = SharedResources(settings, keep_catalogue=True)
                host, _, folder = holder_name(settings.data_dir).rpartition("/")
                queue = CycleQueue(
                    open_backend(settings, name=f"{name} queue"),
                    kind=kind,
                    own=f"{kind}@{folder}-{number}",
                    holder=f"{host}/{folder}/{kind}-{number}",
                    host=socket.gethostname(),
                    pid=os.getpid(),
                )
                chosen = bookmakers_of_workers(resources.registry, settings)
                worker = CycleWorker(
                    resources,
                    queue,
                    {slug: one for slug, one in chosen.items() if one.transport == kind},
                    slots=settings.worker_slots,
                    memory_limit_mb=MEMORY_MB,
                )
                code = asyncio.run(worker.run(stop))
                resources.close()
    except FleetError as error:
        logger.error("{}", error)
        code = 2
    sys.exit(code)


if __name__ == "__main__":
    main()
