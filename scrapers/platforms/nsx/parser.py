"""NSX payloads to records. Pure: equal bytes, equal result.

Everything is rows, one per selection. A list repeats the event in each of them; details come in three shapes:
rows nested in their event, rows beside it, or rows alone, which belong to the event that was asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scrapers.platforms import Context, unsaid
from scrapers.platforms.labels import PLAIN_NAMES, TEAM_MARKETS
from scrapers.platforms.nsx.markets import (
    CODES,
    EVENT_STATUS,
    MARKET_NAMES,
    MARKET_STATUS,
    MARKETS,
    OUTCOME_CODES,
    PARTIAL_WORDS,
    SPECIFIERS,
    SPORT_MARKS,
    SPORTS,
    VIRTUAL_WORDS,
    MarketType,
)
from scrapers.platforms.quotes import Head, PriceList, home_view
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    id_of,
    keys_of,
    kickoff_of,
    load_object,
    name_of,
    number_of,
    object_of,
    rows_of,
    shape_error,
    tidy,
    written_line,
)
from scrapers.records import (
    MARKETS_WITH_LINE,
    SELECTIONS,
    Event,
    LeagueName,
    ParsedPage,
    Period,
    Phase,
    PriceStatus,
    Rejected,
    Rules,
    Selection,
    Sport,
)

LIST, DETAIL = "list", "detail"
"""The kinds of payload that a league's list and an event's own page are."""

EXPECTED = "an NSX answer (rows of odds, one event's markets or the tournaments)"
BRASILIA = "-03:00"
"""The zone of every time; no row names it. Without summer time since 2019."""

_PLATFORM = "nsx"
_EVENT_ID = re.compile(r"\d{1,18}", re.ASCII)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_PRICE = re.compile(r"\d{1,6}(\.\d{1,4})?", re.ASCII)
_SIDED_LINE = re.compile(r"([HA]):(.+)")
_TEAM_LINE = re.compile(r"(.*) \(([+-]?\d+(?:[.,]\d+)?)\)", re.ASCII)
_TOTAL_LINE = re.compile(r"(.*) (\d+(?:[.,]\d+)?)(?: gols| pontos)?", re.ASCII)


def parse(body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
    """Read one NSX body of kind "list", "detail" or "tournaments" (which has no odds).

    Args:
        body: the response as received, UTF-8 JSON.
        fetched_at: when its last byte arrived, aware UTC. The payload tells by itself whether an
            event is live, so nothing is derived from it.
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


