"""Recorded answers in place of a bookmaker: `ODDS_SOURCE=replay:<folder>`.

Two kinds of folders are served:

recordings       `<folder>/<slug>/NAME.body` beside `NAME.meta.json` {url, status, fetched_at, headers?};
                 found by host, path and the parameters that matter. Several recordings of one page are
                 served in the order of `fetched_at`, the last one for good.
saved payloads   no recordings for the slug: `<folder>/<slug>/*.json`, else `<folder>/*.json`; handed to
                 the requests by file name as they come. A page keeps its file in later cycles.

A list without a recording raises a FetchError, never an empty page: a cycle sees a failed page and ends
as `partial` when others were served, else as `network`, with the folder and the address in the message.
A page that a list leads to counts as offering nothing when nobody recorded it: few are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ValidationError

from scrapers.errors import DeclarationError, FetchError
from scrapers.fetching.answers import full_url, page_body, shown_url
from scrapers.fetching.saved import unwrap
from scrapers.records import Page, PageRequest

PASSING_PARAMETERS = frozenset(
    {"_", "date", "enddate", "ncid", "since", "startdate", "t", "timestamp", "timez", "ts", "uniqappid", "version"}
)
"""Query parameters (lower case) that say when, not what: a recording answers whatever they are."""

NOT_PAYLOADS = (".meta.json", ".expected.json")

PageKey = tuple[str, tuple[tuple[str, str], ...]]


class Meta(BaseModel):
    """A recording's `.meta.json`. `fetched_at` is when the answer came; other keys are notes."""

    url: str
    status: Annotated[int, BeforeValidator(lambda value: 200 if value is None else value)] = 200
    headers: Mapping[str, str] = {}
    fetched_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded answer; the body is read when it is served."""

    body: Path
    meta: Meta


class ReplayFetcher:
    """Serves what a folder holds. Satisfies `Fetcher`; opens no connection.

    Raises DeclarationError when the folder does not exist or a `.meta.json` cannot be read.
    """

    def __init__(self, folder: Path, slug: str) -> None:
        if not folder.is_dir():
            raise DeclarationError(f"ODDS_SOURCE=replay: there is no folder {folder}")
        self._folder = folder
        self._slug = slug
        self._recordings = _recordings(folder / slug)
        self._saved = [] if self._recordings else _saved(folder, slug)
        self._handed_out: dict[PageKey, Path] = {}

    async def fetch(self, request: PageRequest) -> Page:
        """The recorded page. Its time is the recording's own, now for a saved payload that names none.

        Raises FetchError when nothing is recorded for this request, and whatever a live answer of that
        status and body would raise.
        """
        key = page_key(full_url(request))
        if self._recordings:
            recordings = self._recordings.get(key)
            if recordings is None:
                if request.events:
                    return Page(request, 200, b"", datetime.now(UTC), 0.0)
                raise self._nothing(request, "recording")
            recording = recordings.pop(0) if len(recordings) > 1 else recordings[0]
            meta = recording.meta
            moment = meta.fetched_at.astimezone(UTC)
            headers = {name.lower(): value for name, value in meta.headers.items()}
            body = page_body(request, meta.status, headers, recording.body.read_bytes(), moment)
            return Page(request, meta.status, body, moment, 0.0)
        if key not in self._handed_out:
            if request.events:
                return Page(request, 200, b"", datetime.now(UTC), 0.0)
            if not self._saved:
                raise self._nothing(request, "saved payload")
            self._handed_out[key] = self._saved.pop(0)
        now = datetime.now(UTC)
        body = page_body(request, 200, {}, unwrap(self._handed_out[key].read_bytes()), now)
        return Page(request, 200, body, now, 0.0)

    @property
    def last_use(self) -> None:
        """No browser is needed here."""
        return None

    async def aclose(self) -> None:
        """Nothing is held."""

    def _nothing(self, request: PageRequest, kind: str) -> FetchError:
        return FetchError(
            f"no {kind} for {self._slug} in {self._folder} answers {request.scope}: {shown_url(request)}"
        )


def page_key(url: str) -> PageKey:
    """What identifies a page: host with path, and the sorted parameters that say what is asked for."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    wanted = sorted(pair for pair in pairs if pair[0].lower() not in PASSING_PARAMETERS)
    return f"{parts.hostname}{parts.path}", tuple(wanted)


def _recordings(folder: Path) -> dict[PageKey, list[Recording]]:
    found: dict[PageKey, list[Recording]] = {}
    for path in sorted(folder.glob("*.body")):
        meta_path = path.with_suffix(".meta.json")
        try:
            meta = Meta.model_validate_json(meta_path.read_bytes())
        except (OSError, ValidationError) as error:
            raise DeclarationError(f"{meta_path}: not the description of a recording: {error}") from error
        found.setdefault(page_key(meta.url), []).append(Recording(path, meta))
    for recordings in found.values():
        recordings.sort(key=lambda recording: recording.meta.fetched_at)
    return found


def _saved(folder: Path, slug: str) -> list[Path]:
    for place in (folder / slug, folder):
        payloads = [path for path in sorted(place.glob("*.json")) if not path.name.endswith(NOT_PAYLOADS)]
        if payloads:
            return payloads
    return []
