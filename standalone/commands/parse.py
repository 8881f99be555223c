"""`fleet parse`: saved responses to prices, offline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from scrapers.errors import PayloadShapeError
from scrapers.fetching.saved import unwrap
from scrapers.platforms import Context, Platform, unsaid
from scrapers.platforms.reading import Reason
from scrapers.records import Event, ParsedPage, Price
from scrapers.registry import load_platform, load_registry

OF_OTHERS = frozenset(
    {
        Reason.UNKNOWN_SPORT,
        Reason.NOT_A_MATCH,
        Reason.UNKNOWN_MARKET,
        Reason.UNKNOWN_EVENT_STATUS,
        Reason.NOT_OFFERED,
        Reason.PLACEHOLDER_PRICE,
    }
)
"""What is left out for these reasons is no price of the fleet's sports and markets that somebody offers."""

WITHOUT_ODDS = frozenset({"events", "menu", "struct", "tournaments"})
"""Kinds of payload that never hold odds, at any platform."""


def price_row(bookmaker: str, event: Event, price: Price) -> dict[str, Any]:
    """One price as `fleet parse` prints it; the league and the sides as the bookmaker names them.

    What the file leaves out is None.
    """
    return {
        "bookmaker": bookmaker,
        "event_id": event.source_id or None,
        "sport": event.sport,
        "league": event.league.name or event.league.source_id or None,
        "home": None if event.home in unsaid.SIDES else event.home,
        "away": None if event.away in unsaid.SIDES else event.away,
        "starts_at": None if event.starts_at == unsaid.KICKOFF else _shown(event.starts_at),
        "market": price.market,
        "period": price.period,
        "line": None if price.line is None else float(price.line),
        "selection": price.selection,
        "price": None if price.value is None else float(price.value),
        "rules": price.rules,
        "side": price.side,
        "status": price.status,
    }


def _shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _json_line(row: dict[str, Any]) -> str:
    return orjson.dumps(row).decode()


def _remarks(name: str, page: ParsedPage, *, rejected: bool) -> Iterator[str]:
    """What goes to stderr about a page that could be read."""
    if rejected:
        for row in page.rejected:
            yield _json_line({"file": name, "source_id": row.source_id, "reason": row.reason, "detail": row.detail})
    for row in page.rejected:
        if row.reason == Reason.CUT_ANSWER and not rejected:
            yield f"{name}: this answer is cut: {row.detail}"
    if not any(event.prices for event in page.events):
        reasons = page.rejected_by_reason()
        counts = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        has_none = page.kind in WITHOUT_ODDS or OF_OTHERS.issuperset(reasons)
        verdict = "no odds in this payload" if has_none else "no odds could be read in this payload"
        yield f"{name}: {verdict} (kind {page.kind}); rejected: {counts or 'none'}"


def _read(platform: Platform, body: bytes, context: Context, known: Mapping[str, Event]) -> ParsedPage:
    """A saved body; what it leaves out of an event is taken from the one of that id in `known`.

    It is read again with them, because some selections are named after the teams. Raises PayloadShapeError.
    """
    now = datetime.now(UTC)
    page = platform.parse(body, fetched_at=now, context=context)
    whole = {event.source_id: event for event in page.events if unsaid.is_whole(event)}
    partial = {event.source_id: event for event in page.events if event.source_id not in whole}
    left_out = [row.source_id.removeprefix("event:") for row in page.rejected]
    helped = {source_id: known[source_id] for source_id in (*partial, *left_out) if source_id in known}
    if not helped:
        return page
    page = platform.parse(body, fetched_at=now, context=replace(context, events=partial | whole | helped))
    events = (unsaid.completed(event, helped.get(event.source_id, event)) for event in page.events)
    return replace(page, events=tuple(events))


@click.command()
@click.option("--bookmaker", "slug", required=True, metavar="SLUG", help="Whose responses these are.")
@click.option("--league", "league", metavar="KEY", help="The league asked for, where the lists do not name it.")
@click.option("--rejected", is_flag=True, help="Print every rejected row as a JSON line on stderr.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def command(slug: str, league: str | None, rejected: bool, files: tuple[Path, ...]) -> None:
    """Parse saved responses of a bookmaker: one JSON object per price on stdout.

    What a file does not say of an event is null. Several files are read in the given order, and events of the
    earlier ones describe those of the later ones: name a list before the odds that it led to.

    Prices are decimal odds with the stake included; lines are goals or points from the home side's view.
    Exit status 2 when a file is not what the bookmaker's platform sends; the other files are still parsed.
    """
    registry = load_registry()
    bookmaker = registry.bookmaker(slug)
    platform = load_platform(bookmaker.platform)
    if league is not None and league not in bookmaker.leagues:
        raise click.BadParameter(f"{slug} has no league {league}", param_hint="--league")
    asked = None if league is None else registry.leagues[league]
    context = Context(platform.options(bookmaker.options), asked, saved=True)
    known: dict[str, Event] = {}
    failed = False
    for file in files:
        try:
            page = _read(platform, unwrap(file.read_bytes()), context, known)
        except OSError as error:
            click.echo(f"{file}: cannot be read: {error.strerror}", err=True)
            failed = True
            continue
        except PayloadShapeError as error:
            click.echo(f"{file}: {error}", err=True)
            failed = True
            continue
        known.update((event.source_id, event) for event in page.events if unsaid.is_whole(event))
        lines = [_json_line(price_row(slug, event, price)) for event in page.events for price in event.prices]
        if lines:
            click.echo("\n".join(lines))
        for remark in _remarks(str(file), page, rejected=rejected):
            click.echo(remark, err=True)
    if failed:
        # The group runs without click's own exit handling, so ctx.exit(2) would end with status 0.
        raise SystemExit(2)
