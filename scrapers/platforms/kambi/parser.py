"""Kambi payloads to records. Pure: equal bytes, equal result.

A list view nests the offers in their events; a betoffer answer keeps both flat, joined by
`eventId`. Odds and lines are integers in thousandths. One offer is one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scrapers.platforms.kambi.markets import (
    CRITERIA,
    EVENT_STATE,
    LABELS,
    OFFERED_TAG,
    OUTCOME_STATUS,
    SPORTS,
    UNTYPED,
    Criterion,
)
from scrapers.platforms.quotes import Head, PriceList, Quote, home_view, on_one_line
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    check_sides,
    id_of,
    keys_of,
    kickoff_of,
    line_of,
    load_object,
    name_of,
    object_of,
    rows_of,
    shape_error,
    tidy,
)
from scrapers.records import (
    MARKETS_WITH_LINE,
    Event,
    LeagueName,
    Market,
    ParsedPage,
    PriceStatus,
    Rejected,
    Selection,
)

LIST_VIEW, BET_OFFERS = "listView", "betoffer"
"""The kinds of payload that a league's list and an event's page are."""

EXPECTED = "a Kambi answer (listView, betoffer or a list of events)"
LIST_VIEW_KEYS = frozenset({"terms", "activeTermIds", "categoryGroups", "activeCategories"})
_HOST_OR_GUEST = frozenset({Selection.HOME, Selection.AWAY})


def parse(body: bytes) -> ParsedPage:
    """Read one Kambi body of kind "listView", "betoffer" or "events" (which has no odds).

    Args:
        body: the response as received, UTF-8 JSON.

    Returns:
        events in source order, and every row left out: `event:<id>` with all its offers,
        `market:<id>`, an offer with all its outcomes, or `odd:<id>`, one outcome. A betoffer answer
        that its `range` says is cut has a row `cut_answer`.

    Raises:
        PayloadShapeError: not a Kambi answer (HTML, truncated, another API).
    """
    root = load_object(body, EXPECTED)
    events = root.get("events")
    if not isinstance(events, list) or "markets" in root or "odds" in root:
        raise shape_error(EXPECTED, keys_of(root), body)
    if events and not any(isinstance(row, dict) for row in events):
        raise shape_error(EXPECTED, "a list whose events are not objects", body)
    if "betOffers" in root:
        if not isinstance(root["betOffers"], list):
            raise shape_error(EXPECTED, "a betoffer answer whose betOffers are not a list", body)
        return _Reader(BET_OFFERS).read_flat(events, root["betOffers"], object_of(root.get("range")))
    if LIST_VIEW_KEYS & root.keys() or any("event" in object_of(row) for row in events):
        return _Reader(LIST_VIEW).read_nested(events)
    if any("groupId" in object_of(row) for row in events) or root == {"events": []}:
        return _Reader("events").read_flat(events, [], {})
    raise shape_error(EXPECTED, keys_of(root), body)


@dataclass(frozen=True, slots=True)
class _Match(Head):
    """An event's head; `sides`: participants' ids and names -> the side."""

    sides: Mapping[str, Selection]


class _Reader:
    """One payload's events, in order, and what was left out."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.rejected: list[Rejected] = []

    def read_nested(self, rows: list[Any]) -> ParsedPage:
        """A list view: every row an event with its offers."""
        events: dict[str, Event] = {}
        for row in rows:
            match = self._match(object_of(row).get("event"), events)
            if match is not None:
                events[match.source_id] = self._event(match, rows_of(row.get("betOffers")))
        return ParsedPage(self.kind, tuple(events.values()), tuple(self.rejected))

    def read_flat(self, rows: list[Any], offers: list[Any], extent: Row) -> ParsedPage:
        """A betoffer answer: events and offers side by side."""
        named = {event_id for row in rows if (event_id := id_of(object_of(row).get("id"))) is not None}
        by_event: dict[str, list[Any]] = {}
        for offer in offers:
            event_id = id_of(object_of(offer).get("eventId"))
            if event_id in named:
                by_event.setdefault(event_id, []).append(offer)
            else:
                self._reject_offer(offer, Reason.UNKNOWN_EVENT)
        events: dict[str, Event] = {}
        for row in rows:
            match = self._match(row, events)
            if match is not None:
                events[match.source_id] = self._event(match, by_event.get(match.source_id, []))
        start, size, total = (extent.get(key) for key in ("start", "size", "total"))
        if isinstance(total, int):
            end = (start if isinstance(start, int) else 0) + (size if isinstance(size, int) else len(offers))
            if end < total or (isinstance(start, int) and start > 0):
                detail = f"offers {start} to {end} of {total}"
                self.rejected.append(Rejected("page", Reason.CUT_ANSWER, detail))
        return ParsedPage(self.kind, tuple(events.values()), tuple(self.rejected))

    def _reject_offer(self, offer: object, reason: Reason) -> None:
        row = object_of(offer)
        criterion = object_of(row.get("criterion"))
        label = name_of(criterion.get("englishLabel")) or name_of(criterion.get("label"))
        kind = id_of(object_of(row.get("betOfferType")).get("id"))
        count = len(rows_of(row.get("outcomes")))
        detail = f"type {kind} {label!r} ({id_of(criterion.get('id'))}), {count} selections"
        self.rejected.append(Rejected(f"market:{id_of(row.get('id')) or ''}", reason, detail))

    def _match(self, row: object, seen: Mapping[str, Event]) -> _Match | None:
        event = object_of(row)
        event_id = id_of(event.get("id"))
        if event_id is None:
            self.rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an id"))
            return None
        try:
            if event_id in seen:
                raise Unreadable(Reason.DUPLICATE_EVENT, name_of(event.get("name")))
            return _head(event_id, event)
        except Unreadable as unreadable:
            self.rejected.append(unreadable.row(f"event:{event_id}"))
            return None

    def _event(self, match: _Match, offers: list[Any]) -> Event:
        prices = PriceList(self.rejected)
        criteria, labels = CRITERIA[match.sport], LABELS[match.sport]
        for offer in offers:
            if not isinstance(offer, dict):
                self._reject_offer(offer, Reason.BAD_MARKET)
                continue
            criterion = object_of(offer.get("criterion"))
            criterion_id, label = criterion.get("id"), criterion.get("englishLabel")
            meaning = criteria.get(criterion_id) if isinstance(criterion_id, int) else None
            if meaning is None and isinstance(label, str):
                kind = object_of(offer.get("betOfferType")).get("id")
                meaning = labels.get((kind, label)) if isinstance(kind, int) else None
            if meaning is None:
                self._reject_offer(offer, Reason.UNKNOWN_MARKET)
            else:
                self._read_offer(match, meaning, offer, prices)
        return match.with_prices(prices.taken())

    def _read_offer(self, match: _Match, meaning: Criterion, offer: Row, prices: PriceList) -> None:
        with_line = meaning.market in MARKETS_WITH_LINE
        offered = _is_offered(match, offer)
        read: list[Quote] = []
        for outcome in rows_of(offer.get("outcomes")):
            row = object_of(outcome)
            source_id = f"odd:{id_of(row.get('id')) or ''}"
            try:
                selection = _selection(match, meaning, row)
                line = _line(row, selection) if with_line else None
                status = _status(row, offered=offered)
                value = _value(row, status)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(source_id))
                continue
            read.append(Quote(source_id, selection, line, value, status))
        # One offer is one line.
        if on_one_line(read, self.rejected):
            prices.add_all(meaning.market, meaning.period, meaning.rules, read)


