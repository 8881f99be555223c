"""`fleet history`: what the prices of a match did."""

from __future__ import annotations

import csv
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import click
import orjson
from rich.console import Console

from board.history import MatchHistory, PriceHistory, find_matches, read_match
from board.orientation import Offer
from board.records import Match
from scrapers.records import Market, Period, Rules, Selection, Side
from standalone.settings import load_settings
from standalone.tables.prices import rendered, short_time
from store.backend import Backend

PLAIN_WIDTH = 160
"""Columns where there is no terminal to ask: wide enough that no name is cut."""
FOUND_AT_MOST = 20
CHANGES_HEADER = ("bookmaker", "event_id", *Offer._fields, "observed_at", "price", "status")
MAIN_MARKETS = (Market.MATCH_RESULT, Market.MONEYLINE)
"""What the table shows unless told otherwise: a match has some thousand selections."""
MARKET_ORDER = {market: number for number, market in enumerate(Market)}
SELECTION_ORDER = {selection: number for number, selection in enumerate(Selection)}


@click.command()
@click.argument("match", nargs=-1, required=True)
@click.option("--market", type=click.Choice(["all", *map(str, Market)]), help="[default: match result, moneyline]")
@click.option("--period", type=click.Choice([*map(str, Period)]))
@click.option("--selection", type=click.Choice([*map(str, Selection)]), help="In the match's own view.")
@click.option("--line", type=float, help="Goals or points from the home side's view.")
@click.option("--bookmaker", metavar="SLUG")
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="Only the changes of the last N hours.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, times as seconds since the epoch.")
@click.option("--csv", "as_csv", is_flag=True, help="One row per change, times UTC.")
def command(
    match: tuple[str, ...],
    market: str | None,
    period: str | None,
    selection: str | None,
    line: float | None,
    bookmaker: str | None,
    hours: float | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """What the prices of a match did. / O que as odds de uma partida fizeram.

    MATCH is its number, or words of its teams or league; where several matches fit, they are listed.

    Shown are the opening, lowest, highest and closing price (before kick-off: the last one), and every change that
    is kept (KEEP_HISTORY_DAYS). Odds after kick-off do not count. JSON and CSV hold every market.

    Exit code: 0, or 1 when no match is found, several are, or nothing was offered; 2 when the database cannot be
    reached.
    """
    from standalone.connect import open_backend

    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    now = datetime.now(UTC).timestamp()
    with closing(open_backend(load_settings(), name="fleet history")) as backend:
        match_id = _chosen(backend, " ".join(match), as_json=as_json)
        history = read_match(
            backend,
            match_id,
            bookmaker=bookmaker,
            market=None if market == "all" else market,
            period=period,
            since=None if hours is None else now - hours * 3600,
        )
    if history is None:
        _give_up(f"Não há partida {match_id}. (no match {match_id})")
    history = narrowed(history, selection, line)
    if as_json:
        click.echo(orjson.dumps(as_document(history), option=orjson.OPT_INDENT_2))
    elif as_csv:
        _write_csv(history)
    else:
        shown = history.prices
        if market is None and any(price.offer.market in MAIN_MARKETS for price in shown):
            shown = [price for price in shown if price.offer.market in MAIN_MARKETS]
        console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        for part in rendered(history, shown, now=now):
            console.print(part)
    if not history.prices:
        _give_up("Nenhuma casa ofereceu isso. (no bookmaker offered this)")


def narrowed(history: MatchHistory, selection: str | None, line: float | None) -> MatchHistory:
    """Only the prices of one selection or line (None: of any), in the order of markets, lines and bookmakers."""
    kept = [
        price
        for price in history.prices
        if selection in (None, price.offer.selection) and line in (None, price.offer.line)
    ]
    return replace(history, prices=sorted(kept, key=_order))


def as_document(history: MatchHistory) -> dict[str, Any]:
    """The history as JSON-ready data; selections in the match's own view, changes as [epoch s, price, status]."""
    return {
        "match": history.match._asdict(),
        "history_from": history.history_from,
        "selections": [
            {
                "bookmaker": price.bookmaker,
                "event_id": price.source_id,
                **price.offer._asdict(),
                "status": price.status,
                "put_away": price.put_away,
                "opening": price.opening,
                "lowest": price.lowest,
                "highest": price.highest,
                "last": price.last,
                "closing": price.closing,
                "first_seen_at": price.first_seen_at,
                "last_changed_at": price.last_changed_at,
                "complete": history.is_whole(price),
                "changes": [list(change) for change in price.changes],
            }
            for price in history.prices
        ],
    }


def _chosen(backend: Backend, text: str, *, as_json: bool) -> int:
    """The match that `text` names; ends the command when that is not exactly one."""
    if text.isdecimal():
        return int(text)
    found = find_matches(backend, text, limit=FOUND_AT_MOST)
    if len(found) == 1:
        return found[0].match_id
    if as_json:
        click.echo(orjson.dumps({"matches": [match._asdict() for match in found]}, option=orjson.OPT_INDENT_2))
    for line in () if as_json else map(_described, found):
        click.echo(line)
    _give_up(
        "Várias partidas servem: repita com o número. (several matches; repeat with the number)"
        if found
        else "Nenhuma partida encontrada. (no match found)"
    )


def _give_up(reason: str) -> NoReturn:
    click.echo(reason, err=True)
    sys.exit(1)


def _described(match: Match) -> str:
    return (
        f"{match.match_id:>8}  {short_time(match.starts_at)}  {match.home} x {match.away}  ({match.league or '-'})"
    )


def _order(price: PriceHistory) -> tuple[Any, ...]:
    offer = price.offer
    line = (offer.line is not None, offer.line or 0.0)
    what = MARKET_ORDER[Market(offer.market)], offer.period != Period.MATCH, offer.period, line
    which = offer.rules != Rules.STANDARD, offer.rules, offer.side != Side.BACK
    return (*what, *which, SELECTION_ORDER[Selection(offer.selection)], price.bookmaker, price.first_seen_at)


def _write_csv(history: MatchHistory) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(CHANGES_HEADER)
    for price in history.prices:
        for change in price.changes:
            at = datetime.fromtimestamp(change.at, UTC).isoformat()
            writer.writerow((price.bookmaker, price.source_id, *price.offer, at, change.price, change.status))
    without = sum(not price.changes for price in history.prices)
    if without:
        click.echo(f"{without} seleções sem mudanças guardadas / selections without kept changes", err=True)
