"""The reports as tables for people."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from scrapers.records import Rules
from standalone.closing.matches import ClosedMatch
from standalone.tables.lists import new_table

MARKETS = {
    "match_result": "Resultado",
    "totals": "Gols",
    "handicap": "Handicap",
    "both_teams_to_score": "Ambos marcam",
}
"""Columns of the margins; every market is in the JSON."""

WORDS = {
    "won": "ganhou (won)",
    "half_won": "meio ganho (half won)",
    "void": "devolvida (void)",
    "half_lost": "meio perdida (half lost)",
    "lost": "perdeu (lost)",
}


def bookmakers_table(document: dict[str, Any]) -> Table:
    """`fleet report closing`; document: its JSON."""
    headings = (
        "Margem",
        *MARKETS.values(),
        "Valor na abertura",
        "Aberturas boas",
        "Valor no fechamento",
        "Retorno",
    )
    where = f", {document['league']}" if document["league"] else ""
    table = new_table(
        f"Fechamento: {document['matches']} jogos com resultado em {document['days']} dias{where}, "
        f"{document['settled']} apostas liquidadas (closing)",
        document,
        ("Casa", "Família", "Jogos", *headings),
        right=("Jogos", *headings),
    )
    for row in document["bookmakers"]:
        judged = row["openings_judged"]
        table.add_row(
            row["bookmaker"],
            row["family"],
            str(row["matches"]),
            _share(row["margin"]),
            *(_share(row["margin_by_market"].get(market)) for market in MARKETS),
            _share(row["opening_value"], sign=True),
            _share(row["openings_beaten"] / judged if judged else None),
            _share(row["closing_value"], sign=True),
            _share(row["paid"], sign=True),
        )
    return table


def bets_table(rows: list[dict[str, Any]], *, simulated: bool) -> Table:
    """`fleet report bets`; rows: its JSON."""
    values = [row["closing_value"] for row in rows if row["closing_value"] is not None]
    paid = [row for row in rows if row["profit"] is not None]
    mean = _share(sum(values) / len(values) if values else None, sign=True)
    table = new_table(
        f"{len(rows)} apostas, valor contra o fechamento {mean}, lucro {sum(row['profit'] for row in paid):+.2f} "
        f"em {sum(row['stake'] for row in paid):.2f} (closing-line value, profit)",
        {"simulated": simulated},
        ("Jogo", "Aposta", "Preço", "Valor", "Resultado", "Lucro"),
        right=("Preço", "Valor", "Lucro"),
    )
    for row in rows:
        table.add_row(
            Text(f"{row['home']} x {row['away']}" if row["home"] else f"#{row['match_id']}, sem resultado"),
            _terms(row),
            f"{row['price']:g}",
            _share(row["closing_value"], sign=True),
            _word(row),
            "-" if row["profit"] is None else f"{row['profit']:+.2f}",
        )
    return table


def match_table(match: ClosedMatch, rows: list[dict[str, Any]], *, simulated: bool) -> Table:
    """`fleet report match`: one line for each bet; rows: its JSON, the best price of a bet first."""
    score = match.result.final
    title = f"#{match.match_id} {match.home} {score[0]}-{score[1]} {match.away}" if score else match.home
    half = match.result.half
    table = new_table(
        f"{title}{f' (intervalo / half time {half[0]}-{half[1]})' if half else ''}",
        {"simulated": simulated},
        ("Aposta", "Melhor fechamento", "Casa", "Resultado"),
        right=("Melhor fechamento",),
    )
    shown = set()
    for row in rows:
        if bet_of(row) in shown:
            continue
        shown.add(bet_of(row))
        table.add_row(_terms(row), f"{row['closing']:g}", row["bookmaker"], _word(row))
    return table


def bet_of(row: dict[str, Any]) -> tuple[Any, ...]:
    """What a row is a bet on, in the order of tables."""
    return row["market"], row["period"], row["line"] or 0, row["rules"], row["selection"]


def _terms(row: dict[str, Any]) -> Text:
    line = "" if row["line"] is None else f" {row['line']:+g}"
    rules = "" if row["rules"] == Rules.STANDARD else f" ({row['rules']})"
    return Text(f"{row['market']} {row['selection']}{line} {row['period']}{rules}")


def _word(row: dict[str, Any]) -> str:
    doubt = "" if row["certain"] in (True, None) else " ? PA"
    return f"{WORDS.get(row['settled'] or '', '-')}{doubt}"


def _share(value: float | None, *, sign: bool = False) -> str:
    return "-" if value is None else f"{value:+.1%}" if sign else f"{value:.1%}"
