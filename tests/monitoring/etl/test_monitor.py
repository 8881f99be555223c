"""Executions, chunks, lines and numbers on their way to the database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitoring.etl.logger import ETLLogger
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.place import CarryingExecutor, within
from store.postgres import PostgresBackend

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    """Asks the database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda query: connection.execute(query).fetchall()


@pytest.fixture
def monitor(database_url: str, tmp_path: Path) -> Iterator[ETLMonitor]:
    with ETLMonitor(PostgresBackend(database_url), tmp_path / "etl", "fixtures_import", level="DEBUG") as monitor:
        yield monitor


def test_an_execution_and_its_chunks_add_up(monitor: ETLMonitor, rows: Rows) -> None:
    with monitor.execution(total_fixtures=10, total_chunks=2, config={"max_chunks": 2}) as execution_id:
        with monitor.chunk("8-2025", total_fixtures=6) as chunk:
            chunk.add(successful=4)
            chunk.add(failed=1, skipped=1)
        with pytest.raises(ValueError, match="no season"), monitor.chunk("8-2026", total_fixtures=4) as chunk:
            chunk.add(successful=1)
            raise ValueError("no season")
    assert rows(
        "select execution_id::text, component, status, total_fixtures, processed_fixtures, successful_fixtures, "
        "failed_fixtures, skipped_fixtures, total_chunks, processed_chunks, config, duration_seconds > 0 "
        "from etl_executions"
    ) == [(execution_id, "fixtures_import", "COMPLETED", 10, 7, 5, 1, 1, 2, 2, {"max_chunks": 2}, True)]
    assert rows(
        "select chunk_id, status, total_fixtures, processed_fixtures, error_message from etl_chunks order by 1"
    ) == [("8-2025", "COMPLETED", 6, 6, None), ("8-2026", "FAILED", 4, 1, "ValueError: no season")]
    assert rows("select level, message, chunk_id from etl_logs order by log_id") == [
        ("INFO", "execution started", None),
        ("ERROR", "chunk failed", "8-2026"),
        ("INFO", "execution completed", None),
    ]


def test_the_place_goes_along_through_tasks_and_threads(monitor: ETLMonitor, rows: Rows) -> None:
    log = ETLLogger(monitor, "client")

    async def import_chunk(chunk_id: str, fixture_id: int) -> None:
        with monitor.chunk(chunk_id):
            await asyncio.sleep(0)
            with log.fixture(fixture_id):
                await asyncio.to_thread(log.info, "in a thread of asyncio", page=2, duration_ms=1.5)
                with CarryingExecutor(1) as pool:
                    pool.submit(log.warning, "in a pool").result()

    async def run() -> None:
        await asyncio.gather(import_chunk("a", 1), import_chunk("b", 2))

    with monitor.execution() as execution_id:
        asyncio.run(run())
        thread = threading.Thread(target=log.error, args=("in a bare thread",))
        thread.start()
        thread.join()
        with within(fixture_id=3):
            log.debug("here")
    found = rows(
        "select level, message, chunk_id, fixture_id, details, duration_ms from etl_logs "
        f"where component = 'client' and execution_id = '{execution_id}' order by message, chunk_id"
    )
    assert found == [
        ("DEBUG", "here", None, 3, {}, None),
        ("ERROR", "in a bare thread", None, None, {}, None),
        ("WARNING", "in a pool", "a", 1, {}, None),
        ("WARNING", "in a pool", "b", 2, {}, None),
        ("INFO", "in a thread of asyncio", "a", 1, {"page": 2}, 1.5),
        ("INFO", "in a thread of asyncio", "b", 2, {"page": 2}, 1.5),
    ]
