"""Kaizen payloads to records. Pure: equal bytes, equal result.

Before kick-off an event carries its markets inside (`markets`, in basketball also `sixPackBlocks[].columns`),
and a market its selections. The live overview is flat: maps of events, markets and selections, joined by id.
Both are brought into the nested form and read by one reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from scrapers.platforms import Context, unsaid
from scrapers.platforms.kaizen.flat import Joined, flat_part, joined
from scrapers.platforms.kaizen.markets import MARKETS, RULES, SPORTS, MarketType, is_simulated
from scrapers.platforms.kaizen.selections import (
    Match,
    by_order,
    is_closed,
    line_of_selection,
    selection_of,
    value_of,
)
from scrapers.platforms.quotes import PriceList, Quote, reject_lines
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    check_sides,
    id_of,
    keys_of,
    load_object,
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
    Phase,
    PriceStatus,
    Rejected,
    Rules,
    Selection,
    Sport,
)

LIST, DETAIL, LIVE = "list", "detail", "live"
"""The kinds of payload: a list of coming events, an event's page, a live overview (or one of its events)."""

EXPECTED = "a Kaizen answer (a list of events, an event's page or a live overview)"
PLATFORM = "kaizen"
GROUP = "g"
"""The last letter of a league id that stands for a group of leagues ("441g", the NBA)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(body: bytes, *, context: Context) -> ParsedPage:
    """Read one Kaizen body of kind "list", "detail" or "live".

    Args:
        body: the response as received, UTF-8 JSON.
        context: `league`: its list holds no event of another one. `events`: an event's page need not repeat
            sides, league and kick-off.

    Returns:
        events in source order, and every row left out: `event:<id>` with all its markets,
        `market:<id>` with all its selections, or `odd:<id>`, one selection.

    Raises:
        PayloadShapeError: none of these (HTML, truncated, another API).
    """
    root = load_object(body, EXPECTED)
    reader = _Reader(context)
    data = object_of(root.get("data"))
    if isinstance(data.get("event"), dict):
        return reader.read(DETAIL, [data["event"]])
    lists = [data] if "events" in data else data.get("blocks")
    if isinstance(lists, list):
        if not all(isinstance(object_of(part).get("events"), list) for part in lists):
            raise shape_error(EXPECTED, "a list with a part that holds no events", body)
        rows = [row for part in lists for row in part["events"]]
        if rows and not any(isinstance(row, dict) for row in rows):
            raise shape_error(EXPECTED, "a list whose events are not objects", body)
        return reader.read(LIST, rows)
    flat = flat_part(root)
    if flat is not None:
        return reader.read_flat(joined(*flat))
    raise shape_error(EXPECTED, keys_of(data or root), body)


class _Reader:
    """One payload."""

    def __init__(self, context: Context) -> None:
        self.rejected: list[Rejected] = []
        self._league = context.league
        self._listed = context.events
        self._saved = context.saved

    def read(self, kind: str, rows: list[Any]) -> ParsedPage:
        """Events with their markets inside."""
        events: dict[str, Event] = {}
        for row in rows:
            event_id = id_of(object_of(row).get("id"))
            if event_id is None:
                self.rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an id"))
                continue
            try:
                if event_id in events:
                    raise Unreadable(Reason.DUPLICATE_EVENT, name_of(row.get("name")))
                match = self._match(event_id, row)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(f"event:{event_id}"))
                continue
            events[event_id] = self._event(match, row)
        return ParsedPage(kind, tuple(events.values()), tuple(self.rejected))

    def read_flat(self, found: Joined) -> ParsedPage:
        """Events of the flat shape, and what nothing in it names."""
        for market in found.loose_markets:
            self._reject_market(market, Reason.UNKNOWN_EVENT)
        for odd_id in found.loose_selections:
            self.rejected.append(Rejected(f"odd:{odd_id}", Reason.UNKNOWN_ODD))
        return self.read(LIVE, found.events)

    def _match(self, event_id: str, row: Row) -> Match:
        teams = _teams(row)
        name = name_of(row.get("name")) or " - ".join(team for team, _ in teams)
        if self._listed:
            return self._listed_match(event_id, row, name)
        code = row.get("sportId")
        sport = SPORTS.get(code) if isinstance(code, str) else None
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {code}: {name}")
        if row.get("isOutrightEvent") or row.get("isVirtual"):
            raise Unreadable(Reason.NOT_A_MATCH, f"outright or virtual: {name}")
        unsaid_sides = self._saved and not (teams or name)
        home, away = (unsaid.HOME, unsaid.AWAY) if unsaid_sides else _sides(teams, name)
        league = self._league_of(row, sport, name)
        if is_simulated(home, away, league.name, league.country):
            raise Unreadable(Reason.NOT_A_MATCH, f"simulated: {home} - {away}, {league.name}")
        unsaid_start = self._saved and row.get("startTime") is None
        starts_at = unsaid.KICKOFF if unsaid_start else _kickoff(row.get("startTime"))
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"startTime {row.get('startTime')}: {name}")
        sides = _side_marks(teams, home, away)
        return Match(event_id, sport, league, home, away, starts_at, _phase(row), sides)

    def _listed_match(self, event_id: str, row: Row, name: str) -> Match:
        """The event as its list described it, if this is one of those asked for and its sides stand as there."""
        event = self._listed.get(event_id)
        if event is None:
            raise Unreadable(Reason.UNKNOWN_EVENT, f"not the event asked for: {name}")
        teams = _teams(row)
        if len(teams) == 2 and (teams[0][0], teams[1][0]) == (event.away, event.home):
            raise Unreadable(Reason.SIDE_CONFLICT, f"listed as {event.home} - {event.away}, here {name}")
        return Match(
            event_id,
            event.sport,
            event.league,
            event.home,
            event.away,
            event.starts_at,
            _phase(row),
            _side_marks(teams, event.home, event.away),
        )

    def _league_of(self, row: Row, sport: Sport, name: str) -> LeagueName:
        """The league in the payload's words, by the id it was asked for."""
        own = id_of(row.get("leagueId"))
        label = name_of(row.get("leagueDescription")) or name_of(row.get("leagueName"))
        region = name_of(row.get("regionName"))
        if self._league is None:
            if own is None and not self._saved:
                raise Unreadable(Reason.NO_LEAGUE, name)
            return LeagueName(own or "", label, region)
        asked = self._league.ids[PLATFORM]
        if sport is not self._league.sport or (own not in (None, asked) and not asked.endswith(GROUP)):
            raise Unreadable(Reason.OTHER_LEAGUE, f"asked for {asked}, {sport} of league {own}: {name}")
        return LeagueName(asked, label or self._league.name, region or self._league.country)

    def _event(self, match: Match, row: Row) -> Event:
        prices = PriceList(self.rejected)
        suspended = is_closed(row)
        seen: set[str] = set()
        for market in _markets(row):
            market_id = id_of(object_of(market).get("id"))
            if market_id is None:
                self._reject_market(market, Reason.BAD_MARKET)
            elif market_id in seen:
                self._reject_market(market, Reason.DUPLICATE_MARKET)
            else:
                seen.add(market_id)
                self._read_market(match, market, prices, suspended=suspended)
        return match.with_prices(prices.taken())

    def _reject_market(self, market: object, reason: Reason, detail: str = "") -> None:
        row = object_of(market)
        count = len(rows_of(row.get("selections")))
        shown = f"type {id_of(row.get('type'))} {name_of(row.get('name'))!r}, {count} selections"
        market_id = id_of(row.get("id")) or ""
        self.rejected.append(Rejected(f"market:{market_id}", reason, f"{detail}{shown}"))

    def _read_market(self, match: Match, market: Row, prices: PriceList, *, suspended: bool) -> None:
        code = name_of(market.get("type"))
        kind = MARKETS[match.sport].get(code)
        if kind is None:
            self._reject_market(market, Reason.UNKNOWN_MARKET)
            return
        rows = rows_of(market.get("selections"))
        if len(rows) > len(kind.selections):
            # The type means something else here: a handicap with a draw, several lines in one market.
            self._reject_market(market, Reason.BAD_MARKET, "too many: ")
            return
        rules = RULES.get(code, Rules.STANDARD)
        if any(object_of(row).get("originalPrice") is not None for row in rows):
            rules = Rules.BOOSTED
        closed = suspended or is_closed(market)
        prices.add_all(kind.market, kind.period, rules, self._quotes(match, kind, rows, closed=closed))

    def _quotes(self, match: Match, kind: MarketType, rows: list[Any], *, closed: bool) -> list[Quote]:
        """The selections that can be read; the others are rejected."""
        quotes: list[Quote] = []
        in_order = by_order(match, kind, rows)
        for place, row in enumerate(map(object_of, rows)):
            source_id = f"odd:{id_of(row.get('id')) or ''}"
            try:
                if not row:
                    raise Unreadable(Reason.BAD_ODD, "no object")
                selection = in_order[place] if in_order else selection_of(match, kind, row)
                line = line_of_selection(match, kind, row, selection) if kind.market in MARKETS_WITH_LINE else None
                status = PriceStatus.SUSPENDED if closed or is_closed(row) else PriceStatus.OPEN
                value, status = value_of(row, status)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(source_id))
                continue
            quotes.append(Quote(source_id, selection, line, value, status))
        if kind.market is Market.HANDICAP and not (len(quotes) == 2 and quotes[0].line == quotes[1].line):
            # The two sides mirror each other, else the sign would not be what we know.
            reject_lines(quotes, self.rejected)
            return []
        return quotes


