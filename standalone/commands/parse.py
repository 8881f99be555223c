"""`fleet parse`: saved responses to prices, offline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from scrapers.errors import PayloadShapeError
from scrapers.fetching.saved import unwrap
from scrapers.platforms.reading import Reason
from scrapers.records import Event, ParsedPage, Price
from scrapers.registry import load_platform, load_registry


def price_row(bookmaker: str, event: Event, price: Price) -> dict[str, Any]:
    """One price as `fleet parse` prints it; the league and the sides as the bookmaker names them."""
    return {
        "bookmaker": bookmaker,
        "event_id": event.source_id,
        "sport": event.sport,
        "league": event.league.name or event.league.source_id,
        "home": event.home,
        "away": event.away,
        "starts_at": event.starts_at.isoformat().replace("+00:00", "Z"),
        "market": price.market,
        "period": price.period,
        "line": None if price.line is None else float(price.line),
        "selection": price.selection,
        "price": None if price.value is None else float(price.value),
        "rules": price.rules,
        "side": price.side,
        "status": price.status,
    }


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
        counts = ", ".join(f"{reason} {count}" for reason, count in page.rejected_by_reason().most_common())
        yield f"{name}: no odds in this payload (kind {page.kind}); rejected: {counts or 'none'}"


@click.command()
@click.option("--bookmaker", "slug", required=True, metavar="SLUG", help="Whose responses these are.")
@click.option("--rejected", is_flag=True, help="Print every rejected row as a JSON line on stderr.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def command(slug: str, rejected: bool, files: tuple[Path, ...]) -> None:
    """Parse saved responses of a bookmaker: one JSON object per price on stdout.

    Prices are decimal odds with the stake included; lines are goals or points from the home side's view.
    Exit status 2 when a file is not what the bookmaker's platform sends; the other files are still parsed.
    """
    platform = load_platform(load_registry().bookmaker(slug).platform)
    failed = False
    for file in files:
        try:
            page = platform.parse(unwrap(file.read_bytes()), fetched_at=datetime.now(UTC))
        except OSError as error:
            click.echo(f"{file}: cannot be read: {error.strerror}", err=True)
            failed = True
            continue
        except PayloadShapeError as error:
            click.echo(f"{file}: {error}", err=True)
            failed = True
            continue
        lines = [_json_line(price_row(slug, event, price)) for event in page.events for price in event.prices]
        if lines:
            click.echo("\n".join(lines))
        for remark in _remarks(str(file), page, rejected=rejected):
            click.echo(remark, err=True)
    if failed:
        # The group runs without click's own exit handling, so ctx.exit(2) would end with status 0.
        raise SystemExit(2)
