"""Altenar's SB2 widget API: flat entity arrays joined by id, one host for every brand."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Rules, Selection, Sport
from simulator import chance
from simulator.answers import Answer, Request, event_id, listed_match, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_named, load_leagues
from simulator.clubs import CLUB_NUMBERS, Club
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, State, World
from simulator.writing import iso, plain

HOSTS = frozenset(
    {
        "sb2frontend-altenar2.biahosted.com",
        "sb2frontend-1-altenar2.biahosted.com",
        "hu-sb2frontend-altenar2.biahosted.com",
    }
)
PLATFORM = "altenar"

Json = dict[str, Any]

SPORTS: dict[str, Json] = {
    "football": {"id": 66, "typeId": 1, "name": "Futebol", "iconName": "soccer"},
    "basketball": {"id": 67, "typeId": 12, "name": "Basquete", "iconName": "basketball"},
}
CATEGORIES: dict[str, tuple[int, str, str]] = {
    "Brazil": (593, "Brasil", "BRA"),
    "South America": (1128, "América do Sul", ""),
    "England": (497, "Inglaterra", "ENG"),
    "Spain": (501, "Espanha", "ESP"),
    "Italy": (502, "Itália", "ITA"),
    "France": (503, "França", "FRA"),
    "Germany": (506, "Alemanha", "DEU"),
    "Netherlands": (569, "Países Baixos", "NLD"),
    "Portugal": (518, "Portugal", "PRT"),
    "Europe": (1133, "Europa", ""),
    "USA": (540, "EUA", "USA"),
}
"""Country of a league -> category id, name, ISO code."""

MARKETS: dict[tuple[bool, Market, Period], tuple[int, int, str]] = {
    (False, Market.MATCH_RESULT, Period.MATCH): (1, 70472, "Vencedor do encontro"),
    (False, Market.DOUBLE_CHANCE, Period.MATCH): (10, 70495, "Dupla chance"),
    (False, Market.DRAW_NO_BET, Period.MATCH): (11, 70501, "Empate anula aposta"),
    (False, Market.HANDICAP, Period.MATCH): (16, 70512, "Handicap asiático"),
    (False, Market.TOTALS, Period.MATCH): (18, 70520, "Total"),
    (False, Market.BOTH_TEAMS_TO_SCORE, Period.MATCH): (29, 70545, "Ambas equipes marcam"),
    (False, Market.MATCH_RESULT, Period.FIRST_HALF): (60, 70601, "1º tempo - 1x2"),
    (False, Market.TOTALS, Period.FIRST_HALF): (68, 70609, "1º tempo - total"),
    (True, Market.MONEYLINE, Period.MATCH): (219, 70801, "Vencedor (incl. prorrogação)"),
    (True, Market.HANDICAP, Period.MATCH): (223, 70805, "Handicap (incl. prorrogação)"),
    (True, Market.TOTALS, Period.MATCH): (225, 70807, "Total (incl. prorrogação)"),
}
"""(basketball?, market, period) -> type id, sport market id, name."""

BOOSTED_MARKET = (1, 73990, "Vencedor do encontro - Super Odds")

SELECTIONS: dict[Market, dict[Selection, int]] = {
    Market.MATCH_RESULT: {Selection.HOME: 1, Selection.DRAW: 2, Selection.AWAY: 3},
    Market.MONEYLINE: {Selection.HOME: 1, Selection.AWAY: 3},
    Market.DRAW_NO_BET: {Selection.HOME: 1, Selection.AWAY: 3},
    Market.DOUBLE_CHANCE: {Selection.HOME_DRAW: 9, Selection.HOME_AWAY: 10, Selection.DRAW_AWAY: 11},
    Market.HANDICAP: {Selection.HOME: 1714, Selection.AWAY: 1715},
    Market.TOTALS: {Selection.OVER: 12, Selection.UNDER: 13},
    Market.BOTH_TEAMS_TO_SCORE: {Selection.YES: 74, Selection.NO: 76},
}
_SELECTION_TEXTS = {
    Selection.DRAW: "Empate",
    Selection.HOME_DRAW: "1X",
    Selection.HOME_AWAY: "12",
    Selection.DRAW_AWAY: "X2",
    Selection.YES: "Sim",
    Selection.NO: "Não",
}
EARLY_PAYOUT = {"type": 0, "parameter": 2}
ENHANCED = {"type": 4}
BET_BUILDER = {"type": 6}
CORNERS_TYPE, CORNERS_SPORT_MARKET = 166, 70739
"""A market outside the common model, on some matches: readers have to leave it out by name."""
CORNERS_SHARE = 0.3
CORNERS_NUMBER = 63

_OPEN, _SUSPENDED = 0, 7
_CATEGORY_SIDES = ("", "women", "u20", "b")


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for another path, 400 for an unknown integration."""
    endpoint = request.path.lower().removeprefix("/api/widget/")
    brand = brand_named(PLATFORM, request.query.get("integration", ""))
    if brand is None:
        return Answer(400, {"message": "Bad Request", "errorCode": "InvalidIntegration"})
    if endpoint == "getevents":
        return _list(world, brand, request)
    if endpoint == "geteventdetails":
        return _details(world, brand, request)
    if endpoint == "getsportmenu":
        return Answer(200, _menu(world, brand, request), brand, "menu")
    return Answer(404, {"message": "Not Found"}, brand)


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API."""
    return host in HOSTS


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Details hold every market, lists the headline ones."""
    return kind == "detail" or offer.listed