def _head(event_id: str, event: Row) -> _Match:
    name = name_of(event.get("name")) or name_of(event.get("englishName"))
    sport_name = event.get("sport")
    sport = SPORTS.get(sport_name) if isinstance(sport_name, str) else None
    if sport is None:
        raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {sport_name}: {name}")
    tags = event.get("tags")
    if isinstance(tags, list) and "MATCH" not in tags:
        raise Unreadable(Reason.NOT_A_MATCH, f"tags {', '.join(map(str, tags))}: {name}")
    state = event.get("state")
    phase = EVENT_STATE.get(state) if isinstance(state, str) else None
    if phase is None:
        raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"state {state}: {name}")
    home, away = _sides(event, name)
    starts_at = kickoff_of(event.get("start"))
    if starts_at is None:
        raise Unreadable(Reason.BAD_KICKOFF, f"start {event.get('start')}: {name}")
    group_id = id_of(event.get("groupId"))
    if group_id is None:
        raise Unreadable(Reason.NO_LEAGUE, name)
    path = [object_of(step) for step in rows_of(event.get("path"))]
    # Sport, region, league; competitions above countries have no region.
    country = name_of(path[1].get("englishName")) if len(path) > 2 else ""
    league = LeagueName(group_id, name_of(event.get("group")), country)
    sides = {home: Selection.HOME, away: Selection.AWAY}
    for row in map(object_of, rows_of(event.get("participants"))):
        participant, at_home = id_of(row.get("participantId")), row.get("home")
        if participant is not None and isinstance(at_home, bool):
            sides[participant] = Selection.HOME if at_home else Selection.AWAY
    return _Match(event_id, sport, league, home, away, starts_at, phase, sides)


