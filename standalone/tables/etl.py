"""Executions, chunks, log lines, metrics and alerts as a terminal shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitoring.alerts.wording import age
from monitoring.etl.histogram import SUMMARY, spreads_of
from standalone.tables import etl_cells as cells
from standalone.tables.etl_services import lives, service_facts, services_now

Row = Mapping[str, Any]

HEALTH = {
    "idle": ("nada foi executado ainda / nothing ran so far", "dim"),
    "healthy": ("tudo em ordem / healthy", "green"),
    "degraded": ("com falhas / degraded", "yellow"),
    "unhealthy": ("com problemas / unhealthy", "red"),
}
LEVELS = {"DEBUG": "dim", "INFO": "", "WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red"}
"""The database's words -> an operator's, and their colours."""


def health(found: Row) -> RenderableType:
    """How everything is doing, component by component, the fleet's processes after them."""
    words, colour = HEALTH[found["status"]]
    runs = [row for row in found["components"] if row["kind"] == "run"]
    table = cells.table(
        "Componente", "Última execução", "Estado", "Seguidas com falha", "Em 24 h", "Concluídas", "Erro"
    )
    for row in runs:
        table.add_row(
            row["component"],
            cells.moment(row["last_started_at"]),
            cells.status(row["last_status"]),
            str(row["consecutive_failures"]),
            str(row["runs_24h"]),
            cells.share(row["run_success_rate"]),
            cells.cut(row["last_error"] or ""),
        )
    line = f"{found['running']} em execução · {found['errors_1h']} erros na última hora / errors within the hour"
    title = Text.assemble("ETL: ", (words, colour), f"   {line}")
    shown = cells.titled(title, table) if runs else title
    services = [row for row in found["components"] if row["kind"] == "service"]
    return Group(shown, "", services_now(services)) if services else shown


def executions(rows: Sequence[Row]) -> RenderableType:
    """Executions, latest first; or lives of processes, which have rounds and no chunks."""
    if rows and rows[0]["kind"] == "service":
        return lives(rows)
    table = cells.table(
        "Execução", "Componente", "Início", "Estado", "Duração", "Partes", "Feitos", "OK", "Falhas", "Pulados"
    )
    for row in rows:
        table.add_row(
            row["execution_id"],
            row["component"],
            cells.moment(row["started_at"]),
            cells.status(row["status"], silent=row["silent"]),
            age(row["elapsed_seconds"]),
            cells.of(row["processed_chunks"], row["total_chunks"]),
            cells.of(row["processed_fixtures"], row["total_fixtures"]),
            str(row["successful_fixtures"]),
            str(row["failed_fixtures"]),
            str(row["skipped_fixtures"]),
        )
    return cells.titled("Execuções / executions", table)


def summary(row: Row) -> RenderableType:
    """One execution."""
    is_service = row["kind"] == "service"
    grid = Table.grid(padding=(0, 2))
    facts = {
        "Componente": row["component"],
        "Estado": (cells.life if is_service else cells.status)(row["status"], silent=row["silent"]),
        "Início / fim": f"{cells.moment(row['started_at'])} / {cells.moment(row['finished_at'])}",
        **(service_facts(row) if is_service else _run_facts(row)),
        "Logs": cells.counts(row["logs"]),
        "Processo": f"{row['holder'] or '–'}, último sinal {cells.moment(row['heartbeat_at'])}",
        "Configuração": cells.cut(orjson.dumps(row["config"]).decode()),
    }
    if row["error_message"]:
        facts["Motivo"] = Text(cells.cut(row["error_message"]), "red")
    for name, value in facts.items():
        grid.add_row(Text(name, "dim"), value if isinstance(value, Text) else Text(value))
    for error in row["errors"]:
        grid.add_row(Text("Erro", "dim"), Text(f"{error['n']} x {cells.cut(error['message'])}", "red"))
    return Panel(grid, title=Text(f"Execução {row['execution_id']}"), title_align="left", box=box.ROUNDED)