@dataclass(frozen=True, slots=True)
class _Match(Head):
    """An event's head; `sides`: folded names of the teams -> the side."""

    sides: Mapping[str, Selection]


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
                self._rejected.append(Rejected(f"odd:{_odd_id(row)}", Reason.UNKNOWN_EVENT, _described(row)))
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

    def _match(self, event_id: str, head: Row, rows: list[Row]) -> _Match:
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
        sides = {_folded(home): Selection.HOME, _folded(away): Selection.AWAY}
        if not (home and away) or len(sides) != 2:
            raise Unreadable(Reason.NO_SIDES, name)
        starts_at = _kickoff(row.get("date_start"))
        if starts_at is None and listed is not None and row.get("date_start") is None:
            starts_at = listed.starts_at
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"date_start {row.get('date_start')}: {name}")
        league = self._league(row, LeagueName("", tournament, category), listed, name)
        return _Match(event_id, sport, league, home, away, starts_at, phase, sides)

    def _sport(self, number: object, listed: Event | None, rows: list[Row]) -> Sport | None:
        """As the rows say; else as the list said; in a saved file the one whose markets these are."""
        if number is not None:
            return SPORTS.get(number) if isinstance(number, int) else None
        if listed is not None:
            return listed.sport
        if not self._context.saved:
            return None
        return unsaid.sport_of(
            SPORT_MARKS, (mark for row in rows for mark in (id_of(row.get("market_id")), _code(row)))
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

    def _event(self, match: _Match, rows: list[Row]) -> Event:
        prices = PriceList(self._rejected)
        unknown: dict[tuple[str, str], int] = {}
        for row in rows:
            meaning = _meaning(match.sport, row)
            if meaning is None:
                key = _market_id(row), _described(row)
                unknown[key] = unknown.get(key, 0) + 1
                continue
            source_id = f"odd:{_odd_id(row)}"
            try:
                selection = _selection(match, meaning, row)
                line = _line(meaning, row, selection) if meaning.market in MARKETS_WITH_LINE else None
                status = _status(row)
                value = _value(row, status)
            except Unreadable as unreadable:
                self._rejected.append(unreadable.row(source_id))
                continue
            prices.add(source_id, meaning.market, meaning.period, Rules.STANDARD, line, selection, value, status)
        for (market_id, described), count in unknown.items():
            detail = f"{described}, {count} selections"
            self._rejected.append(Rejected(f"market:{market_id}", Reason.UNKNOWN_MARKET, detail))
        return match.with_prices(prices.taken())


def _event_id(value: object) -> str | None:
    event_id = id_of(value)
    return event_id if event_id is not None and _EVENT_ID.fullmatch(event_id) else None


def _odd_id(row: Row) -> str:
    """The selection's id; where a row has none, built as the back-end builds it, without the event."""
    outcome = id_of(row.get("outcome_id")) or name_of(row.get("outcome_name"))
    return id_of(row.get("id")) or f"{_market_id(row)}_{outcome}_{name_of(row.get('specifier'))}"


def _market_id(row: Row) -> str:
    """The market's id behind its event's, as far as the row says them."""
    return "_".join(part for key in ("event_id", "market_id") if (part := id_of(row.get(key))) is not None)


def _described(row: Row) -> str:
    code, name = name_of(row.get("market_code")), name_of(row.get("market_name"))
    return f"market {id_of(row.get('market_id'))} {code or name!r}"


def _words(text: str) -> list[str]:
    return _folded(text.replace("-", "")).split()


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    """A name without accents, capitals, punctuation: "Atlético-MG" and "Atletico MG" are one, "Atlético-GO" not."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    plain = (letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join("".join(plain).split())


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


def _meaning(sport: Sport, row: Row) -> MarketType | None:
    """What the row's market is, by its classic id, its code, or its name where it has no code.

    None outside the common model, when id and code contradict each other, and for a specifier that it has not.
    """
    number, code = row.get("market_id"), _code(row)
    by_id = MARKETS[sport].get(number) if isinstance(number, int) else None
    by_code = CODES[sport].get(code)
    if by_id is not None and by_code is not None:
        if (by_id.market, by_id.period) != (by_code.market, by_code.period):
            return None
    elif by_id is not None and by_id.period is Period.MATCH and any(word in code for word in PARTIAL_WORDS):
        return None
    meaning = by_id or by_code
    if meaning is None and not code:
        meaning = MARKET_NAMES[sport].get(name_of(row.get("market_name")).lower())
    if meaning is None or _specifiers(row).keys() - SPECIFIERS.get(meaning.market, frozenset()):
        return None
    return meaning


def _code(row: Row) -> str:
    return name_of(row.get("market_code")).strip("|").lower()


def _specifiers(row: Row) -> dict[str, str]:
    """`total=2,5|...` as a table; empty when there is none."""
    text = row.get("specifier")
    if not isinstance(text, str) or not text.strip():
        return {}
    pairs = (part.partition("=") for part in text.strip().split("|"))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _split(meaning: MarketType, row: Row) -> tuple[str, Decimal | None]:
    """An outcome's name, and the line it ends with: "Bahia (-1.5)", "Mais de 2,5 gols"."""
    name = name_of(row.get("outcome_name"))
    found = (_TEAM_LINE if meaning.market in TEAM_MARKETS else _TOTAL_LINE).fullmatch(name)
    line = written_line(found[2]) if found else None
    return (found[1], line) if found and line is not None else (name, None)


def _selection(match: _Match, meaning: MarketType, row: Row) -> Selection:
    """By outcome id, code and name, as far as they say anything; they must not contradict each other."""
    number, code = id_of(row.get("outcome_id")), name_of(row.get("outcome_code")).lower()
    text, _ = _split(meaning, row)
    by_name = PLAIN_NAMES.get(text.lower())
    if meaning.market in TEAM_MARKETS:
        by_name = match.sides.get(_folded(text), by_name)
    by_code = OUTCOME_CODES.get(code.split()[0]) if code else None
    possible = (meaning.outcomes.get(number or ""), by_code, by_name)
    marks = {mark for mark in possible if mark is not None and mark in SELECTIONS[meaning.market]}
    if len(marks) > 1:
        raise Unreadable(Reason.SIDE_CONFLICT, f"outcome {number}, code {code!r}, name {text!r}")
    if not marks:
        raise Unreadable(Reason.UNKNOWN_SELECTION, f"outcome {number}, code {code!r}, name {text!r}")
    return marks.pop()


def _line(meaning: MarketType, row: Row, selection: Selection) -> Decimal:
    """The line from the home side's view. `hcp` is; `hc` names its side; an outcome's name speaks for its own."""
    _, named = _split(meaning, row)
    if named is not None:
        named = home_view(named, selection)
    specifiers = _specifiers(row)
    if not specifiers and named is not None:
        return named
    lines = {_specified(key, text) for key, text in specifiers.items()}
    line = lines.pop() if len(lines) == 1 else None
    if line is None:
        raise Unreadable(Reason.BAD_LINE, f"specifier {row.get('specifier')!r}")
    if named is not None and named != line:
        raise Unreadable(
            Reason.LINE_CONFLICT, f"{name_of(row.get('outcome_name'))!r} with {row.get('specifier')!r}"
        )
    return line


def _specified(key: str, text: str) -> Decimal | None:
    if key != "hc":
        return written_line(text)
    sided = _SIDED_LINE.fullmatch(text)
    line = written_line(sided[2]) if sided else None
    if sided is None or line is None:
        return None
    return home_view(line, Selection.AWAY if sided[1] == "A" else Selection.HOME)


def _status(row: Row) -> PriceStatus:
    # `market_display_status` is about tabs of the page: markets that can be bet on carry 0.
    if row.get("selection_display_status") == 0:
        raise Unreadable(Reason.NOT_OFFERED, "selection_display_status 0")
    number = row.get("market_status_id")
    if number is None:
        return PriceStatus.OPEN
    status = MARKET_STATUS.get(number) if isinstance(number, int) else None
    if status is None:
        raise Unreadable(Reason.UNKNOWN_STATUS, f"market_status_id {number}")
    return status


def _value(row: Row, status: PriceStatus) -> Decimal | None:
    """The price: a number, or text with three decimals. Only a suspended selection may lack it."""
    odd = row.get("odd")
    if isinstance(odd, str) and _PRICE.fullmatch(odd):
        return tidy(Decimal(odd))
    value = number_of(odd)
    if value is None and status is PriceStatus.OPEN:
        raise Unreadable(Reason.BAD_PRICE, f"odd {odd!r}")
    return value
