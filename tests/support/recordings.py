"""Recorded pages of each bookmaker and the records expected of them; see tests/recordings/README.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Platform
from scrapers.records import Event, ParsedPage, Price

FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Recording:
    """One recorded answer. `blocked_...` is no page, `empty_...` a page that honestly lists nothing."""

    path: Path
    url: str
    status: int
    fetched_at: datetime

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
        found.append(Recording(path, meta["url"], meta["status"], fetched_at))
    return found


def records_of(platform: Platform, recording: Recording) -> dict[str, Any]:
    """What a recording says, as it stands in its expectation."""
    try:
        return page_as_text(platform.parse(recording.body, fetched_at=recording.fetched_at))
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
    """market period line selection value rules status; `-` where there is none."""
    line = "-" if price.line is None else price.line
    value = "-" if price.value is None else price.value
    return f"{price.market} {price.period} {line} {price.selection} {value} {price.rules} {price.status}"
