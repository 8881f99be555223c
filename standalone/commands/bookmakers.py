"""`fleet bookmakers`: the registry, as a table or as JSON."""

from __future__ import annotations

import click
import orjson

from scrapers.declarations import Bookmaker
from scrapers.registry import load_registry

COLUMNS = (
    "slug",
    "name",
    "platform",
    "family",
    "transport",
    "every",
    "memory",
    "details",
    "sports",
    "leagues",
    "site",
)


def _cells(bookmaker: Bookmaker) -> tuple[str, ...]:
    return (
        bookmaker.slug,
        bookmaker.name,
        bookmaker.platform,
        bookmaker.family,
        bookmaker.transport,
        f"{bookmaker.interval_s} s",
        f"{bookmaker.memory_mb} MB",
        str(bookmaker.details_per_cycle or "-"),
        ", ".join(bookmaker.sports),
        str(len(bookmaker.leagues)),
        bookmaker.site,
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the declarations as JSON.")
def command(as_json: bool) -> None:
    """List every bookmaker of the fleet."""
    bookmakers = load_registry().check().bookmakers.values()
    if as_json:
        rows = [bookmaker.model_dump(mode="json") for bookmaker in bookmakers]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    table = [COLUMNS, *(_cells(bookmaker) for bookmaker in bookmakers)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
