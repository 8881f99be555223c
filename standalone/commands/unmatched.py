"""`fleet unmatched`: events whose match could not be decided. Their odds wait."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrapers.errors import DeclarationError
from standalone.settings import load_settings

if TYPE_CHECKING:
    from store.backend import Backend

PAGE = 500
PLAIN_WIDTH = 200
"""Columns where there is no terminal to ask: wide enough that no name is cut."""

REASONS = {
    "ambiguous": "mais de uma partida serve",
    "uncertain": "há uma parecida, sem certeza",
    "duplicate": "outro evento da casa já é esta partida",
    "unnamed": "um lado sem nome",
    "same_team": "os dois lados são o mesmo time",
    "refused": "alguém disse que não é esta partida",
    "revoked": "o vínculo foi desfeito",
}
"""Why an event waits, in the operator's words; `--json` keeps the stored ones."""

Row = Mapping[str, Any]


@click.command()
@click.option("--bookmaker", metavar="SLUG", help="Only the events of this bookmaker.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the rows of list_unmatched, whole.")
@click.option("--explain", type=int, metavar="N", help="How event:N is decided now, step by step.")
def command(bookmaker: str | None, as_json: bool, explain: int | None) -> None:
    """Events to come whose match could not be decided, with the best candidates.

    Exit code: 0, or 2 when the database cannot be reached or there is no event N.
    """
    from standalone.connect import open_backend

    with closing(open_backend(load_settings(), name="fleet unmatched")) as backend:
        if explain is not None:
            click.echo("\n".join(explained(backend, explain)))
            return
        rows = [row for row in waiting(backend) if bookmaker in (None, row["bookmaker"])]
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    console.print(rendered(rows) if rows else "Nenhum evento espera por uma decisão. (no event is unmatched)")


def waiting(backend: Backend, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Every unmatched event whose kick-off is still to come, by event id; raises StoreError."""
    after = 0
    while True:
        rows = backend.call("list_unmatched", {"p_after_event_id": after, "p_limit": page})
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1]["event_id"]


def explained(backend: Backend, event_id: int) -> list[str]:
    """How an event is decided now, line by line; raises StoreError, and DeclarationError when there is none."""
    from normalizer.leagues import DeclaredLeague, LeagueNames
    from normalizer.matching import explain
    from normalizer.waiting import catalogue_of, event_of
    from scrapers.registry import load_registry

    row = backend.call("event_for_diagnosis", {"p_event_id": event_id})
    if row is None:
        raise DeclarationError(f"no event {event_id}")
    declared = load_registry().leagues.values()
    leagues = LeagueNames(DeclaredLeague(one.key, one.name, one.country, one.sport) for one in declared)
    around = backend.call("catalogue_around", {"p_event_id": event_id})
    return explain(event_of(row, leagues), catalogue_of(around))


def rendered(rows: Sequence[Row]) -> Table:
    """The rows as a table, earliest kick-off first; times in UTC."""
    table = Table(title=f"{len(rows)} sem partida (unmatched)", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("Casa", "Início (UTC)", "Evento", "Liga", "Motivo", "Candidatos"):
        table.add_column(heading, overflow="fold")
    for row in sorted(rows, key=lambda each: (each["starts_at"], each["event_id"])):
        # Text, not markup: club names come from outside and may hold brackets.
        table.add_row(
            row["bookmaker"],
            f"{datetime.fromisoformat(row['starts_at']).astimezone(UTC):%d/%m %H:%M}",
            Text(f"event:{row['event_id']} {row['home_name']} x {row['away_name']}"),
            Text(row["league_name"]),
            Text(f"{REASONS.get(row['reason'], row['reason'])} ({row['attempts']}x)"),
            Text("\n".join(map(_candidate, row["candidates"])) or "-"),
        )
    return table


def _candidate(candidate: Row) -> str:
    number = "nova" if candidate.get("match_id") is None else f"#{candidate['match_id']}"
    return f"{number} {candidate.get('home', '?')} x {candidate.get('away', '?')} {candidate.get('score', 0):.2f}"
