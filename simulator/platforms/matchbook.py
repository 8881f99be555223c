"""Matchbook's exchange engine: events with all their markets, each runner with an order book."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Rules, Selection, Side, Sport
from simulator import chance
from simulator.answers import Answer, Request, code_of, event_id, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_at, load_leagues
from simulator.clubs import CLUB_NUMBERS, LEAGUE_CLUBS, Club
from simulator.exchange import BookEntry, order_book
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, State, World
from simulator.writing import iso, own_view

HOST_PREFIX = "mexchange-api."
PLATFORM = "matchbook"
PER_PAGE, PER_PAGE_MAX = 20, 500

Json = dict[str, Any]

SPORTS = {"football": (15, "Futebol", "soccer"), "basketball": (4, "Basquetebol", "basketball")}
"""Sport -> id, name, tag."""

MARKETS: dict[Market, tuple[str, str, str]] = {
    Market.MATCH_RESULT: ("one_x_two", "Probabilidades da Partida", "Match Odds"),
    Market.MONEYLINE: ("money_line", "Vencedor", "Moneyline"),
    Market.TOTALS: ("total", "Total", "Total"),
    Market.HANDICAP: ("handicap", "Handicap", "Handicap"),
    Market.BOTH_TEAMS_TO_SCORE: ("both_to_score", "Ambas as Equipes Marcam", "Both Teams To Score"),
    Market.DOUBLE_CHANCE: ("other", "Dupla Chance", "Double Chance"),
    Market.DRAW_NO_BET: ("other", "Empate Anula a Aposta", "Draw No Bet"),
}
"""Market -> type, name, English name."""

RUNNERS_ORDER = (Selection.HOME_AWAY, Selection.DRAW_AWAY, Selection.HOME_DRAW)
"""Double chance is not listed in the order of the match odds."""
SCORES = ("1 - 0", "0 - 0", "0 - 1")
"""Runners of a market outside the common model, which every football match has."""
NULL_SHARE = 0.02
"""How often a book has an entry that is nothing."""
_CATEGORY_SIDES = ("", "women", "u20", "b")


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for another path, brand or event."""
    brand = _brand(request.host)
    parts = [part for part in request.path.split("/") if part]
    if brand is None or parts[:2] != ["api", "events"] or len(parts) > 3:
        return Answer(404, {"errors": [{"messages": ["Not Found"]}]}, brand)
    if len(parts) == 2:
        return _list(world, brand, request)
    code = code_of(world.seed, PLATFORM, parts[2])
    for fixture in matches_of(world, brand, request.time, events=[code]):
        if PLATFORM in load_leagues()[fixture.league]["ids"]:
            body = _event(world, brand, request, fixture)
            return Answer(200, body, brand, "event", (fixture.league,), (fixture.code,))
    return Answer(404, {"errors": [{"messages": ["Event not found"]}]}, brand)


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API."""
    return _brand(host) is not None


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Every answer holds every market that an exchange has: no halves, no promotions."""
    return offer.period is Period.MATCH and offer.rules is Rules.STANDARD


def _brand(host: str) -> Brand | None:
    return brand_at(PLATFORM, host.removeprefix(HOST_PREFIX)) if host.startswith(HOST_PREFIX) else None


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default


def _list(world: World, brand: Brand, request: Request) -> Answer:
    tags = set(request.query.get("tag-url-names", "").split(","))
    leagues = [key for key, league in load_leagues().items() if league["ids"].get(PLATFORM) in tags]
    offset = _number(request.query.get("offset"), 0)
    per_page = min(PER_PAGE_MAX, _number(request.query.get("per-page"), PER_PAGE))
    rows: list[Fixture | str] = [*matches_of(world, brand, request.time, leagues=leagues), *leagues]
    page = rows[offset : offset + per_page]
    events = [
        _outright(world, row, request.time) if isinstance(row, str) else _event(world, brand, request, row)
        for row in page
    ]
    body = {"offset": offset, "per-page": per_page, "total": len(rows), "events": events}
    codes = tuple(row.code for row in page if not isinstance(row, str))
    return Answer(200, body, brand, "list", tuple(leagues), codes)


def _tags(league: str) -> list[Json]:
    declared = load_leagues()[league]
    number, name, tag = SPORTS[declared["sport"]]
    country = declared["country"]
    place = list(load_leagues()).index(league)
    return [
        {"id": number, "name": name, "type": "SPORT", "url-name": tag},
        {"id": 410468520880009, "name": "Ao Vivo", "type": "OTHER", "url-name": "live-betting"},
        {
            "id": 394655963100010 + place,
            "name": declared["name"],
            "type": "COMPETITION",
            "url-name": declared["ids"][PLATFORM],
        },
        {"id": 418247875640009 + place, "name": country, "type": "COUNTRY", "url-name": country.lower()},
    ]


def _head(number: int, name: str, league: str, start: int) -> Json:
    """The fields that every event has; ids are texts, beyond what a double holds exactly."""
    return {
        "id": str(number),
        "name": name,
        "sport-id": SPORTS[load_leagues()[league]["sport"]][0],
        "start": iso(start).replace("Z", ".000Z"),
        "status": "open",
        "in-running-flag": False,
        "allow-live-betting": True,
        "category-id": [tag["id"] for tag in _tags(league)],
        "volume": 0.0,
        "meta-tags": _tags(league),
    }


def _participant_id(club: Club, category: str) -> str:
    place = CLUB_NUMBERS[club.name] * len(_CATEGORY_SIDES) + _CATEGORY_SIDES.index(category)
    return str(9_200_000_000_000_000_000 + place)


