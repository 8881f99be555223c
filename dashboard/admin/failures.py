"""What came in place of a page, as `scrapers/fetching/failures.py` keeps it. Read from this machine's disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from scrapers.records import Outcome

SHOWN_BYTES = 100_000
KEYS = ("url", "status", "fetched_at", "scope", "message", "body_bytes")


@dataclass(frozen=True, slots=True)
class Failure:
    """One kept body. `fetched_at` ISO 8601; `status` None when there was none; `body_bytes` before any cut."""

    outcome: str
    url: str
    status: int | None
    fetched_at: str
    scope: str
    message: str
    body_bytes: int


def kept_failures(folder: Path, slug: str) -> list[Failure]:
    """What is kept of a bookmaker, newest first; files that are no such pair are left out."""
    found = []
    for outcome in Outcome:
        try:
            about = orjson.loads((folder / slug / f"{outcome}.json").read_bytes())
            found.append(Failure(outcome, *(about[key] for key in KEYS)))
        except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError):
            continue  # none of this kind, or half a pair, or edited by hand
    return sorted(found, key=lambda failure: str(failure.fetched_at), reverse=True)


def kept_body(folder: Path, slug: str, outcome: str) -> bytes | None:
    """The kept body of one kind of failure; None when there is none."""
    if outcome not in tuple(Outcome):
        return None
    try:
        return (folder / slug / f"{outcome}.body").read_bytes()
    except FileNotFoundError:
        return None
