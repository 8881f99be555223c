"""`fleet report`: what closing prices and results say together, as of the database now."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from scrapers.records import Rules
from standalone.closing.matches import ClosedMatch, read_closed
from standalone.list_tables import new_table, show
from standalone.settings import Settings, load_settings

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


@click.group()
def command() -> None:
    """Closing prices and results together. / Odds de fechamento e resultados."""


@command.command("closing")
@click.option("--league", metavar="KEY", help="One league alone.")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=7, show_default=True, help="Kick-offs of so many days."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON; shares, not per cent.")
def closing_command(league: str | None, days: int, as_json: bool) -> None:
    """Margins and closing-line value. / Margem de cada casa e valor contra o fechamento.

    Of matches with a result: each bookmaker's margin at kick-off, what its opening and closing prices were worth by
    the closing consensus of the other families (VALUE_METHOD, VALUE_MIN_FAMILIES), and what a stake of 1 on each
    selection at the closing price paid. docs/results.md explains the columns.

    Exit code: 0, or 1 when no match of that time has a result; 2 when the database cannot be reached.
    """
    from standalone.closing.report import ClosingReport
    from standalone.connect import open_backend
    from standalone.lists import value_settings

    settings = load_settings()
    report = ClosingReport(value_settings(settings))
    since = datetime.now(UTC) - timedelta(days=days)
    with closing(open_backend(settings, name="fleet report")) as backend:
        for match in read_closed(backend, league=league, since=since):
            report.add(match)
    document = {"league": league, "days": days, **report.as_json(), "simulated": settings.source == "simulator"}
    if as_json:
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    elif report.matches:
        show(_bookmakers(document))
    else:
        click.echo(
            "nenhum jogo com resultado nesse período; veja run_batch.py / no match of that time has a result"
        )
    if not report.matches:
        sys.exit(1)


@command.command("match")
@click.argument("match_id", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Every price with what became of it, as JSON.")
def match_command(match_id: int, as_json: bool) -> None:
    """The result of a match and what its bets paid. / O resultado de uma partida e o que cada aposta pagou.

    MATCH_ID as `fleet history` shows it. The table holds one line for each bet, with the best closing price.

    Exit code: 0, or 1 when it has no result; 2 when the database cannot be reached.
    """
    from standalone.connect import open_backend

    settings = load_settings()
    with closing(open_backend(settings, name="fleet report")) as backend:
        found = next(iter(read_closed(backend, match_id=match_id)), None)
    if found is None:
        click.echo(f"a partida {match_id} não tem resultado / match {match_id} has no result", err=True)
        sys.exit(1)
    rows = _bets(found)
    if as_json:
        click.echo(orjson.dumps({**_score(found), "bets": rows}, option=orjson.OPT_INDENT_2))
    else:
        show(_settled(found, rows, settings))


def _bookmakers(document: dict[str, Any]) -> Table:
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


def _share(value: float | None, *, sign: bool = False) -> str:
    return "-" if value is None else f"{value:+.1%}" if sign else f"{value:.1%}"


def _score(match: ClosedMatch) -> dict[str, Any]:
    result = match.result
    return {
        "match_id": match.match_id,
        "home": match.home,
        "away": match.away,
        "league": match.league,
        "starts_at": datetime.fromtimestamp(match.starts_at, UTC).isoformat(),
        "score": result.final,
        "regular": result.regular,
        "half": result.half,
        "penalties": result.penalties,
    }


def _bets(match: ClosedMatch) -> list[dict[str, Any]]:
    """Every price with what became of it; bets in order, the best price of each first."""
    rows = []
    for price in match.prices:
        outcome = match.settled(price.offer)
        rows.append(
            {
                "bookmaker": price.bookmaker,
                **{name: value for name, value in price.offer._asdict().items() if name != "side"},
                "opening": price.opening,
                "closing": price.closing,
                "settled": None if outcome is None else outcome.settled.value,
                "certain": None if outcome is None else outcome.certain,
            }
        )
    rows.sort(key=lambda row: (*_bet(row), -row["closing"], row["bookmaker"]))
    return rows


def _bet(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["market"], row["period"], row["line"] or 0, row["rules"], row["selection"]


def _settled(match: ClosedMatch, rows: list[dict[str, Any]], settings: Settings) -> Table:
    score = match.result.final
    title = f"#{match.match_id} {match.home} {score[0]}-{score[1]} {match.away}" if score else match.home
    half = match.result.half
    table = new_table(
        f"{title}{f' (intervalo / half time {half[0]}-{half[1]})' if half else ''}",
        {"simulated": settings.source == "simulator"},
        ("Aposta", "Melhor fechamento", "Casa", "Resultado"),
        right=("Melhor fechamento",),
    )
    shown = set()
    for row in rows:
        if _bet(row) in shown:
            continue
        shown.add(_bet(row))
        line = "" if row["line"] is None else f" {row['line']:+g}"
        rules = "" if row["rules"] == Rules.STANDARD else f" ({row['rules']})"
        doubt = "" if row["certain"] in (True, None) else " ? PA"
        table.add_row(
            Text(f"{row['market']} {row['selection']}{line} {row['period']}{rules}"),
            f"{row['closing']:g}",
            row["bookmaker"],
            f"{WORDS.get(row['settled'] or '', '-')}{doubt}",
        )
    return table
