"""The dashboard's pages over HTTP on loopback, in a thread of the test."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import httpx
import uvicorn

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
    """Serve the pages on a free port until the end of the block. The port of `config` does not count."""
    app = create_app(backend, config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with httpx.Client(base_url=address, timeout=20) as client:
                yield ServedPages(app.state.site, client)
        finally:
            server.should_exit = True
            thread.join()
