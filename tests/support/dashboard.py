"""The dashboard's pages over HTTP on loopback, in a thread of the test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from threading import Thread

import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from dashboard.app import create_app
from dashboard.config import DashboardConfig
from dashboard.site import Site
from store.backend import Backend


@dataclass(frozen=True)
class ServedPages:
    """Pages that are served. `site`: what they share; `client`: a reader, without a login."""

    site: Site
    client: httpx.Client


@contextmanager
def served_pages(backend: Backend, config: DashboardConfig) -> Iterator[ServedPages]:
    """Serve the pages on a free port until the end of the block. The port of `config` does not count.

    All of them share one event loop: a server of its own for each test would cost a fifth of a second.
    """
    app = create_app(backend, config)
    served = uvicorn.Config(app, log_level="error", ws="none", lifespan="off")
    served.load()
    protocol = partial(H11Protocol, config=served, server_state=ServerState(), app_state={})
    loop = _loop()
    server = asyncio.run_coroutine_threadsafe(loop.create_server(protocol, "127.0.0.1", 0), loop).result()
    port = server.sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield ServedPages(app.state.site, client)
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
        app.state.site.database.close()


async def _close(server: asyncio.Server) -> None:
    server.close()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The event loop of every served page, in a thread that ends with the tests."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="served-pages", daemon=True).start()
    return loop