def _run_facts(row: Row) -> dict[str, str]:
    rate = row["fixtures_per_second"]
    return {
        "Duração": f"{row['elapsed_seconds']:.1f} s" + (f", {rate:,.0f} jogos/s (fixtures/s)" if rate else ""),
        "Jogos (fixtures)": (
            f"{cells.of(row['processed_fixtures'], row['total_fixtures'])}: {row['successful_fixtures']} ok + "
            f"{row['failed_fixtures']} com falha + {row['skipped_fixtures']} pulados"
        ),
        "Partes (chunks)": (
            f"{cells.of(row['processed_chunks'], row['total_chunks'])} {cells.counts(row['chunks'])}"
        ),
        "Erros / sucesso": f"{cells.share(row['error_rate'])} / {cells.share(row['success_rate'])}",
    }


def chunks(rows: Sequence[Row]) -> RenderableType:
    """Chunks by their id."""
    table = cells.table("Parte", "Estado", "Duração", "Feitos", "OK", "Falhas", "Pulados", "Motivo")
    for row in rows:
        seconds = row["duration_seconds"]
        table.add_row(
            row["chunk_id"],
            cells.status(row["status"]),
            "–" if seconds is None else f"{seconds:.1f} s",
            cells.of(row["processed_fixtures"], row["total_fixtures"]),
            str(row["successful_fixtures"]),
            str(row["failed_fixtures"]),
            str(row["skipped_fixtures"]),
            cells.cut(row["error_message"] or ""),
        )
    return cells.titled("Partes / chunks", table)


def logs(rows: Sequence[Row]) -> RenderableType:
    """Log lines, oldest first, as one reads them."""
    table = cells.table("Hora", "Nível", "Componente", "Parte", "Jogo", "Mensagem", "ms")
    for row in reversed(rows):
        details = orjson.dumps(row["details"]).decode() if row["details"] else ""
        duration = row["duration_ms"]
        table.add_row(
            cells.moment(row["timestamp"]),
            Text(row["level"], LEVELS[row["level"]]),
            row["component"],
            row["chunk_id"] or "",
            str(row["fixture_id"] or ""),
            cells.cut(f"{row['message']} {details}".strip()),
            "" if duration is None else f"{duration:.0f}",
        )
    return cells.titled("Logs", table)


def metrics(rows: Sequence[Row]) -> RenderableType:
    """Metrics of an execution (`get_etl_execution_summary`): what was timed, then counters and gauges."""
    spreads, others = spreads_of(rows)
    timed = cells.table("Medida", "Etiquetas", "Vezes", "Média", "p50", "p95", "p99", "Máx.", "Unidade")
    for spread in spreads:
        numbers = (f"{spread.values[end]:,.2f}" for end in SUMMARY[1:])
        timed.add_row(spread.name, cells.tags(spread.tags), f"{spread.values['count']:,.0f}", *numbers, spread.unit)
    table = cells.table("Métrica", "Etiquetas", "Último", "Mín.", "Média", "Máx.", "Unidade", "Valores")
    for row in others:
        numbers = (f"{row[name]:,.2f}" for name in ("last", "min", "avg", "max"))
        table.add_row(row["name"], cells.tags(row["tags"]), *numbers, row["unit"], str(row["n"]))
    return (
        Group(cells.titled("Métricas / metrics", timed), table)
        if spreads
        else cells.titled("Métricas / metrics", table)
    )


def alerts(rows: Sequence[Row]) -> RenderableType:
    """What passes a threshold."""
    if not rows:
        return Text("Alertas / alerts: nenhum / none", "green")
    table = cells.table("Gravidade", "Alerta", "Execução")
    for row in rows:
        colour = "red" if row["severity"] == "error" else "yellow"
        table.add_row(Text(row["severity"], colour), row["message"], row["execution_id"])
    return cells.titled("Alertas / alerts", table)


SECTIONS: Mapping[str, Callable[[Any], RenderableType]] = {
    "health": health,
    "executions": executions,
    "summary": summary,
    "chunks": chunks,
    "metrics": metrics,
    "alerts": alerts,
    "logs": logs,
}
"""Section of what is shown -> its table."""
