"""Single pages of one bookmaker, asked for by hand: what `fleet record` and `fleet probe` share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from scrapers.declarations import Bookmaker
from scrapers.errors import PayloadShapeError
from scrapers.fetching import Fetcher
from scrapers.fetching.open import open_fetcher
from scrapers.platforms import Context, Platform
from scrapers.records import Event, Page, PageRequest, ParsedPage
from scrapers.registry import Registry, load_platform
from standalone.settings import Settings


@dataclass(frozen=True, slots=True)
class Asking:
    """One bookmaker with its fetcher open."""

    bookmaker: Bookmaker
    platform: Platform
    fetcher: Fetcher
    registry: Registry

    def lists(self) -> list[PageRequest]:
        """The lists that a cycle would ask for."""
        return self.platform.requests(self.bookmaker, self.registry.leagues_of(self.bookmaker))

    def details(self, events: list[Event]) -> list[PageRequest]:
        """The pages that these events lead to."""
        return self.platform.details(self.bookmaker, sorted(events, key=lambda event: event.starts_at))

    def read(self, page: Page, events: list[Event] | None = None) -> ParsedPage:
        """A page, read as a cycle reads it; an empty body is a page that offers nothing.

        Args:
            events: those that the lists told, for a page they led to.

        Raises PayloadShapeError, also for a payload of another kind than was asked for.
        """
        if not page.body:
            return ParsedPage("absent")
        league = self.registry.leagues.get(page.request.league)
        listed = {event.source_id: event for event in events or () if event.source_id in page.request.events}
        context = Context(self.platform.options(self.bookmaker.options), league, listed)
        parsed = self.platform.parse(page.body, fetched_at=page.fetched_at, context=context)
        if parsed.kind not in page.request.kinds:
            wanted = " or ".join(sorted(page.request.kinds))
            raise PayloadShapeError(f"asked for {wanted}, a {parsed.kind} payload came", body=page.body)
        return parsed


@asynccontextmanager
async def asking(slug: str, registry: Registry, settings: Settings) -> AsyncIterator[Asking]:
    """A bookmaker ready to be asked; raises DeclarationError."""
    bookmaker = registry.bookmaker(slug)
    fetcher = open_fetcher(bookmaker, settings=settings)
    try:
        yield Asking(bookmaker, load_platform(bookmaker.platform), fetcher, registry)
    finally:
        await fetcher.aclose()