def _teams(row: Row) -> list[tuple[str, str | None]]:
    """Name and id of each side, home first; empty when the payload does not say."""
    teams = [object_of(side) for side in rows_of(row.get("participants"))]
    found = [(name_of(side.get("name")), id_of(side.get("id")) or id_of(side.get("teamId"))) for side in teams]
    return found if all(name for name, _ in found) else []


def _sides(teams: list[tuple[str, str | None]], name: str) -> tuple[str, str]:
    if teams:
        if len(teams) != 2:
            raise Unreadable(Reason.NOT_A_MATCH, f"{len(teams)} sides: {name}")
        home, away = teams[0][0], teams[1][0]
    else:
        # Some league pages leave the participants out.
        parts = name.split(" - ")
        if len(parts) != 2 or not all(parts):
            raise Unreadable(Reason.NO_SIDES, name)
        home, away = parts
    check_sides(home, away, name)
    return home, away


def _side_marks(teams: list[tuple[str, str | None]], home: str, away: str) -> dict[str, Selection]:
    """Ids and names in small letters -> the side. An id of both sides is a mark of neither."""
    marks = {home.lower(): Selection.HOME, away.lower(): Selection.AWAY}
    if len(teams) == 2 and teams[0][1] != teams[1][1]:
        for (_, team_id), side in zip(teams, (Selection.HOME, Selection.AWAY), strict=True):
            if team_id is not None:
                marks[f"#{team_id}"] = side
    return marks


def _phase(row: Row) -> Phase:
    """Live by any of the marks that the two shapes use; a live page's address begins with "/live/"."""
    url = row.get("url")
    in_play = isinstance(url, str) and url.startswith("/live/")
    return (
        Phase.LIVE if in_play or row.get("liveNow") or row.get("isLive") or row.get("liveData") else Phase.PREMATCH
    )


def _kickoff(value: object) -> datetime | None:
    """Epoch milliseconds as aware UTC; None when it is not one."""
    return _moment(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


@lru_cache(maxsize=4096)
def _moment(milliseconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _markets(row: Row) -> Iterator[Any]:
    """Every market of an event, those of the basketball grid after the others."""
    yield from rows_of(row.get("markets"))
    for block in rows_of(row.get("sixPackBlocks")):
        yield from rows_of(object_of(block).get("columns"))
