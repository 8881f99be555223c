"""Records of the site's protocol to events and prices: pre-match coupons and in-play pages.

A group is a list, whose rows name their selections, or a grid, whose first column heads the rows of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from scrapers.platforms import unsaid
from scrapers.platforms.bet365.hierarchy import Column, Group, Page, is_suspended, put_together
from scrapers.platforms.bet365.leagues import league_of
from scrapers.platforms.bet365.markets import (
    GRID_COLUMNS,
    GRID_NAMES,
    MARKET_IDS,
    ORDER,
    SIMULATED,
    SPORTS,
    MarketType,
)
from scrapers.platforms.bet365.pipe import Record
from scrapers.platforms.bet365.selections import (
    fractional_price,
    grid_form,
    is_third_way,
    line_in,
    may_name,
    selection_of,
)
from scrapers.platforms.quotes import Head, PriceList
from scrapers.platforms.reading import Reason, Unreadable
from scrapers.records import (
    MARKETS_WITH_LINE,
    Event,
    Market,
    ParsedPage,
    Phase,
    PriceStatus,
    Rejected,
    Rules,
    Selection,
)

COUPON = "coupon"
"""The kind of payload."""

LONDON = ZoneInfo("Europe/London")
"""The zone of `BC` and `CM`: 20230519233500 was 22:35 UTC."""

_AWAY_FIRST = re.compile(r"\s+@\s+")
_HOME_FIRST = re.compile(r"\s+(?:vs?\.?|x)\s+", re.IGNORECASE)
_TIME = re.compile(r"\d{14}", re.ASCII)
_SCORE = re.compile(r"\((\d+)-(\d+)\)", re.ASCII)
_IN_PLAY = ("SS", "TU", "TM")


def read_records(records: Sequence[Record], listed: Mapping[str, Event], *, saved: bool) -> ParsedPage:
    """Every event of the records, with its prices.

    Args:
        listed: events that a list described, by source id; where one is among them its description is taken.
        saved: whether the kick-off may be left out, as it is in play (see `unsaid`).
    """
    return _Reader(listed, saved=saved).read(records)


class _Reader:
    def __init__(self, listed: Mapping[str, Event], *, saved: bool) -> None:
        self.listed = listed
        self.saved = saved
        self.rejected: list[Rejected] = []

    def read(self, records: Sequence[Record]) -> ParsedPage:
        events: dict[str, Event] = {}
        for page in put_together(records, self.rejected):
            event_id = page.event.get("FI")
            try:
                if event_id in events:
                    raise Unreadable(Reason.DUPLICATE_EVENT, page.event.get("NA"))
                match = self._match(event_id, page)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(f"event:{event_id}"))
                continue
            events[event_id] = self._event(match, page)
        return ParsedPage(COUPON, tuple(events.values()), tuple(self.rejected))

    def _match(self, event_id: str, page: Page) -> Head:
        record = page.event
        path = _path(record.get("TB"))
        titles = (record.get("NA"), record.get("EX"), path[-1] if path else "")
        title = next((text for text in titles if text), "")
        sport = SPORTS.get(page.sport_id)
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {page.sport_id}: {path[-1] if path else title}")
        if not event_id:
            raise Unreadable(Reason.NOT_A_MATCH, f"no FI: {title}")
        phase = Phase.LIVE if any(record.get(name) for name in _IN_PLAY) else Phase.PREMATCH
        known = self.listed.get(event_id)
        if known is not None:
            if known.sport is not sport:
                raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {page.sport_id}, listed as {known.sport}: {title}")
            return Head(event_id, sport, known.league, known.home, known.away, known.starts_at, phase)
        sides = next((sides for text in titles if (sides := _sides(text)) is not None), None)
        if sides is None:
            raise Unreadable(Reason.NO_SIDES, title)
        league = page.competition or (path[-2] if len(path) > 1 else "")
        if any(SIMULATED.search(text) for text in (league, *sides)):
            raise Unreadable(Reason.NOT_A_MATCH, f"{league}: {sides[0]} - {sides[1]}")
        if not league:
            raise Unreadable(Reason.NO_LEAGUE, title)
        starts_at = unsaid.KICKOFF if self.saved and not any(_times(record)) else _kickoff(record)
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"BC {record.get('BC')!r}: {sides[0]} - {sides[1]}")
        return Head(event_id, sport, league_of(sport, "", league), *sides, starts_at, phase)

    def _event(self, match: Head, page: Page) -> Event:
        prices = PriceList(self.rejected)
        for group in page.groups:
            if group.selections:
                self._read_group(match, group, prices)
        return match.with_prices(prices.taken())

    def _read_group(self, match: Head, group: Group, prices: PriceList) -> None:
        known = MARKET_IDS[match.sport].get(group.market_id)
        if known is not None and _counts_from_the_score(known.market, group):
            known = None
        rows = list(_rows(match, group, known))
        if all(row.kind is None for row in rows) or any(_is_third(row) for row in rows):
            detail = f"{group.name!r}, {len(rows)} selections"
            source_id = f"market:{match.source_id}/{group.market_id}"
            self.rejected.append(Rejected(source_id, Reason.UNKNOWN_MARKET, detail))
            return
        for row in rows:
            source_id = f"odd:{row.cell.get('ID')}"
            try:
                if row.kind is None:
                    raise Unreadable(Reason.UNKNOWN_MARKET, f"{group.name!r}: {row.cell.get('HD')}")
                selection, line, value = _read_cell(match, row.kind.market, row)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(source_id))
                continue
            open_now = value is not None and not row.column.suspended and not is_suspended(row.cell)
            status = PriceStatus.OPEN if open_now else PriceStatus.SUSPENDED
            prices.add(source_id, row.kind.market, row.kind.period, Rules.STANDARD, line, selection, value, status)


@dataclass(frozen=True, slots=True)
class _Row:
    """A cell and what its place says. `kind` None: no market of ours; `header`: the line at the head of its row."""

    kind: MarketType | None
    column: Column
    cell: Record
    header: str = ""

    @property
    def marks(self) -> tuple[str, str, str, str]:
        """Name, printed line, short name, and the column's name."""
        cell = self.cell
        return cell.get("NA"), cell.get("HD"), cell.get("N2"), self.column.record.get("NA")