def _leagues(request: Request) -> tuple[str, ...]:
    sport = request.query.get("sportId", "0")
    champs = set(filter(None, request.query.get("champIds", "").split(",")))
    return tuple(
        key
        for key, league in load_leagues().items()
        if PLATFORM in league["ids"]
        and sport in ("0", str(SPORTS[league["sport"]]["id"]))
        and (not champs or league["ids"][PLATFORM] in champs)
    )


def _list(world: World, brand: Brand, request: Request) -> Answer:
    leagues = _leagues(request)
    matches = matches_of(world, brand, request.time, leagues=leagues)
    page = _Page(world, brand, request, "list")
    events = [page.event(fixture) for fixture in matches]
    body = {
        "headers": [],
        "pageCount": 1,
        "page": 1,
        "markets": page.markets,
        "odds": page.odds,
        "events": events,
        **_tree({fixture.league: None for fixture in matches}),
        "competitors": list(page.competitors.values()),
    }
    return Answer(200, body, brand, "list", leagues)


def _details(world: World, brand: Brand, request: Request) -> Answer:
    text = request.query.get("eventId", "")
    fixture = listed_match(world, brand, request, text)
    if fixture is None:
        return Answer(404, {"message": "Not Found"}, brand, "error")
    page = _Page(world, brand, request, "detail")
    head = page.event(fixture)
    tree = _tree({fixture.league: None})
    markets = page.merged_markets()
    body = {
        "id": head["id"],
        "feedEventId": head["id"] + 2_183_199,
        "name": head["name"],
        "startDate": head["startDate"],
        "et": 0,
        "offers": head["offers"],
        "sport": tree["sports"][0],
        "category": tree["categories"][0],
        "champ": tree["champs"][0],
        "competitors": list(page.competitors.values()),
        "marketGroups": [
            {
                "type": 0,
                "marketIds": list(dict.fromkeys(market["id"] for market in markets)),
                "isBundle": False,
                "sortOrder": 0,
                "id": 1,
                "name": "Principal",
            }
        ],
        "markets": markets,
        "odds": page.odds,
        "boosts": [],
        "nonBoosts": [],
    }
    return Answer(200, body, brand, "detail", (fixture.league,), (fixture.code,))


def _menu(world: World, brand: Brand, request: Request) -> Json:
    listed = {
        key: None
        for key, league in load_leagues().items()
        if PLATFORM in league["ids"] and matches_of(world, brand, request.time, leagues=[key])
    }
    return _tree(listed)


