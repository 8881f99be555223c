"""The process `database`: the embedded Postgres itself, so that PM2 watches and stops the postmaster.

A child that is let go of (so that the postmaster does not have to know it) waits until the server
accepts connections, migrates, registers the declarations, publishes the address and reports ready.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

from loguru import logger

from scrapers.errors import FleetError, StoreUnavailableError
from scrapers.registry import Registry, load_registry
from standalone.declare import register
from standalone.logs import configure_logs
from standalone.process import report_ready
from standalone.settings import load_settings
from store import migrate
from store.embedded import Server, prepare, write_url
from store.postgres import PostgresBackend

USABLE_WITHIN_S = 60.0
"""How long a server that loses connections may take until it is prepared."""


def main() -> None:
    """Run until SIGINT (a fast, clean shutdown). Exit code 2, with the reason logged, when it cannot start."""
    configure_logs("database")
    try:
        settings = load_settings()
        configure_logs("database", settings.log_level, settings.secrets)
        registry = load_registry()
        server = prepare(settings.data_dir, settings.embedded_port)
    except FleetError as error:
        logger.error(str(error))
        sys.exit(2)
    if server.port != settings.embedded_port:
        logger.warning("port {} is taken, listening on {}", settings.embedded_port, server.port)

    postmaster = os.pidfd_open(os.getpid())
    if child := os.fork():
        os.waitpid(child, 0)
        server.execute()
    if os.fork():
        os._exit(0)
    try:
        _make_usable(server, postmaster, settings.data_dir, registry)
    except Exception as error:
        # Whatever it was: a server that nobody can use must not look like one that works.
        logger.opt(exception=not isinstance(error, FleetError)).error("not usable, stopping: {}", error)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(postmaster, signal.SIGINT)
        os._exit(2)
    os._exit(0)


def _make_usable(server: Server, postmaster: int, data_dir: Path, registry: Registry) -> None:
    server.leave()
    deadline = time.monotonic() + USABLE_WITHIN_S
    while True:
        server.wait_until_accepting(postmaster)
        try:
            applied = migrate.apply(server.url)
            with closing(PostgresBackend(server.url, application_name="database")) as backend:
                register(backend, registry)
            break
        except StoreUnavailableError as error:
            # One of its processes died and Postgres recovers by itself; ending it would take longer.
            if time.monotonic() > deadline:
                raise
            logger.warning("preparing it again, the connection was lost: {}", error)
    write_url(data_dir, server.url)
    logger.info("ready on port {}; migrations applied: {}", server.port, ", ".join(applied) or "none")
    report_ready()


if __name__ == "__main__":
    main()
