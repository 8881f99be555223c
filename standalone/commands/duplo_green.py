"""`fleet duplo-green`: an early payout on either side and the best draw, as of the database now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
import orjson

from standalone.settings import load_settings
from standalone.tables.lists import match_cells, new_table, show

PAID = {"home": "1", "draw": "X", "away": "2"}
RULES = {"standard": "", "early_payout": " PA", "boosted": " SO"}


@click.command("duplo-green")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: duplo-green.json without its envelope.")
def command(as_json: bool) -> None:
    """Early payouts and draws that may pay twice. / Pagamentos antecipados e empates que podem pagar duas vezes.

    The list of duplo-green.json, made of the database now; docs/duplo-green.md explains it. Not a surebet.
    Exit code: 0, or 2 when the database cannot be reached.
    """
    from standalone.lists import duplo_green_maker, list_now

    settings = load_settings()
    document = list_now(duplo_green_maker(settings), settings, name="fleet duplo-green")
    if as_json:
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        return
    title = f"Duplo green: {document['found']} (não é surebet / not a surebet)"
    table = new_table(
        title,
        document,
        ("Início (UTC)", "Jogo", "Aposta", "Casa", "Preço", "Valor", "Custo", "Duas pagam"),
        right=("Preço", "Valor", "Custo", "Duas pagam"),
    )
    for row in document["duplo_greens"]:
        for cells in _rows(row):
            table.add_row(*cells)
        table.add_section()
    show(table)


def _rows(row: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    about = (*match_cells(row), f"{row['cost']:.2f} ({-row['return']:.2%})", f"{row['both']:.2f}")
    for place, leg in enumerate(row["legs"]):
        starts_at, match, cost, both = ("", "", "", "") if place else about
        bet = PAID[leg["selection"]] + RULES[leg["rules"]]
        yield starts_at, match, bet, leg["bookmaker"], f"{leg['price']:g}", f"{leg['stake']:g}", cost, both
