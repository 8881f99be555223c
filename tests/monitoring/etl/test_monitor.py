"""Executions, chunks, lines and numbers on their way to the database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from monitoring.etl.logger import ETLLogger
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.place import CarryingExecutor, within
from standalone.redaction import Redactor
from store.postgres import PostgresBackend

Rows = Callable[[str], list[tuple[Any, ...]]]


def test_an_execution_and_its_chunks_add_up(monitor: ETLMonitor, rows: Rows) -> None:
    with monitor.execution(total_fixtures=10, total_chunks=2, config={"max_chunks": 2}) as execution_id:
        with monitor.chunk("8-2025", total_fixtures=6) as chunk:
            chunk.add(successful=4)
            chunk.add(failed=1, skipped=1)
        with suppress(ValueError), monitor.chunk("8-2026", total_fixtures=4) as chunk:
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


class Odd:
    """Something that JSON does not know."""

    def __str__(self) -> str:
        return "odd \0 \ud800"


def test_nothing_that_is_said_is_refused(monitor: ETLMonitor, rows: Rows, folder: Path) -> None:
    log = ETLLogger(monitor)
    with monitor.execution(config={"odd": Odd(), "deep": {"n": 2**80}}) as execution_id:
        log.info("nul \0 and \ud800", odd=Odd(), nan=float("nan"), bytes=b"x", far=2**70, key={1: {2, 3}})
        log.warning("x" * 9_000, long="y" * 90_000, duration_ms=float("inf"))
        with within(fixture_id=2**70, chunk_id="c" * 999):
            log.error("far away")
        with within(execution_id="not one"):
            log.error("nowhere")
        monitor.log_event("shouting", "no such level")
        monitor.record_metric("speed", float("nan"))
        monitor.record_metric("speed", 3, "1/s", {"odd": Odd()})
    assert not (folder / "refused").exists()
    lines = rows("select message, level, details, fixture_id, length(chunk_id), execution_id is null from etl_logs")
    said = {message[:8]: rest for message, *rest in lines}
    assert said["nul � an"][1] == {
        "odd": "odd � ?", "nan": "nan", "bytes": "b'x'", "far": str(2**70), "key": {"1": [2, 3]}
    }  # fmt: skip
    assert said["x" * 8][1]["bytes"] > 16_000
    assert said["far away"] == ["ERROR", {"fixture_id": str(2**70)}, None, 200, False]
    assert said["nowhere"] == ["ERROR", {"execution_id": "not one"}, None, None, True]
    assert said["no such "][0] == "ERROR"
    assert said["a metric"][1] == {"metric": "speed", "value": "nan"}
    assert rows("select metric_name, metric_value, metric_unit, tags, execution_id::text from etl_metrics") == [
        ("speed", 3.0, "1/s", {"odd": "odd � ?"}, execution_id)
    ]


def test_secrets_do_not_reach_the_database(database_url: str, folder: Path, rows: Rows) -> None:
    clean = Redactor(["hidden-token"]).value
    monitor = ETLMonitor(PostgresBackend(database_url), folder, "import", clean=clean)
    with suppress(OSError), monitor, monitor.execution(config={"password": "abc"}), monitor.chunk("1"):
        monitor.log_event("INFO", "asked with hidden-token", details={"url": "http://x/?api_token=hidden-token"})
        raise OSError("refused hidden-token")
    kept = rows(
        "select to_jsonb(l)::text from etl_logs l union all select to_jsonb(e)::text from etl_executions e "
        "union all select to_jsonb(c)::text from etl_chunks c"
    )
    assert len(kept) == 6
    assert not [text for (text,) in kept if "hidden-token" in text or "abc" in text]
    assert rows("select status from etl_executions") == [("FAILED",)]


@pytest.mark.parametrize(
    ("end", "status"),
    [(KeyboardInterrupt(), "CANCELLED"), (asyncio.CancelledError(), "CANCELLED"), (ValueError("no"), "FAILED")],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else value,
)
def test_what_ends_the_block_ends_the_execution(
    monitor: ETLMonitor, rows: Rows, end: BaseException, status: str
) -> None:
    with pytest.raises(type(end)), monitor.execution(), monitor.chunk("1"):
        raise end
    assert rows("select status, finished_at is not null from etl_executions") == [(status, True)]
    assert rows("select status from etl_chunks") == [(status,)]


def test_outside_of_executions(monitor: ETLMonitor, rows: Rows) -> None:
    with pytest.raises(ValueError, match="no execution is open"):
        monitor.progress(successful=1)
    monitor.log_event("info", "said anyway")
    monitor.record_metric("anyway", 1)
    assert monitor.flush()
    assert rows("select message, execution_id from etl_logs") == [("said anyway", None)]
    assert monitor.get_execution_summary() is None
    assert monitor.get_health_status()["status"] == "idle"


def test_the_summary_tells_everything(monitor: ETLMonitor) -> None:
    log = ETLLogger(monitor)
    with monitor.execution(total_fixtures=4) as execution_id:
        with monitor.chunk("1") as chunk:
            chunk.add(successful=1, failed=1, skipped=2)
            chunk.fail("a fixture is wrong")
        for _ in range(3):
            log.error("same cause")
        monitor.record_metric("rate", 2, "1/s")
        monitor.record_metric("rate", 4, "1/s")
        running = monitor.get_execution_summary()
        assert running is not None
        assert (running["status"], running["success_rate"]) == ("RUNNING", 0.75)
    found = monitor.get_execution_summary(execution_id)
    assert found is not None
    assert (found["status"], found["error_rate"], found["success_rate"]) == ("COMPLETED", 0.25, 0.75)
    assert found["logs"] == {"INFO": 2, "ERROR": 4}
    assert [(row["message"], row["n"]) for row in found["errors"]] == [("same cause", 3), ("chunk failed", 1)]
    assert found["chunks"] == {"FAILED": 1}
    (metric,) = found["metrics"]
    assert (metric["name"], metric["n"], metric["last"], metric["min"], metric["max"]) == ("rate", 2, 4, 2, 4)
    health = monitor.get_health_status()
    assert health["status"] == "degraded"
    assert [(row["component"], row["run_success_rate"]) for row in health["components"]] == [
        ("fixtures_import", 1.0)
    ]
