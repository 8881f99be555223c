"""BetsAPI's answers and captured text of the site to records. Pure: equal bytes, equal result.

`upcoming` lists matches without odds, `prematch` holds odds of matches that a list described. The site's own
records come as text or, through BetsAPI, as objects with a `type`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scrapers.platforms.bet365 import pipe
from scrapers.platforms.bet365.coupon import read_records
from scrapers.platforms.bet365.leagues import known_league, league_of
from scrapers.platforms.bet365.markets import SIMULATED, SPORTS, TIME_STATUS
from scrapers.platforms.bet365.prematch import Asked, Prematch, records_in
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
from scrapers.records import Event, ParsedPage, Rejected

EVENTS = "events"
"""The kind of payload that a list is. It has no odds."""

EXPECTED = "a BetsAPI answer about bet365 (upcoming, prematch, event, inplay) or the site's pipe-delimited text"
_MAX_TIME = 4_102_444_800  # 2100, epoch s


def parse(body: bytes, *, asked: Asked) -> ParsedPage:
    """Read one body of kind "events" (no odds), "prematch" or "coupon" (the site's records).

    Args:
        body: the response as received, UTF-8.

    Returns:
        events in source order, and every row left out: `event:<id>` with everything under it, `market:<FI>/<key>`
        with all its selections, or `odd:<id>`. A match asked for of which nothing came is rejected as well.

    Raises:
        PayloadShapeError: none of these payloads, or BetsAPI's own error (no key, over the quota).
    """
    text = _text_of(body)
    if text is not None and pipe.looks_like_pipe(text):
        return read_records(pipe.read_text(text), asked.events, saved=asked.saved)
    root = load_object(body, EXPECTED)
    if "success" not in root:
        raise shape_error(EXPECTED, keys_of(root), body)
    if id_of(root["success"]) != "1":
        raise shape_error(EXPECTED, f"BetsAPI's error {name_of(root.get('error')) or 'without a name'}", body)
    results = root.get("results")
    if not isinstance(results, list):
        raise shape_error(EXPECTED, "an answer whose results are not a list", body)
    if results and not any(isinstance(row, dict | list) for row in results):
        raise shape_error(EXPECTED, "a list whose results are no objects", body)
    if any(isinstance(row, list) for row in results):
        records = [record for row in results for record in records_in(rows_of(row))]
        return read_records(records, asked.events, saved=asked.saved)
    if any("FI" in object_of(row) for row in results) or (not results and asked.events):
        if any("JsonData" in object_of(part) for row in results for part in object_of(row).values()):
            raise shape_error(EXPECTED, "the raw JSON that BetsAPI gave up in 2019 (sections of JsonData)", body)
        return Prematch(asked).read(results)
    if any("home" in object_of(row) for row in results) or not results:
        return _read_list(results, asked)
    raise shape_error(EXPECTED, "results that are neither matches nor odds", body)


def _text_of(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _read_list(rows: list[Any], asked: Asked) -> ParsedPage:
    events: dict[str, Event] = {}
    rejected: list[Rejected] = []
    for row in map(object_of, rows):
        event_id = id_of(row.get("id"))
        if event_id is None:
            rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an id"))
            continue
        try:
            event = _listed(event_id, row, asked)
            if event_id in events:
                raise Unreadable(Reason.DUPLICATE_EVENT, f"{event.home} - {event.away}")
        except Unreadable as unreadable:
            rejected.append(unreadable.row(f"event:{event_id}"))
            continue
        events[event_id] = event
    return ParsedPage(EVENTS, tuple(events.values()), tuple(rejected))


def _listed(event_id: str, row: Row, asked: Asked) -> Event:
    home, away = (name_of(object_of(row.get(side)).get("name")) for side in ("home", "away"))
    league = object_of(row.get("league"))
    league_name, number = name_of(league.get("name")), id_of(league.get("id")) or ""
    title = f"{league_name}: {home} - {away}"
    sport_id = id_of(row.get("sport_id")) or ""
    sport = SPORTS.get(sport_id)
    if sport is None:
        raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {sport_id or 'unsaid'}: {title}")
    if any(SIMULATED.search(text) for text in (league_name, home, away)):
        raise Unreadable(Reason.NOT_A_MATCH, title)
    if asked.only_ours and known_league(sport, number, league_name) is None:
        raise Unreadable(Reason.OTHER_LEAGUE, f"{number} {league_name}")
    check_sides(home, away, title)
    if not (league_name or number):
        raise Unreadable(Reason.NO_LEAGUE, title)
    status = id_of(row.get("time_status")) or ""
    phase = TIME_STATUS.get(status)
    if phase is None:
        raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"time_status {status or 'unsaid'}: {title}")
    starts_at = _epoch(row.get("time"))
    if starts_at is None:
        raise Unreadable(Reason.BAD_KICKOFF, f"time {row.get('time')!r}: {title}")
    return Event(event_id, sport, league_of(sport, number, league_name), home, away, starts_at, phase)


def _epoch(value: object) -> datetime | None:
    """Epoch seconds, as a text or a number."""
    text = id_of(value) or ""
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or not 0 < int(text) < _MAX_TIME:
        return None
    return datetime.fromtimestamp(int(text), UTC)
