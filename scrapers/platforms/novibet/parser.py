"""Novibet payloads to records. Pure: equal bytes, equal result.

A location feed is a list of blocks: the events of one competition (`items`), or of several
(`competitions[].events`). An event feed has one event with every market, in categories. One market is one line.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from scrapers.platforms import Context, unsaid
from scrapers.platforms.novibet.feeds import (
    SIDES_KEYS,
    START_KEYS,
    Found,
    events_of,
    label_of,
    markets_of_feed,
    phase_of,
    sides_of,
    start_of,
    sysname_of,
    tags_of,
)
from scrapers.platforms.novibet.items import line_of_item, selection_of, value_of
from scrapers.platforms.novibet.markets import (
    BEFORE_KICKOFF,
    BOOSTED_COPY,
    MARKETS,
    SIMULATED,
    SPORT_CAPTIONS,
    SPORT_PREFIXES,
    TAGS,
    MarketType,
)
from scrapers.platforms.quotes import Head, PriceList, Quote, home_view, reject_lines
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    id_of,
    keys_of,
    load_object_or_list,
    name_of,
    object_of,
    rows_of,
    shape_error,
)
from scrapers.records import (
    MARKETS_WITH_LINE,
    Event,
    LeagueName,
    Market,
    ParsedPage,
    PriceStatus,
    Rejected,
    Rules,
    Selection,
    Sport,
)

LIST, DETAIL = "list", "detail"
"""The kinds of payload: a location feed and an event feed."""

EXPECTED = "a Novibet feed (of a location or of an event)"
PLATFORM = "novibet"

Competitor = Literal[1, 2]

_OTHER_SIDE = {Selection.HOME: Selection.AWAY, Selection.AWAY: Selection.HOME}


def parse(body: bytes, *, host_in_basketball: Competitor = 1, context: Context) -> ParsedPage:
    """Read one Novibet body of kind "list" or "detail".

    Args:
        body: the response as received, UTF-8 JSON.
        host_in_basketball: which competitor plays at home there; in football it is the first.
        context: `league`: the events of a competition do not name theirs. `events`: an event's feed need not
            repeat sides, league and kick-off.

    Returns:
        events in source order, and every row left out: `event:<id>` with all its markets,
        `market:<id>` with all its bet items, or `odd:<id>`, one bet item. A league of which only the
        location is known has an empty name.

    Raises:
        PayloadShapeError: neither of these (HTML, truncated, another API), or the page of another location
            than the one asked for: the ids change with the season.
    """
    root = load_object_or_list(body, EXPECTED)
    reader, league = _Reader(host_in_basketball, context), context.league
    if isinstance(root, list):
        blocks = [block for block in root if isinstance(block, dict)]
        if len(blocks) < len(root) or not all(isinstance(block.get("betViews"), list) for block in blocks):
            raise shape_error(EXPECTED, "a list of something else than blocks with betViews", body)
        for block in blocks:
            location = id_of(block.get("marketViewGroupId"))
            if league is not None and location not in (None, league.ids[PLATFORM]):
                came = f"the page of location {location}, asked for {league.ids[PLATFORM]} ({league.key})"
                raise shape_error(EXPECTED, came, body)
        return reader.read(LIST, [found for block in blocks for found in events_of(block)])
    if isinstance(root.get("marketCategories"), list):
        return reader.read(DETAIL, [Found(root, markets_of_feed(root), None, "")])
    raise shape_error(EXPECTED, keys_of(root), body)


@dataclass(frozen=True, slots=True)
class _Match(Head):
    """An event's head. `swapped`: competitor 1 is the guest."""

    swapped: bool


@dataclass(frozen=True, slots=True)
class _Readable:
    """A market whose meaning is known, with what could be read of it."""

    row: Row
    kind: MarketType
    rules: Rules
    quotes: list[Quote]

    @property
    def bet(self) -> tuple[Market, object, Rules, Decimal | None]:
        """What is bet on; two markets of one event with the same need something that tells them apart."""
        return self.kind.market, self.kind.period, self.rules, self.quotes[0].line

    @property
    def prices(self) -> dict[Selection, tuple[Decimal | None, PriceStatus]]:
        """Price and state by selection."""
        return {quote.selection: (quote.value, quote.status) for quote in self.quotes}


