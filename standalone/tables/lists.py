"""What the tables of the board's lists have in common."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 200
"""Columns where there is no terminal to ask: wide enough that no name is cut."""


def new_table(
    title: str, document: Mapping[str, Any], headings: Sequence[str], *, right: Collection[str] = ()
) -> Table:
    """An empty table that says when the odds are not real. right: headings of numbers."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    if document["simulated"]:
        table.caption = "odds simuladas, ninguém pode apostar nelas (simulated odds)"
    return table


def match_cells(row: Mapping[str, Any]) -> tuple[str, Text]:
    """Kick-off in UTC, and the two sides: text, not markup, since names come from outside and may hold brackets."""
    at = datetime.fromisoformat(row["starts_at"]).astimezone(UTC)
    return f"{at:%d/%m %H:%M}", Text(f"{row['home']} x {row['away']}")


def show(*tables: Table) -> None:
    """Print tables to stdout, as wide as the terminal."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    for table in tables:
        console.print(table)
