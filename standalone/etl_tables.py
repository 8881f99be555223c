"""Executions, chunks, log lines, metrics and alerts as a terminal shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitoring.alerts.wording import age
from monitoring.etl.histogram import SUMMARY, spreads_of

Row = Mapping[str, Any]

STATUSES = {
    "RUNNING": ("em execução", "cyan"),
    "COMPLETED": ("concluída", "green"),
    "FAILED": ("falhou", "red"),
    "CANCELLED": ("cancelada", "yellow"),
}
HEALTH = {
    "idle": ("nada foi executado ainda / nothing ran so far", "dim"),
    "healthy": ("tudo em ordem / healthy", "green"),
    "degraded": ("com falhas / degraded", "yellow"),
    "unhealthy": ("com problemas / unhealthy", "red"),
}
LEVELS = {"DEBUG": "dim", "INFO": "", "WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red"}
"""The database's words -> an operator's, and their colours."""

LONGEST_TEXT = 200


def health(found: Row) -> RenderableType:
    """How everything is doing, component by component."""
    words, colour = HEALTH[found["status"]]
    table = _table("Componente", "Última execução", "Estado", "Seguidas com falha", "Em 24 h", "Concluídas", "Erro")
    for row in found["components"]:
        table.add_row(
            row["component"],
            _moment(row["last_started_at"]),
            _status(row["last_status"]),
            str(row["consecutive_failures"]),
            str(row["runs_24h"]),
            _share(row["run_success_rate"]),
            _cut(row["last_error"] or ""),
        )
    line = f"{found['running']} em execução · {found['errors_1h']} erros na última hora / errors within the hour"
    title = Text.assemble("ETL: ", (words, colour), f"   {line}")
    return _titled(title, table) if found["components"] else title


def executions(rows: Sequence[Row]) -> RenderableType:
    """Executions, latest first."""
    table = _table(
        "Execução", "Componente", "Início", "Estado", "Duração", "Partes", "Feitos", "OK", "Falhas", "Pulados"
    )
    for row in rows:
        table.add_row(
            row["execution_id"],
            row["component"],
            _moment(row["started_at"]),
            _status(row["status"], silent=row["silent"]),
            age(row["elapsed_seconds"]),
            _of(row["processed_chunks"], row["total_chunks"]),
            _of(row["processed_fixtures"], row["total_fixtures"]),
            str(row["successful_fixtures"]),
            str(row["failed_fixtures"]),
            str(row["skipped_fixtures"]),
        )
    return _titled("Execuções / executions", table)


def summary(row: Row) -> RenderableType:
    """One execution."""
    grid = Table.grid(padding=(0, 2))
    rate = row["fixtures_per_second"]
    facts = {
        "Componente": row["component"],
        "Estado": _status(row["status"], silent=row["silent"]),
        "Início / fim": f"{_moment(row['started_at'])} / {_moment(row['finished_at'])}",
        "Duração": f"{row['elapsed_seconds']:.1f} s" + (f", {rate:,.0f} jogos/s (fixtures/s)" if rate else ""),
        "Jogos (fixtures)": (
            f"{_of(row['processed_fixtures'], row['total_fixtures'])}: {row['successful_fixtures']} ok + "
            f"{row['failed_fixtures']} com falha + {row['skipped_fixtures']} pulados"
        ),
        "Partes (chunks)": f"{_of(row['processed_chunks'], row['total_chunks'])} {_counts(row['chunks'])}",
        "Erros / sucesso": f"{_share(row['error_rate'])} / {_share(row['success_rate'])}",
        "Logs": _counts(row["logs"]),
        "Processo": f"{row['holder'] or '–'}, último sinal {_moment(row['heartbeat_at'])}",
        "Configuração": _cut(orjson.dumps(row["config"]).decode()),
    }
    if row["error_message"]:
        facts["Motivo"] = Text(_cut(row["error_message"]), "red")
    for name, value in facts.items():
        grid.add_row(Text(name, "dim"), value if isinstance(value, Text) else Text(value))
    for error in row["errors"]:
        grid.add_row(Text("Erro", "dim"), Text(f"{error['n']} x {_cut(error['message'])}", "red"))
    return Panel(grid, title=Text(f"Execução {row['execution_id']}"), title_align="left", box=box.ROUNDED)


def chunks(rows: Sequence[Row]) -> RenderableType:
    """Chunks by their id."""
    table = _table("Parte", "Estado", "Duração", "Feitos", "OK", "Falhas", "Pulados", "Motivo")
    for row in rows:
        seconds = row["duration_seconds"]
        table.add_row(
            row["chunk_id"],
            _status(row["status"]),
            "–" if seconds is None else f"{seconds:.1f} s",
            _of(row["processed_fixtures"], row["total_fixtures"]),
            str(row["successful_fixtures"]),
            str(row["failed_fixtures"]),
            str(row["skipped_fixtures"]),
            _cut(row["error_message"] or ""),
        )
    return _titled("Partes / chunks", table)


def logs(rows: Sequence[Row]) -> RenderableType:
    """Log lines, oldest first, as one reads them."""
    table = _table("Hora", "Nível", "Componente", "Parte", "Jogo", "Mensagem", "ms")
    for row in reversed(rows):
        details = orjson.dumps(row["details"]).decode() if row["details"] else ""
        duration = row["duration_ms"]
        table.add_row(
            _moment(row["timestamp"]),
            Text(row["level"], LEVELS[row["level"]]),
            row["component"],
            row["chunk_id"] or "",
            str(row["fixture_id"] or ""),
            _cut(f"{row['message']} {details}".strip()),
            "" if duration is None else f"{duration:.0f}",
        )
    return _titled("Logs", table)


def metrics(rows: Sequence[Row]) -> RenderableType:
    """Metrics of an execution (`get_etl_execution_summary`): what was timed, then counters and gauges."""
    spreads, others = spreads_of(rows)
    timed = _table("Medida", "Etiquetas", "Vezes", "Média", "p50", "p95", "p99", "Máx.", "Unidade")
    for spread in spreads:
        numbers = (f"{spread.values[end]:,.2f}" for end in SUMMARY[1:])
        timed.add_row(spread.name, _tags(spread.tags), f"{spread.values['count']:,.0f}", *numbers, spread.unit)
    table = _table("Métrica", "Etiquetas", "Último", "Mín.", "Média", "Máx.", "Unidade", "Valores")
    for row in others:
        numbers = (f"{row[name]:,.2f}" for name in ("last", "min", "avg", "max"))
        table.add_row(row["name"], _tags(row["tags"]), *numbers, row["unit"], str(row["n"]))
    return Group(_titled("Métricas / metrics", timed), table) if spreads else _titled("Métricas / metrics", table)


def alerts(rows: Sequence[Row]) -> RenderableType:
    """What passes a threshold."""
    if not rows:
        return Text("Alertas / alerts: nenhum / none", "green")
    table = _table("Gravidade", "Alerta", "Execução")
    for row in rows:
        colour = "red" if row["severity"] == "error" else "yellow"
        table.add_row(Text(row["severity"], colour), row["message"], row["execution_id"])
    return _titled("Alertas / alerts", table)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _titled(title: str | Text, table: Table) -> Table:
    table.title = title if isinstance(title, Text) else Text(title, "bold")
    table.title_justify = "left"
    if not table.row_count:
        table.add_row("–")
    return table


def _status(status: str, *, silent: bool = False) -> Text:
    words, colour = STATUSES[status]
    return Text("sem sinal", "red") if silent else Text(words, colour)


def _of(done: int, planned: int) -> str:
    return f"{done} / {planned}" if planned else str(done)


def _tags(tags: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in tags.items())


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _counts(by_name: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(by_name.items())) or "–"


def _moment(at: str | None) -> str:
    return "–" if at is None else f"{datetime.fromisoformat(at).astimezone():%d/%m %H:%M:%S}"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_TEXT else flat[: LONGEST_TEXT - 1] + "…"


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
