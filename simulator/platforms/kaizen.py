"""Kaizen's site API on a brand's own host: lists per league, an event's page; markets inside their events."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Rules, Selection, Sport
from simulator import chance
from simulator.answers import Answer, Request, event_id, listed_match, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_at, load_leagues
from simulator.clubs import CLUB_NUMBERS, Club
from simulator.fixtures import Fixture
from simulator.platforms.altenar import CATEGORIES
from simulator.pricing import Offer
from simulator.wires import Demand
from simulator.world import Quote, State, World

PLATFORM = "kaizen"
PATHS = ("/api/", "/danae-webapi/")

Json = dict[str, Any]

SPORT_CODES: dict[Sport, str] = {Sport.FOOTBALL: "FOOT", Sport.BASKETBALL: "BASK"}

MARKETS: dict[tuple[bool, Market, Period, Rules], tuple[str, int, str]] = {
    (False, Market.MATCH_RESULT, Period.MATCH, Rules.EARLY_PAYOUT): ("MRES", 1, "Resultado Final"),
    (False, Market.MATCH_RESULT, Period.MATCH, Rules.BOOSTED): ("MR12", 5118, "Resultado Final - SuperOdds"),
    (False, Market.TOTALS, Period.MATCH, Rules.STANDARD): ("HCTG", 13, "Total de Gols Mais/Menos"),
    (False, Market.TOTALS, Period.FIRST_HALF, Rules.STANDARD): ("OUH1", 14, "Total de Gols Mais/Menos - 1º Tempo"),
    (False, Market.BOTH_TEAMS_TO_SCORE, Period.MATCH, Rules.STANDARD): ("BTSC", 15, "Ambas equipes Marcam"),
    (False, Market.DOUBLE_CHANCE, Period.MATCH, Rules.STANDARD): ("DBLC", 9, "Chance Dupla"),
    (False, Market.DRAW_NO_BET, Period.MATCH, Rules.STANDARD): ("DNOB", 10, "Empate Anula"),
    (False, Market.HANDICAP, Period.MATCH, Rules.STANDARD): ("AHCP", 3301, "Handicap Asiático"),
    (True, Market.MONEYLINE, Period.MATCH, Rules.EARLY_PAYOUT): ("H2HT", 155, "Vencedor"),
    (True, Market.MONEYLINE, Period.MATCH, Rules.BOOSTED): ("H2H1", 5119, "Vencedor - SuperOdds"),
    (True, Market.HANDICAP, Period.MATCH, Rules.STANDARD): ("FHOT", 156, "Handicap"),
    (True, Market.TOTALS, Period.MATCH, Rules.STANDARD): ("FTPO", 157, "Total de Pontos"),
}
"""(basketball?, market, period, rules) -> type, type id, name. What is not here is not offered."""

_TEXTS = {
    Selection.HOME: "1",
    Selection.DRAW: "X",
    Selection.AWAY: "2",
    Selection.OVER: "Mais de",
    Selection.UNDER: "Menos de",
    Selection.YES: "Sim",
    Selection.NO: "Não",
    Selection.HOME_DRAW: "1X",
    Selection.DRAW_AWAY: "X2",
    Selection.HOME_AWAY: "12",
}
_DOUBLE_ORDER = (Selection.HOME_DRAW, Selection.DRAW_AWAY, Selection.HOME_AWAY)
_SIDES = (Selection.HOME, Selection.AWAY)
_TABS = [
    {"name": "Principal", "type": "main", "layout": 2, "marketTypes": ["MR12", "MRES"]},
    {"name": "Total de Gols", "type": "overunder", "layout": 2, "marketTypes": ["HCTG"]},
]
_CORNERS_NUMBER, _CORNERS_SHARE = 63, 0.3
"""A market outside the common model, on some matches."""
_NAMELESS_SHARE = 0.2
"""Matches whose sides stand in the event's name only."""


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API: it is on the brand's own host, beside its pages."""
    return path.startswith(PATHS) and brand_at(PLATFORM, host) is not None


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """An event's page holds every market that has a type; lists the main ones, without Asian handicap."""
    if _key(offer) not in MARKETS:
        return False
    if kind == "detail":
        return True
    return (offer.line is None or offer.main) and (offer.points or offer.market is not Market.HANDICAP)


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for another path or an unknown event. An unknown league has no events."""
    brand = brand_at(PLATFORM, request.host)
    parts = [part for part in request.path.split("/") if part]
    if brand is None:
        return _not_found(None)
    if parts == ["api", "league", "hot", "upcoming"]:
        return _list(world, brand, request, Sport.FOOTBALL, request.query.get("leagueId", ""))
    if parts[:2] == ["api", "sports"] and parts[3:6] == ["hot", "trending", "leagues"] and parts[7:] == ["events"]:
        for sport, code in SPORT_CODES.items():
            if code == parts[2]:
                return _list(world, brand, request, sport, parts[6])
    if parts[:2] == ["api", "odds"] and len(parts) == 4:
        return _page(world, brand, request, parts[3])
    return _not_found(brand)


def _key(offer: Offer) -> tuple[bool, Market, Period, Rules]:
    return offer.points, offer.market, offer.period, offer.rules


def _not_found(brand: Brand | None) -> Answer:
    return Answer(404, {"errorCode": 404, "errorMessage": "Not Found"}, brand)


def _demand(sport: Sport) -> Demand | None:
    """Basketball is refused to everybody but the page itself."""
    return Demand.PAGE if sport is Sport.BASKETBALL else None


def _list(world: World, brand: Brand, request: Request, sport: Sport, league_id: str) -> Answer:
    leagues = tuple(
        key
        for key, league in load_leagues().items()
        if league["ids"].get(PLATFORM) == league_id and league["sport"] == sport
    )
    events: list[Json] = []
    for fixture in matches_of(world, brand, request.time, leagues=leagues):
        quotes = markets_of(world, brand, fixture, request.time, "list", request.moves, shows=shows)
        head = _head(world, brand, request, fixture)
        events.append(head | _grid(brand, fixture, on_page(quotes)))
    for key in leagues:
        events += _no_matches(request, key)
    return Answer(200, {"data": {"events": events}}, brand, "list", leagues, demand=_demand(sport))


def _page(world: World, brand: Brand, request: Request, number: str) -> Answer:
    fixture = listed_match(world, brand, request, number)
    if fixture is None or PLATFORM not in load_leagues()[fixture.league]["ids"]:
        return _not_found(brand)
    quotes = on_page(markets_of(world, brand, fixture, request.time, "detail", request.moves, shows=shows))
    head = _head(world, brand, request, fixture)
    if fixture.code % 2:
        # Nothing of the event but its markets is certain to be on its page.
        head = {key: head[key] for key in ("id", "name", "url")}
    event = head | {"markets": _markets(brand, fixture, quotes)}
    body = {"data": {"event": event, "markets": _TABS}}
    demand = _demand(fixture.sport)
    return Answer(200, body, brand, "detail", (fixture.league,), (fixture.code,), demand=demand)


def _head(world: World, brand: Brand, request: Request, fixture: Fixture) -> Json:
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    number = event_id(world.seed, PLATFORM, fixture)
    league = load_leagues()[fixture.league]
    # A group of leagues ("441g") has events of leagues with numbers of their own.
    league_id = league["ids"][PLATFORM]
    own_id = f"1{league_id[:-1]}" if league_id.endswith("g") else league_id
    head: Json = {
        "sportId": SPORT_CODES[fixture.sport],
        "shortName": f"{home} - {away}",
        "totalMarketsAvailable": 40 + number % 200,
        "betRadarId": number - 20_000_000,
        "notes": "",
        "tvChannel": "",
        "regionName": CATEGORIES[league["country"]][1],
        "regionId": f"{CATEGORIES[league['country']][0] + 11_000}",
        "leagueDescription": league["name"],
        "leagueId": own_id,
        "leagueName": league["name"],
        "streamOverlayMarketIds": [],
        "willGoLive": True,
        "matchComboAllowedMarketTypes": [],
        "id": str(number),
        "name": f"{home} - {away}",
        "startTime": fixture.kickoff(request.time) * 1000,
        "url": f"/odds/evento/{number}/",
    }
    if chance.unit(world.seed, "nameless", fixture.code) >= _NAMELESS_SHARE:
        head["participants"] = [
            {"name": f"{name} ", "url": "", "color": "", "id": _team_id(club, fixture.category)}
            for name, club in ((home, fixture.home), (away, fixture.away))
        ]
    return head


def _no_matches(request: Request, league: str) -> list[Json]:
    """What stands in lists beside the matches: a computer's match and an outright."""
    number = 1_000_000 + chance.number("simulated", league) % 1_000_000
    declared = load_leagues()[league]
    kickoff = (request.time // 900 + 2) * 900_000
    common = {"sportId": SPORT_CODES[Sport(declared["sport"])], "leagueId": declared["ids"][PLATFORM]}
    sides = [{"name": f"{name} (Esports)", "color": "", "id": ""} for name in ("Time A (Zico)", "Time B (Bebeto)")]
    return [
        common | {"id": str(number), "name": "", "startTime": kickoff, "participants": sides, "markets": []},
        common
        | {
            "id": str(number + 1_000_000),
            "name": f"{declared['name']} - Vencedor",
            "startTime": kickoff,
            "isOutrightEvent": True,
            "participants": [],
            "markets": [],
        },
    ]


def _grid(brand: Brand, fixture: Fixture, quotes: Sequence[Quote]) -> Json:
    """The markets of a list: in basketball the early payout stands alone and the grid holds the rest."""
    if fixture.sport is Sport.FOOTBALL:
        return {"markets": _markets(brand, fixture, quotes)}
    alone = [quote for quote in quotes if quote.offer.rules is Rules.EARLY_PAYOUT]
    rest = [quote for quote in quotes if quote not in alone]
    # Now and then the grid repeats it.
    columns = _markets(brand, fixture, [*rest, *alone] if fixture.code % 2 else rest, padded=True)
    block = {
        "header": [{"id": market["id"], "name": market["name"]} for market in columns],
        "rows": [{"id": _team_id(club, ""), "name": club.name} for club in (fixture.home, fixture.away)],
        "columns": columns,
        "expanded": True,
    }
    return {"markets": _markets(brand, fixture, alone), "sixPackBlocks": [block]}


def _markets(brand: Brand, fixture: Fixture, quotes: Sequence[Quote], *, padded: bool = False) -> list[Json]:
    markets = [_market(brand, fixture, quote, padded=padded) for quote in quotes]
    if fixture.sport is Sport.FOOTBALL and chance.unit("corners", brand.key, fixture.code) < _CORNERS_SHARE:
        markets.append(_corners(fixture))
    return markets


def _market(brand: Brand, fixture: Fixture, quote: Quote, *, padded: bool) -> Json:
    """A market. The grid pads the columns of its selections and its own line with zeros."""
    offer = quote.offer
    code, type_id, name = MARKETS[_key(offer)]
    number = fixture.code * 64 + offer.number
    prices = dict(quote.prices)
    order = _DOUBLE_ORDER if offer.market is Market.DOUBLE_CHANCE else tuple(prices)
    selections = []
    for place, selection in enumerate(order):
        selections.append(
            {
                "id": str(10_500_000_000 + number * 4 + place),
                **_name(brand, fixture, offer, selection),
                # While suspended either form occurs: no price, and one that pays nothing.
                "price": float(prices[selection]) if quote.state is State.OPEN else (None if number % 2 else 1.0),
                "handicap": float(_own_line(offer, selection)),
                "betRef": str(10_500_000_000 + number * 4 + place),
                "renderingLayout": 2,
                "columnIndex": 0 if padded else place,
            }
        )
    return {
        "id": str(2_900_000_000 + number),
        "name": name,
        "type": code,
        "typeId": type_id,
        "handicap": 0.0 if padded else float(offer.line or 0),
        "displayOrder": offer.number,
        "marketCloseTimeMillis": fixture.first_kickoff * 1000,
        "renderingLayout": 2,
        "selections": selections,
        "scorerSelections": [],
        "exactScoreSelections": [],
    }


def _own_line(offer: Offer, selection: Selection) -> Decimal:
    """The line from the selection's own view; zero where there is none."""
    line = offer.line or Decimal(0)
    return Decimal(0) - line if selection is Selection.AWAY else line


def _name(brand: Brand, fixture: Fixture, offer: Offer, selection: Selection) -> Json:
    """The selection's names, and its team where it is one."""
    if selection in _SIDES:
        club = fixture.home if selection is Selection.HOME else fixture.away
        team = brand.side(club, fixture.category)
        mark = {"fullName": team, "teamId": _team_id(club, fixture.category)}
        if offer.market is Market.HANDICAP:
            line = f"{_own_line(offer, selection):+}"
            return {"name": f"{team} {line}", "shortName": line, **mark}
        return {"name": _TEXTS[selection] if offer.market is Market.MATCH_RESULT else team, **mark}
    text = _TEXTS[selection]
    if offer.line is None:
        return {"name": text, **({"fullName": "Empate"} if selection is Selection.DRAW else {})}
    short = f"{text[:2]} {offer.line}"
    return {"name": f"{text} {offer.line}", "fullName": text, "shortName": short, "shouldTreatAsBalanced": True}


def _corners(fixture: Fixture) -> Json:
    number = fixture.code * 64 + _CORNERS_NUMBER
    return {
        "id": str(2_900_000_000 + number),
        "name": "Total de Escanteios",
        "type": "CNOU",
        "typeId": 34,
        "handicap": 9.5,
        "selections": [
            {"id": str(10_500_000_000 + number * 4 + place), "name": f"{text} 9.5", "price": 1.87, "handicap": 9.5}
            for place, text in enumerate(("Mais de", "Menos de"))
        ],
    }


def _team_id(club: Club, category: str) -> str:
    return str(100_000 + CLUB_NUMBERS[club.name] * 4 + ("", "women", "u20", "b").index(category))