def _event(world: World, brand: Brand, request: Request, fixture: Fixture) -> Json:
    number = event_id(world.seed, PLATFORM, fixture)
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    points = fixture.sport is Sport.BASKETBALL
    participants = [
        # American events number the guest first; which comes first in the array says nothing.
        {
            "id": _participant_id(club, fixture.category),
            "event-id": str(number),
            "participant-name": name,
            "number": str(place) if fixture.code % 3 == 0 else place,
        }
        for club, name, place in ((fixture.home, home, 1 + points), (fixture.away, away, 2 - points))
    ]
    if fixture.code % 2:
        participants.reverse()
    quotes = on_page(markets_of(world, brand, fixture, request.time, "list", request.moves, shows=shows))
    markets = [_market(world, brand, fixture, number, (home, away), quote) for quote in quotes]
    if not points:
        markets.append(_scores(number))
    name = f"{away} em {home}" if points else f"{home} vs {away}"
    return _head(number, name, fixture.league, fixture.kickoff(request.time)) | {
        "event-participants": participants,
        "markets": markets,
    }


def _market_head(number: int, place: int, names: Sequence[str], status: str) -> Json:
    kind, name, english = names
    return {
        "id": str(number * 100_000 + place),
        "event-id": str(number),
        "name": name,
        "name-original": english,
        "market-type": kind,
        "status": status,
        "in-running-flag": False,
        "allow-live-betting": True,
        "live": False,
        "volume": 0.0,
    }


def _market(
    world: World, brand: Brand, fixture: Fixture, number: int, sides: tuple[str, str], quote: Quote
) -> Json:
    offer = quote.offer
    status = "suspended" if quote.state is State.SUSPENDED else "open"
    head = _market_head(number, offer.number, MARKETS[offer.market], status)
    prices = dict(quote.prices)
    order = RUNNERS_ORDER if offer.market is Market.DOUBLE_CHANCE else tuple(prices)
    runners = []
    for place, selection in enumerate(order):
        others = [price for other, price in prices.items() if other is not selection]
        opposite = others[0] if len(others) == 1 else None
        name = (world.seed, brand.key, fixture.code, offer.number, selection)
        book = order_book(PLATFORM, prices[selection], opposite, *name) if status == "open" else []
        entries: list[Json | None] = [_entry(entry) for entry in book]
        if entries and chance.unit("nothing", *name) < NULL_SHARE:
            entries.append(None)
        of_side = selection in (Selection.HOME, Selection.AWAY)
        club = fixture.away if selection is Selection.AWAY else fixture.home
        runners.append(
            {
                "id": str((number * 100_000 + offer.number) * 10 + place),
                "event-id": str(number),
                "market-id": head["id"],
                "event-participant-id": _participant_id(club, fixture.category) if of_side else 0,
                "name": _runner_name(fixture, selection, offer.line, sides),
                "status": status,
                "withdrawn": False,
                "volume": 0.0,
                **({} if offer.line is None else {"handicap": float(own_view(offer.line, selection))}),
                "prices": entries,
            }
        )
    kind = "multirunner" if len(runners) > 2 else "binary"
    line = {} if offer.line is None else {"handicap": float(offer.line)}
    return head | {"type": kind, "number-of-winners": 1, **line, "runners": runners}


def _entry(entry: BookEntry) -> Json:
    price = float(entry.price)
    return {
        "available-amount": entry.amount,
        "currency": "BRL",
        "odds-type": "DECIMAL",
        "odds": price,
        "decimal-odds": price,
        "side": "back" if entry.side is Side.BACK else "lay",
        "exchange-type": "back-lay",
    }


def _runner_name(fixture: Fixture, selection: Selection, line: Decimal | None, sides: tuple[str, str]) -> str:
    home, away = sides
    english = fixture.code % 4 == 0
    draw = f"DRAW ({home[:3]}/{away[:3]})" if english else "Empate"
    if selection in (Selection.HOME, Selection.AWAY):
        team = away if selection is Selection.AWAY else home
        # Some names end in blanks.
        return f"{team} " if line is None else f"{team} {own_view(line, selection):+}"
    either = "or" if english else "ou"
    return {
        Selection.DRAW: draw,
        Selection.OVER: f"OVER {line}" if english else f"Mais {line}",
        Selection.UNDER: f"UNDER {line}" if english else f"Menos {line}",
        Selection.YES: "Yes" if english else "Sim",
        Selection.NO: "No" if english else "Não",
        Selection.HOME_DRAW: f"{home} {either} {'Draw' if english else 'Empate'}",
        Selection.HOME_AWAY: f"{home} {either} {away}",
        Selection.DRAW_AWAY: f"{'Draw' if english else 'Empate'} {either} {away}",
    }[selection]


def _scores(number: int) -> Json:
    head = _market_head(number, 90, ("correct_score", "Placar Correto", "Correct Score"), "open")
    runners = [
        {"id": f"{head['id']}{place}", "market-id": head["id"], "name": score, "status": "open", "prices": []}
        for place, score in enumerate(SCORES)
    ]
    return head | {"type": "multirunner", "runners": runners}


def _outright(world: World, league: str, time: int) -> Json:
    """The season's winner: no match, listed among the matches."""
    clubs = LEAGUE_CLUBS[league]
    number = 3_099_000_000 + chance.number("outright", world.seed, league) % 1_000_000
    participants = [
        {"id": _participant_id(club, ""), "event-id": str(number), "number": 0, "participant-name": club.name}
        for club in clubs
    ]
    head = _head(number, f"{load_leagues()[league]['name']} - Vencedor", league, time + 90 * 86_400)
    market = _market_head(number, 1, ("outright", "Vencedor", "Winner"), "open")
    return head | {"event-participants": participants, "markets": [market | {"runners": []}]}
