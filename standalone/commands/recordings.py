"""Recordings on disk: one answer of a bookmaker beside the description of how it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from pydantic import ValidationError

from scrapers.errors import DeclarationError
from scrapers.fetching.answers import shown_url
from scrapers.fetching.recorded import Meta
from scrapers.fetching.sanitise import sanitised
from scrapers.records import Page
from standalone.settings import ROOT

FOLDER = ROOT / "tests" / "recordings"


@dataclass(frozen=True, slots=True)
class Kept:
    """A recorded body and when it came, aware UTC."""

    path: Path
    body: bytes
    fetched_at: datetime


def save(folder: Path, slug: str, case: str, page: Page, *, listed_in: str = "", replace: bool = False) -> Path:
    """Write `<folder>/<slug>/<case>.body` and `.meta.json`, sanitised; where the body is.

    Args:
        listed_in: the case whose events a detail page is about; "" for lists.

    Raises DeclarationError when the case is there already and `replace` is not set.
    """
    body = folder / slug / f"{case}.body"
    if body.exists() and not replace:
        raise DeclarationError(f"{body} is there already; choose another --case, or --replace it")
    about = {
        "url": shown_url(page.request),
        "status": page.status,
        "fetched_at": page.fetched_at.isoformat(timespec="seconds"),
        "league": page.request.league,
        "listed_in": listed_in,
    }
    body.parent.mkdir(parents=True, exist_ok=True)
    body.write_bytes(sanitised(page.body))
    meta = {key: value for key, value in about.items() if value != ""}
    body.with_suffix(".meta.json").write_bytes(orjson.dumps(meta, option=orjson.OPT_INDENT_2) + b"\n")
    return body


def kept_of(folder: Path, slug: str) -> list[Kept]:
    """Every recording of a bookmaker that answered with status 200, newest first; raises DeclarationError."""
    found = []
    for path in (folder / slug).glob("*.body"):
        try:
            meta = Meta.model_validate_json(path.with_suffix(".meta.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise DeclarationError(f"{path.with_suffix('.meta.json')}: not a description: {error}") from error
        if meta.status == 200:
            found.append(Kept(path, path.read_bytes(), meta.fetched_at.astimezone(UTC)))
    return sorted(found, key=lambda kept: kept.fetched_at, reverse=True)
