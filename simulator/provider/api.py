"""The provider's addresses: what is asked for, page by page, with a token and a rate limit per kind of thing.

GET /v3/core/countries, /v3/football/leagues, /v3/football/seasons, /v3/football/fixtures (with the filter
fixtureSeasons:ID), /v3/football/fixtures/between/FROM/TO. The limit counts requests of each kind within a window
that begins with its first request, in the process's own time, since who is told to wait waits really.
"""

from __future__ import annotations

import re
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulator.provider import payloads
from simulator.provider.holdings import DAY_S, Fixture, Holdings, Season
from simulator.provider.nations import countries

HOST = "api.sportmonks.com"
NAME = "sportmonks"
"""Whose faults the provider has (`/control/faults`, "bookmaker")."""
HOURLY = 3000
"""Requests of one kind in an hour, as the documentation has it."""
HOUR_S = 3600.0
MINUTE_S = 60
PER_PAGE, MOST_PER_PAGE = 25, 50
LONGEST_RANGE_DAYS = 100

_ENDPOINTS = {
    "/v3/core/countries": "Country",
    "/v3/football/leagues": "League",
    "/v3/football/seasons": "Season",
    "/v3/football/fixtures": "Fixture",
}
_BETWEEN = re.compile(r"/v3/football/fixtures/between/(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")
_OF_SEASON = re.compile(r"fixtureSeasons:(\d+)")
_NOTHING = (
    "No result(s) found matching your request. Either the query did not return any results or you don't have "
    "access to it via your current subscription."
)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before any fault. `leagues`: keys of the leagues it is about, for faults of one league."""

    status: int
    body: Mapping[str, Any]
    leagues: tuple[str, ...] = ()


class ProviderApi:
    """Answers requests about some holdings.

    hourly    requests of one kind within `window_s`; one more is refused with 429 until the window ends
    """

    def __init__(self, holdings: Holdings, *, hourly: int = HOURLY, window_s: float = HOUR_S) -> None:
        self._holdings = holdings
        self._hourly = hourly
        self._window_s = window_s
        self._windows: dict[str, tuple[float, int]] = {}
        self._last: tuple[tuple[str, str, int], tuple[tuple[str, ...], Sequence[Any]]] | None = None

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], time: int) -> Reply:
        """The reply to a GET at `time` (world time, epoch s)."""
        if not (headers.get("authorization") or query.get("api_token")):
            return Reply(401, {"message": "Unauthenticated."})
        # What it knows is up to a minute old, so that the pages of one list agree and are made once.
        time -= time % MINUTE_S
        entity = "Fixture" if _BETWEEN.fullmatch(path) else _ENDPOINTS.get(path)
        if entity is None:
            return Reply(404, {"message": "The requested endpoint does not exist."})
        limit = self._spend(entity)
        if limit["remaining"] < 0:
            return Reply(429, {"message": "Too Many Requests", "rate_limit": {**limit, "remaining": 0}})
        includes = frozenset(query.get("include", "").split(";"))
        try:
            leagues, rows = self._listed(path, query.get("filters", ""), time)
        except ValueError as error:
            return Reply(400, {"message": str(error)})
        size = min(MOST_PER_PAGE, int(query.get("per_page", PER_PAGE)))
        page = int(query.get("page", 1))
        shown = rows[(page - 1) * size : page * size]
        if not shown:
            return Reply(200, {"message": _NOTHING, "rate_limit": limit, "timezone": "UTC"}, leagues)
        more = page * size < len(rows)
        path_of_next = f"https://{HOST}{path}?page={page + 1}" if more else None
        body = {
            "data": [self._row(entity, row, includes, time) for row in shown],
            "pagination": {
                "count": len(shown),
                "per_page": size,
                "current_page": page,
                "next_page": path_of_next,
                "has_more": more,
            },
            "subscription": [{"meta": {}, "plans": [{"plan": "Simulated", "sport": "Football"}], "add_ons": []}],
            "rate_limit": limit,
            "timezone": "UTC",
        }
        return Reply(200, body, leagues)

    def _listed(self, path: str, filters: str, time: int) -> tuple[tuple[str, ...], Sequence[Any]]:
        """The leagues and rows that an address is about. Raises ValueError for one that makes no sense."""
        key = (path, filters, time)
        if self._last is None or self._last[0] != key:
            self._last = key, self._list(path, filters, time)
        return self._last[1]

    def _list(self, path: str, filters: str, time: int) -> tuple[tuple[str, ...], Sequence[Any]]:
        if between := _BETWEEN.fullmatch(path):
            first, last = (date.fromisoformat(day).toordinal() - _EPOCH_DAY for day in between.groups())
            if not 0 <= last - first <= LONGEST_RANGE_DAYS:
                raise ValueError(f"The date range may not be longer than {LONGEST_RANGE_DAYS} days.")
            return (), self._between(first, last, time)
        match _ENDPOINTS[path]:
            case "Country":
                return (), countries()
            case "League":
                return (), self._holdings.leagues()
            case "Season":
                return (), self._holdings.seasons(time)
        of_season = _OF_SEASON.search(filters)
        season = self._season(int(of_season[1]), time) if of_season else None
        if season is None:
            return (), ()
        return (season.league.key or str(season.league.id),), self._holdings.fixtures(season, time)

    def _spend(self, entity: str) -> dict[str, Any]:
        """One request counted; `remaining` is below 0 when it was one too many."""
        now = clock.monotonic()
        begun, asked = self._windows.get(entity, (now, 0))
        if now - begun >= self._window_s:
            begun, asked = now, 0
        self._windows[entity] = begun, min(asked + 1, self._hourly + 1)
        resets_in = max(1, round(begun + self._window_s - now))
        return {"resets_in_seconds": resets_in, "remaining": self._hourly - asked - 1, "requested_entity": entity}

    def _row(self, entity: str, row: Any, includes: frozenset[str], time: int) -> dict[str, Any]:
        if entity == "Country":
            return payloads.country(row)
        if entity == "League":
            seasons = (season for season in self._holdings.seasons(time) if season.league == row)
            return payloads.league(row, includes, next((each for each in seasons if each.is_current(time)), None))
        return payloads.season(row, time) if entity == "Season" else payloads.fixture(row, includes, time)

    def _season(self, number: int, time: int) -> Season | None:
        return next((season for season in self._holdings.seasons(time) if season.id == number), None)

    def _between(self, first: int, last: int, time: int) -> list[Fixture]:
        """Matches that kick off on these days (UTC), by id."""
        found = [
            fixture
            for season in self._holdings.seasons(time)
            if season.first_day <= last + 1 and season.last_day >= first - 1
            for fixture in self._holdings.fixtures(season, time)
            if first <= fixture.kickoff // DAY_S <= last
        ]
        return sorted(found, key=lambda fixture: fixture.id)
