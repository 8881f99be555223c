"""Executions on the terminal: how they are doing, one of them in detail, log lines, metrics, alerts; and as a file.

python standalone/etl_dashboard.py
python standalone/etl_dashboard.py --services
python standalone/etl_dashboard.py --execution-id 4f1c --logs --metrics --alerts --export run.json
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import click
from rich.console import Console

from monitoring.etl.alerts import ETLAlertManager, worst_first
from monitoring.etl.export import check_export, write_export
from monitoring.etl.rows import LEVELS
from scrapers.errors import DeclarationError
from standalone.command_line import run_command
from standalone.connect import open_backend
from standalone.etl import etl_thresholds
from standalone.settings import load_settings
from standalone.tables import etl as tables
from store.backend import Backend

PLAIN_WIDTH = 180
"""Columns where there is no terminal to ask: wide enough that no id is cut."""
EXECUTIONS = 20
LINES = 50
PAGE = 1000
FEWEST_LETTERS = 4


class Wanted(NamedTuple):
    """What is asked for. execution_id: one in detail; None: all, or with `services` the fleet's processes from
    start to end. lines: log lines at most; None: every one."""

    execution_id: str | None
    services: bool
    logs: bool
    metrics: bool
    alerts: bool
    level: str
    lines: int | None


@click.command()
@click.option("--execution-id", metavar="ID", help="Uma execução; bastam as primeiras letras. / One execution.")
@click.option("--services", is_flag=True, help="Os processos da frota, do início ao fim. / The fleet's processes.")
@click.option("--logs", is_flag=True, help="Linhas de log. / Log lines.")
@click.option("--metrics", is_flag=True, help="Métricas da execução, ou da última. / Metrics.")
@click.option("--alerts", is_flag=True, help="O que passa dos limites. / What passes its threshold.")
@click.option(
    "--level", type=click.Choice(LEVELS, case_sensitive=False), default="DEBUG", help="Log: a partir deste."
)
@click.option("--limit", type=click.IntRange(1), help=f"Linhas de log; {LINES} na tela, todas no arquivo.")
@click.option("--export", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=".json ou .csv")
def command(
    execution_id: str | None,
    services: bool,
    logs: bool,
    metrics: bool,
    alerts: bool,
    level: str,
    limit: int | None,
    export: Path | None,
) -> None:
    """Execuções do ETL: estado, partes, logs, métricas, alertas. / ETL executions."""
    if export is not None:
        check_export(export)
    settings = load_settings()
    with closing(open_backend(settings, name="etl-dashboard")) as backend:
        chosen = None if execution_id is None else find_execution(backend, execution_id)
        lines = limit if limit or export else LINES
        wanted = Wanted(chosen, services, logs, metrics, alerts, level.upper(), lines)
        document = collect(backend, wanted, ETLAlertManager(backend, etl_thresholds(settings)))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    shown = dict(document)
    if "logs" in shown:
        shown["logs"] = shown["logs"][: limit or LINES]
    for name, content in shown.items():
        console.print(tables.SECTIONS[name](content), "")
    if export is not None:
        rows = write_export(export, document)
        console.print(f"{export}: {rows} registros / records", highlight=False)


def find_execution(backend: Backend, letters: str) -> str:
    """The id that begins with these letters. Raises DeclarationError where there is none or several; StoreError."""
    wanted = letters.strip().lower()
    try:
        return str(UUID(wanted))
    except ValueError:
        rows = backend.call("etl_executions_page", {"p_limit": PAGE})
    found = [row["execution_id"] for row in rows if row["execution_id"].startswith(wanted)]
    if len(wanted) < FEWEST_LETTERS or len(found) != 1:
        several = f"{len(found)} execuções / executions" if found else "nenhuma execução / no execution"
        raise DeclarationError(f"--execution-id {letters}: {several}")
    return str(found[0])


def collect(backend: Backend, wanted: Wanted, manager: ETLAlertManager) -> dict[str, Any]:
    """Section -> content, in the order of the screen: `health` and `executions`, or `summary` and `chunks`; then
    what was asked for. Raises DeclarationError when there is no such execution; StoreError.
    """
    document: dict[str, Any] = {}
    summary = None
    if wanted.execution_id is not None or wanted.metrics:
        summary = backend.call("get_etl_execution_summary", {"p_execution_id": wanted.execution_id})
        if summary is None and wanted.execution_id is not None:
            raise DeclarationError(f"{wanted.execution_id}: execução desconhecida / no such execution")
    if wanted.execution_id is None:
        document["health"] = backend.call("get_etl_health_status", {})
        kind = "service" if wanted.services else "run"
        document["executions"] = backend.call("etl_executions_page", {"p_limit": EXECUTIONS, "p_kind": kind})
    else:
        document["summary"] = summary
        if summary is not None and summary["kind"] == "run":
            document["chunks"] = _chunks(backend, wanted.execution_id)
    if wanted.metrics:
        document["metrics"] = summary["metrics"] if summary else []
    if wanted.alerts:
        found = (
            manager.check_system_alerts()
            if wanted.execution_id is None
            else manager.check_execution_alerts(wanted.execution_id)
        )
        document["alerts"] = [asdict(alert) for alert in worst_first(found)]
    if wanted.logs:
        asked = {"execution_id": wanted.execution_id, "min_level": wanted.level}
        document["logs"] = _logs(backend, asked, wanted.lines)
    return document


def _chunks(backend: Backend, execution_id: str) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    while True:
        after = rows[-1]["chunk_id"] if rows else ""
        args = {"p_execution_id": execution_id, "p_after_chunk_id": after, "p_limit": PAGE}
        page = backend.call("etl_chunks_page", args)
        rows += page
        if len(page) < PAGE:
            return rows


def _logs(backend: Backend, asked: Mapping[str, Any], most: int | None) -> list[Mapping[str, Any]]:
    """The newest lines, newest first."""
    rows: list[Mapping[str, Any]] = []
    while most is None or len(rows) < most:
        size = PAGE if most is None else min(PAGE, most - len(rows))
        before = rows[-1]["log_id"] if rows else None
        page = backend.call("etl_logs_page", {"p_filter": asked, "p_before_log_id": before, "p_limit": size})
        rows += page
        if len(page) < size:
            break
    return rows


def main() -> None:
    """Run the command."""
    run_command(command, "etl_dashboard")


if __name__ == "__main__":
    main()
