"""`fleet value`: prices better than the other bookmakers' own opinion makes them worth, as of the database now."""

from __future__ import annotations

import click
import orjson

from standalone.settings import load_settings
from standalone.tables.lists import match_cells, new_table, show


@click.command("value")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: value.json without its envelope.")
def command(as_json: bool) -> None:
    """Prices above what the others make of them. / Preços acima do que as outras casas dizem que valem.

    The list of value.json, made of the database now; docs/value.md explains it.
    Exit code: 0, or 2 when the database cannot be reached.
    """
    from standalone.lists import list_now, value_maker

    settings = load_settings()
    document = list_now(value_maker(settings), settings, name="fleet value")
    if as_json:
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        return
    table = new_table(
        f"Valor: {document['found']} (value, {document['method']})",
        document,
        ("Início (UTC)", "Jogo", "Casa", "Aposta", "Preço", "Justo", "Vantagem", "Famílias"),
        right=("Preço", "Justo", "Vantagem", "Famílias"),
    )
    for row in document["values"]:
        line = "" if row["line"] is None else f" {row['line']:+g}"
        rules = "" if row["rules"] == "standard" else f" ({row['rules']})"
        table.add_row(
            *match_cells(row),
            row["bookmaker"],
            f"{row['market']} {row['selection']}{line} {row['period']}{rules}",
            f"{row['price']:g}",
            f"{row['fair_price']:.2f}",
            f"{row['edge']:.1%}",
            str(row["families"]),
        )
    show(table)
