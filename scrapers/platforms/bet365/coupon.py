"""Records of the site's protocol to events and prices: pre-match coupons and in-play pages.

The hierarchy is positional: a `PA` (selection) belongs to the last `MA` or `CO` (column), that to the last `MG`
(market group), that to the last `EV` (event), that to the last `CL` (sport). In play there are no groups: an `MA`
is a market. A group is a list, whose rows name their selections, or a grid, whose first column heads the rows of
the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

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
from scrapers.platforms.bet365.pipe import SECTION, SNAPSHOT, UPDATE, Record
from scrapers.platforms.bet365.selections import (
    Match,
    fractional_price,
    grid_form,
    is_third_way,
    line_in,
    may_name,
    rules_of,
    selection_of,
)
from scrapers.platforms.reading import PriceList, Reason, Unreadable
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

HEADER_CELL = "PC"
"""How the id of a cell begins that heads a row or column and has no price."""

_AWAY_FIRST = re.compile(r"\s+@\s+")
_HOME_FIRST = re.compile(r"\s+(?:vs?\.?|x)\s+", re.IGNORECASE)
_TIME = re.compile(r"\d{14}", re.ASCII)
_SCORE = re.compile(r"\((\d+)-(\d+)\)", re.ASCII)
_BUILDER = ("#PB#", "#BBC")
_IN_PLAY = ("SS", "TU", "TM")


@dataclass(slots=True)
class _Column:
    """An `MA` or `CO` and its cells. `suspended`: a mark on it or above it."""

    record: Record
    cells: list[Record] = field(default_factory=list)
    suspended: bool = False

    @property
    def heads(self) -> bool:
        """Whether its cells, none of which has a price, are the headers of the rows beside them."""
        if not self.cells or any(cell.get("OD") for cell in self.cells):
            return False
        return self.record.get("PY") == "da" or all(cell.get("ID").startswith(HEADER_CELL) for cell in self.cells)


@dataclass(slots=True)
class _Group:
    """A market, or the markets that share a grid."""

    market_id: str
    name: str
    columns: list[_Column] = field(default_factory=list)

    @property
    def cells(self) -> int:
        return sum(len(column.cells) for column in self.columns if not column.heads)


@dataclass(slots=True)
class _Page:
    """An `EV` record with what stands under it."""

    event: Record
    sport_id: str
    competition: str
    groups: list[_Group] = field(default_factory=list)


def read_records(records: Sequence[Record], listed: Mapping[str, Event], result_rules: Rules) -> ParsedPage:
    """Every event of the records, with its prices.

    Args:
        listed: events that a list described, by source id; where one is among them its description is taken.
        result_rules: the contract of football's result.
    """
    return _Reader(listed, result_rules).read(records)


class _Reader:
    def __init__(self, listed: Mapping[str, Event], result_rules: Rules) -> None:
        self.listed = listed
        self.result_rules = result_rules
        self.rejected: list[Rejected] = []

    def read(self, records: Sequence[Record]) -> ParsedPage:
        events: dict[str, Event] = {}
        for page in self._pages(records):
            event_id = page.event.get("FI")
            try:
                if event_id in events:
                    raise Unreadable(Reason.DUPLICATE_EVENT, page.event.get("NA"))
                match = self._match(event_id, page)
            except Unreadable as unreadable:
                self.rejected.append(Rejected(f"event:{event_id}", unreadable.reason, unreadable.detail))
                continue
            events[event_id] = self._event(match, page)
        return ParsedPage(COUPON, tuple(events.values()), tuple(self.rejected))

    def _pages(self, records: Sequence[Record]) -> Iterator[_Page]:
        """The records in their order, put together by position."""
        sport_id = competition = ""
        page: _Page | None = None
        group: _Group | None = None
        grouped = left_out = updating = False
        for record in records:
            if record.kind in (SNAPSHOT, UPDATE, SECTION, "CT", "EV") and page is not None:
                yield page
                page = None
            if record.kind == UPDATE:
                self.rejected.append(Rejected("page", Reason.UNKNOWN_EVENT, "an update without its snapshot"))
                updating = True
            elif record.kind == SNAPSHOT:
                sport_id, competition, left_out, updating = "", "", False, False
            elif updating:
                continue
            elif record.kind == SECTION:
                sport_id, competition = record.get("ID"), ""
                left_out = record.get("IT").startswith(_BUILDER)
                if left_out:
                    detail = f"a bet builder's section, sport {sport_id or 'unsaid'}"
                    self.rejected.append(Rejected(f"market:{record.get('IT')}", Reason.UNKNOWN_MARKET, detail))
            elif left_out:
                continue
            elif record.kind == "CT":
                competition = record.get("NA")
            elif record.kind == "EV":
                page = _Page(record, record.get("CL") or sport_id, record.get("CT") or competition)
                group, grouped = None, False
            elif page is None:
                if record.kind == "PA":
                    self.rejected.append(
                        Rejected(f"odd:{record.get('ID')}", Reason.UNKNOWN_EVENT, record.get("NA"))
                    )
            elif record.kind == "MG":
                group = _Group(_number(record), record.get("NA"))
                page.groups.append(group)
                grouped = True
            elif record.kind == "MA":
                if group is None or not grouped:
                    group = _Group(_number(record), record.get("NA"))
                    page.groups.append(group)
                group.columns.append(_Column(record, suspended=_is_suspended(page.event) or _is_suspended(record)))
            elif record.kind == "CO" and group is not None and group.columns:
                group.columns.append(_Column(record, suspended=group.columns[-1].suspended))
            elif record.kind == "PA":
                if group is None or not group.columns:
                    self.rejected.append(Rejected(f"odd:{record.get('ID')}", Reason.UNKNOWN_ODD, record.get("NA")))
                else:
                    group.columns[-1].cells.append(record)
        if page is not None:
            yield page

    def _match(self, event_id: str, page: _Page) -> Match:
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
            return Match(event_id, sport, known.league, known.home, known.away, known.starts_at, phase)
        sides = next((sides for text in titles if (sides := _sides(text)) is not None), None)
        if sides is None:
            raise Unreadable(Reason.NO_SIDES, title)
        league = page.competition or (path[-2] if len(path) > 1 else "")
        if any(SIMULATED.search(text) for text in (league, *sides)):
            raise Unreadable(Reason.NOT_A_MATCH, f"{league}: {sides[0]} - {sides[1]}")
        if not league:
            raise Unreadable(Reason.NO_LEAGUE, title)
        starts_at = _kickoff(record)
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"BC {record.get('BC')!r}: {sides[0]} - {sides[1]}")
        return Match(event_id, sport, league_of(sport, "", league), *sides, starts_at, phase)

    def _event(self, match: Match, page: _Page) -> Event:
        prices = PriceList(self.rejected)
        for group in page.groups:
            if group.cells:
                self._read_group(match, group, prices)
        return Event(
            match.source_id,
            match.sport,
            match.league,
            match.home,
            match.away,
            match.starts_at,
            match.phase,
            prices.taken(),
        )

    def _read_group(self, match: Match, group: _Group, prices: PriceList) -> None:
        known = MARKET_IDS[match.sport].get(group.market_id)
        grid = group.name.casefold() in GRID_NAMES[match.sport]
        if known is not None and _counts_from_the_score(known.market, group):
            known = None
        headers: list[str] = []
        rows: list[tuple[Market | None, _Column, Record, str]] = []
        for column in group.columns:
            if column.heads:
                headers = [cell.get("NA") for cell in column.cells]
                continue
            aligned = len(headers) == len(column.cells)
            for place, cell in enumerate(column.cells):
                header = headers[place] if aligned else ""
                if grid:
                    named = GRID_COLUMNS.get(header.casefold())
                    market = named if named is grid_form(cell.get("HD") or cell.get("HA")) else None
                else:
                    market = known.market if known else None
                rows.append((market, column, cell, header))
        three_way = any(
            market not in (None, Market.MATCH_RESULT, Market.DOUBLE_CHANCE) and is_third_way(_marks(column, cell))
            for market, column, cell, _ in rows
        )
        if three_way or all(market is None for market, *_ in rows):
            detail = f"{group.name!r}, {len(rows)} selections"
            source_id = f"market:{match.source_id}/{group.market_id}"
            self.rejected.append(Rejected(source_id, Reason.UNKNOWN_MARKET, detail))
            return
        for market, column, cell, header in rows:
            source_id = f"odd:{cell.get('ID')}"
            if market is None:
                self.rejected.append(
                    Rejected(source_id, Reason.UNKNOWN_MARKET, f"{group.name!r}, column {header!r}")
                )
                continue
            kind = MarketType(market) if known is None or grid else known
            try:
                selection, line, value = _read_cell(match, market, column, cell, "" if grid else header)
            except Unreadable as unreadable:
                self.rejected.append(Rejected(source_id, unreadable.reason, unreadable.detail))
                continue
            open_now = value is not None and not column.suspended and not _is_suspended(cell)
            status = PriceStatus.OPEN if open_now else PriceStatus.SUSPENDED
            rules = rules_of(match.sport, kind, self.result_rules)
            prices.add(source_id, market, kind.period, rules, line, selection, value, status)


def _read_cell(
    match: Match, market: Market, column: _Column, cell: Record, header: str
) -> tuple[Selection, Decimal | None, Decimal | None]:
    name, line_shown, *others = _marks(column, cell)
    marks = [text for text in (name, line_shown) if may_name(market, text)]
    selection = selection_of(market, [*marks, *others], match)
    place = cell.get("OR")
    if market is Market.MATCH_RESULT and place in ("0", "1", "2") and ORDER[int(place)] is not selection:
        raise Unreadable(Reason.SIDE_CONFLICT, f"{selection}, at place {place}")
    line = None
    if market in MARKETS_WITH_LINE:
        line = line_in((cell.get("HA"), cell.get("HD"), header), selection)
    return selection, line, fractional_price(cell.get("OD"))


def _marks(column: _Column, cell: Record) -> tuple[str, ...]:
    return cell.get("NA"), cell.get("HD"), cell.get("N2"), column.record.get("NA")


def _counts_from_the_score(market: Market, group: _Group) -> bool:
    """In play an Asian handicap is about what is still to be scored: the match's own only at 0-0."""
    score = _SCORE.search(group.name)
    return market is Market.HANDICAP and score is not None and score.groups() != ("0", "0")


def _number(record: Record) -> str:
    """A market's id without the letter that coupons put before it."""
    return record.get("ID").lstrip("GM")


def _is_suspended(record: Record) -> bool:
    return record.get("SU") == "1"


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


def _kickoff(event: Record) -> datetime | None:
    """`BC`, or the time after a label in `CM`; written in London's time, summer time included."""
    for text in (event.get("BC"), event.get("CM").rpartition("~")[2]):
        if _TIME.fullmatch(text):
            try:
                return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=LONDON).astimezone(UTC)
            except (ValueError, OverflowError):
                return None
    return None
