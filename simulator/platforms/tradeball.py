"""Tradeball's list for guests: all leagues of one day, in pages; kick-offs by a clock one hour ahead of UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from scrapers.records import Market, Period, Rules
from simulator import chance
from simulator.answers import Answer, Request, event_id, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_at, load_leagues
from simulator.clubs import CLUB_NUMBERS
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import State, World

PLATFORM = "tradeball"
LIST_PATH = "/api/feedDballGuest/list"
CUSTOMER_PATH = "/api/feedDball/list"
CLOCK_AHEAD = timedelta(hours=1)
LIMIT_MAX = 100

Json = dict[str, Any]

PRICE_KEYS = ("wldHm", "wldDm", "wldAm")
ISO3 = {
    "Brazil": "BRA",
    "England": "ENG",
    "Spain": "ESP",
    "Italy": "ITA",
    "Germany": "DEU",
    "France": "FRA",
    "Netherlands": "NLD",
}


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API, on the brand's own site."""
    return path in (LIST_PATH, CUSTOMER_PATH) and brand_at(PLATFORM, host) is not None


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 401 at the customers' endpoint, 400 for a filter that is not one."""
    brand = brand_at(PLATFORM, request.host)
    if brand is None or request.path != LIST_PATH:
        return Answer(401, {"message": "Unauthenticated."}, brand)
    try:
        chosen = orjson.loads(request.query.get("filter", ""))
        start, limit = int(request.query.get("start", "0")), int(request.query.get("limit", "50"))
    except ValueError:
        return Answer(400, {"message": "The given data was invalid."}, brand)
    if not isinstance(chosen, dict) or chosen.get("marketId") != 2:
        return Answer(200, {"total": 0, "init": []}, brand, "list")
    return _list(world, brand, request, chosen, start, min(limit, LIMIT_MAX))


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """The result of the whole match and nothing else."""
    whole = offer.market is Market.MATCH_RESULT and offer.period is Period.MATCH
    return whole and offer.rules is Rules.STANDARD


def _shown(time: int) -> datetime:
    """A moment as the service's clock shows it."""
    return datetime.fromtimestamp(time, UTC) + CLOCK_AHEAD


def _list(
    world: World, brand: Brand, request: Request, chosen: Mapping[str, Any], start: int, limit: int
) -> Answer:
    leagues = tuple(key for key, league in load_leagues().items() if PLATFORM in league["ids"])
    day = chosen.get("date") or _shown(request.time).date().isoformat()
    matches = [
        fixture
        for fixture in matches_of(world, brand, request.time, leagues=leagues)
        if _shown(fixture.kickoff(request.time)).date().isoformat() == day
    ]
    # Newest first: by when they were created, not by when they are played.
    matches.sort(key=lambda fixture: (-fixture.first_kickoff, chance.number("created", fixture.code)))
    matches += matches[:1]  # duplicates occur, within a page and over pages
    shown = matches[start : start + limit]
    rows = [_row(world, brand, request, fixture) for fixture in shown]
    groups = {"LeagueGroup": [{"id": number, "name": key} for number, key in enumerate(leagues)]}
    body = {"total": len(matches), "init": rows, "dictionaries": groups}
    return Answer(200, body, brand, "list", leagues, tuple(fixture.code for fixture in shown))


def _row(world: World, brand: Brand, request: Request, fixture: Fixture) -> Json:
    league = load_leagues()[fixture.league]
    number = event_id(world.seed, PLATFORM, fixture)
    quotes = on_page(markets_of(world, brand, fixture, request.time, "list", request.moves, shows=shows))
    kickoff = fixture.kickoff(request.time)
    moment = _shown(kickoff)
    prices: Json = {}
    for quote in quotes:
        for key, (_, price) in zip(PRICE_KEYS, quote.prices, strict=True):
            # As text or as a number; 0 while it cannot be bet on.
            text: Any = f"{price:.2f}" if fixture.code % 2 else float(price)
            prices[key] = 0 if quote.state is State.SUSPENDED else text
    return {
        "ceId": number if fixture.code % 3 else str(number),
        "cthId": 5000 + CLUB_NUMBERS[fixture.home.name],
        "ctaId": 5000 + CLUB_NUMBERS[fixture.away.name],
        "cthName": brand.side(fixture.home, fixture.category),
        "ctaName": brand.side(fixture.away, fixture.category),
        "clId": 1 + list(load_leagues()).index(fixture.league),
        # Names of leagues come with blanks at their end.
        "clName": f"{league['ids'][PLATFORM]} ",
        "iso3": ISO3[league["country"]],
        "dg": kickoff * 1000 if fixture.code % 7 == 0 else moment.strftime("%Y-%m-%d %H:%M:%S"),
        **prices,
    }