def _rows(match: Head, group: Group, known: MarketType | None) -> Iterator[_Row]:
    """The cells of a group that are more than headers, column by column."""
    grid = group.name.casefold() in GRID_NAMES[match.sport]
    headers: list[str] = []
    for column in group.columns:
        if column.heads:
            headers = [cell.get("NA") for cell in column.cells]
            continue
        # Where cells are missing nothing tells which header belongs to which of the others.
        aligned = headers if len(headers) == len(column.cells) else [""] * len(column.cells)
        for cell, header in zip(column.cells, aligned, strict=True):
            if not grid:
                yield _Row(known, column, cell, header)
                continue
            market = GRID_COLUMNS.get(header.casefold())
            as_its_line_says = market is not None and market is grid_form(cell.get("HD") or cell.get("HA"))
            yield _Row(MarketType(market) if market is not None and as_its_line_says else None, column, cell)


def _is_third(row: _Row) -> bool:
    two_ways = row.kind is not None and row.kind.market not in (Market.MATCH_RESULT, Market.DOUBLE_CHANCE)
    return two_ways and is_third_way(row.marks)


def _read_cell(match: Head, market: Market, row: _Row) -> tuple[Selection, Decimal | None, Decimal | None]:
    name, printed, *others = row.marks
    marks = [text for text in (name, printed) if may_name(market, text)]
    selection = selection_of(market, [*marks, *others], match)
    place = row.cell.get("OR")
    if market is Market.MATCH_RESULT and place in ("0", "1", "2") and ORDER[int(place)] is not selection:
        raise Unreadable(Reason.SIDE_CONFLICT, f"{selection}, at place {place}")
    line = None
    if market in MARKETS_WITH_LINE:
        line = line_in((row.cell.get("HA"), printed, row.header), selection)
    return selection, line, fractional_price(row.cell.get("OD"))


def _counts_from_the_score(market: Market, group: Group) -> bool:
    """In play an Asian handicap is about what is still to be scored: the match's own only at 0-0."""
    score = _SCORE.search(group.name)
    return market is Market.HANDICAP and score is not None and score.groups() != ("0", "0")


def _path(trail: str) -> list[str]:
    """The names of a bread crumb trail: "Baseball,#AS#B16#¬MLB,#AC#...¬A @ B,#ABM#..."."""
    return [name for part in trail.split("¬") if (name := part.rpartition(",#")[0].strip())]


def _sides(text: str) -> tuple[str, str] | None:
    """Home and away of "home v away" or "away @ home"; None when the text names no two sides."""
    away_first = _AWAY_FIRST.split(text)
    parts = away_first[::-1] if len(away_first) > 1 else _HOME_FIRST.split(text)
    if len(parts) != 2 or not all(parts) or parts[0] == parts[1]:
        return None
    return parts[0], parts[1]


def _times(event: Record) -> tuple[str, str]:
    return event.get("BC"), event.get("CM").rpartition("~")[2]


def _kickoff(event: Record) -> datetime | None:
    """`BC`, or the time after a label in `CM`; written in London's time, summer time included."""
    for text in _times(event):
        if _TIME.fullmatch(text):
            try:
                return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=LONDON).astimezone(UTC)
            except (ValueError, OverflowError):
                return None
    return None
