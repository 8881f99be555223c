"""`standalone/etl_dashboard.py`: what it shows, and what it writes."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from monitoring.etl.logger import ETLLogger
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.performance import PerformanceTracker
from monitoring.etl.service_run import ServiceRun
from standalone.etl_dashboard import command
from store.postgres import PostgresBackend

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def execution_id(monitor: ETLMonitor) -> str:
    """An execution with everything in it."""
    log, tracker = ETLLogger(monitor, "client"), PerformanceTracker(monitor)
    with monitor.execution(total_fixtures=4, total_chunks=1, config={"max_chunks": 1}) as execution_id:
        with monitor.chunk("8-2025", total_fixtures=4) as chunk, tracker.track_operation("fetch", page=1):
            chunk.add(successful=2, failed=1, skipped=1)
        log.error("=HYPERLINK(evil)", fixture=7)
    return execution_id


def run(database_url: str, *args: str) -> Result:
    return CliRunner(env={"DATABASE_URL": database_url, "SUPABASE_URL": ""}).invoke(command, args)


def test_an_empty_database_says_so(database_url: str) -> None:
    shown = run(database_url, "--logs", "--metrics", "--alerts")
    assert shown.exit_code == 0, shown.output
    assert "nada foi executado ainda" in shown.output
    assert "nenhum" in shown.output


def test_all_executions(database_url: str, execution_id: str) -> None:
    shown = run(database_url, "--alerts")
    assert shown.exit_code == 0, shown.output
    for words in ("com falhas", "fixtures_import", execution_id, "concluída", "25.0% de erros"):
        assert words in shown.output


def test_one_execution_in_detail(database_url: str, execution_id: str) -> None:
    shown = run(database_url, "--execution-id", execution_id[:8], "--logs", "--metrics", "--alerts")
    assert shown.exit_code == 0, shown.output
    for words in (
        f"Execução {execution_id}", "2 ok + 1 com falha + 1 pulados", "8-2025", "fetch.duration ", "p95", "page=1",
        "execution started", '{"max_chunks":1}', "75.0% de sucesso", "1 x =HYPERLINK",
    ):  # fmt: skip
        assert words in shown.output
    assert "execution started" not in run(database_url, "--logs", "--level", "warning").output


def test_everything_as_json_and_csv(database_url: str, execution_id: str, tmp_path: Path) -> None:
    for name in ("run.json", "run.csv"):
        args = ("--execution-id", execution_id, "--logs", "--metrics", "--alerts", "--export", str(tmp_path / name))
        shown = run(database_url, *args)
        assert shown.exit_code == 0, shown.output
        assert "registros" in shown.output
    document = orjson.loads((tmp_path / "run.json").read_bytes())
    assert list(document) == ["summary", "chunks", "metrics", "alerts", "logs"]
    assert document["summary"]["execution_id"] == execution_id
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["record"] for row in rows} == {"summary", "chunks", "metrics", "alerts", "logs"}
    assert [row["message"] for row in rows if row["component"] == "client"] == ["'=HYPERLINK(evil)"]
    assert sum(row["record"] == "metrics" for row in rows) == len(document["metrics"]) == 6


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--execution-id", "00000000-0000-0000-0000-000000000000"), "execução desconhecida"),
        (("--execution-id", "zz"), "nenhuma execução"),
        (("--export", "run.xml"), "termine em .json ou .csv"),
    ],
    ids=["unknown", "letters", "format"],
)
def test_wrong_arguments_are_one_line(database_url: str, args: tuple[str, ...], said: str) -> None:
    shown = run(database_url, *args)
    assert said in str(shown.exception)


def test_it_runs_as_a_script(tmp_path: Path) -> None:
    script = [sys.executable, "standalone/etl_dashboard.py", "--export", "run.xml"]
    ended = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("etl_dashboard: run.xml: termine em")
    assert ended.stderr.count("\n") == 1


def test_processes_stand_apart(
    database_url: str, backend: PostgresBackend, folder: Path, execution_id: str
) -> None:
    life = ServiceRun(backend, "alerts", folder)
    life.round(1.0)
    life.round(1.0, failed=True)
    life.end("FAILED", "KeyError: odds")
    shown = run(database_url)
    assert life.execution_id not in shown.output
    assert "caiu" in shown.output
    shown = run(database_url, "--services", "--alerts")
    assert shown.exit_code == 0, shown.output
    assert execution_id not in shown.output.split("Alertas")[0]
    for words in (life.execution_id, "alerts", "caiu", "KeyError: odds"):
        assert words in shown.output, words
    one = run(database_url, "--execution-id", life.execution_id[:8], "--metrics", "--logs")
    assert one.exit_code == 0, one.output
    for words in ("Rodadas (rounds)", "2, 1 com falha", "round.duration", "process ended"):
        assert words in one.output, words
    # What is said of "the last one" is said of the last import, however often processes start.
    assert "fetch.duration" in run(database_url, "--metrics").output
