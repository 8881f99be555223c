"""Recorded pages of each bookmaker and the records expected of them; see tests/recordings/README.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapers.declarations import Bookmaker
from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.records import Event, ParsedPage, Price, Side
from scrapers.registry import load_platform, load_registry

FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Recording:
    """One recorded answer. `blocked_...` is no page, `empty_...` a page that honestly lists nothing.

    league     key of the league asked for, "" where the page is about none
    listed_in  the case whose events this page is about; "" for lists
    """

    path: Path
    url: str
    status: int
    fetched_at: datetime
    league: str = ""
    listed_in: str = ""

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def is_blocked(self) -> bool:
        return self.path.name.startswith("blocked_")

    @property
    def is_empty(self) -> bool:
        return self.path.name.startswith("empty_")

    def compare(self, found: dict[str, Any], *, update: bool) -> None:
        """Equal to the expectation, or (only with `update`) the new one."""
        file = self.path.with_suffix(".expected.json")
        if update:
            file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
        assert file.exists(), f"{file} is missing: run with --update-expected, then read every line of it"
        assert found == json.loads(file.read_text())


def recordings_of(slug: str) -> list[Recording]:
    """Every recording of a bookmaker, by name."""
    found = []
    for path in sorted((FOLDER / slug).glob("*.body")):
        meta = json.loads(path.with_suffix(".meta.json").read_text())
        fetched_at = datetime.fromisoformat(meta["fetched_at"])
        asked = meta.get("league", ""), meta.get("listed_in", "")
        found.append(Recording(path, meta["url"], meta["status"], fetched_at, *asked))
    return found


def context_of(bookmaker: Bookmaker, recording: Recording) -> Context:
    """What a cycle knew when it asked for this page."""
    events: dict[str, Event] = {}
    if recording.listed_in:
        (listing,) = (case for case in recordings_of(bookmaker.slug) if case.path.stem == recording.listed_in)
        events = {event.source_id: event for event in page_of(bookmaker, listing).events}
    options = load_platform(bookmaker.platform).options(bookmaker.options)
    return Context(options, load_registry().leagues[recording.league] if recording.league else None, events)


def page_of(bookmaker: Bookmaker, recording: Recording) -> ParsedPage:
    """A recording, read as a cycle reads it; raises PayloadShapeError."""
    context = context_of(bookmaker, recording)
    platform = load_platform(bookmaker.platform)
    return platform.parse(recording.body, fetched_at=recording.fetched_at, context=context)


def records_of(bookmaker: Bookmaker, recording: Recording) -> dict[str, Any]:
    """What a recording says, as it stands in its expectation."""
    try:
        return page_as_text(page_of(bookmaker, recording))
    except PayloadShapeError as error:
        return {"error": str(error)}


def page_as_text(page: ParsedPage) -> dict[str, Any]:
    """A page with one line per price, for diffs that a person reads."""
    return {
        "kind": page.kind,
        "events": [_event_as_text(event) for event in page.events],
        "rejected": [f"{row.source_id} {row.reason}: {row.detail}" for row in page.rejected],
    }


def _event_as_text(event: Event) -> dict[str, Any]:
    return {
        "source_id": event.source_id,
        "sport": event.sport,
        "league": [event.league.source_id, event.league.name, event.league.country],
        "home": event.home,
        "away": event.away,
        "starts_at": event.starts_at.isoformat(),
        "phase": event.phase,
        "prices": [price_as_text(price) for price in event.prices],
    }


def price_as_text(price: Price) -> str:
    """market period line selection value rules status; `-` where there is none.

    At an exchange also the side, what is available there and the commission.
    """
    line = "-" if price.line is None else price.line
    value = "-" if price.value is None else price.value
    text = f"{price.market} {price.period} {line} {price.selection} {value} {price.rules} {price.status}"
    if price.side is Side.BACK and price.available is None and not price.commission:
        return text
    available = "-" if price.available is None else price.available
    return f"{text} {price.side} {available} {price.commission}"
