"""How tables of executions write what stands in a cell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

STATUSES = {
    "RUNNING": ("em execução", "cyan"),
    "COMPLETED": ("concluída", "green"),
    "FAILED": ("falhou", "red"),
    "CANCELLED": ("cancelada", "yellow"),
}
"""The database's words -> an operator's, and their colours."""

LIVES = {
    "RUNNING": ("no ar", "green"),
    "COMPLETED": ("parado", "dim"),
    "FAILED": ("caiu", "red"),
    "CANCELLED": ("cancelado", "yellow"),
}
"""What the same words mean of a service's process."""

LONGEST_TEXT = 200


def table(*columns: str) -> Table:
    """An empty table."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def titled(title: str | Text, made: Table) -> Table:
    """The table below its title; one without rows says so."""
    made.title = title if isinstance(title, Text) else Text(title, "bold")
    made.title_justify = "left"
    if not made.row_count:
        made.add_row("–")
    return made


def status(word: str, *, silent: bool = False) -> Text:
    """The state of an execution."""
    words, colour = STATUSES[word]
    return Text("sem sinal", "red") if silent else Text(words, colour)


def life(word: str, *, silent: bool) -> Text:
    """The state of a service's process."""
    words, colour = LIVES[word]
    return Text("sem sinal", "red") if silent else Text(words, colour)


def of(done: int, planned: int) -> str:
    """How many of how many, where that is known."""
    return f"{done} / {planned}" if planned else str(done)


def tags(pairs: Mapping[str, Any]) -> str:
    """Tags of a metric."""
    return " ".join(f"{name}={value}" for name, value in pairs.items())


def share(value: float | None) -> str:
    """A share of 1 in percent."""
    return "–" if value is None else f"{value:.1%}"


def counts(by_name: Mapping[str, int]) -> str:
    """How many of each."""
    return ", ".join(f"{name} {n}" for name, n in sorted(by_name.items())) or "–"


def moment(at: str | None) -> str:
    """An instant (ISO 8601 with its zone) in the machine's zone."""
    return "–" if at is None else f"{datetime.fromisoformat(at).astimezone():%d/%m %H:%M:%S}"


def cut(text: str) -> str:
    """A text on one line, at most LONGEST_TEXT long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_TEXT else flat[: LONGEST_TEXT - 1] + "…"
