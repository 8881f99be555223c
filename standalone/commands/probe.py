"""`fleet probe SLUG`: one request, and what it tells: reachable, blocked, changed since it was recorded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from scrapers.errors import FetchError, PayloadShapeError
from scrapers.records import Page, ParsedPage
from scrapers.registry import load_registry
from scrapers.shape import fingerprint, shape_of
from standalone.commands.asking import Asking, asking
from standalone.commands.recordings import FOLDER, Kept, kept_of
from standalone.logs import configure_logs
from standalone.settings import load_settings

NAMED = 8
STALE_DAYS = 90
"""A recording older than this is worth making anew."""


@click.command()
@click.argument("slug")
@click.option("--league", help="ask for this league's list, by its key; default: the first that is declared")
@click.option("--recordings", type=click.Path(path_type=Path), default=FOLDER, help="default: tests/recordings")
@click.option("--json", "as_json", is_flag=True, help="print the findings as JSON")
def command(slug: str, league: str | None, recordings: Path, as_json: bool) -> None:
    """Ask SLUG for one list and explain what comes. No database is touched.

    Exit code 0: it answers and can be read; 1: refused, changed or not readable; 2: set up wrongly.
    """
    settings = load_settings()
    configure_logs("fleet", "WARNING", settings.secrets)

    async def run() -> dict[str, Any]:
        async with asking(slug, load_registry(), settings) as one:
            return await _probe(one, league, recordings)

    found = asyncio.run(run()) | {"source": settings.odds_source}
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        for name, value in found.items():
            click.echo(f"{name:>12}  {_shown(value)}")
    raise SystemExit(0 if found["verdict"] == "ok" else 1)


async def _probe(one: Asking, league: str | None, recordings: Path) -> dict[str, Any]:
    wanted = [request for request in one.lists() if league in (None, request.league)]
    if not wanted:
        raise click.BadParameter(f"{one.bookmaker.slug} asks for no list of league {league!r}")
    request = wanted[0]
    found: dict[str, Any] = {"bookmaker": one.bookmaker.slug, "asked": request.scope, "url": request.url}
    try:
        page = await one.fetcher.fetch(request)
    except (FetchError, PayloadShapeError) as error:
        return {"verdict": str(error.outcome), **found, "reason": str(error), "came": _beginning(error.body)}
    found |= {"status": page.status, "bytes": len(page.body), "took_s": round(page.elapsed_s, 2)}
    try:
        parsed = one.read(page)
    except PayloadShapeError as error:
        return {"verdict": str(error.outcome), **found, "reason": str(error), "came": _beginning(page.body)}
    found |= _contents(parsed)
    found |= _against(one, page, parsed, kept_of(recordings, one.bookmaker.slug))
    readable = any(event.prices for event in parsed.events) or not parsed.events or not parsed.rejected
    return {"verdict": "ok" if readable else "schema_changed", **found}


def _contents(parsed: ParsedPage) -> dict[str, Any]:
    return {
        "kind": parsed.kind,
        "events": len(parsed.events),
        "prices": sum(1 for _ in parsed.prices()),
        "rejected": {str(reason): count for reason, count in parsed.rejected_by_reason().most_common(NAMED)},
    }


def _against(one: Asking, page: Page, parsed: ParsedPage, recorded: Iterable[Kept]) -> dict[str, Any]:
    """How the page's structure differs from the recordings of its kind."""
    alike = [kept for kept in recorded if _kind(one, kept) == parsed.kind]
    if not alike:
        return {"recording": f"none of kind {parsed.kind}: make one with fleet record {one.bookmaker.slug}"}
    age = (datetime.now(UTC) - alike[0].fetched_at).days
    hint = "; older than it should be, make a new one" if age > STALE_DAYS else ""
    found: dict[str, Any] = {"recording": f"{alike[0].path.name}, {age} days old{hint}"}
    if not parsed.events:
        return found | {"shape": "nothing listed, nothing to compare"}
    now = shape_of(page.body)
    seen: Counter[str] = Counter(place for kept in alike for place in shape_of(kept.body))
    lost = sorted(place for place, count in seen.items() if count == len(alike) and place not in now)
    new = sorted(place for place in now if place not in seen)
    if not lost and not new:
        return found | {"shape": f"as recorded ({fingerprint(now)})"}
    return found | {"shape": {"fingerprint": fingerprint(now), "lost": lost[:NAMED], "new": new[:NAMED]}}


def _kind(one: Asking, kept: Kept) -> str | None:
    try:
        parsed = one.platform.parse(kept.body, fetched_at=kept.fetched_at)
    except PayloadShapeError:
        return None  # a recorded refusal
    return parsed.kind if parsed.events or parsed.rejected else None


def _beginning(body: bytes) -> str:
    return body[:200].decode(errors="replace")


def _shown(value: Any) -> str:
    return orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
