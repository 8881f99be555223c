"""Real Postgres for tests: one embedded server per session, one fresh database per test.

database_url   address of a database of its own, migrated, without declarations
empty_database_url   the same without migrations
backend        a PostgresBackend on `database_url`, with the bookmakers of `DECLARED` registered
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from store import migrate
from store.postgres import PostgresBackend

MEMORY = Path("/dev/shm")
ROOT = Path(__file__).resolve().parent.parent.parent

DECLARED: dict[str, list[dict[str, Any]]] = {
    "bookmakers": [
        {
            "slug": slug,
            "name": slug.title(),
            "platform": platform,
            "family": platform,
            "transport": "http",
            "logo": "",
            "site": f"https://{slug}.example",
            "event_url": f"https://{slug}.example/event/{{event_id}}",
            "interval_s": 30,
        }
        for slug, platform in (("alpha", "altenar"), ("beta", "altenar"), ("gamma", "kambi"), ("delta", "other"))
    ],
    "leagues": [
        {"key": "brasileirao_a", "name": "Brasileirão Série A", "country": "Brazil", "sport": "football"},
        {"key": "nba", "name": "NBA", "country": "USA", "sport": "basketball"},
    ],
}
"""Two bookmakers of one platform, two of others."""

# Becomes the postmaster. A helper ends it when our end of its stdin closes: also when pytest is killed.
_SERVER = """
import os, signal, sys
from pathlib import Path
from store.embedded import INSTALLS, prepare
installs = [install for install in INSTALLS if sys.argv[2] in ("", install.folder)]
server = prepare(Path(sys.argv[1]), 0, installs=installs,
                 settings={"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
                           "log_min_messages": "fatal"})
postmaster = os.pidfd_open(os.getpid())
if child := os.fork():
    os.waitpid(child, 0)
    server.execute()
if os.fork():
    os._exit(0)
server.leave()
server.wait_until_accepting(postmaster)
print(server.url, flush=True)
os.close(1)
sys.stdin.buffer.read()
signal.pidfd_send_signal(postmaster, signal.SIGQUIT)
"""


@dataclass(slots=True)
class TestServer:
    """A running server. `url` is that of its database `odds`, which stays empty."""

    __test__ = False

    url: str
    _numbers: Iterator[int] = field(default_factory=count)

    def url_of(self, database: str) -> str:
        """The address of another database of this server."""
        return self.url.rpartition("/")[0] + "/" + database

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A new database, copied from `template`; its address. Dropped at the end."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"create database {name} template {template} strategy file_copy")
        try:
            yield self.url_of(name)
        finally:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(f"drop database if exists {name} with (force)")


@contextmanager
def run_server(folder: Path, *, install: str = "") -> Iterator[TestServer]:
    """An embedded server in `folder`; `install` names one Postgres of the wheel, the best one by default."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(folder), install],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = process.stdout.readline().decode().strip()
        assert url, "the embedded server did not start; its log is above"
        yield TestServer(url)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=20)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that every user may enter, for a server that is another user when the tests run as root.

    Not pytest's: each start of pytest, a parallel one too, closes those to others again. In memory where there
    is room: a database per test is some hundred files, which takes a busy disk a second and memory 30 ms.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**30 and os.access(MEMORY, os.W_OK)
    with tempfile.TemporaryDirectory(
        prefix="odds-fleet-", dir=MEMORY if roomy else None, ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[TestServer]:
    """One server for the whole session, with the migrations applied to its database `migrated`."""
    with open_folder() as folder, run_server(folder) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("create database migrated")
        migrate.apply(server.url_of("migrated"))
        yield server


@pytest.fixture
def empty_database_url(postgres_server: TestServer) -> Iterator[str]:
    """The address of a fresh, empty database."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def database_url(postgres_server: TestServer) -> Iterator[str]:
    """The address of a fresh database with every migration applied and nothing in it."""
    with postgres_server.database(template="migrated") as url:
        yield url


@pytest.fixture
def backend(database_url: str) -> Iterator[PostgresBackend]:
    """A backend on a fresh database in which `DECLARED` is registered."""
    backend = PostgresBackend(database_url)
    backend.call(
        "register_declarations", {"p_bookmakers": DECLARED["bookmakers"], "p_leagues": DECLARED["leagues"]}
    )
    yield backend
    backend.close()
