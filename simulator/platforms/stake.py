"""The REST host of stake.bet.br: a tournament's events without prices, and odds in rows without events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Rules, Selection
from simulator import chance
from simulator.answers import Answer, Request, code_of, event_id, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_at, load_leagues
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, State, World
from simulator.writing import iso

HOST_PREFIX = "sbweb."
PATH = ("api", "v1", "br", "pt-br")
PLATFORM = "stake"
LIVE_FOR_S = 6000
"""A match stays on the list this long after its kick-off, as live."""
NULL_SHARE = 0.02
"""How often an answer has an entry that is nothing."""

Json = dict[str, Any]
_Kind = tuple[bool, Market, Period, Rules]

MARKETS: dict[_Kind, str] = {
    (False, Market.MATCH_RESULT, Period.MATCH, Rules.STANDARD): "1001159858",
    (False, Market.MATCH_RESULT, Period.MATCH, Rules.EARLY_PAYOUT): "2100089307_0",
    (False, Market.TOTALS, Period.MATCH, Rules.STANDARD): "1001159926",
    (False, Market.BOTH_TEAMS_TO_SCORE, Period.MATCH, Rules.STANDARD): "1001642858",
    (False, Market.DOUBLE_CHANCE, Period.MATCH, Rules.STANDARD): "1001159922",
    (False, Market.DRAW_NO_BET, Period.MATCH, Rules.STANDARD): "1001159666",
    (True, Market.MONEYLINE, Period.MATCH, Rules.STANDARD): "1001159732",
    (True, Market.HANDICAP, Period.MATCH, Rules.STANDARD): "1001159512",
}
"""(basketball?, market, period, rules) -> the id that readers may know."""

UNPROVEN: dict[_Kind, str] = {
    (False, Market.MATCH_RESULT, Period.FIRST_HALF, Rules.STANDARD): "1000316018",
    (False, Market.HANDICAP, Period.MATCH, Rules.STANDARD): "1002275572",
    (True, Market.TOTALS, Period.MATCH, Rules.STANDARD): "1001159509",
}
"""The same for markets on the page that nobody has identified: readers have to leave them out.

The first one is the trap of this platform: columns and labels as the match result has them, for one half.
"""

LABELS = {
    Selection.DRAW: "Empate",
    Selection.YES: "Sim",
    Selection.NO: "Não",
    Selection.HOME_DRAW: "1X",
    Selection.HOME_AWAY: "12",
    Selection.DRAW_AWAY: "X2",
}


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for another path or brand."""
    brand = _brand(request.host)
    parts = tuple(part for part in request.path.split("/") if part)
    if brand is None or parts[:4] != PATH:
        return Answer(404, {"message": "Not Found"}, brand)
    match parts[4:]:
        case ("tournament", number, "live-upcoming"):
            return _tournament(world, brand, request, number)
        case ("events", "odds"):
            return _odds(world, brand, request, request.query.get("events", "").split(","), "main")
        case ("events", number, "odds"):
            return _odds(world, brand, request, [number], "detail")
    return Answer(404, {"message": "Not Found"}, brand)


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API."""
    return _brand(host) is not None


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Several events' odds hold football's match result, one event's every market with a known id."""
    if kind == "main":
        return offer.number == 0 and not offer.points
    return _kind(offer) in MARKETS


def _kind(offer: Offer) -> _Kind:
    return offer.points, offer.market, offer.period, offer.rules


def _brand(host: str) -> Brand | None:
    return brand_at(PLATFORM, host.removeprefix(HOST_PREFIX)) if host.startswith(HOST_PREFIX) else None


def _id(world: World, fixture: Fixture) -> int | str:
    """Ids are written as numbers or as texts."""
    number = event_id(world.seed, PLATFORM, fixture)
    return str(number) if fixture.code % 2 else number


def _tournament(world: World, brand: Brand, request: Request, number: str) -> Answer:
    leagues = tuple(key for key, league in load_leagues().items() if league["ids"].get(PLATFORM) == number)
    time = request.time
    live = [
        fixture
        for fixture in matches_of(world, brand, time - LIVE_FOR_S, leagues=leagues)
        if fixture.kickoff(time) <= time
    ]
    events = [
        _event(world, brand, fixture, time) for fixture in [*live, *matches_of(world, brand, time, leagues=leagues)]
    ]
    return Answer(200, {"events": events}, brand, "events", leagues)


def _event(world: World, brand: Brand, fixture: Fixture, time: int) -> Json:
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    kickoff = fixture.kickoff(time)
    fraction = ".000Z" if fixture.code % 3 else "Z"
    return {
        "id": _id(world, fixture),
        # Some names end in blanks.
        "teams": {"home": f"{home} " if fixture.code % 4 == 0 else home, "away": away},
        "dateStart": iso(kickoff).replace("Z", fraction),
        "isLive": kickoff <= time,
    }


def _odds(world: World, brand: Brand, request: Request, ids: list[str], kind: str) -> Answer:
    codes = [code_of(world.seed, PLATFORM, text) for text in ids]
    found = [
        fixture
        for fixture in matches_of(world, brand, request.time, events=codes)
        if PLATFORM in load_leagues()[fixture.league]["ids"]
    ]
    rows: list[Json | None] = []
    for fixture in found:
        quotes = markets_of(world, brand, fixture, request.time, kind, request.moves, shows=shows)
        if kind == "detail":
            every = world.quotes(brand, fixture, request.time, request.moves)
            quotes = [*quotes, *(quote for quote in every if _kind(quote.offer) in UNPROVEN)]
        for quote in on_page(quotes):
            rows.extend(_rows(world, brand, fixture, quote))
        if chance.unit(world.seed, "nothing", brand.key, fixture.code) < NULL_SHARE:
            rows.append(None)
    leagues = tuple(dict.fromkeys(fixture.league for fixture in found))
    return Answer(200, {"odds": rows}, brand, kind, leagues, tuple(fixture.code for fixture in found))


def _rows(world: World, brand: Brand, fixture: Fixture, quote: Quote) -> list[Json]:
    offer = quote.offer
    rows = []
    for column, (selection, price) in enumerate(quote.prices):
        row: Json = {
            "eventId": _id(world, fixture),
            "marketId": (MARKETS | UNPROVEN)[_kind(offer)],
            "columnId": column,
            "name": _label(brand, fixture, selection, offer.line),
            **({"line": float(offer.line)} if offer.market is Market.TOTALS and offer.line is not None else {}),
        }
        rows.append(row | _price(quote, price, fixture.code))
    if fixture.code % 5 == 0:
        rows.reverse()  # columns tell the side, their order does not
    return rows


def _price(quote: Quote, price: Decimal, code: int) -> Json:
    """A row's price, in one of the two spellings; while suspended it is 0, and perhaps flagged."""
    if quote.state is State.SUSPENDED:
        return {"oddValue": 0, "frozen": True} if code % 2 else {"oddValues": {"decimal": 0}}
    if code % 2:
        return {"oddValue": float(price), "frozen": False}
    return {"oddValues": {"decimal": str(price) if code % 3 else float(price)}}


def _label(brand: Brand, fixture: Fixture, selection: Selection, line: Decimal | None) -> str:
    if selection in (Selection.HOME, Selection.AWAY):
        club = fixture.away if selection is Selection.AWAY else fixture.home
        team = brand.side(club, fixture.category)
        return team if line is None else f"{team} {-line if selection is Selection.AWAY else line:+}"
    if selection in (Selection.OVER, Selection.UNDER):
        return f"{'Mais' if selection is Selection.OVER else 'Menos'} de {line}"
    return LABELS[selection]
