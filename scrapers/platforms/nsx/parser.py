"""NSX payloads to records. Pure: equal bytes, equal result.

Everything is rows, one per selection. A list repeats the event in each of them; details come in three shapes:
rows nested in their event, rows beside it, or rows alone, which belong to the event that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scrapers.platforms import Context, unsaid
from scrapers.platforms.nsx.markets import EVENT_STATUS, SPORT_MARKS, SPORTS, VIRTUAL_WORDS
from scrapers.platforms.nsx.odds import (
    Match,
    code_of,
    folded,
    market_id_of,
    meaning_of,
    odd_id,
    quote_of,
    shown_market,
)
from scrapers.platforms.quotes import PriceList
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    id_of,
    keys_of,
    kickoff_of,
    load_object,
    name_of,
    object_of,
    rows_of,
    shape_error,
)
from scrapers.records import Event, LeagueName, ParsedPage, Phase, Rejected, Rules, Selection, Sport

LIST, DETAIL = "list", "detail"
"""The kinds of payload that a league's list and an event's own page are."""

EXPECTED = "an NSX answer (rows of odds, one event's markets or the tournaments)"
BRASILIA = "-03:00"
"""The zone of every time; no row names it. Without summer time since 2019."""

_PLATFORM = "nsx"
_EVENT_ID = re.compile(r"\d{1,18}", re.ASCII)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def parse(body: bytes, *, context: Context | None = None) -> ParsedPage:
    """Read one NSX body of kind "list", "detail" or "tournaments" (which has no odds).

    Args:
        body: the response as received, UTF-8 JSON.
        context: fills in what details do not say (sport, sides, kick-off, league). Without it, rows that name no
            event belong to nobody; in a saved file they are one event without an id.

    Returns:
        events in source order, and every row left out: `event:<id>` with all its rows, `market:<event>_<id>`, a
        market with all its selections, or `odd:<id>`.

    Raises:
        PayloadShapeError: not an answer of this back-end (HTML, truncated, an empty body, another API).
    """
    context = context or Context()
    root = load_object(body, EXPECTED)
    if "odds" not in root and "events" not in root and isinstance(root.get("tourneys"), list):
        return ParsedPage("tournaments")
    odds, events = root.get("odds", []), root.get("events")
    if not isinstance(odds, list) or not isinstance(events, list | None) or ("odds" not in root and events is None):
        raise shape_error(EXPECTED, keys_of(root), body)
    if odds and not any("market_id" in object_of(row) for row in odds):
        raise shape_error(EXPECTED, "a list whose rows have no market_id", body)
    if events and not any({"event_id", "id"} & object_of(row).keys() for row in events):
        raise shape_error(EXPECTED, "a list whose events have no id", body)
    nameless = bool(odds) and not any("event_id" in object_of(row) for row in odds)
    kind = DETAIL if context.events or events is not None or nameless else LIST
    return _Reader(kind, context).read(events, odds)


class _Reader:
    """One payload."""

    def __init__(self, kind: str, context: Context) -> None:
        self._kind = kind
        self._context = context
        self._listed = context.events
        self._rejected: list[Rejected] = []

    def read(self, events: list[Any] | None, odds: list[Any]) -> ParsedPage:
        """Every event; `events` is None where the rows alone name them."""
        heads: dict[str, Row] = {}
        rows: dict[str, list[Row]] = {}
        for row in map(object_of, events or []):
            event_id = _event_id(row.get("event_id")) or _event_id(row.get("id"))
            if event_id is None or event_id in heads:
                reason = Reason.DUPLICATE_EVENT if event_id else Reason.BAD_EVENT
                self._rejected.append(Rejected(f"event:{event_id or ''}", reason, name_of(row.get("home"))))
                continue
            heads[event_id] = row
            rows[event_id] = list(self._rows(rows_of(row.get("odds"))))
        # Rows that name no event belong to the one that was asked for.
        known = self._listed or heads
        only = next(iter(known)) if len(known) == 1 else ""
        of_nobody = self._context.saved and not known
        for row in self._rows(odds):
            event_id = (_event_id(row["event_id"]) or "") if row.get("event_id") is not None else only
            if of_nobody and row.get("event_id") is None:
                rows.setdefault("", []).append(row)
            elif event_id in rows or (event_id and (events is None or event_id in self._listed)):
                rows.setdefault(event_id, []).append(row)
            else:
                self._rejected.append(Rejected(f"odd:{odd_id(row)}", Reason.UNKNOWN_EVENT, shown_market(row)))
        found = []
        for event_id, own in rows.items():
            try:
                match = self._match(event_id, heads.get(event_id, {}), own)
            except Unreadable as unreadable:
                self._rejected.append(unreadable.row(f"event:{event_id}"))
                continue
            found.append(self._event(match, own))
        return ParsedPage(self._kind, tuple(found), tuple(self._rejected))

    def _rows(self, rows: list[Any]) -> Iterator[Row]:
        for row in rows:
            if isinstance(row, dict):
                yield row
            else:
                self._rejected.append(Rejected("odd:", Reason.BAD_ODD, "no object"))

    def _match(self, event_id: str, head: Row, rows: list[Row]) -> Match:
        row = {**(rows[0] if rows else {}), **{key: value for key, value in head.items() if value is not None}}
        listed = self._listed.get(event_id)
        home, away = name_of(row.get("home")), name_of(row.get("away"))
        name = f"{home} - {away}"
        if self._listed and listed is None:
            raise Unreadable(Reason.UNKNOWN_EVENT, f"not the event asked for: {name}")
        sport = self._sport(row.get("sport_id"), listed, rows)
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {row.get('sport_id')}: {name}")
        if listed is None and self._context.saved:
            listed = unsaid.nameless(event_id, sport)
        tournament, category = name_of(row.get("tournament_name")), name_of(row.get("category_name"))
        words = {word for text in (tournament, category, home, away) for word in _words(text)}
        if not words.isdisjoint(VIRTUAL_WORDS):
            raise Unreadable(Reason.NOT_A_MATCH, f"{tournament}, {category}: {name}")
        phase = _phase([row, *rows], name)
        if listed is not None and not (home or away):
            home, away = listed.home, listed.away
        sides = {folded(home): Selection.HOME, folded(away): Selection.AWAY}
        if not (home and away) or len(sides) != 2:
            raise Unreadable(Reason.NO_SIDES, name)
        starts_at = _kickoff(row.get("date_start"))
        if starts_at is None and listed is not None and row.get("date_start") is None:
            starts_at = listed.starts_at
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"date_start {row.get('date_start')}: {name}")
        league = self._league(row, LeagueName("", tournament, category), listed, name)
        return Match(event_id, sport, league, home, away, starts_at, phase, sides)

    def _sport(self, number: object, listed: Event | None, rows: list[Row]) -> Sport | None:
        """As the rows say; else as the list said; in a saved file the one whose markets these are."""
        if number is not None:
            return SPORTS.get(number) if isinstance(number, int) else None
        if listed is not None:
            return listed.sport
        if not self._context.saved:
            return None
        return unsaid.sport_of(
            SPORT_MARKS, (mark for row in rows for mark in (id_of(row.get("market_id")), code_of(row)))
        )

    def _league(self, row: Row, shown: LeagueName, listed: Event | None, name: str) -> LeagueName:
        tournament_id = id_of(row.get("tournament_id"))
        asked = self._context.league.ids[_PLATFORM] if self._context.league else None
        if tournament_id is not None:
            if asked is not None and asked != tournament_id:
                raise Unreadable(Reason.OTHER_LEAGUE, f"tournament {tournament_id} {shown.name!r}: {name}")
            return LeagueName(tournament_id, shown.name, shown.country)
        if listed is not None:
            return listed.league if listed.league.source_id else shown
        if asked is None:
            raise Unreadable(Reason.NO_LEAGUE, name)
        return LeagueName(asked, shown.name, shown.country)

    def _event(self, match: Match, rows: list[Row]) -> Event:
        prices = PriceList(self._rejected)
        unknown: dict[tuple[str, str], int] = {}
        for row in rows:
            meaning = meaning_of(match.sport, row)
            if meaning is None:
                key = market_id_of(row), shown_market(row)
                unknown[key] = unknown.get(key, 0) + 1
                continue
            try:
                quote = quote_of(match, meaning, row)
            except Unreadable as unreadable:
                self._rejected.append(unreadable.row(f"odd:{odd_id(row)}"))
                continue
            prices.add_all(meaning.market, meaning.period, Rules.STANDARD, [quote])
        for (market_id, described), count in unknown.items():
            detail = f"{described}, {count} selections"
            self._rejected.append(Rejected(f"market:{market_id}", Reason.UNKNOWN_MARKET, detail))
        return match.with_prices(prices.taken())


def _event_id(value: object) -> str | None:
    event_id = id_of(value)
    return event_id if event_id is not None and _EVENT_ID.fullmatch(event_id) else None


def _words(text: str) -> list[str]:
    return folded(text.replace("-", "")).split()


def _phase(rows: list[Row], name: str) -> Phase:
    """Live as soon as any row says so. Raises Unreadable when the event is closed."""
    phase = Phase.PREMATCH
    for row in rows:
        number = row.get("event_status_id")
        if number is not None:
            if not isinstance(number, int) or number not in EVENT_STATUS:
                raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"status {number}: {name}")
            known = EVENT_STATUS[number]
            if known is None:
                raise Unreadable(Reason.NOT_OFFERED, f"status {number}: {name}")
            phase = Phase.LIVE if known is Phase.LIVE else phase
        if row.get("is_live") not in (None, 0, "0"):
            phase = Phase.LIVE
    return phase


def _kickoff(value: object) -> datetime | None:
    """A time without a zone, which is Brasília's, as aware UTC."""
    if not isinstance(value, str) or not _LOCAL_TIME.fullmatch(value):
        return None
    return kickoff_of(f"{value}{BRASILIA}")
