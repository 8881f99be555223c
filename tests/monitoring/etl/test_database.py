"""The functions of migration 0019: by plain SQL with their defaults, through both backends, over their lifetime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from scrapers.errors import StoreError
from store.backend import Backend
from tests.support.postgrest import Project, open_either

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(params=["postgres", "supabase"])
def either(request: pytest.FixtureRequest, database_url: str, supabase_project: Project) -> Iterator[Backend]:
    """Each backend in turn."""
    with open_either(request.param, database_url, supabase_project, declared=False) as backend:
        yield backend


def test_plain_sql_needs_few_arguments(rows: Rows) -> None:
    ((answer,),) = rows("select start_etl_execution()")
    number = answer["execution_id"]
    rows(f"select add_etl_progress('{number}', p_successful => 3, p_failed => 1)")
    rows(f"select log_etl_event('warning', 'psql', 'by hand', p_execution_id => '{number}')")
    rows("select record_etl_metric('rows', 4)")
    assert rows(f"select finish_etl_execution('{number}')") == [({"finished": True},)]
    assert rows(f"select finish_etl_execution('{number}', 'FAILED')") == [({"finished": False},)]
    ((summary,),) = rows("select get_etl_execution_summary()")
    assert (summary["status"], summary["processed_fixtures"], summary["logs"]) == ("COMPLETED", 4, {"WARNING": 1})
    assert rows("select component, status, finished_at > started_at from etl_executions") == [
        ("manual", "COMPLETED", True)
    ]
    assert rows("select metric_name, metric_value, metric_unit, tags from etl_metrics") == [("rows", 4, "", {})]


def test_the_indexes_that_questions_need_are_there(rows: Rows) -> None:
    found = " ".join(text for (text,) in rows("select indexdef from pg_indexes where tablename ~ '^etl_[a-z]+$'"))
    for columns in (
        '("timestamp")', "(level,", "(component,", "(execution_id,", "(chunk_id,", "(metric_name,", "(status,",
        "(started_at",
    ):  # fmt: skip
        assert columns in found, columns


def batch(execution_id: str, lines: int, **more: Any) -> dict[str, Any]:
    line = {"timestamp": datetime.now(UTC).timestamp(), "level": "INFO", "component": "c", "message": "m"}
    return {
        "started": [
            {
                "execution_id": execution_id,
                "component": "c",
                "started_at": 1.8e9,
                "config": {},
                "silent_after_s": 30,
            }
        ],
        "logs": [{**line, "execution_id": execution_id, "details": {"n": n}} for n in range(lines)],
        **more,
    }


def test_more_rows_than_an_api_gives_at_once(either: Backend) -> None:
    key, number = str(uuid4()), str(uuid4())
    chunks = [
        {
            "execution_id": number, "chunk_id": f"{n:05d}", "status": "COMPLETED", "started_at": 1.8e9,
            "finished_at": 1.8e9 + 1, "total_fixtures": 1, "successful": 1, "failed": 0, "skipped": 0,
        }
        for n in range(1200)
    ]  # fmt: skip
    args = {"p_batch_key": key, "p_batch": batch(number, 1500, chunks=chunks)}
    assert either.call("write_etl_batch", args) == {"written": True}
    assert either.call("write_etl_batch", args) == {"written": False}
    lines = either.call("etl_logs_page", {"p_filter": {"execution_id": number}, "p_limit": 5000})
    assert [row["details"]["n"] for row in lines] == list(range(1499, -1, -1))
    older = either.call("etl_logs_page", {"p_before_log_id": lines[-2]["log_id"]})
    assert [row["details"]["n"] for row in older] == [0]
    page = either.call("etl_chunks_page", {"p_execution_id": number, "p_limit": 1100})
    rest = either.call("etl_chunks_page", {"p_execution_id": number, "p_after_chunk_id": page[-1]["chunk_id"]})
    assert [row["chunk_id"] for row in (*page, *rest)] == [row["chunk_id"] for row in chunks]
    assert either.call("get_etl_execution_summary", {"p_execution_id": str(uuid4())}) is None
    assert either.call("get_etl_execution_summary", {"p_execution_id": number})["chunks"] == {"COMPLETED": 1200}


def test_chunks_stand_in_the_order_of_their_numbers(backend: Backend, rows: Rows) -> None:
    ordered = ["8-2024", "8-2025", "10-2025", "271-2025", "271-2025b", "window", "window 2", "window 10"]
    number = str(uuid4())
    begun = {"execution_id": number, "status": "RUNNING", "started_at": 1.8e9}
    amounts = dict.fromkeys(("total_fixtures", "successful", "failed", "skipped"), 0)
    chunks = [{**begun, **amounts, "chunk_id": name} for name in ordered[::-1]]
    args = {"p_batch_key": str(uuid4()), "p_batch": batch(number, 0, chunks=chunks)}
    backend.call("write_etl_batch", args)
    found: list[str] = []
    while page := backend.call(
        "etl_chunks_page",
        {"p_execution_id": number, "p_after_chunk_id": found[-1] if found else "", "p_limit": 3},
    ):
        found += [row["chunk_id"] for row in page]
    assert found == ordered
    assert "place" not in backend.call("etl_chunks_page", {"p_execution_id": number})[0]


def test_a_batch_is_written_whole_or_not_at_all(either: Backend, rows: Rows) -> None:
    wrong = batch(str(uuid4()), 1, metrics=[{"timestamp": 1.8e9, "name": None, "value": 1, "unit": ""}])
    with pytest.raises(StoreError):
        either.call("write_etl_batch", {"p_batch_key": str(uuid4()), "p_batch": wrong})
    for table in ("etl_executions", "etl_logs", "etl_batches"):
        assert rows(f"select count(*) from {table}") == [(0,)]


def test_pages_of_executions(either: Backend) -> None:
    for n in range(5):
        args = {"p_component": f"c{n % 2}", "p_started_at": 1.8e9 + n}
        number = either.call("start_etl_execution", args)["execution_id"]
        if n < 3:
            either.call("finish_etl_execution", {"p_execution_id": number, "p_status": "FAILED"})
    first = either.call("etl_executions_page", {"p_limit": 3})
    rest = either.call("etl_executions_page", {"p_before": first[-1]["started_at"], "p_limit": 3})
    assert [row["component"] for row in (*first, *rest)] == ["c0", "c1", "c0", "c1", "c0"]
    assert len(either.call("etl_executions_page", {"p_component": "c1", "p_status": "FAILED"})) == 1
    with pytest.raises(StoreError, match="COMPLETED, FAILED or CANCELLED"):
        either.call("finish_etl_execution", {"p_execution_id": number, "p_status": "RUNNING"})


def test_what_is_old_goes_and_what_comes_has_its_place(backend: Backend, rows: Rows) -> None:
    old = datetime.now(UTC) - timedelta(days=20)
    rows(
        f"create table etl_logs_{old:%Y%m%d} partition of etl_logs "
        f"for values from ('{old:%Y-%m-%d}+00') to ('{old + timedelta(days=1):%Y-%m-%d}+00')"
    )
    for days in (0, 20, 40, 400):
        at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        backend.call(
            "log_etl_event", {"p_level": "INFO", "p_component": "c", "p_message": f"{days}", "p_timestamp": at}
        )
        backend.call("record_etl_metric", {"p_metric_name": f"{days}", "p_metric_value": 1, "p_timestamp": at})
        number = backend.call("start_etl_execution", {"p_started_at": at})["execution_id"]
        backend.call("finish_etl_execution", {"p_execution_id": number})
    kept = {"p_days_ahead": 9, "p_keep_logs_days": 14, "p_keep_metrics_days": 30}
    done = backend.call("maintain_etl", kept)
    assert done == {
        "created": 4, "dropped": [f"etl_logs_{old:%Y%m%d}"], "default_rows": 1, "executions": 1, "closed": [],
    }  # fmt: skip
    assert rows("select message from etl_logs") == [("0",)]
    assert rows("select metric_name from etl_metrics order by 1") == [("0",), ("20",)]
    assert rows("select count(*) from etl_executions") == [(3,)]
