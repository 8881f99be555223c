"""`fleet storage`: how much room the database takes, and how much it will."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitoring.storage import (
    MB,
    Growth,
    StorageReport,
    days_until,
    forecast,
    growths,
    settled,
    storage_report,
    warnings,
)
from standalone.settings import Settings, load_settings

FORECAST_DAYS = (7, 30, 90)
TABLES_SHOWN = 10
PLAIN_WIDTH = 120
"""Columns where there is no terminal to ask."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, sizes in bytes.")
@click.option("--limit-mb", type=click.IntRange(min=1), help="[default: STORAGE_LIMIT_MB]")
def command(as_json: bool, limit_mb: int | None) -> None:
    """How much room the database takes, and will take. / Quanto espaço o banco ocupa e vai ocupar.

    The forecast takes the daily growth of the last whole days, up to what retention keeps (KEEP_HISTORY_DAYS,
    KEEP_CYCLES_DAYS, KEEP_SUMMARIES_DAYS).

    Exit code: 0, or 1 when something is to be mended; 2 when the database cannot be reached.
    """
    from standalone.connect import open_backend

    settings = load_settings()
    limit_mb = limit_mb or settings.storage_limit_mb
    with closing(open_backend(settings, name="fleet storage")) as backend:
        report = storage_report(backend)
    growing = growths(report, keeps_days(settings))
    faults = warnings(report, limit_mb)
    if as_json:
        document = as_document(report, growing, limit_mb, faults)
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    else:
        console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        for part in rendered(report, growing, limit_mb, faults):
            console.print(part)
    sys.exit(1 if faults else 0)


def keeps_days(settings: Settings) -> dict[str, int]:
    """Table -> days that it keeps, by the settings."""
    return {
        "price_history": settings.keep_history_days,
        "scraper_cycles": settings.keep_cycles_days,
        "price_summaries": settings.keep_summaries_days,
        "etl_logs": settings.keep_etl_logs_days,
        "etl_metrics": settings.keep_etl_metrics_days,
    }


def as_document(
    report: StorageReport, growing: Sequence[Growth], limit_mb: int, faults: Sequence[str]
) -> dict[str, Any]:
    """The report with its forecasts as JSON-ready data; sizes in bytes, `limit_bytes` 0: no limit."""
    return {
        "now": report.at,
        "database_bytes": report.database_bytes,
        "limit_bytes": limit_mb * MB,
        "days_until_limit": days_until(report, growing, limit_mb * MB) if limit_mb else None,
        "tables": [{"table": table.name, "bytes": table.bytes, "rows": table.rows} for table in report.tables],
        "growth": [
            {
                "table": growth.table,
                "bytes_per_day": growth.bytes_per_day,
                "holds_days": growth.holds_days,
                "keeps_days": growth.keeps_days,
                "measured_days": growth.measured_days,
            }
            for growth in growing
        ],
        "days": {table: {str(day): size for day, size in days.items()} for table, days in report.days.items()},
        "forecast_bytes": {str(days): forecast(report, growing, days) for days in FORECAST_DAYS},
        "settled_bytes": settled(report, growing),
        "default_rows": report.default_rows,
        "warnings": faults,
    }


def rendered(
    report: StorageReport, growing: Sequence[Growth], limit_mb: int, faults: Sequence[str]
) -> Iterator[Table | Text]:
    """The same as tables for people."""
    yield Text(f"Banco de dados (database): {_size(report.database_bytes)}", style="bold")
    tables = _table("Maiores tabelas (biggest tables)", "Tabela", "Tamanho>", "Linhas (aprox.)>")
    for table in report.tables[:TABLES_SHOWN]:
        tables.add_row(table.name, _size(table.bytes), f"{table.rows:,}".replace(",", "."))
    yield tables
    days = _table("Crescimento (growth)", "Tabela", "Por dia>", "Guarda hoje>", "Vai guardar>", "Medido em>")
    for growth in growing:
        measured = f"{growth.measured_days} d" if growth.measured_days else "hoje, parcial"
        days.add_row(
            growth.table,
            _size(growth.bytes_per_day),
            f"{growth.holds_days} d",
            f"{growth.keeps_days} d",
            measured,
        )
    yield days
    steps = [f"{days} d: {_size(forecast(report, growing, days))}" for days in FORECAST_DAYS]
    yield Text(
        f"Previsão (forecast): {', '.join(steps)}; estável em (settles at): {_size(settled(report, growing))}"
    )
    if any(not growth.measured_days for growth in growing):
        yield Text(
            "Menos de um dia inteiro medido: a previsão é grosseira. (less than a whole day measured)", "dim"
        )
    if limit_mb:
        yield _limit(report, growing, limit_mb)
    for fault in faults:
        yield Text(fault, style="red")


def _limit(report: StorageReport, growing: Sequence[Growth], limit_mb: int) -> Text:
    days = days_until(report, growing, limit_mb * MB)
    share = f"{report.database_bytes / (limit_mb * MB):.0%} de {limit_mb} MB"
    if days is None:
        return Text(f"Limite (limit): {share}; não será alcançado (will not be reached)")
    on = report.at.date() + timedelta(days=days)
    return Text(f"Limite (limit): {share}; alcançado em (reached on) {on:%d/%m/%Y}, {days} d", style="yellow")


def _table(title: str, *headings: str) -> Table:
    """A heading that ends in ">" is of numbers."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading.removesuffix(">"), justify="right" if heading.endswith(">") else "left")
    return table


def _size(size: int) -> str:
    return f"{size / MB:.1f} MB" if size < 1000 * MB else f"{size / MB / 1000:.2f} GB"
