"""Entain fixtures to records. Pure: equal bytes, equal result.

A list holds fixtures with the markets of its grid, a fixture view one fixture with all of them. A fixture's
`source` decides where its markets stand: `optionMarkets` (V2), `games` (V1). Odds are decimal numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scrapers.platforms import Context, unsaid
from scrapers.platforms.entain_cds.fields import options_of, parameters_of, text_of
from scrapers.platforms.entain_cds.markets import SPORTS, STAGES, Meaning
from scrapers.platforms.entain_cds.meanings import meaning_v1, meaning_v2
from scrapers.platforms.entain_cds.options import Odd, odd_of, status_of
from scrapers.platforms.entain_cds.sides import Sides, sides_of
from scrapers.platforms.quotes import PriceList, on_one_line
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
from scrapers.records import Event, LeagueName, ParsedPage, Phase, Price, PriceStatus, Rejected, Rules, Sport

PLATFORM = "entain_cds"
LIST = "list"
DETAIL = "detail"
VIEW_KEYS = frozenset({"fixture", "splitFixtures"})
EXPECTED = "an Entain betting-offer answer (a list of fixtures or a fixture view)"


def parse(body: bytes, *, context: Context | None = None) -> ParsedPage:
    """Read one body of kind "list" or "detail".

    Args:
        body: the response as received, UTF-8 JSON.
        context: `league`: in basketball, where lists are asked for by sport, matches of other leagues are
            rejected. `events`: an event keeps the league that its list gave it.

    Returns:
        events in source order, and every row left out: `event:<id>` with all its markets, `market:<id>` with
        all its options, or `odd:<id>`. A list shorter than its `totalCount` has a row `cut_answer`. A fixture
        view without a fixture is an empty page: the fixture is not offered any more.

    Raises:
        PayloadShapeError: not a betting-offer answer (HTML, truncated, another API, a refusal).
    """
    root = load_object(body, EXPECTED)
    reader = _Reader(context or Context())
    fixtures = root.get("fixtures")
    if isinstance(fixtures, list):
        if fixtures and not any(isinstance(row, dict) for row in fixtures):
            raise shape_error(EXPECTED, "a list whose fixtures are not objects", body)
        return reader.read_list(fixtures, _total(root))
    if isinstance(root.get("fixture"), dict) or (root.get("fixture") is None and VIEW_KEYS & root.keys()):
        return reader.read_view(root)
    message = name_of(root.get("message"))
    raise shape_error(EXPECTED, f"a refusal: {message[:100]}" if message else keys_of(root), body)


def _total(root: Row) -> int | None:
    """How many fixtures the bookmaker holds for this question; the key's spelling is not certain."""
    totals = (value for key, value in root.items() if key.lower() == "totalcount")
    return next((value for value in totals if isinstance(value, int)), None)


@dataclass(frozen=True, slots=True)
class _Match:
    """A fixture's head: everything but its prices. `open`: whether it can be bet on at all."""

    source_id: str
    sport: Sport
    league: LeagueName
    sides: Sides
    starts_at: datetime
    phase: Phase
    open: bool


