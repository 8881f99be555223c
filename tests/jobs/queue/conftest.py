"""One database for the tests of a module, its queue empty at the beginning of each: one each would take longer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from store.postgres import PostgresBackend
from tests.support.job_worker import Desk, empty_queue
from tests.support.postgres import TestServer


@pytest.fixture(scope="module")
def queue_database(postgres_server: TestServer) -> Iterator[str]:
    """The address of the module's database."""
    with postgres_server.database(template="migrated") as url:
        yield url


@pytest.fixture
def database_url(queue_database: str) -> str:
    """Its address, after its queue was emptied."""
    empty_queue(queue_database)
    return queue_database


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    backend = PostgresBackend(database_url)
    yield Desk(backend)
    backend.close()


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the database's owner."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
