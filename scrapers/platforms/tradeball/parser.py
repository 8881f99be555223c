"""Tradeball's list of a day to records. Pure: equal bytes, equal result.

Rows are flat: a match with its three prices. Kick-offs are local times of a zone that the answer does not name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from scrapers.platforms.quotes import PriceList
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    check_sides,
    id_of,
    keys_of,
    load_object,
    name_of,
    number_of,
    object_of,
    shape_error,
    tidy,
)
from scrapers.platforms.tradeball.markets import MARKET, RULES, SELECTIONS, SPORT
from scrapers.records import Event, LeagueName, ParsedPage, Period, Price, PriceStatus, Rejected

LIST = "list"
"""The whole list of a day."""
FIRST_PAGE = "first_page"
"""As many rows as were asked for, and the list goes on."""
FULL_PAGE = "full_page"
"""As many rows as were asked for, as on every page of this list."""
LAST_PAGE = "last_page"
"""The rest of a list that goes beyond one page."""
BEYOND = "beyond"
"""No rows: the list ended before."""
FIRST_KINDS = frozenset({LIST, FIRST_PAGE, FULL_PAGE})
FURTHER_KINDS = frozenset({LIST, FULL_PAGE, LAST_PAGE, BEYOND})
"""What may answer for a list's beginning and for the page after it: a beginning that is cut short is neither."""

EXPECTED = "a Tradeball list (init with total)"
PAGE_SIZE = 100
"""Rows asked for at a time, the most that clients were seen to ask for."""
PAGES = 2
"""Pages of a day that are asked for, since how many there are is known too late to ask for more."""

_PRICE = re.compile(r"\d{1,6}([.,]\d{1,6})?", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_EPOCH_MS = re.compile(r"\d{12,13}", re.ASCII)


def parse(body: bytes, *, utc_offset: timedelta) -> ParsedPage:
    """Read one page of a day's list.

    Args:
        body: the response as received, UTF-8 JSON.
        utc_offset: how far the clock of the kick-offs is ahead of UTC.

    Returns:
        events in source order with at most one market, and every row left out: `event:<id>`, one price of it
        `odd:<id>/<key>`, or `page` with every price when none of a page can be bet on: nobody priced it then.
        A list that is longer than `PAGES` pages has a row `cut_answer`. The kind tells which part this is.

    Raises:
        PayloadShapeError: not a Tradeball list (HTML, truncated, another API).
    """
    rows, total = _rows(body)
    if rows and not any(isinstance(row, dict) for row in rows):
        raise shape_error(EXPECTED, "a list whose rows are not objects", body)
    reader = _Reader(utc_offset)
    for row in rows:
        reader.read(row)
    kind, whole = _part(len(rows), total)
    if not whole:
        reader.rejected.append(Rejected("page", Reason.CUT_ANSWER, f"{len(rows)} rows of {total}"))
    events = tuple(reader.events.values())
    if events and not any(price.status is PriceStatus.OPEN for event in events for price in event.prices):
        reader.rejected.append(Rejected("page", Reason.NOT_OFFERED, f"none of {len(events)} matches has a price"))
        events = tuple(replace(event, prices=()) for event in events)
    return ParsedPage(kind, events, tuple(reader.rejected))


def _rows(body: bytes) -> tuple[list[Any], int]:
    """The rows and how many the list has. Older answers call them `data`, or are nothing else."""
    if body.lstrip().startswith(b"["):
        body = b'{"init":' + body + b"}"
    root = load_object(body, EXPECTED)
    rows = next((root[key] for key in ("init", "data") if isinstance(root.get(key), list)), None)
    if rows is None:
        raise shape_error(EXPECTED, keys_of(root), body)
    total = id_of(root.get("total"))
    return rows, int(total) if total is not None and _COUNT.fullmatch(total) else len(rows)


def _part(count: int, total: int) -> tuple[str, bool]:
    """Which part of a list a page with so many rows is, and whether the asked pages reach to the list's end."""
    within = total <= PAGE_SIZE * PAGES
    if count >= total:
        return LIST, True
    if count == 0:
        return BEYOND, within
    if count == PAGE_SIZE:
        return FULL_PAGE if total == PAGE_SIZE * PAGES else FIRST_PAGE, within
    return LAST_PAGE, within and total % PAGE_SIZE == count


class _Reader:
    """One payload."""

    def __init__(self, utc_offset: timedelta) -> None:
        self.rejected: list[Rejected] = []
        self.events: dict[str, Event] = {}
        self._utc_offset = utc_offset

    def read(self, value: object) -> None:
        """A match and its prices."""
        row = object_of(value)
        event_id = id_of(row.get("ceId"))
        try:
            if event_id is None:
                raise Unreadable(Reason.BAD_EVENT, "no object with a ceId")
            if event_id in self.events:
                raise Unreadable(Reason.DUPLICATE_EVENT, name_of(row.get("cthName")))
            self.events[event_id] = self._event(event_id, row)
        except Unreadable as unreadable:
            self.rejected.append(unreadable.row(f"event:{event_id or ''}"))

    def _event(self, event_id: str, row: Row) -> Event:
        home, away = name_of(row.get("cthName")), name_of(row.get("ctaName"))
        check_sides(home, away, f"{home!r} - {away!r}")
        league = name_of(row.get("clName"))
        if not league:
            raise Unreadable(Reason.NO_LEAGUE, f"{home} - {away}")
        starts_at = self._kickoff(row.get("dg"))
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"dg {row.get('dg')}: {home} - {away}")
        # The league's name is its identity here: its numbers were never seen to be stable (2026-01).
        named = LeagueName(league, league, name_of(row.get("iso3")))
        return Event(event_id, SPORT, named, home, away, starts_at, prices=self._prices(event_id, row))

    def _kickoff(self, value: object) -> datetime | None:
        """A local time "2026-03-14 19:00:00", or the time itself in epoch ms."""
        text = str(value) if isinstance(value, int) else value
        if not isinstance(text, str):
            return None
        try:
            if _EPOCH_MS.fullmatch(text):
                return datetime.fromtimestamp(int(text) / 1000, UTC)
            return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - self._utc_offset
        except (ValueError, OverflowError):
            return None

    def _prices(self, event_id: str, row: Row) -> tuple[Price, ...]:
        """The result market; suspended as a whole while one of its prices is 0 or missing."""
        prices = PriceList(self.rejected)
        read: dict[str, Decimal] = {}
        for key in SELECTIONS:
            shown = row.get(key)
            if shown is None or shown == "":
                continue
            value = _price(shown)
            if value is None:
                self.rejected.append(Rejected(f"odd:{event_id}/{key}", Reason.BAD_PRICE, f"{key} {shown!r}"))
            else:
                read[key] = value
        complete = len(read) == len(SELECTIONS) and all(read.values())
        status = PriceStatus.OPEN if complete else PriceStatus.SUSPENDED
        for key, value in read.items():
            source_id = f"odd:{event_id}/{key}"
            prices.add(source_id, MARKET, Period.MATCH, RULES, None, SELECTIONS[key], value, status)
        return prices.taken()


def _price(shown: object) -> Decimal | None:
    """Decimal odds as number or text; None when it is neither."""
    if isinstance(shown, str) and _PRICE.fullmatch(shown.strip()):
        return tidy(round(Decimal(shown.strip().replace(",", ".")), 4))
    return number_of(shown)
