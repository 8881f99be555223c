"""The simulator's process: bookmakers on 127.0.0.1, until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator

import uvicorn
from loguru import logger

from scrapers.errors import DeclarationError, FleetError
from simulator.server import Protocol, Simulator
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop, report_ready
from standalone.settings import Settings, load_settings

HOST = "127.0.0.1"
_LAST_ANSWERS_S = 1
"""How long answers under way may take once the process is to end; PM2 kills 1.6 s after its signal."""


class _Server(uvicorn.Server):
    """A server whose signals belong to `Stop`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signal handlers as they are."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        report_ready()


async def serve(simulator: Simulator, listener: socket.socket, stop: Stop) -> None:
    """Serve until `stop` is raised; answers under way are finished or given up within a second."""
    config = uvicorn.Config(
        simulator.app,
        http=Protocol,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait_async())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    simulator.closing.set()
    server.should_exit = True
    await serving


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback interface; raises DeclarationError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # What it accepts inherits this. asyncio sets it only where a socket names TCP as its protocol; without it the
    # second write of an answer waits 40 ms for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise DeclarationError(f"simulator: {HOST}:{port} cannot be used ({error}); set SIMULATOR_PORT") from error
    listener.listen(128)
    return listener


def run(settings: Settings, stop: Stop) -> None:
    """Serve the simulated bookmakers; raises DeclarationError when another simulator is at work here."""
    folder = settings.data_dir / "simulator"
    with FileLock(folder / "lock") as lock, listen(settings.simulator_port) as listener:
        if not lock.acquire():
            raise DeclarationError(f"simulator: another one writes to {folder}; stop it first")
        simulator = Simulator(
            settings.simulator_seed,
            folder,
            guarded=settings.simulator_guarded,
            a_day=settings.simulator_matches_a_day,
            large=settings.simulator_large_catalogue,
        )
        try:
            logger.info("listening on {}:{}, seed {}", HOST, settings.simulator_port, settings.simulator_seed)
            asyncio.run(serve(simulator, listener, stop))
        finally:
            simulator.close()
    logger.info("stopped")


def main() -> None:
    """Run the process; exit code 2 with one line when it is set up wrongly."""
    stop = Stop().listen()
    configure_logs("simulator")
    try:
        settings = load_settings()
        configure_logs("simulator", settings.log_level, settings.secrets)
        run(settings, stop)
    except FleetError as error:
        logger.error("{}", error)
        sys.exit(2)


if __name__ == "__main__":
    main()