class _Reader:
    """One payload."""

    def __init__(self, host: Competitor, context: Context) -> None:
        self.rejected: list[Rejected] = []
        self._host = host
        self._league = context.league
        self._listed = context.events
        self._saved = context.saved

    def read(self, kind: str, found: list[Found]) -> ParsedPage:
        """Every event of a feed."""
        events: dict[str, Event] = {}
        for item in found:
            row = object_of(item.row)
            event_id = id_of(row.get("eventBetContextId")) or id_of(row.get("betContextId"))
            if event_id is None:
                self.rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an id"))
                continue
            try:
                if event_id in events:
                    raise Unreadable(Reason.DUPLICATE_EVENT, label_of(row))
                match = self._match(event_id, row, item)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(f"event:{event_id}"))
                continue
            events[event_id] = self._event(match, row, item.markets)
        return ParsedPage(kind, tuple(events.values()), tuple(self.rejected))

    def _match(self, event_id: str, row: Row, found: Found) -> _Match:
        sides = sides_of(row)
        if self._listed:
            return self._listed_match(event_id, row, sides)
        label = label_of(row)
        sport = self._sport(row, found)
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, label)
        discriminator = object_of(row.get("additionalCaptions")).get("discriminator")
        if discriminator not in (None, "TwoCompetitorCaptionModel"):
            raise Unreadable(Reason.NOT_A_MATCH, f"{discriminator}: {label}")
        if sides is None and self._saved and not SIDES_KEYS & row.keys():
            sides = (unsaid.HOME, unsaid.AWAY)
        if sides is None:
            raise Unreadable(Reason.NO_SIDES, label)
        if any(SIMULATED.search(side) for side in sides):
            raise Unreadable(Reason.NOT_A_MATCH, f"simulated: {label}")
        league = self._league_of(sport, found, label)
        starts_at = unsaid.KICKOFF if self._saved and not START_KEYS & row.keys() else start_of(row)
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, label)
        swapped = self._is_swapped(sport)
        home, away = sides[::-1] if swapped else sides
        return _Match(event_id, sport, league, home, away, starts_at, phase_of(row), swapped)

    def _listed_match(self, event_id: str, row: Row, sides: tuple[str, str] | None) -> _Match:
        """The event as its list described it, if it is one of those asked for and its sides stand as there."""
        event = self._listed.get(event_id)
        if event is None:
            raise Unreadable(Reason.UNKNOWN_EVENT, f"not the event asked for: {label_of(row)}")
        swapped = self._is_swapped(event.sport)
        first, second = (event.away, event.home) if swapped else (event.home, event.away)
        if sides == (second, first):
            raise Unreadable(Reason.SIDE_CONFLICT, f"listed as {first} - {second}, here {label_of(row)}")
        return _Match(
            event_id, event.sport, event.league, event.home, event.away, event.starts_at, phase_of(row), swapped
        )

    def _is_swapped(self, sport: Sport) -> bool:
        return sport is Sport.BASKETBALL and self._host == 2

    def _sport(self, row: Row, found: Found) -> Sport | None:
        """By the sysnames (some markets belong to no sport), else by the page's caption, else as asked for."""
        sysnames = [sysname_of(market) for market in found.markets] + [name_of(row.get("eventSysname"))]
        prefixes = {sysname.partition("_")[0] for sysname in sysnames if sysname}
        if prefixes:
            sports = {SPORT_PREFIXES[prefix] for prefix in prefixes if prefix in SPORT_PREFIXES}
            return sports.pop() if len(sports) == 1 else None
        if found.sport_caption:
            return SPORT_CAPTIONS.get(found.sport_caption.lower())
        return None if self._league is None else self._league.sport

    def _league_of(self, sport: Sport, found: Found, label: str) -> LeagueName:
        """The league asked for, in the payload's words where it has any; else what the surroundings say."""
        if self._league is None:
            if found.league is None and not self._saved:
                raise Unreadable(Reason.NO_LEAGUE, label)
            return found.league or unsaid.LEAGUE
        if found.of_many or sport is not self._league.sport:
            came = found.league.name if found.league else "no league"
            raise Unreadable(Reason.OTHER_LEAGUE, f"asked for {self._league.key}, {sport} of {came}: {label}")
        name = found.league.name if found.league else ""
        country = found.league.country if found.league else ""
        return LeagueName(self._league.ids[PLATFORM], name or self._league.name, country or self._league.country)

    def _event(self, match: _Match, row: Row, markets: list[Any]) -> Event:
        tags = tags_of(row)
        same_bet: dict[object, list[_Readable]] = defaultdict(list)
        seen: set[str] = set()
        for market in markets:
            market_id = id_of(object_of(market).get("marketId"))
            if market_id is None:
                self._reject_market(market, Reason.BAD_MARKET)
            elif market_id in seen:
                self._reject_market(market, Reason.DUPLICATE_MARKET)
            else:
                seen.add(market_id)
                readable = self._read_market(match, market, tags.get(market_id, frozenset()))
                if readable is not None:
                    same_bet[readable.bet].append(readable)
        prices = PriceList(self.rejected)
        for group in same_bet.values():
            for readable in self._told_apart(group):
                prices.add_all(readable.kind.market, readable.kind.period, readable.rules, readable.quotes)
        return match.with_prices(prices.taken())

    def _told_apart(self, group: list[_Readable]) -> list[_Readable]:
        """The one market of a group of equal ones; none when they differ, for any may be a promotion."""
        first, *others = group
        if all(other.prices == first.prices for other in others):
            for other in others:
                self._reject_market(other.row, Reason.DUPLICATE_MARKET)
            return [first]
        for market in group:
            self._reject_market(market.row, Reason.AMBIGUOUS_MARKET)
        return []

    def _reject_market(self, market: object, reason: Reason, detail: str = "") -> None:
        row = object_of(market)
        shown = f"{detail}{sysname_of(row)}, {len(rows_of(row.get('betItems')))} selections"
        self.rejected.append(Rejected(f"market:{id_of(row.get('marketId')) or ''}", reason, shown))

    def _read_market(self, match: _Match, market: Row, tags: frozenset[str]) -> _Readable | None:
        sysname = sysname_of(market)
        copy = BOOSTED_COPY.fullmatch(sysname)
        kind = MARKETS[match.sport].get(copy[1] if copy else sysname.removesuffix(BEFORE_KICKOFF))
        contracts = {TAGS[tag] for tag in tags if tag in TAGS} | ({Rules.BOOSTED} if copy else set())
        if kind is None or len(contracts) > 1 or (tags and not contracts):
            shown = f"tagged {' and '.join(sorted(tags))}: " if tags else ""
            self._reject_market(market, Reason.UNKNOWN_MARKET, shown)
            return None
        items = rows_of(market.get("betItems"))
        if len(items) > len(kind.codes):
            # The sysname means something else here: a handicap with a draw, several lines in one market.
            self._reject_market(market, Reason.BAD_MARKET, "too many: ")
            return None
        rules = contracts.pop() if contracts else Rules.STANDARD
        quotes = self._quotes(match, kind, items)
        return _Readable(market, kind, rules, quotes) if quotes else None

    def _quotes(self, match: _Match, kind: MarketType, items: list[Any]) -> list[Quote]:
        """The bet items that can be read, all with one line; the others are rejected."""
        quotes: list[Quote] = []
        for item in items:
            row = object_of(item)
            source_id = f"odd:{id_of(row.get('id')) or ''}"
            try:
                if not row:
                    raise Unreadable(Reason.BAD_ODD, "no object")
                selection = selection_of(kind, row)
                line = line_of_item(kind.market, row) if kind.market in MARKETS_WITH_LINE else None
                if match.swapped:
                    selection = _OTHER_SIDE.get(selection, selection)
                if line is not None:
                    line = home_view(line, selection)
                value, status = value_of(row)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(source_id))
                continue
            quotes.append(Quote(source_id, selection, line, value, status))
        mirrored = kind.market is not Market.HANDICAP or len(quotes) == 2
        if mirrored and len({quote.line for quote in quotes}) <= 1:
            return quotes
        # Whose view a handicap's line is from was never confirmed (2026): two sides that mirror each other do.
        reject_lines(quotes, self.rejected)
        return []
