"""`fleet catalogue`: teams, leagues, aliases and logos, corrected by hand; `fleet review` lists and undoes it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrapers.errors import DeclarationError
from standalone.commands.review import BY, WHY
from standalone.commands.review_tables import with_undo
from standalone.commands.unmatched import PLAIN_WIDTH
from standalone.commands.verdicts import Author
from standalone.settings import load_settings

if TYPE_CHECKING:
    from store.backend import Backend

FOUND = 50
"""Teams that `team find` shows at most."""

LEAGUES = 1000
"""More than anybody declares."""

Row = Mapping[str, Any]

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, whole.")
TEAM = click.argument("team_id", type=int)
NAME = click.option("--name", metavar="TEXT")
COUNTRY = click.option("--country", metavar="TEXT", help="In English, as leagues.json has it; '' for unknown.")


@click.group()
def command() -> None:
    """Corrections of the catalogue. `fleet review undo N` takes one back, `fleet review list --log` lists them.

    Exit code of each: 0, or 2 when there is no such thing, nothing would change, or something stands in the way.
    """


@command.group()
def team() -> None:
    """Teams: find, show, edit. Two that are one: fleet review accept merge:KEEP+GONE."""


@team.command("find")
@click.argument("words", nargs=-1, required=True)
@click.option("--sport", type=click.Choice(["football", "basketball"]))
@AS_JSON
def find_team(words: Sequence[str], sport: str | None, as_json: bool) -> None:
    """Teams whose name, or one of whose spellings, holds every one of the WORDS."""
    from normalizer.names import fold

    wanted = fold(" ".join(words)).split()
    args = {"p_words": wanted, "p_sport": sport, "p_after_team_id": 0, "p_limit": FOUND}
    with closing(_open()) as backend:
        rows = backend.call("find_teams", args)
    if as_json:
        _print_json(rows)
        return
    table = Table(title=f"{len(rows)} times (teams)", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("Número", "Time", "País", "Categoria", "Esporte", "Partidas", "Casas"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        facts = (row["country"] or "?", row["category"] or "-", row["sport"], str(row["matches"]))
        # Text, not markup: club names come from outside and may hold brackets.
        table.add_row(str(row["team_id"]), Text(row["name"]), *facts, Text(", ".join(row["bookmakers"])))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(table)


@team.command("show")
@TEAM
@AS_JSON
def show_team(team_id: int, as_json: bool) -> None:
    """A team with its spellings and next matches."""
    with closing(_open()) as backend:
        found = _team(backend, team_id)
    if as_json:
        _print_json(found)
        return
    click.echo(f"{found['name']} ({found['sport']}, {found['country'] or '?'}, {found['category'] or 'principal'})")
    if found["logo_url"]:
        click.echo(f"  logo {found['logo_url']}")
    for alias in found["aliases"]:
        seen = f"{alias['evidence']} partidas, {', '.join(alias['families']) or 'à mão'}"
        click.echo(f"  alias:{alias['alias_id']} {alias['alias']}: {alias['status']} ({seen})")
    for match in found["upcoming"]:
        when = match["starts_at"][:16].replace("T", " ")
        click.echo(f"  #{match['match_id']} {when} {match['home']} x {match['away']} ({match['league'] or '?'})")


@team.command("edit")
@TEAM
@NAME
@COUNTRY
@click.option("--category", metavar="TEXT", help="'' senior men; else as matching has it: women, u20, reserve, ...")
@click.option("--logo", "logo_url", metavar="URL", help="'' takes it away.")
@BY
@WHY
def edit_team(team_id: int, actor: str, reason: str, name: str | None, **fields: str | None) -> None:
    """Correct a team. Its former name stays one of its spellings."""
    from normalizer.names import parse_team, with_league

    changes = _given(fields)
    with closing(_open()) as backend:
        if name is not None:
            read = parse_team(name)
            changes |= {"name": name.strip(), "folded": read.folded}
            if read.category:
                changes.setdefault("category", with_league(read.category, _team(backend, team_id)["category"]))
        args = {"p_team_id": team_id, "p_changes": changes}
        answer = backend.call("edit_team", {**args, **Author(actor, reason).as_args()})
    click.echo(with_undo(answer))


@command.group()
def league() -> None:
    """Leagues: list, edit."""


@league.command("list")
@AS_JSON
def list_leagues(as_json: bool) -> None:
    """Every league with what a person set of it."""
    with closing(_open()) as backend:
        rows = backend.call("list_leagues", {"p_after_league_id": 0, "p_limit": LEAGUES})
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        edited = f", à mão: {', '.join(sorted(row['edited']))}" if row["edited"] else ""
        click.echo(f"{row['league_key']}: {row['name']} ({row['country']}, {row['matches']} partidas{edited})")


@league.command("edit")
@click.argument("league_key")
@NAME
@COUNTRY
@BY
@WHY
def edit_league(league_key: str, actor: str, reason: str, **fields: str | None) -> None:
    """Correct a league; this goes before what scrapers/leagues.json says of it."""
    args = {"p_league_key": league_key, "p_changes": _given(fields)}
    with closing(_open()) as backend:
        answer = backend.call("edit_league", {**args, **Author(actor, reason).as_args()})
    click.echo(with_undo(answer))


@command.group()
def alias() -> None:
    """Spellings of teams: add, remove."""


@alias.command("add")
@TEAM
@click.argument("spelling")
@BY
@WHY
def add_alias(team_id: int, spelling: str, actor: str, reason: str) -> None:
    """SPELLING is this team from now on."""
    from normalizer.spelling import spelling as read

    with closing(_open()) as backend:
        known = read(spelling.strip(), _team(backend, team_id)["category"])
        args = {"p_team_id": team_id, "p_spelling": known}
        answer = backend.call("add_alias", {**args, **Author(actor, reason).as_args()})
    click.echo(with_undo(answer))


@alias.command("remove")
@click.argument("alias_id", type=int)
@BY
@WHY
def remove_alias(alias_id: int, actor: str, reason: str) -> None:
    """Alias ALIAS_ID is not its team's name: what was linked through it is taken back (as fleet review reject)."""
    with closing(_open()) as backend:
        args = {"p_alias_id": alias_id, "p_accept": False}
        answer = backend.call("review_alias", {**args, **Author(actor, reason).as_args()})
    click.echo(with_undo(answer))


@command.command("bookmaker")
@click.argument("slug")
@click.option("--logo", required=True, metavar="URL", help="'' takes it away.")
@BY
@WHY
def edit_bookmaker(slug: str, logo: str, actor: str, reason: str) -> None:
    """Another logo for a bookmaker. Everything else of it is declared in scrapers/bookmakers.json."""
    args = {"p_slug": slug, "p_changes": {"logo": logo}}
    with closing(_open()) as backend:
        answer = backend.call("edit_bookmaker", {**args, **Author(actor, reason).as_args()})
    click.echo(with_undo(answer))


def _open() -> Backend:
    from standalone.connect import open_backend

    return open_backend(load_settings(), name="fleet catalogue")


def _team(backend: Backend, team_id: int) -> Row:
    found: Row | None = backend.call("team_details", {"p_team_id": team_id})
    if found is None:
        raise DeclarationError(f"no team {team_id}")
    return found


def _given(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value.strip() for name, value in fields.items() if value is not None}


def _print_json(found: Any) -> None:
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
