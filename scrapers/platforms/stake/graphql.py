"""The answers of stake.com's GraphQL: fixtures with everything inside. Parsed only; nothing asks for them.

Queries differ between clients, so that a fixture is found wherever it stands: in a sport's list, in a category's
tournaments, or alone. What stands above it tells its sport and league where it does not say so itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from scrapers.platforms.quotes import PriceList
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    check_sides,
    id_of,
    kickoff_of,
    line_of,
    name_of,
    number_of,
    object_of,
    rows_of,
    shape_error,
)
from scrapers.platforms.stake.uof import FIXTURE_STATUS, MARKET_STATUS, MARKETS, OUTRIGHT, SPORTS, Meaning
from scrapers.records import Event, LeagueName, ParsedPage, Period, Phase, PriceStatus, Rejected, Rules, Sport

GRAPHQL = "graphql"
_FIXTURE_KEYS = ("fixtureList", "slugFixture", "fixture")
_MILLISECONDS_FROM = 100_000_000_000
"""An epoch beyond this is written in milliseconds: as seconds it would be the year 5138."""


def read(root: Row, body: bytes, expected: str) -> ParsedPage:
    """Every fixture below `data`, with its markets.

    Rejected rows name `event:<fixture id>`, `market:<market id>` or `odd:<outcome id>`.

    Raises PayloadShapeError for an answer that has errors and no data, or data that is not about fixtures.
    """
    data = root.get("data")
    if not isinstance(data, dict) or not any(data.values()):
        errors = [name_of(object_of(error).get("message")) for error in rows_of(root.get("errors"))]
        said = f"an error of GraphQL: {'; '.join(errors)}" if errors else "a GraphQL answer without data"
        raise shape_error(expected, said, body)
    events: dict[str, Event] = {}
    rejected: list[Rejected] = []
    fixtures = _fixtures(data)
    if fixtures is None:
        raise shape_error(expected, "GraphQL data without fixtures", body)
    for row, place in fixtures:
        event_id = id_of(row.get("id"))
        if event_id is None:
            rejected.append(Rejected("event:", Reason.BAD_EVENT, name_of(row.get("name"))))
            continue
        try:
            if event_id in events:
                raise Unreadable(Reason.DUPLICATE_EVENT, name_of(row.get("name")))
            head = _head(event_id, row, place)
        except Unreadable as unreadable:
            rejected.append(unreadable.row(f"event:{event_id}"))
            continue
        prices = PriceList(rejected)
        _read_markets(head.sport, row, prices, rejected)
        events[event_id] = replace(head, prices=prices.taken())
    return ParsedPage(GRAPHQL, tuple(events.values()), tuple(rejected))


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands above a fixture."""

    sport: Row
    category: Row
    tournament: Row


def _fixtures(data: Row) -> list[tuple[Row, _Place]] | None:
    """Every fixture in source order; None when there is not even a list of them."""
    found: list[tuple[Row, _Place]] = []
    lists = 0
    waiting: list[tuple[str, Any, _Place]] = [("", data, _Place({}, {}, {}))]
    while waiting:
        key, value, place = waiting.pop()
        if isinstance(value, list):
            lists += key in _FIXTURE_KEYS
            waiting.extend((key, row, place) for row in reversed(value))
        elif key in _FIXTURE_KEYS:
            found.append((object_of(value), place))
        elif isinstance(value, dict):
            if key in ("slugSport", "sport", "sportList"):
                place = replace(place, sport=value)
            elif key in ("categoryList", "category"):
                place = replace(place, category=value)
            elif key in ("tournamentList", "slugTournament", "tournament"):
                place = replace(place, tournament=value)
            waiting.extend((inner, child, place) for inner, child in reversed(value.items()))
    return found if found or lists else None


def _head(event_id: str, row: Row, place: _Place) -> Event:
    name = name_of(row.get("name"))
    tournament = object_of(row.get("tournament")) or place.tournament
    category = object_of(tournament.get("category")) or place.category
    in_sport = object_of(category.get("sport")) or place.sport
    slug = name_of(in_sport.get("slug")) or name_of(in_sport.get("name")).lower()
    sport = SPORTS.get(slug)
    if sport is None:
        raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {slug!r}: {name}")
    match = object_of(row.get("data"))
    if match.get("__typename") == OUTRIGHT:
        raise Unreadable(Reason.NOT_A_MATCH, f"an outright: {name}")
    word = row.get("status")
    if not isinstance(word, str) or word not in FIXTURE_STATUS:
        raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"status {word}: {name}")
    phase = FIXTURE_STATUS[word]
    if phase is None:
        raise Unreadable(Reason.NOT_OFFERED, f"status {word}: {name}")
    home, away = _sides(sport, match, name)
    starts_at = _starts_at(match.get("startTime"))
    if starts_at is None:
        raise Unreadable(Reason.BAD_KICKOFF, f"startTime {match.get('startTime')}: {name}")
    league = id_of(tournament.get("slug")) or id_of(tournament.get("id"))
    if league is None:
        raise Unreadable(Reason.NO_LEAGUE, name)
    names = LeagueName(league, name_of(tournament.get("name")), name_of(category.get("name")))
    return Event(event_id, sport, names, home, away, starts_at, phase or Phase.PREMATCH)


