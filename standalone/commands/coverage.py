"""`fleet coverage`: which bookmakers miss which match, as of the database now."""

from __future__ import annotations

from typing import Any

import click
import orjson
from rich.table import Table

from standalone.settings import load_settings
from standalone.tables.lists import match_cells, new_table, show


@click.command("coverage")
@click.argument("bookmaker", required=False, metavar="[BOOKMAKER]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: coverage.json without its envelope.")
def command(bookmaker: str | None, as_json: bool) -> None:
    """Bookmakers by the matches they miss; with BOOKMAKER, which ones. / Casas pelos jogos que lhes faltam.

    A match counts when two families price it and the bookmaker is declared for its league, or lists any other match
    of it. A silent bookmaker has no data and misses nothing.
    Exit code: 0, or 2 when there is no such bookmaker or the database cannot be reached.
    """
    from standalone.lists import coverage_maker, list_now

    settings = load_settings()
    document = list_now(coverage_maker(settings), settings, name="fleet coverage")
    if bookmaker is not None:
        document = _only(document, bookmaker)
    if as_json:
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        return
    show(_ranking(document), _leagues(document) if bookmaker is None else _missed(document))


def _only(document: dict[str, Any], bookmaker: str) -> dict[str, Any]:
    """What the document says of one bookmaker."""
    rows = [row for row in document["bookmakers"] if row["slug"] == bookmaker]
    if not rows:
        raise click.BadParameter(f"{bookmaker!r} is not in the database", param_hint="BOOKMAKER")
    missed = [row for row in document["missed"] if bookmaker in row["missing"]]
    return document | {"bookmakers": rows, "leagues": [], "missed": missed}


def _ranking(document: dict[str, Any]) -> Table:
    table = new_table(
        "Cobertura: quem deixa de listar mais (coverage)",
        document,
        ("Casa", "Estado", "Faltam", "Esperados", "Com preço", "Sem preço aberto", "Sem partida decidida"),
        right=("Faltam", "Esperados", "Com preço", "Sem preço aberto", "Sem partida decidida"),
    )
    for row in document["bookmakers"]:
        known = [str(row[name]) for name in ("missing", "expected", "listed", "unpriced", "unmatched")]
        table.add_row(row["slug"], row["status"], *(["sem dados"] if row["no_data"] else known))
    return table


def _leagues(document: dict[str, Any]) -> Table:
    table = new_table(
        "Por liga (by league)",
        document,
        ("Liga", "Jogos", "Casas", "Ausências", "De quem"),
        right=("Jogos", "Casas"),
    )
    for row in document["leagues"]:
        who = ", ".join(f"{one['slug']} {one['missing']}" for one in row["by_bookmaker"])
        table.add_row(row["key"], str(row["matches"]), str(row["bookmakers"]), str(row["missing"]), who or "-")
    return table


def _missed(document: dict[str, Any]) -> Table:
    table = new_table("Faltam (missing)", document, ("Início (UTC)", "Jogo", "Liga", "Quem lista"))
    for row in document["missed"]:
        table.add_row(*match_cells(row), row["league"]["key"] or "-", ", ".join(row["listed"]))
    return table
