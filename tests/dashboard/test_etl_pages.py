"""`/admin/etl`: executions down to their chunks, log lines narrowed by the address, nothing that breaks a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring.etl.logger import ETLLogger
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.performance import PerformanceTracker
from monitoring.etl.place import within
from monitoring.etl.service_run import ServiceRun
from store.postgres import PostgresBackend
from tests.support.operator import Operator

PAGE = "/admin/etl"


@pytest.fixture
def monitor(database_url: str, tmp_path: Path) -> Iterator[ETLMonitor]:
    with ETLMonitor(PostgresBackend(database_url), tmp_path / "etl", "<b>import</b>") as monitor:
        yield monitor


@pytest.fixture
def execution_id(monitor: ETLMonitor) -> str:
    """An execution that did not go well."""
    log, tracker = ETLLogger(monitor, "client"), PerformanceTracker(monitor)
    with monitor.execution(total_fixtures=10, total_chunks=2, config={"max_chunks": 2}) as execution_id:
        with monitor.chunk("8-2025", total_fixtures=6) as chunk, tracker.track_operation("fetch", page=1):
            chunk.add(successful=5, failed=1)
            with log.fixture(77):
                log.error("no <i>kick-off</i>", page=3)
        with monitor.chunk("9-2025", total_fixtures=4) as chunk:
            chunk.fail("season & unknown")
    return execution_id


def test_the_empty_page(operator: Operator) -> None:
    assert "nada executado" in operator.page(PAGE)
    assert "Nenhuma linha de log." in operator.page(f"{PAGE}/logs")


def test_how_everything_is_doing(operator: Operator, execution_id: str) -> None:
    raw = operator.client.get(PAGE).text
    assert "&lt;b&gt;import" in raw
    assert f"/admin/etl/execution?id={execution_id}" in raw
    page = operator.page(PAGE)
    for words in ("com falhas", "16,7% de erros (limite 5,0%)", "50,0% do planejado", "6 / 10", "2 / 2"):
        assert words in page, words
    assert "No execution." in operator.page(f"{PAGE}?status=RUNNING&lang=en")
    assert "Nenhuma execução." in operator.page(f"{PAGE}?component=other&lang=pt")


def test_one_execution_down_to_its_chunks(operator: Operator, monitor: ETLMonitor, execution_id: str) -> None:
    with within(execution_id=execution_id):
        for value in (1, 3):
            monitor.record_metric("pages.fetched", value, "<pages>", {"league": "<8>"})
    assert monitor.flush()
    shown = operator.client.get(f"{PAGE}/execution", params={"id": execution_id})
    assert shown.status_code == 200
    for raw in (
        "season &amp; unknown",
        "no &lt;i&gt;kick-off",
        "&lt;pages&gt;",
        "max_chunks",
        "8-2025",
        "fetch.duration<",
        "p95",
    ):
        assert raw in shown.text, raw
    failed = operator.page(f"{PAGE}/execution?id={execution_id}&status=FAILED")
    assert f"logs?execution={execution_id}&chunk=9-2025" in failed
    assert "chunk=8-2025" not in failed


def test_curves_of_metrics(operator: Operator, monitor: ETLMonitor, backend: PostgresBackend) -> None:
    execution_id = backend.call("start_etl_execution", {"p_component": "import", "p_started_at": 1.8e9})
    number = execution_id["execution_id"]
    for second in range(5):
        args = {"p_metric_name": "rows", "p_metric_value": 10 * second, "p_timestamp": 1.8e9 + second}
        backend.call("record_etl_metric", {**args, "p_execution_id": number})
    backend.call("finish_etl_execution", {"p_execution_id": number, "p_finished_at": 1.8e9 + 5})
    page = operator.page(f"{PAGE}/execution?id={number}")
    assert page.count('<svg class="chart"') == 1
    (series,) = backend.call("etl_metric_series", {"p_execution_id": number, "p_parts": 5})
    assert (series["name"], series["points"]) == ("rows", [[0, 0], [1, 10], [2, 20], [3, 30], [4, 40]])


def test_lines_are_narrowed_by_the_address(operator: Operator, execution_id: str) -> None:
    everything = operator.page(f"{PAGE}/logs?execution={execution_id}")
    assert "execution started" in everything
    for narrow in ("level=ERROR", "q=KICK-OFF", "component=client", "chunk=8-2025", "fixture=77"):
        page = operator.page(f"{PAGE}/logs?{narrow}")
        assert "no <i>kick-off</i>" in page, narrow
        assert "page=3" in page
        assert "execution started" not in page, narrow


def test_the_live_part_is_sent_once(operator: Operator, execution_id: str) -> None:
    part = f"/admin/parts/etl/lines?execution={execution_id}"
    first = operator.client.get(part)
    assert first.status_code == 200
    assert "<html" not in first.text
    again = operator.client.get(part, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["", "?id=", "?id=%00", "?id=00000000-0000-0000-0000-000000000000"])
def test_an_unknown_execution_is_not_found(operator: Operator, path: str) -> None:
    operator.page(f"{PAGE}/execution{path}", status=404)


def test_nonsense_in_the_address_filters_nothing(operator: Operator, execution_id: str) -> None:
    assert "6 / 10" in operator.page(f"{PAGE}?status=x&before=2026-11-22&component=%00")
    nonsense = "level=LOUD&fixture=9e9&execution=%27--&before=x&q=%00"
    assert "no <i>kick-off</i>" in operator.page(f"{PAGE}/logs?{nonsense}")


def test_processes_stand_apart(operator: Operator, backend: PostgresBackend, tmp_path: Path) -> None:
    crashed = ServiceRun(backend, "json-generator", tmp_path / "etl", config={"interval_s": 2})
    crashed.round(1.5)
    crashed.round(0.5, failed=True)
    crashed.end("FAILED", "KeyError: <odds>")
    running = ServiceRun(backend, "json-generator", tmp_path / "etl")
    running.beat()
    overview = operator.page(PAGE)
    assert "nada executado" in overview
    assert "json-generator" not in overview
    page = operator.page(f"{PAGE}/services")
    for words in ("json-generator", "no ar", "caiu", "KeyError: <odds>"):
        assert words in page, words
    assert "KeyError" not in operator.page(f"{PAGE}/services?status=RUNNING")
    life = operator.page(f"{PAGE}/execution?id={crashed.execution_id}")
    for words in ("Rodadas", "interval_s", "round.duration", "memory", "caiu"):
        assert words in life, words
    assert 'id="chunks"' not in life