def _sides(sport: Sport, match: Row, name: str) -> tuple[str, str]:
    """Host and guest. The order of competitors tells it in football only: American sports list the guest first."""
    teams = [object_of(team) for team in rows_of(match.get("teams"))]
    by_side = {name_of(team.get("qualifier")): name_of(team.get("name")) for team in teams}
    competitors = [name_of(object_of(row).get("name")) for row in rows_of(match.get("competitors"))]
    if len(teams) > 2 or len(competitors) > 2:
        raise Unreadable(Reason.NOT_A_MATCH, f"more than two sides: {name}")
    if not teams and len(competitors) == 2 and sport is Sport.FOOTBALL:
        home, away = competitors
    else:
        home, away = by_side.get("home", ""), by_side.get("away", "")
    check_sides(home, away, f"nothing says who is the host: {name}")
    return home, away


def _starts_at(value: object) -> datetime | None:
    """RFC 1123, ISO 8601 or an epoch, in seconds or milliseconds; None when it is none of them."""
    moment = kickoff_of(value)
    if moment is not None:
        return moment
    try:
        if isinstance(value, str) and not value.strip().isdecimal():
            parsed = parsedate_to_datetime(value)
            return parsed.astimezone(UTC) if parsed.tzinfo is not None else None
        if isinstance(value, str):
            value = int(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS_FROM else value, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return None


def _markets(row: Row) -> Iterator[tuple[str | None, Any]]:
    """Every market of a fixture, with the id of the template that it stands in."""
    for key in ("groups", "group"):
        held = row.get(key)
        for group in held if isinstance(held, list) else [held]:
            for template in rows_of(object_of(group).get("templates")):
                number = id_of(object_of(template).get("extId"))
                yield from ((number, market) for market in rows_of(object_of(template).get("markets")))
            yield from ((None, market) for market in rows_of(object_of(group).get("markets")))


def _read_markets(sport: Sport, row: Row, prices: PriceList, rejected: list[Rejected]) -> None:
    seen: set[str] = set()
    for template, value in _markets(row):
        market = object_of(value)
        market_id = id_of(market.get("id")) or ""
        number = id_of(market.get("extId")) or template
        shown = f"type {number} {name_of(market.get('name'))!r}, {len(rows_of(market.get('outcomes')))} selections"
        try:
            if not market_id:
                raise Unreadable(Reason.BAD_MARKET, shown)
            if market_id in seen:
                raise Unreadable(Reason.DUPLICATE_MARKET, shown)
            meaning = MARKETS[sport].get(number or "")
            if meaning is None:
                raise Unreadable(Reason.UNKNOWN_MARKET, shown)
            line = _line(market, meaning)
            word = market.get("status")
            if not isinstance(word, str) or word not in MARKET_STATUS:
                raise Unreadable(Reason.UNKNOWN_STATUS, f"{shown}, status {word}")
            status = MARKET_STATUS[word]
            if status is None:
                raise Unreadable(Reason.NOT_OFFERED, f"{shown}, status {word}")
        except Unreadable as unreadable:
            rejected.append(unreadable.row(f"market:{market_id}"))
            continue
        seen.add(market_id)
        for outcome in rows_of(market.get("outcomes")):
            _read_outcome(object_of(outcome), meaning, line, status, prices, rejected)


def _line(market: Row, meaning: Meaning) -> Decimal | None:
    """The home side's line; other specifiers (a quarter, a score) make it another market."""
    specifiers = name_of(market.get("specifiers"))
    parts = dict(part.partition("=")[::2] for part in specifiers.split("|") if part)
    if set(parts) != ({meaning.specifier} if meaning.specifier else set()):
        raise Unreadable(Reason.UNKNOWN_MARKET, f"{meaning.market} with specifiers {specifiers!r}")
    if not meaning.specifier:
        return None
    line = line_of(parts[meaning.specifier])
    if line is None:
        raise Unreadable(Reason.BAD_LINE, f"{meaning.market} with specifiers {specifiers!r}")
    return line


def _read_outcome(
    row: Row,
    meaning: Meaning,
    line: Decimal | None,
    market_status: PriceStatus,
    prices: PriceList,
    rejected: list[Rejected],
) -> None:
    source_id = f"odd:{id_of(row.get('id')) or ''}"
    selection = meaning.outcomes.get(id_of(row.get("extId")) or "")
    active, odds = row.get("active"), row.get("odds")
    value = number_of(odds)
    if selection is None:
        detail = f"{meaning.market} {id_of(row.get('extId'))} {name_of(row.get('name'))!r}"
        rejected.append(Rejected(source_id, Reason.UNKNOWN_SELECTION, detail))
    elif not isinstance(active, bool):
        rejected.append(Rejected(source_id, Reason.UNKNOWN_STATUS, f"active {active!r}"))
    elif value is None:
        rejected.append(Rejected(source_id, Reason.BAD_PRICE, f"odds {odds!r}"))
    else:
        status = market_status if active else PriceStatus.SUSPENDED
        prices.add(source_id, meaning.market, Period.MATCH, Rules.STANDARD, line, selection, value, status)
