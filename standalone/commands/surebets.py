"""`fleet surebets`: the surebets in a table of prices, offline."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TextIO

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from board.surebets import Found, Leg, MatchPrices, Quote, Rejection, Settings, Surebet, find_surebets
from board.surebets.plain import bet_of, profits_of
from scrapers.records import Market, Period, PriceStatus, Rules, Side, Sport
from scrapers.registry import load_registry
from standalone.commands.status import PLAIN_WIDTH

COLUMNS = (
    "match_id",
    "bookmaker",
    "market",
    "period",
    "line",
    "selection",
    "side",
    "price",
    "commission",
    "rules",
    "age_s",
)
"""What every table has. `sport`, `family`, `status`, `available`, `max_stake` and `url` may stand beside them."""

BOARD = Settings()
TABLE = replace(BOARD, outlier_ratio=math.inf, max_edge=math.inf, min_families=1)
"""A table says how old its prices are, and what else is to be doubted in it is for its owner to say."""


class Unreadable(NamedTuple):
    """A row that is no price. `row`: its number in the file, the header being 1."""

    row: int
    fault: str


class _RowError(ValueError):
    """A row is no price; the message says which field."""


@click.command("surebets")
@click.option("--odds", required=True, metavar="CSV", type=click.File(encoding="utf-8-sig"), help="- is stdin.")
@click.option("--outlay", type=float, help=f"Most that a set may cost.  [default: {BOARD.outlay:g}]")
@click.option("--unit", type=float, help=f"Stakes are multiples of it.  [default: {BOARD.unit:g}]")
@click.option("--max-stake", type=float, help="Most to stake on one leg.  [default: no limit]")
@click.option("--min-profit", type=float, help=f"Least share of the outlay.  [default: {BOARD.min_profit:g}]")
@click.option("--alternatives", type=int, help=f"Sets per match and period.  [default: {BOARD.alternatives}]")
@click.option("--max-age", "max_age_s", type=float, help=f"Seconds, of a leg.  [default: {BOARD.max_age_s:g}]")
@click.option(
    "--max-skew", "max_skew_s", type=float, help=f"Seconds between legs.  [default: {BOARD.max_skew_s:g}]"
)
@click.option(
    "--max-edge", type=float, help=f"A larger share of the outlay is an error.  [strict: {BOARD.max_edge:g}]"
)
@click.option(
    "--outlier",
    "outlier_ratio",
    type=float,
    help=f"Times the median of the other families is an error.  [strict: {BOARD.outlier_ratio:g}]",
)
@click.option("--min-families", type=int, help=f"Families behind a set.  [strict: {BOARD.min_families}]")
@click.option("--strict", "gates", flag_value="strict", help="Doubt what the board doubts.")
@click.option("--no-gates", "gates", flag_value="none", help="Believe every price, however old.")
@click.option("--json/--table", "as_json", default=True, help="JSON (the default), or a table for people.")
def command(odds: TextIO, gates: str | None, as_json: bool, **given: Any) -> None:
    """Surebets in a CSV of prices, with stakes. / Surebets em um CSV de preços, com os valores a apostar.

    One row per price: match_id, bookmaker, market, period, line, selection, side, price, commission, rules, age_s;
    sport, family, status, available, max_stake and url may stand beside them. docs/surebets.md explains the answer.
    Exit status 2 when the file is no such table; rows that are no price are listed and left out.
    """
    base = {None: TABLE, "strict": BOARD, "none": TABLE.ungated()}[gates]
    settings = replace(base, **{name: value for name, value in given.items() if value is not None})
    try:
        matches, unreadable = read_matches(odds)
    except (UnicodeDecodeError, csv.Error, _RowError) as error:
        raise click.BadParameter(str(error), param_hint="--odds") from error
    report = about(matches, unreadable, settings)
    if as_json:
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(_table(report))


def read_matches(lines: Iterable[str]) -> tuple[list[MatchPrices], list[Unreadable]]:
    """The matches of a table in the order of their first row, and the rows that are no price.

    Where the table does not say the sport, a match with a moneyline is basketball and any other one football. The
    family is the registry's where the table does not say it.

    Raises _RowError when a column is missing, csv.Error when it is no CSV.
    """
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise _RowError(f"no column {', '.join(missing)}")
    families = {slug: bookmaker.family for slug, bookmaker in load_registry().bookmakers.items()}
    quotes: dict[str, list[Quote]] = {}
    sports: dict[str, str] = {}
    unreadable = []
    for row in reader:
        try:
            match_id = _word(row, "match_id")
            quote = _quote(row, families)
            sport = (row.get("sport") or "").strip()
            if sport and sports.setdefault(match_id, sport) != sport:
                raise _RowError(f"sport: {sport!r} after {sports[match_id]!r} in the same match")
        except _RowError as error:
            unreadable.append(Unreadable(reader.line_num, str(error)))
        else:
            quotes.setdefault(match_id, []).append(quote)
    matches = [
        MatchPrices(match_id, sports.get(match_id) or _usual_sport(inside), tuple(inside))
        for match_id, inside in quotes.items()
    ]
    return matches, unreadable


def about(matches: Iterable[MatchPrices], unreadable: Iterable[Unreadable], settings: Settings) -> dict[str, Any]:
    """The answer: surebets with stakes, what was turned down and why, rows that are no price."""
    count = prices = 0
    found: list[Found] = []
    for match in matches:
        count, prices = count + 1, prices + len(match.quotes)
        found.append(find_surebets(match, settings))
    return {
        "matches": count,
        "prices": prices,
        "surebets": [_surebet(one) for answer in found for one in answer.surebets],
        "rejections": [_rejection(one) for answer in found for one in answer.rejections],
        "unreadable": [one._asdict() for one in unreadable],
    }


def _usual_sport(quotes: Iterable[Quote]) -> Sport:
    return Sport.BASKETBALL if any(quote.market == Market.MONEYLINE for quote in quotes) else Sport.FOOTBALL


def _quote(row: Mapping[str, str | None], families: Mapping[str, str]) -> Quote:
    bookmaker = _word(row, "bookmaker")
    price = _number(row, "price")
    if price is None:
        raise _RowError("price: empty")
    return Quote(
        bookmaker=bookmaker,
        market=_word(row, "market"),
        selection=_word(row, "selection"),
        price=price,
        line=_number(row, "line"),
        period=_word(row, "period", Period.MATCH),
        side=_word(row, "side", Side.BACK),
        rules=_word(row, "rules", Rules.STANDARD),
        commission=_number(row, "commission") or 0.0,
        age_s=_number(row, "age_s") or 0.0,
        family=_word(row, "family", families.get(bookmaker, "")),
        suspended=_word(row, "status", PriceStatus.OPEN) != PriceStatus.OPEN,
        available=_number(row, "available"),
        max_stake=_number(row, "max_stake"),
        url=_word(row, "url", ""),
    )


def _word(row: Mapping[str, str | None], name: str, default: str | None = None) -> str:
    """A field's text; the default where it is empty or there is no such column."""
    text = (row.get(name) or "").strip()
    if text or default is None:
        if not text:
            raise _RowError(f"{name}: empty")
        return text
    return default