def _tree(leagues: dict[str, None]) -> Json:
    """Sports, categories and championships of these leagues."""
    champs: list[Json] = []
    categories: dict[int, Json] = {}
    sports: dict[int, Json] = {}
    for key in leagues:
        league = load_leagues()[key]
        champ_id = int(league["ids"][PLATFORM])
        cat_id, name, iso = CATEGORIES[league["country"]]
        category = categories.setdefault(
            cat_id, {"champIds": [], "iso": iso, "hasLiveEvents": False, "id": cat_id, "name": name}
        )
        category["champIds"].append(champ_id)
        sport = sports.setdefault(
            SPORTS[league["sport"]]["id"], {"catIds": [], "hasLiveEvents": False, **SPORTS[league["sport"]]}
        )
        if cat_id not in sport["catIds"]:
            sport["catIds"].append(cat_id)
        champs.append({"offers": [BET_BUILDER], "hasLiveEvents": False, "id": champ_id, "name": league["name"]})
    return {"sports": list(sports.values()), "categories": list(categories.values()), "champs": champs}


class _Page:
    """Collects the entity arrays of one answer."""

    def __init__(self, world: World, brand: Brand, request: Request, kind: str) -> None:
        self.world = world
        self.brand = brand
        self.request = request
        self.kind = kind
        self.markets: list[Json] = []
        self.odds: list[Json] = []
        self.competitors: dict[int, Json] = {}

    def event(self, fixture: Fixture) -> Json:
        """The event's own row; its markets, odds and competitors go into the arrays."""
        seed, time = self.world.seed, self.request.time
        quotes = markets_of(self.world, self.brand, fixture, time, self.kind, self.request.moves, shows=shows)
        number = event_id(seed, PLATFORM, fixture)
        sides = [self._competitor(club, fixture.category) for club in (fixture.home, fixture.away)]
        shown = on_page(quotes)
        for quote in shown:
            self._market(fixture, quote, sides)
        if chance.unit(seed, "corners", fixture.code) < CORNERS_SHARE and fixture.sport is Sport.FOOTBALL:
            self._corners(fixture)
        # An event names its withdrawn markets too, and some that no list carries: ids without an entry.
        market_ids = [_market_id(fixture, quote.offer.number) for quote in quotes]
        market_ids += [_market_id(fixture, CORNERS_NUMBER)] + [_market_id(fixture, n) for n in (60, 61)]
        early = any(quote.offer.rules is Rules.EARLY_PAYOUT for quote in shown)
        league = load_leagues()[fixture.league]
        return {
            "marketIds": market_ids,
            "isBooked": True,
            "isParlay": False,
            "offers": [BET_BUILDER, EARLY_PAYOUT] if early else [BET_BUILDER],
            "code": 1000 + number % 9000,
            "hasStream": False,
            "extId": f"fp32_ar:match:{number - 1_000_000}",
            "sc": 20 * len(quotes),
            "mc": 6 * len(quotes),
            "rc": False,
            "pId": 32,
            "et": 0,
            "hasStats": True,
            "competitorIds": [side["id"] for side in sides],
            "sportId": SPORTS[fixture.sport]["id"],
            "catId": CATEGORIES[league["country"]][0],
            "champId": int(league["ids"][PLATFORM]),
            "status": 0,
            "startDate": iso(fixture.kickoff(time)),
            "id": number,
            "name": f"{sides[0]['name']} vs. {sides[1]['name']}",
        }

    def merged_markets(self) -> list[Json]:
        """Details: one market per type with all its lines, odds in columns, and the bet builder's shorter copy."""
        groups: dict[tuple[int, int], list[Json]] = defaultdict(list)
        for market in self.markets:
            groups[market["typeId"], market["sportMarketId"]].append(market)
        merged = []
        for rows in groups.values():
            ids = [odd_id for row in rows for odd_id in row["oddIds"]]
            columns = [ids[i :: len(rows[0]["oddIds"])] for i in range(len(rows[0]["oddIds"]))]
            head = {key: value for key, value in rows[0].items() if key not in ("oddIds", "sv", "sn")}
            full = {**head, "shortName": head["name"], "isBB": False, "so": 0}
            merged.append({**full, "desktopOddIds": columns, "mobileOddIds": [ids]})
            if len(rows) > 1:
                few = rows[0]["oddIds"]
                merged.append({**full, "isBB": True, "desktopOddIds": [[i] for i in few], "mobileOddIds": [few]})
        return merged

    def _competitor(self, club: Club, category: str) -> Json:
        number = 30_000 + CLUB_NUMBERS[club.name] * len(_CATEGORY_SIDES) + _CATEGORY_SIDES.index(category)
        row = {"hasConfigLogo": True, "id": number, "name": self.brand.side(club, category)}
        return self.competitors.setdefault(number, row)

    def _market(self, fixture: Fixture, quote: Quote, sides: list[Json]) -> None:
        offer = quote.offer
        type_id, sport_market, name = MARKETS[offer.points, offer.market, offer.period]
        if offer.rules is Rules.BOOSTED:
            type_id, sport_market, name = BOOSTED_MARKET
        market_id = _market_id(fixture, offer.number)
        line = {} if offer.line is None else {"sv": _line_text(offer.market, offer.line)}
        odd_ids = []
        for place, (selection, price) in enumerate(quote.prices):
            odd_id = _odd_id(market_id, place)
            odd_ids.append(odd_id)
            odd: Json = {
                "typeId": SELECTIONS[offer.market][selection],
                "price": float(price),
                "isMB": offer.main,
                "oddStatus": _OPEN,
                **line,
            }
            if quote.state is State.SUSPENDED:
                # Both forms occur while suspended: 0 and 1.
                odd |= {"price": market_id % 2, "oddStatus": _SUSPENDED}
            if selection in (Selection.HOME, Selection.AWAY):
                odd["competitorId"] = sides[selection is Selection.AWAY]["id"]
                if offer.rules is not Rules.STANDARD:
                    odd["offers"] = [EARLY_PAYOUT if offer.rules is Rules.EARLY_PAYOUT else ENHANCED]
            self.odds.append(odd | {"id": odd_id, "name": _odd_name(selection, offer.line, sides)})
        self.markets.append(
            {
                "oddIds": odd_ids,
                "typeId": type_id,
                "isMB": offer.main,
                "sportMarketId": sport_market,
                **line,
                **({"sn": line["sv"].replace(".", ",")} if line else {}),
                "id": market_id,
                "name": name,
            }
        )

    def _corners(self, fixture: Fixture) -> None:
        market_id = _market_id(fixture, CORNERS_NUMBER)
        line = {"sv": "9.5"}
        for place, (type_id, name) in enumerate(((12, "Mais de 9.5"), (13, "Menos de 9.5"))):
            odd = {"typeId": type_id, "price": 1.87, "isMB": True, "oddStatus": _OPEN, **line}
            self.odds.append(odd | {"id": _odd_id(market_id, place), "name": name})
        self.markets.append(
            {
                "oddIds": [_odd_id(market_id, place) for place in (0, 1)],
                "typeId": CORNERS_TYPE,
                "isMB": True,
                "sportMarketId": CORNERS_SPORT_MARKET,
                **line,
                "sn": "9,5",
                "id": market_id,
                "name": "Total de escanteios",
            }
        )


def _market_id(fixture: Fixture, number: int) -> int:
    return 1_300_000_000 + fixture.code * 64 + number


def _odd_id(market_id: int, place: int) -> int:
    return 3_300_000_000 + (market_id - 1_300_000_000) * 4 + place


def _odd_name(selection: Selection, line: Decimal | None, sides: list[Json]) -> str:
    if selection in (Selection.HOME, Selection.AWAY):
        away = selection is Selection.AWAY
        if line is None:
            return str(sides[away]["name"])
        return f"{2 if away else 1} ({_line_text(Market.HANDICAP, -line if away else line)})"
    if selection in (Selection.OVER, Selection.UNDER):
        return f"{'Mais' if selection is Selection.OVER else 'Menos'} de {line}"
    return _SELECTION_TEXTS[selection]


def _line_text(market: Market, line: Decimal) -> str:
    text = plain(line)
    return f"+{text}" if market is Market.HANDICAP and line > 0 else text
