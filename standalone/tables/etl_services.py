"""The fleet's processes, whose executions last from their start to their end, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from monitoring.alerts.wording import age
from standalone.tables import etl_cells as cells

Row = Mapping[str, Any]


def services_now(rows: Sequence[Row]) -> RenderableType:
    """Each process as it is: components of `get_etl_health_status`."""
    table = cells.table("Processo", "Desde", "Estado", "Inícios em 24 h", "Quedas em 24 h")
    for row in rows:
        table.add_row(
            row["component"],
            cells.moment(row["last_started_at"]),
            cells.life(row["last_status"], silent=row["silent"] > 0),
            str(row["runs_24h"]),
            str(row["failed_24h"]),
        )
    return cells.titled("Processos / processes", table)


def lives(rows: Sequence[Row]) -> RenderableType:
    """What became of each process, latest start first: rows of etl_executions_view."""
    table = cells.table("Execução", "Processo", "Início", "Estado", "Durou", "Rodadas", "Falhas", "Motivo")
    for row in rows:
        table.add_row(
            row["execution_id"],
            row["component"],
            cells.moment(row["started_at"]),
            cells.life(row["status"], silent=row["silent"]),
            age(row["elapsed_seconds"]),
            str(row["processed_fixtures"]),
            str(row["failed_fixtures"]),
            cells.cut(row["error_message"] or ""),
        )
    return cells.titled("Processos, do início ao fim / processes from start to end", table)


def service_facts(row: Row) -> dict[str, str]:
    """What one process did: a row of etl_executions_view."""
    return {
        "Durou": age(row["elapsed_seconds"]),
        "Rodadas (rounds)": f"{row['processed_fixtures']}, {row['failed_fixtures']} com falha",
    }