def _number(row: Mapping[str, str | None], name: str) -> float | None:
    """A field's number; None where it is empty or there is no such column."""
    text = (row.get(name) or "").strip()
    try:
        return float(text) if text else None
    except ValueError:
        raise _RowError(f"{name}: {text!r} is no number") from None


def _surebet(one: Surebet) -> dict[str, Any]:
    return {
        "match_id": one.match_id,
        "period": one.period,
        "key": one.key,
        "edge": one.edge,
        "outlay": one.outlay,
        "worst": one.worst,
        "best": one.best,
        "age_s": one.age_s,
        "skew_s": one.skew_s,
        "legs": [_leg(leg) for leg in one.legs],
        "profits": profits_of(one),
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {**_price(leg.quote), "share": leg.share, "stake": leg.stake, "outlay": leg.outlay}


def _price(quote: Quote) -> dict[str, Any]:
    return {**bet_of(quote), "age_s": quote.age_s, "url": quote.url}


def _rejection(one: Rejection) -> dict[str, Any]:
    return {
        "match_id": one.match_id,
        "period": one.period,
        "reasons": list(one.reasons),
        "edge": one.edge,
        "legs": [_price(quote) for quote in one.legs],
    }


def _table(report: Mapping[str, Any]) -> Table:
    """One line per leg, and below it what was turned down, by reason."""
    table = Table(title="Surebets", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Jogo", "Casa", "Aposta", "Preço", "Valor", "Custo", "Lucro mínimo"):
        table.add_column(
            heading, justify="right" if heading in ("Preço", "Valor", "Custo", "Lucro mínimo") else "left"
        )
    for one in report["surebets"]:
        for row in _rows(one):
            table.add_row(*row)
        table.add_section()
    refused = len(report["rejections"])
    table.caption = (
        f"{refused} recusadas (rejected), {len(report['unreadable'])} linhas ilegíveis (unreadable rows)"
    )
    return table


def _rows(one: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    worst = f"{one['worst']:.2f} ({one['worst'] / one['outlay']:.2%})"
    for place, leg in enumerate(one["legs"]):
        line = "" if leg["line"] is None else f" {leg['line']:+g}"
        yield (
            "" if place else f"{one['match_id']} {one['period']}",
            leg["bookmaker"],
            f"{leg['side']} {leg['market']} {leg['selection']}{line}",
            f"{leg['price']:g}",
            f"{leg['stake']:.2f}",
            f"{leg['outlay']:.2f}",
            "" if place else worst,
        )
