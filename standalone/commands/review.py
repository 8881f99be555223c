"""`fleet review`: what waits for a person, and a person's verdicts, each of which can be taken back."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.console import Console

from scrapers.errors import DeclarationError
from standalone.commands import verdicts
from standalone.commands.review_tables import (
    alias_table,
    effects_lines,
    log_line,
    match_table,
    outcome_line,
    team_table,
    with_undo,
)
from standalone.commands.unmatched import PLAIN_WIDTH, rendered, waiting
from standalone.commands.verdicts import Author, Subject, SubjectType
from standalone.settings import load_settings

if TYPE_CHECKING:
    from store.backend import Backend

PAGE = 200
LOG_ROWS = 30
SHOWN = 20
"""Rows of a section, unless all are asked for: a fresh database proposes hundreds of aliases, and most confirm
themselves within a day."""

Row = Mapping[str, Any]

SUBJECT = click.argument("subject", type=SubjectType())
BY = click.option("--by", "actor", default=getpass.getuser, metavar="NAME", help="Who decides; you by default.")
WHY = click.option("--why", "reason", default="", metavar="TEXT", help="Kept beside the verdict.")
MATCH = click.option("--match", "match_id", type=int, metavar="N", help="The match; needed where several are near.")


@click.group()
def command() -> None:
    """Spellings, events and likely duplicates that wait for a verdict; each is kept with who, when and why."""


@command.command("list")
@click.option("--bookmaker", metavar="SLUG", help="Only what this bookmaker listed or wrote.")
@click.option("--log", is_flag=True, help="The verdicts so far instead, newest first.")
@click.option("--all", "whole", is_flag=True, help=f"Every row; {SHOWN} of each section by default.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, whole.")
def list_(bookmaker: str | None, log: bool, whole: bool, as_json: bool) -> None:
    """Proposed aliases with their evidence, events without a match with their candidates, and what looks like one
    team or match created twice."""
    with closing(_open()) as backend:
        if log:
            rows = backend.call("list_reviews", {"p_before_review_id": 2**62, "p_limit": LOG_ROWS})
            _print(rows, as_json, map(log_line, rows))
            return
        aliases = [row for row in proposed(backend) if bookmaker is None or bookmaker in _seen_by(row)]
        events = [row for row in waiting(backend) if bookmaker in (None, row["bookmaker"])]
        teams = [row for row in duplicates(backend, "team") if bookmaker is None or bookmaker in _played_by(row)]
        matches = [row for row in duplicates(backend, "match") if bookmaker is None or bookmaker in _listed_by(row)]
    if as_json:
        found = {"aliases": aliases, "events": events, "teams": teams, "matches": matches}
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        return
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    # The best known aliases first: they lack least. Soonest kick-off first: `rendered` sorts what it shows.
    aliases.sort(key=lambda row: (-row["evidence"], -len(row["families"]), row["alias_id"]))
    events.sort(key=lambda row: (row["starts_at"], row["event_id"]))
    tables = {alias_table: aliases, rendered: events, team_table: teams, match_table: matches}
    if not any(tables.values()):
        console.print("Nada espera por um veredito. (nothing to review)")
    for table, rows in tables.items():
        shown = rows if whole else rows[:SHOWN]
        if shown:
            console.print(table(shown))
        if len(shown) < len(rows):
            console.print(f"... e mais {len(rows) - len(shown)} (--all)\n")


@command.command()
@SUBJECT
@MATCH
@click.option(
    "--swapped/--same-way",
    default=None,
    help="The event, or second match, lists its sides the other way round, or not; as is known of it by default.",
)
@BY
@WHY
def accept(subject: Subject, match_id: int | None, swapped: bool | None, actor: str, reason: str) -> None:
    """alias:N is its team's name; event:N is its candidate (or --match), and so are its spellings; merge:KEEP+GONE
    is one team, merge-match:KEEP+GONE one match: the second becomes part of the first.

    Exit code: 0, or 2 when there is no such thing, no single candidate, or something speaks against it.
    """
    with closing(_open()) as backend:
        answer = verdicts.accept(backend, subject, Author(actor, reason), match_id=match_id, swapped=swapped)
    click.echo(with_undo(answer))


@command.command()
@SUBJECT
@MATCH
@BY
@WHY
def reject(subject: Subject, match_id: int | None, actor: str, reason: str) -> None:
    """alias:N is not its team's name: what was linked through it is taken back. event:N is not its match.
    merge:A+B are two teams, merge-match:A+B two matches, and are not proposed again.

    Exit code: 0, or 2 when there is no such thing or no single match to reject.
    """
    with closing(_open()) as backend:
        answer = verdicts.reject(backend, subject, Author(actor, reason), match_id=match_id)
    click.echo(with_undo(answer))


@command.command()
@click.argument("review_id", type=int)
@BY
@WHY
def undo(review_id: int, actor: str, reason: str) -> None:
    """Take verdict, merge or edit REVIEW_ID back, and with it everything it touched.

    Exit code: 0, or 2 when there is no such verdict, it is undone already, or a later one stands in the way.
    """
    with closing(_open()) as backend:
        answer = backend.call("undo_review", {"p_review_id": review_id, **Author(actor, reason).as_args()})
    click.echo(outcome_line(answer))


@command.command()
@click.argument("review_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, whole.")
def show(review_id: int, as_json: bool) -> None:
    """What verdict, merge or edit REVIEW_ID touched: events as they were and as they are, and their prices.

    Exit code: 0, or 2 when there is no such verdict.
    """
    with closing(_open()) as backend:
        effects = backend.call("review_effects", {"p_review_id": review_id})
    if effects is None:
        raise DeclarationError(f"no verdict {review_id}")
    _print(effects, as_json, effects_lines(effects))


def proposed(backend: Backend, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Every proposed alias with its evidence, by its id; raises StoreError."""
    after = 0
    while True:
        rows = backend.call("list_proposed_aliases", {"p_after_alias_id": after, "p_limit": page})
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1]["alias_id"]


def duplicates(backend: Backend, what: str, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Every pair that looks like one `team` or one `match` created twice, by their ids; raises StoreError."""
    keep, gone = 0, 0
    while True:
        args = {"p_after_keep": keep, "p_after_gone": gone, "p_limit": page}
        rows = backend.call(f"list_{what}_duplicates", args)
        yield from rows
        if len(rows) < page:
            return
        keep, gone = (rows[-1][side][f"{what}_id"] for side in ("keep", "gone"))


def _open() -> Backend:
    from standalone.connect import open_backend

    return open_backend(load_settings(), name="fleet review")


def _print(found: Any, as_json: bool, lines: Iterable[str]) -> None:
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        return
    for line in lines:
        click.echo(line)


def _seen_by(alias: Row) -> set[str]:
    return {sighting["bookmaker"] for sighting in alias["sightings"]}


def _played_by(pair: Row) -> set[str]:
    return {*pair["keep"]["bookmakers"], *pair["gone"]["bookmakers"]}


def _listed_by(pair: Row) -> set[str]:
    return {event["bookmaker"] for side in ("keep", "gone") for event in pair[side]["events"]}
