"""A monitor on a fresh database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitoring.etl.monitor import ETLMonitor
from store.postgres import PostgresBackend

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    """Asks the database."""
    with psycopg.connect(database_url, autocommit=True) as connection:

        def ask(query: str) -> list[tuple[Any, ...]]:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

        yield ask


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where journals lie."""
    return tmp_path / "etl"


@pytest.fixture
def monitor(database_url: str, folder: Path) -> Iterator[ETLMonitor]:
    """A monitor that keeps every level."""
    with ETLMonitor(PostgresBackend(database_url), folder, "fixtures_import", level="DEBUG") as monitor:
        yield monitor
