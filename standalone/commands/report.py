"""`fleet report`: what closing prices and results say together, as of the database now."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import orjson

from standalone.closing.matches import ClosedMatch, read_closed
from standalone.closing.tables import bet_of, bets_table, bookmakers_table, match_table
from standalone.settings import load_settings
from standalone.tables.lists import show


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
        show(bookmakers_table(document))
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
        show(match_table(found, rows, simulated=settings.source == "simulator"))


@command.command("bets")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Every bet as JSON.")
def bets_command(file: Path, as_json: bool) -> None:
    """Your own bets by the closing prices and the result. / As suas apostas contra o fechamento e o resultado.

    FILE is a CSV with the columns match_id, market, selection, price and, where they matter, line, period, rules
    and stake, as `fleet history` names them. The closing value is what a price was worth by the closing consensus.

    Exit code: 0, or 1 when a row is no bet; 2 when the file has not the columns or the database cannot be reached.
    """
    from standalone.closing.bets import judge, read_bets
    from standalone.connect import open_backend
    from standalone.lists import value_settings

    settings = load_settings()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        bets, wrong = read_bets(lines)
    matches: dict[int, ClosedMatch] = {}
    with closing(open_backend(settings, name="fleet report")) as backend:
        for match_id in sorted({bet.match_id for bet in bets}):
            matches |= {match.match_id: match for match in read_closed(backend, match_id=match_id)}
    rows = [judged.as_json() for judged in judge(bets, matches, value_settings(settings))]
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    else:
        show(bets_table(rows, simulated=settings.source == "simulator"))
    for line in wrong:
        click.echo(line, err=True)
    if wrong:
        sys.exit(1)


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
    rows.sort(key=lambda row: (*bet_of(row), -row["closing"], row["bookmaker"]))
    return rows
