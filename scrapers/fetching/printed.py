"""Sessions from a value that a brand's page prints: read over plain HTTP, no browser is opened."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapers.errors import BlockedError, PayloadShapeError
from scrapers.fetching import Fetcher
from scrapers.fetching.recipes import PrintedValue
from scrapers.fetching.session_file import Session
from scrapers.records import PageRequest

READ_AT_MOST = 2 * 1024 * 1024
"""Bytes of the page that are looked through; client configurations stand near the beginning."""


class PrintedSession:
    """Asks for `page` and takes the value out of it. Call it to obtain a session."""

    def __init__(self, plain: Fetcher, page: str, value: PrintedValue, *, site: str) -> None:
        self._plain = plain
        self._request = PageRequest("session", page, headers=(("accept", "text/html"),))
        self._value = value
        self._site = site

    async def __call__(self) -> Session:
        """The session. Raises the fetcher's FetchErrors, and BlockedError when the page holds no such value."""
        try:
            page = await self._plain.fetch(self._request)
        except PayloadShapeError as error:
            raise BlockedError(f"the page that prints {self._value.parameter}: {error}") from error
        found = self._value.pattern.search(page.body[:READ_AT_MOST])
        if found is None:
            raise BlockedError(f"the page {self._request.url} does not print {self._value.parameter}")
        return Session(
            site=self._site,
            params={self._value.parameter: found.group(1).decode("ascii")},
            obtained_at=datetime.now(UTC),
        )
