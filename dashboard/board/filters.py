"""What of the board is shown, kept in the address: so it can be bookmarked and sent to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from board.feed import UNKNOWN_LEAGUE
from normalizer.names import fold
from scrapers.records import Sport

ZONE = ZoneInfo("America/Sao_Paulo")
"""Days are those of the readers."""
MAX_TEXT = 60


@dataclass(frozen=True)
class BoardFilter:
    """What is shown. Empty leagues, bookmakers and text: all; days None: from now on, without an end.

    days   first and last day, both included, in `ZONE`
    after  the last match of the page before: (kick-off in seconds since the epoch, match id)
    """

    sport: str = Sport.FOOTBALL
    leagues: tuple[str, ...] = ()
    days: tuple[date, date] | None = None
    bookmakers: tuple[str, ...] = ()
    text: str = ""
    after: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """The filter as `board_page` takes it."""
        begins, ends = (None, None) if self.days is None else (_midnight(self.days[0]), _midnight(self.days[1], 1))
        return {
            "sport": self.sport,
            "leagues": [None if key == UNKNOWN_LEAGUE else key for key in self.leagues] or None,
            "from": begins,
            "until": ends,
            "bookmakers": list(self.bookmakers) or None,
            "text": fold(self.text),
        }

    def address(self, path: str = "/") -> str:
        """The address that shows this."""
        query: list[tuple[str, str]] = []
        if self.sport != Sport.FOOTBALL:
            query.append(("sport", self.sport))
        query += [("league", key) for key in self.leagues]
        if self.days is not None:
            query += [("from", self.days[0].isoformat()), ("to", self.days[1].isoformat())]
        query += [("bookmaker", slug) for slug in self.bookmakers]
        if self.text:
            query.append(("q", self.text))
        if self.after is not None:
            query.append(("after", f"{self.after[0]}-{self.after[1]}"))
        return f"{path}?{urlencode(query)}" if query else path

    def of_sport(self, sport: str) -> BoardFilter:
        """The same days, bookmakers and text, of another sport."""
        return replace(self, sport=sport, leagues=(), after=None)

    def beyond(self, starts_at: int, match_id: int) -> BoardFilter:
        """The page behind this match."""
        return replace(self, after=(starts_at, match_id))

    @property
    def first_page(self) -> BoardFilter:
        """The same from the start."""
        return replace(self, after=None)


def read_filter(items: Iterable[tuple[str, str]]) -> BoardFilter:
    """The filter of an address, given as (name, value) pairs. What makes no sense is left out, as a reader expects
    of an address that was cut or is old; the page shows which filters are on."""
    values: dict[str, list[str]] = {}
    for name, value in items:
        values.setdefault(name, []).append(value.strip())
    sport = _last(values, "sport")
    return BoardFilter(
        sport=sport if sport in tuple(Sport) else Sport.FOOTBALL,
        leagues=tuple(dict.fromkeys(filter(None, values.get("league", [])))),
        days=_days(_last(values, "from"), _last(values, "to")),
        bookmakers=tuple(dict.fromkeys(filter(None, values.get("bookmaker", [])))),
        text=_last(values, "q")[:MAX_TEXT],
        after=_after(_last(values, "after")),
    )


def _last(values: Mapping[str, list[str]], name: str) -> str:
    return values.get(name, [""])[-1]


def _days(first: str, last: str) -> tuple[date, date] | None:
    days = [day for text in (first, last) if (day := _day(text)) is not None]
    return (min(days), max(days)) if days else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _after(text: str) -> tuple[int, int] | None:
    starts_at, _, match_id = text.partition("-")
    if len(text) <= 40 and starts_at.isdecimal() and match_id.isdecimal():
        return int(starts_at), int(match_id)
    return None


def _midnight(day: date, days_later: int = 0) -> float | None:
    """Seconds since the epoch at which a day begins for the readers; None where no calendar reaches."""
    try:
        begins = datetime.combine(day + timedelta(days=days_later), time(), ZONE)
        return begins.astimezone(UTC).timestamp()
    except OverflowError:
        return None
