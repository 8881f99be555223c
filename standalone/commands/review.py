"""`fleet review`: what waits for a person, and a person's verdicts, each of which can be taken back."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrapers.errors import DeclarationError
from standalone.commands.unmatched import PLAIN_WIDTH, rendered, waiting
from standalone.settings import load_settings

if TYPE_CHECKING:
    from store.backend import Backend

PAGE = 200
LOG_ROWS = 30

Row = Mapping[str, Any]


def read_subject(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, int]:
    """The kind and the number of `alias:12` or `event:345`, as `fleet review list` prints them."""
    kind, _, number = value.partition(":")
    if kind not in ("alias", "event") or not number.isdecimal():
        raise click.BadParameter(f"{value!r} is neither alias:NUMBER nor event:NUMBER")
    return kind, int(number)


SUBJECT = click.argument("subject", callback=read_subject)
BY = click.option("--by", "actor", default=getpass.getuser, metavar="NAME", help="Who decides; you by default.")
WHY = click.option("--why", "reason", default="", metavar="TEXT", help="Kept beside the verdict.")
MATCH = click.option("--match", "match_id", type=int, metavar="N", help="The match; needed where several are near.")


@click.group()
def command() -> None:
    """Spellings and events that wait for a verdict. Every verdict is kept with who, when and why."""


@command.command("list")
@click.option("--bookmaker", metavar="SLUG", help="Only what this bookmaker listed or wrote.")
@click.option("--log", is_flag=True, help="The verdicts so far instead, newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, whole.")
def list_(bookmaker: str | None, log: bool, as_json: bool) -> None:
    """Proposed aliases with their evidence, and events without a match with their candidates."""
    with closing(_open()) as backend:
        if log:
            _print_log(backend.call("list_reviews", {"p_before_review_id": 2**62, "p_limit": LOG_ROWS}), as_json)
            return
        aliases = [row for row in proposed(backend) if bookmaker is None or bookmaker in _seen_by(row)]
        events = [row for row in waiting(backend) if bookmaker in (None, row["bookmaker"])]
    if as_json:
        click.echo(orjson.dumps({"aliases": aliases, "events": events}, option=orjson.OPT_INDENT_2))
        return
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    if not (aliases or events):
        console.print("Nada espera por um veredito. (nothing to review)")
    if aliases:
        console.print(_alias_table(aliases))
    if events:
        console.print(rendered(events))


@command.command()
@SUBJECT
@MATCH
@click.option("--swapped", is_flag=True, help="The bookmaker's home side is the match's away side.")
@BY
@WHY
def accept(subject: tuple[str, int], match_id: int | None, swapped: bool, actor: str, reason: str) -> None:
    """alias:N is its team's name; event:N is its candidate (or --match), and so are its spellings.

    Exit code: 0, or 2 when there is no such thing or no single candidate.
    """
    kind, number = subject
    with closing(_open()) as backend:
        if kind == "alias":
            _tell(_judge_alias(backend, number, accept=True, actor=actor, reason=reason))
            return
        event = _event(backend, number)
        candidate = _candidate(event, match_id)
        _tell(
            _judge_event(
                backend,
                event,
                candidate["match_id"],
                accept=True,
                swapped=swapped or bool(candidate.get("swapped")),
                actor=actor,
                reason=reason,
            )
        )


@command.command()
@SUBJECT
@MATCH
@BY
@WHY
def reject(subject: tuple[str, int], match_id: int | None, actor: str, reason: str) -> None:
    """alias:N is not its team's name: what was linked through it is taken back. event:N is not its match.

    Exit code: 0, or 2 when there is no such thing or no single match to reject.
    """
    kind, number = subject
    with closing(_open()) as backend:
        if kind == "alias":
            _tell(_judge_alias(backend, number, accept=False, actor=actor, reason=reason))
            return
        event = _event(backend, number)
        wrong = match_id or event["match_id"] or _candidate(event, None)["match_id"]
        _tell(_judge_event(backend, event, wrong, accept=False, swapped=False, actor=actor, reason=reason))


@command.command()
@click.argument("review_id", type=int)
@BY
@WHY
def undo(review_id: int, actor: str, reason: str) -> None:
    """Take verdict REVIEW_ID back, and with it everything it touched.

    Exit code: 0, or 2 when there is no such verdict or it is undone already.
    """
    with closing(_open()) as backend:
        args = {"p_review_id": review_id, "p_actor": actor, "p_reason": reason}
        _tell(backend.call("undo_review", args))


def proposed(backend: Backend, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Every proposed alias with its evidence, by its id; raises StoreError."""
    after = 0
    while True:
        rows = backend.call("list_proposed_aliases", {"p_after_alias_id": after, "p_limit": page})
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1]["alias_id"]