class _Reader:
    """One payload."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rejected: list[Rejected] = []
        self.events: dict[str, Event] = {}

    def read_list(self, rows: list[Any], total: int | None) -> ParsedPage:
        """Fixtures, each with the markets of its grid."""
        for row in rows:
            self._read_fixture(row)
        if total is not None and total > len(rows):
            self.rejected.append(Rejected("page", Reason.CUT_ANSWER, f"{len(rows)} fixtures of {total}"))
        return ParsedPage(LIST, tuple(self.events.values()), tuple(self.rejected))

    def read_view(self, root: Row) -> ParsedPage:
        """One fixture with all its markets; what is split off from it holds specials."""
        if root.get("fixture") is not None:
            self._read_fixture(root["fixture"])
        for row in rows_of(root.get("splitFixtures")):
            self._reject_event(object_of(row), Reason.NOT_A_MATCH, "split off: specials")
        return ParsedPage(DETAIL, tuple(self.events.values()), tuple(self.rejected))

    def _read_fixture(self, row: object) -> None:
        fixture = object_of(row)
        event_id = id_of(fixture.get("id"))
        if event_id is None:
            self._reject_event(fixture, Reason.BAD_EVENT, "no object with an id")
            return
        try:
            if event_id in self.events:
                raise Unreadable(Reason.DUPLICATE_EVENT, text_of(fixture.get("name")))
            match = self._match(event_id, fixture)
        except Unreadable as unreadable:
            self._reject_event(fixture, unreadable.reason, unreadable.detail)
            return
        self.events[event_id] = Event(
            match.source_id,
            match.sport,
            match.league,
            match.sides.home,
            match.sides.away,
            match.starts_at,
            match.phase,
            self._prices(match, fixture),
        )

    def _reject_event(self, fixture: Row, reason: Reason, detail: str) -> None:
        self.rejected.append(Rejected(f"event:{id_of(fixture.get('id')) or ''}", reason, detail))

    def _match(self, event_id: str, fixture: Row) -> _Match:
        name = text_of(fixture.get("name"))
        kind = object_of(fixture.get("sport"))
        sport_id = kind.get("id")
        sport = SPORTS.get(sport_id) if isinstance(sport_id, int) else None
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {sport_id}: {name}")
        if fixture.get("isVirtual") or kind.get("isEsport"):
            raise Unreadable(Reason.NOT_A_MATCH, f"virtual or e-sport: {name}")
        stage = fixture.get("stage")
        phase = STAGES.get(stage.lower()) if isinstance(stage, str) else None
        if phase is None:
            raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"stage {stage}: {name}")
        if object_of(fixture.get("scoreboard")).get("started"):
            phase = Phase.LIVE
        league = self._league(event_id, sport, fixture, name)
        sides = sides_of(fixture, name)
        unsaid_start = self.context.saved and fixture.get("startDate") is None
        starts_at = unsaid.KICKOFF if unsaid_start else kickoff_of(fixture.get("startDate"))
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"startDate {fixture.get('startDate')}: {name}")
        return _Match(
            event_id,
            sport,
            league,
            sides,
            starts_at,
            phase,
            fixture.get("isOpenForBetting") is not False,
        )

    def _league(self, event_id: str, sport: Sport, fixture: Row, name: str) -> LeagueName:
        if event_id in self.context.events:
            return self.context.events[event_id].league
        if self.context.saved and fixture.get("competition") is None:
            return unsaid.LEAGUE
        competition = object_of(fixture.get("competition"))
        league_id, league_name = id_of(competition.get("id")), text_of(competition.get("name"))
        if league_id is None:
            raise Unreadable(Reason.NO_LEAGUE, name)
        asked = self.context.league
        if asked is not None and sport is Sport.BASKETBALL:
            asked_id = asked.ids[PLATFORM]
            # The same league has another number in V1 and V2. Its name must be equal: "WNBA" contains "NBA".
            if league_id != asked_id and league_name.lower() != asked.name.lower():
                raise Unreadable(Reason.OTHER_LEAGUE, f"{league_name} ({league_id}): {name}")
            league_id = asked_id
        return LeagueName(league_id, league_name, text_of(object_of(fixture.get("region")).get("name")))

    def _prices(self, match: _Match, fixture: Row) -> tuple[Price, ...]:
        prices = PriceList(self.rejected)
        seen: set[str] = set()
        for row, newer in _markets(fixture):
            if not isinstance(row, dict):
                self._reject_market({}, Reason.BAD_MARKET)
                continue
            market_id = id_of(row.get("id"))
            if market_id is not None and market_id in seen:
                self._reject_market(row, Reason.DUPLICATE_MARKET)
                continue
            if market_id is not None:
                seen.add(market_id)
            meaning = meaning_v2(match.sport, row) if newer else meaning_v1(match.sport, row)
            if meaning is None:
                self._reject_market(row, Reason.UNKNOWN_MARKET)
            else:
                self._read_market(match, meaning, row, prices)
        return prices.taken()

    def _reject_market(self, row: Row, reason: Reason) -> None:
        parameters = " ".join(f"{key}={value}" for key, value in parameters_of(row).items())
        category = parameters or f"category {id_of(row.get('categoryId'))}"
        detail = f"{text_of(row.get('name'))!r} {category}, {len(options_of(row))} selections"
        self.rejected.append(Rejected(f"market:{id_of(row.get('id')) or ''}", reason, detail))

    def _read_market(self, match: _Match, meaning: Meaning, row: Row, prices: PriceList) -> None:
        try:
            offered = status_of(row, PriceStatus.OPEN if match.open else PriceStatus.SUSPENDED)
        except Unreadable as unreadable:
            self._reject_market(row, unreadable.reason)
            return
        read: list[Odd] = []
        for option in options_of(row):
            try:
                read.append(odd_of(match.sides, meaning, row, object_of(option), offered))
            except Unreadable as unreadable:
                source_id = f"odd:{id_of(object_of(option).get('id')) or ''}"
                self.rejected.append(unreadable.row(source_id))
        # One market is one line.
        if not on_one_line(read, self.rejected):
            return
        market, period, rules = meaning.market, meaning.period, meaning.rules
        for odd in read:
            prices.add_all(market, period, rules, [odd])
            if odd.boosted is not None and rules is not Rules.BOOSTED:
                prices.add_all(market, period, Rules.BOOSTED, [replace(odd, value=odd.boosted)])


def _markets(fixture: Row) -> Iterator[tuple[object, bool]]:
    """Every market, and whether it has the newer form."""
    for row in rows_of(fixture.get("optionMarkets")):
        yield row, True
    for row in rows_of(fixture.get("games")):
        yield row, False