def _sides(event: Row, name: str) -> tuple[str, str]:
    """Home and away. The printed name may read "away @ home"; the English one never does."""
    home, away = name_of(event.get("homeName")), name_of(event.get("awayName"))
    if not (home and away):
        parts = name_of(event.get("englishName")).split(" - ")
        if len(parts) != 2 or not all(parts):
            raise Unreadable(Reason.NO_SIDES, name)
        home, away = parts
    check_sides(home, away, name)
    return home, away


def _is_offered(match: _Match, offer: Row) -> bool:
    """Whether the offer can be bet on now. `closed` is the time it will close at, not a flag."""
    if offer.get("suspended"):
        return False
    tags = offer.get("tags")
    return not isinstance(tags, list) or not tags or OFFERED_TAG[match.phase] in tags


def _selection(match: _Match, meaning: Criterion, outcome: Row) -> Selection:
    kind = outcome.get("type")
    selection = meaning.selections.get(kind) if isinstance(kind, str) else None
    team: Selection | None = None
    if selection in _HOST_OR_GUEST or (kind == UNTYPED and meaning.market is Market.HANDICAP):
        participant = id_of(outcome.get("participantId"))
        team = match.sides.get(participant or "") or match.sides.get(name_of(outcome.get("participant")))
    if selection is None:
        selection = team
    elif team is not None and team is not selection:
        raise Unreadable(Reason.SIDE_CONFLICT, f"{kind}, participant {name_of(outcome.get('participant'))!r}")
    if selection is None:
        label = name_of(outcome.get("englishLabel")) or name_of(outcome.get("label"))
        raise Unreadable(Reason.UNKNOWN_SELECTION, f"{kind} {label!r}")
    return selection


def _line(outcome: Row, selection: Selection) -> Decimal:
    """Goals or points; a handicap is written from its own team's view and turned to the home side's."""
    thousandths = outcome.get("line")
    whole = isinstance(thousandths, int) and not isinstance(thousandths, bool)
    line = _in_units(thousandths) if whole else None
    if line is None:
        raise Unreadable(Reason.BAD_LINE, f"line {thousandths!r}")
    return home_view(line, selection)


@lru_cache(maxsize=4096)
def _in_units(thousandths: int) -> Decimal | None:
    return line_of(format(Decimal(thousandths).scaleb(-3), "f"))


def _status(outcome: Row, *, offered: bool) -> PriceStatus:
    name = outcome.get("status")
    if not isinstance(name, str) or name not in OUTCOME_STATUS:
        raise Unreadable(Reason.UNKNOWN_STATUS, f"status {name}")
    status = OUTCOME_STATUS[name]
    if status is None:
        raise Unreadable(Reason.NOT_OFFERED, f"status {name}")
    return status if offered else PriceStatus.SUSPENDED


def _value(outcome: Row, status: PriceStatus) -> Decimal | None:
    """The price. It is absent while the outcome is not priced, and then the outcome is suspended."""
    odds = outcome.get("odds")
    if isinstance(odds, int) and not isinstance(odds, bool):
        return _price(odds)
    if odds is None and status is PriceStatus.SUSPENDED:
        return None
    raise Unreadable(Reason.BAD_PRICE, f"odds {odds!r}")


@lru_cache(maxsize=16384)
def _price(thousandths: int) -> Decimal:
    return tidy(Decimal(thousandths).scaleb(-3))