def _open() -> Backend:
    from standalone.connect import open_backend

    return open_backend(load_settings(), name="fleet review")


def _judge_alias(backend: Backend, number: int, *, accept: bool, actor: str, reason: str) -> Any:
    args = {"p_alias_id": number, "p_accept": accept, "p_actor": actor, "p_reason": reason}
    return backend.call("review_alias", args)


def _judge_event(
    backend: Backend, event: Row, match_id: int, *, accept: bool, swapped: bool, actor: str, reason: str
) -> Any:
    return backend.call(
        "review_event",
        {
            "p_event_id": event["event_id"],
            "p_match_id": match_id,
            "p_accept": accept,
            "p_swapped": swapped,
            "p_sides": _spellings(event),
            "p_actor": actor,
            "p_reason": reason,
        },
    )


def _event(backend: Backend, number: int) -> Row:
    event: Row | None = backend.call("event_for_review", {"p_event_id": number})
    if event is None:
        raise DeclarationError(f"no event {number}")
    return event


def _candidate(event: Row, match_id: int | None) -> Row:
    """The candidate that a verdict means: the named one, or the only one."""
    known = [each for each in event["candidates"] if each.get("match_id") is not None]
    if match_id is not None:
        return next((each for each in known if each["match_id"] == match_id), {"match_id": match_id})
    if len(known) != 1:
        raise DeclarationError(f"event {event['event_id']} has {len(known)} candidates; name one with --match")
    candidate: Row = known[0]
    return candidate


def _spellings(event: Row) -> list[dict[str, str]]:
    """The event's home and away names as `review_event` takes them."""
    from normalizer.names import league_category, parse_team, with_league

    league = league_category(event["league_name"])
    names = [parse_team(event[side]) for side in ("home_name", "away_name")]
    return [
        {"alias": name.raw, "folded": name.folded, "category": with_league(name.category, league)} for name in names
    ]


def _tell(answer: Row) -> None:
    click.echo(f"veredito {answer['review_id']}: {len(answer['touched'])} eventos mudaram")


def _seen_by(alias: Row) -> set[str]:
    return {sighting["bookmaker"] for sighting in alias["sightings"]}


def _alias_table(rows: Sequence[Row]) -> Table:
    table = Table(title=f"{len(rows)} apelidos propostos (aliases)", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("Apelido", "Time", "Partidas", "Famílias", "Visto", "Também é"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        seen = map(_sighting, row["sightings"][:3])
        table.add_row(
            Text(f"alias:{row['alias_id']} {row['alias']}"),
            Text(f"{row['team']} ({row['country'] or '?'}{', ' + row['category'] if row['category'] else ''})"),
            str(row["evidence"]),
            Text(", ".join(row["families"])),
            Text("\n".join(seen) or "-"),
            Text(", ".join(other["name"] for other in row["also"]) or "-"),
        )
    return table


def _sighting(seen: Row) -> str:
    sides = f"{seen['home_name']} x {seen['away_name']}"
    return f"{seen['bookmaker']}: {sides} #{seen['match_id']} {seen['score']:.2f}"


def _print_log(rows: Sequence[Row], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for row in rows:
        subject = f"{row['subject']}:{row['subject_id']}"
        line = f"{row['review_id']} {row['at'][:16]} {row['actor']} {row['action']} {subject}"
        line += f" ({row['what'] or '?'}), {len(row['touched'])} eventos"
        line += f", desfeito por {row['undone_by']}" if row["undone_by"] else ""
        click.echo(line + (f": {row['reason']}" if row["reason"] else ""))
