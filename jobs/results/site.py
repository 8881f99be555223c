"""Where the results are and how politely they are asked for.

The site is declared as a bookmaker is, because everything that fetches (pace, Retry-After, breaker, proxies, the
browser behind a wall) takes that form. It lists no prices and stands in no registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from jobs.results.match_page import parse_match
from jobs.results.records import ListedMatch, MatchPage, RoundPage
from jobs.results.round_page import parse_round
from scrapers.declarations import Bookmaker, League
from scrapers.errors import FetchError, PayloadShapeError
from scrapers.fetching import Fetcher
from scrapers.fetching.failures import FailureBodies
from scrapers.records import PageRequest, Sport

P = TypeVar("P", RoundPage, MatchPage)

SOURCE = "ogol"
SITE = Bookmaker(
    slug=SOURCE,
    name="ogol.com.br",
    platform=SOURCE,
    options={"session_page": "/"},
    sports=(Sport.FOOTBALL,),
    leagues=("results",),
    transport="browser",
    interval_s=3600,
    requests_per_s=0.8,  # who reads it keeps 1.2 s between two requests (2026-09)
    burst=1,
    site="https://www.ogol.com.br",
)

_HEADERS = (
    # Without what a browser sends, Cloudflare answers its challenge (2026-09).
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("upgrade-insecure-requests", "1"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "none"),
    ("sec-fetch-user", "?1"),
)


def competitions(leagues: Mapping[str, League]) -> dict[str, str]:
    """Key of each league that the site has -> its name there (`ids` in leagues.json)."""
    return {key: league.ids[SOURCE] for key, league in leagues.items() if SOURCE in league.ids}


class Site:
    """Its pages, each asked for once. requests: how many were asked for. To be closed."""

    def __init__(
        self, fetcher: Fetcher, competitions: Mapping[str, str], failures: FailureBodies | None = None
    ) -> None:
        """fetcher: of `SITE`; failures: where what came in place of a page is kept; None: nowhere."""
        self._fetcher = fetcher
        self._competitions = competitions
        self._failures = failures
        self.requests = 0

    async def round(self, league_key: str, number: int | None) -> RoundPage:
        """The list of a round; None: of the one that the site shows first.

        Raises FetchError, and PayloadShapeError for another page, also that of another round: the site answers a
        round that it does not have with the current one.
        """
        request = _request(
            f"round:{league_key}:{number or 'current'}",
            f"/competicao/{self._competitions[league_key]}",
            () if number is None else (("jornada_in", str(number)),),
        )

        def read(body: bytes) -> RoundPage:
            page = parse_round(body)
            if number is not None and page.round != number:
                found = f"{league_key}: expected round {number}, but the site shows {page.round}"
                raise PayloadShapeError(found, body=body)
            return page

        return await self._page(request, read)

    async def match(self, listed: ListedMatch) -> MatchPage:
        """The page of a finished match. Raises FetchError, and PayloadShapeError for another page, also one with
        another score than the list's."""

        def read(body: bytes) -> MatchPage:
            page = parse_match(body, listed)
            if page.score != listed.score:
                found = f"expected the listed score {listed.score}, but the page says {page.score}"
                raise PayloadShapeError(found, body=body)
            return page

        return await self._page(_request(f"match:{listed.page_id}", listed.path, ()), read)

    async def _page(self, request: PageRequest, read: Callable[[bytes], P]) -> P:
        self.requests += 1
        try:
            return read((await self._fetcher.fetch(request)).body)
        except (FetchError, PayloadShapeError) as error:
            if self._failures is not None:
                self._failures.keep(SOURCE, request, error)
            raise

    async def close(self) -> None:
        """Close connections and browser."""
        await self._fetcher.aclose()


def _request(scope: str, path: str, params: tuple[tuple[str, str], ...]) -> PageRequest:
    return PageRequest(scope, f"{SITE.site}{path}", params, headers=_HEADERS)
