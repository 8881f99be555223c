"""Entain's betting-offer API: fixtures with the markets of their grid, and single fixtures with all of them.

Football comes in the newer form (V2: `optionMarkets`, told apart by parameters), the NBA in the older one (V1:
`games`, told apart by category and name) and in American order, guest first.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from scrapers.records import Market, Period, Rules, Selection, Sport
from simulator.answers import Answer, Request, code_of, markets_of, matches_of, on_page, source_id
from simulator.brands import Brand, brand_at, load_leagues
from simulator.clubs import CLUB_NUMBERS, Club
from simulator.fixtures import DAY_S, Fixture
from simulator.pricing import Offer
from simulator.world import Quote, State, World
from simulator.writing import iso, plain

PLATFORM = "entain_cds"
ROOT = "/cds-api/bettingoffer/"

Json = dict[str, Any]

SPORTS: dict[str, tuple[int, str]] = {"football": (4, "Futebol"), "basketball": (7, "Basquete")}
REGIONS: dict[str, tuple[str, str]] = {
    "33": ("BRA", "Brasil"),
    "14": ("ENG", "Inglaterra"),
    "28": ("ESP", "Espanha"),
    "20": ("ITA", "Itália"),
    "17": ("GER", "Alemanha"),
    "16": ("FRA", "França"),
    "36": ("NED", "Países Baixos"),
    "7": ("EUR", "Europa"),
    "9": ("USA", "Estados Unidos"),
}
"""Region id -> code, name."""

PERIODS = {Period.MATCH: "RegularTime", Period.FIRST_HALF: "FirstHalf"}

MARKETS: dict[tuple[Market, Period], tuple[str, str]] = {
    (Market.MATCH_RESULT, Period.MATCH): ("3way", "Resultado da Partida"),
    (Market.DOUBLE_CHANCE, Period.MATCH): ("DoubleChance", "Chance Dupla"),
    (Market.DRAW_NO_BET, Period.MATCH): ("DrawNoBet", "Empate Anula Aposta"),
    (Market.BOTH_TEAMS_TO_SCORE, Period.MATCH): ("BTTS", "Ambas equipes marcam gol"),
    (Market.TOTALS, Period.MATCH): ("Over/Under", "Total de Gols"),
    (Market.HANDICAP, Period.MATCH): ("2wayHandicap", "Handicap Asiático"),
    (Market.MATCH_RESULT, Period.FIRST_HALF): ("3way", "1º Tempo - Resultado"),
    (Market.TOTALS, Period.FIRST_HALF): ("Over/Under", "1º Tempo - Total de Gols"),
}
"""Football: market, period -> parameter MarketType, name."""

EARLY_PAYOUT_NAME = "Resultado da Partida VP (+2)"
EARLY_PAYOUT_SUBTYPE = "2Up3wayPricing"

GAMES: dict[Market, tuple[int, str, str]] = {
    Market.MONEYLINE: (43, "Money Line", "Vencedor"),
    Market.HANDICAP: (44, "Spread", "Handicap (incl. prorrogação)"),
    Market.TOTALS: (48, "Totals", "Total (incl. prorrogação)"),
}
"""Basketball: market -> category id, the category's name, name."""

GRID = frozenset({Market.MATCH_RESULT, Market.DOUBLE_CHANCE, Market.BOTH_TEAMS_TO_SCORE, Market.MONEYLINE})
"""What a list shows, beside the main line of totals and spread."""

_HOME_OR_AWAY = (Selection.HOME, Selection.AWAY)
_OPTION_TYPES: dict[Selection, list[str]] = {
    Selection.HOME: ["Max"],
    Selection.DRAW: ["Draw"],
    Selection.AWAY: ["Max"],
    Selection.HOME_DRAW: ["Max", "Draw"],
    Selection.HOME_AWAY: ["Max", "Max"],
    Selection.DRAW_AWAY: ["Max", "Draw"],
    Selection.OVER: ["Over"],
    Selection.UNDER: ["Under"],
    Selection.YES: ["ToHappen", "ToHappen"],
    Selection.NO: ["NotToHappen", "NotToHappen"],
}
_SOURCE_NAMES = {Selection.HOME: "1", Selection.DRAW: "X", Selection.AWAY: "2"}
_FIRST_MARKET, _MARKETS_PER_MATCH = 117_000_000, 80


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API; each brand serves it from its own site."""
    return path.startswith(ROOT) and brand_at(PLATFORM, host) is not None


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for another path, 400 for basketball asked for by competition and for pages of no size."""
    brand = brand_at(PLATFORM, request.host)
    if brand is not None and request.path == f"{ROOT}fixtures":
        return _list(world, brand, request)
    if brand is not None and request.path == f"{ROOT}fixture-view":
        return _view(world, brand, request)
    return Answer(404, {"message": "Not Found"}, brand)


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Fixture views hold every market, lists those of the grid."""
    if kind == "detail":
        return True
    if offer.period is not Period.MATCH:
        return False
    lines = (Market.TOTALS, Market.HANDICAP) if offer.points else (Market.TOTALS,)
    return offer.market in GRID or (offer.main and offer.market in lines)


def _list(world: World, brand: Brand, request: Request) -> Answer:
    sport = request.query.get("sportIds", "")
    wanted = [part for part in request.query.get("competitionIds", "").split(",") if part]
    skip, take = request.query.get("skip", "0"), request.query.get("take", "50")
    by_competition = bool(wanted) and sport == str(SPORTS["basketball"][0])
    if by_competition or not (skip.isdecimal() and take.isdecimal()):
        return Answer(400, {"message": "Bad Request"}, brand)
    leagues = tuple(
        key
        for key, league in load_leagues().items()
        if PLATFORM in league["ids"]
        and str(SPORTS[league["sport"]][0]) == sport
        and (not wanted or league["ids"][PLATFORM] in wanted)
    )
    matches = matches_of(world, brand, request.time, leagues=leagues)
    shown = matches[int(skip) : int(skip) + int(take)]
    fixtures = [_fixture(world, brand, request, fixture, "list") for fixture in shown]
    others = _other_basketball(request.time) if sport == str(SPORTS["basketball"][0]) else []
    body = {"fixtures": fixtures + others, "totalCount": len(matches) + len(others)}
    codes = tuple(fixture.code for fixture in shown)
    return Answer(200, body, brand, "list", leagues, codes if len(shown) < len(matches) else None)


def _view(world: World, brand: Brand, request: Request) -> Answer:
    code = code_of(world.seed, PLATFORM, request.query.get("fixtureIds", ""))
    found = [
        fixture
        for fixture in matches_of(world, brand, request.time, events=[code])
        if PLATFORM in load_leagues()[fixture.league]["ids"]
    ]
    body: Json = {"splitFixtures": [], "groupingVersion": "mg_bby7DpMkj9NksN4UDo7Uruo1qmI="}
    if found:
        body = {"fixture": _fixture(world, brand, request, found[0], "detail"), **body}
    leagues = tuple(fixture.league for fixture in found)
    return Answer(200, body, brand, "detail", leagues, tuple(fixture.code for fixture in found))


def _text(value: str) -> Json:
    return {"value": value, "sign": "TK+VSg=="}


def _fixture(world: World, brand: Brand, request: Request, fixture: Fixture, kind: str) -> Json:
    american = fixture.sport is Sport.BASKETBALL
    sides = [brand.side(club, fixture.category) for club in (fixture.home, fixture.away)]
    quotes = on_page(markets_of(world, brand, fixture, request.time, kind, request.moves, shows=shows))
    kickoff = fixture.kickoff(request.time)
    number = source_id(world.seed, PLATFORM, fixture)
    league = load_leagues()[fixture.league]
    head = {
        "id": number,
        "name": _text(f"{sides[1]} at {sides[0]}" if american else f"{sides[0]} - {sides[1]}"),
        "sourceId": int(number.removeprefix("2:")),
        "source": "V1" if american else "V2",
        "fixtureType": "Standard" if american else "PairGame",
        "context": f"v{1 if american else 2}|pt-br|{number}",
        "stage": "PreMatch",
        "startDate": iso(kickoff),
        # The cut-off is no kick-off.
        "cutOffDate": iso(kickoff if american else kickoff + 7200),
        **_tree(league["sport"], league["paths"][PLATFORM], int(league["ids"][PLATFORM]), league["name"], american),
        "viewType": "American" if american else ("European" if fixture.code % 2 else "NotSet"),
        "isOpenForBetting": True,
        "isVirtual": False,
        "totalMarketsCount": 233,
        "priceBoostCount": 0,
    }
    if american:
        games = [_game(fixture, quote, sides) for quote in quotes] + _foreign_games(fixture, sides, kind)
        people = [_old_participant(fixture.away, sides[1]), _old_participant(fixture.home, sides[0])]
        return {**head, "optionMarkets": [], "games": games, "participants": people}
    markets = [_market(fixture, quote, sides) for quote in quotes] + _foreign_markets(fixture, sides, kind)
    return {
        **head,
        "optionMarkets": markets,
        "games": [],
        "participants": _participants(fixture, sides, kind),
        "addons": {"betRadar": 41_000_000 + fixture.code, "statistics": True},
        "scoreboard": {"started": False, "periodId": 0, "period": "", "score": "0:0"},
    }


def _tree(sport: str, region: str, competition: int, name: str, old: bool) -> Json:
    sport_id, sport_name = SPORTS[sport]
    code, region_name = REGIONS[region]
    return {
        "sport": {"type": "Sport", "id": sport_id, "name": _text(sport_name)},
        "competition": {
            "type": "Competition",
            "id": competition,
            "compoundId": f"{1 if old else 2}:{competition}",
            "sportId": sport_id,
            "parentId": int(region),
            "name": _text(name),
        },
        "region": {"type": "Region", "id": int(region), "code": code, "name": _text(region_name)},
    }


def _participant_id(fixture: Fixture, selection: Selection) -> int:
    return 19_000_000 + fixture.code * 4 + (1 if selection is Selection.AWAY else 0)


def _participants(fixture: Fixture, sides: list[str], kind: str) -> list[Json]:
    clubs = (fixture.home, fixture.away)
    people: list[Json] = [
        {
            "id": _participant_id(fixture, selection),
            "participantId": 203_000 + CLUB_NUMBERS[club.name],
            "name": _text(name),
            "properties": {"type": "AwayTeam" if selection is Selection.AWAY else "HomeTeam"},
            "source": "V2",
        }
        for selection, club, name in zip(_HOME_OR_AWAY, clubs, sides, strict=True)
    ]
    if kind == "detail":
        of_home = people[0]["participantId"]
        player = {"type": "Player", "team": of_home}
        people.append(
            {"id": _participant_id(fixture, Selection.HOME) + 2, "name": _text("A. Silva"), "properties": player}
        )
    # The order of participants is not fixed; their types say who they are.
    return people[::-1] if fixture.code % 3 == 0 else people


def _old_participant(club: Club, name: str) -> Json:
    short = name.split()[-1]
    number = 2_880_000 + CLUB_NUMBERS[club.name]
    return {"participantId": number, "name": {**_text(name), "short": short}, "options": [], "source": "V1"}


def _market_id(fixture: Fixture, number: int) -> int:
    return _FIRST_MARKET + fixture.code * _MARKETS_PER_MATCH + number


def _price(price: Decimal) -> Json:
    fraction = Fraction(price - 1).limit_denominator(100)
    american = round((price - 1) * 100) if price >= 2 else round(-100 / (price - 1))
    return {
        "id": 1_124_000_000 + int(price * 100),
        "numerator": fraction.numerator,
        "denominator": fraction.denominator,
        "odds": float(price),
        "americanOdds": american,
    }


def _parameters(**values: str) -> list[Json]:
    return [{"key": key, "type": "String", "value": value} for key, value in values.items()]


def _comma(line: Decimal) -> str:
    return plain(line).replace(".", ",")


def _signed(line: Decimal) -> str:
    return f"+{_comma(line)}" if line > 0 else _comma(line)


def _market(fixture: Fixture, quote: Quote, sides: list[str]) -> Json:
    offer = quote.offer
    kind, name = MARKETS[offer.market, offer.period]
    early = offer.rules is Rules.EARLY_PAYOUT
    values = {"MarketType": kind, "Happening": "Goal", "Period": PERIODS[offer.period]}
    if early and fixture.code % 2:
        # On other fixtures its name is all that tells it from the ordinary result.
        values["MarketSubType"] = EARLY_PAYOUT_SUBTYPE
    line: Json = {}
    if offer.market is Market.TOTALS and offer.line is not None:
        values["DecimalValue"] = f"{offer.line:.4f}"
        line = {"attr": _comma(offer.line)}
    elif offer.line is not None:
        values["Handicap"] = f"{offer.line:.4f}"
    # A market is suspended as a whole on some fixtures, option by option on others.
    suspended = quote.state is State.SUSPENDED
    whole = suspended and fixture.code % 2 == 0
    return {
        "id": _market_id(fixture, offer.number),
        "name": _text(EARLY_PAYOUT_NAME if early else name),
        "status": "Suspended" if whole else "Visible",
        "options": [
            _option(fixture, quote, selection, price, sides, _market_id(fixture, offer.number) * 4 + place)
            for place, (selection, price) in enumerate(quote.prices)
        ],
        "parameters": _parameters(**values),
        **line,
        "isMain": early or offer.number == 0,
        "templateCategory": {"id": 0, "category": "Gridable" if offer.market in GRID else "Other"},
        "source": "V2",
    }


def _option(
    fixture: Fixture, quote: Quote, selection: Selection, price: Decimal, sides: list[str], number: int
) -> Json:
    offer = quote.offer
    parameters: Json = {"optionTypes": _OPTION_TYPES[selection]}
    if selection in (Selection.HOME, Selection.HOME_DRAW):
        parameters["fixtureParticipant"] = _participant_id(fixture, Selection.HOME)
    elif selection in (Selection.AWAY, Selection.DRAW_AWAY, Selection.HOME_AWAY, Selection.YES, Selection.NO):
        # A bet on both teams names the last of them.
        parameters["fixtureParticipant"] = _participant_id(fixture, Selection.AWAY)
    suspended = quote.state is State.SUSPENDED
    shown = {**_price(price), "odds": 1.0} if suspended else _price(price)
    numbered = offer.market is Market.MATCH_RESULT and offer.period is Period.MATCH
    named = {"sourceName": {"value": _SOURCE_NAMES[selection]}} if numbered else {}
    return {
        "id": number,
        "status": "Suspended" if suspended and fixture.code % 2 else "Visible",
        "name": _text(_option_name(offer, selection, sides)),
        **named,
        "price": shown,
        "parameters": parameters,
    }


def _option_name(offer: Offer, selection: Selection, sides: list[str]) -> str:
    home, away = sides
    if offer.line is not None and selection in _HOME_OR_AWAY:
        own = -offer.line if selection is Selection.AWAY else offer.line
        return f"{away if selection is Selection.AWAY else home} ({_signed(own)})"
    if offer.line is not None:
        return f"{'Mais' if selection is Selection.OVER else 'Menos'} de {_comma(offer.line)}"
    return {
        Selection.HOME: home,
        Selection.DRAW: "X",
        Selection.AWAY: away,
        Selection.HOME_DRAW: f"{home} ou Empate",
        Selection.HOME_AWAY: f"{home} ou {away}",
        Selection.DRAW_AWAY: f"Empate ou {away}",
        Selection.YES: "Sim",
        Selection.NO: "Não",
    }[selection]


def _foreign_markets(fixture: Fixture, sides: list[str], kind: str) -> list[Json]:
    """Markets outside the common model, whose names or types resemble those inside."""
    goals = {"Happening": "Goal", "Period": "RegularTime"}
    rows: list[tuple[int, str, Json, Json]] = [
        (
            70,
            "Total de Escanteios",
            {"MarketType": "Over/Under", "Happening": "Corner", "DecimalValue": "9.5000"},
            {},
        ),
    ]
    if kind == "detail":
        of_home: Json = {"fixtureParticipantId": _participant_id(fixture, Selection.HOME)}
        total = {"MarketType": "Over/Under", "DecimalValue": "1.5000", **goals}
        rows += [
            (71, f"{sides[0]} - Empate Anula", {"MarketType": "HomeNoBet", **goals}, {}),
            (72, f"Total de Gols - {sides[0]}", total, of_home),
            (73, "Handicap - Resultado Final", {"MarketType": "Handicap", "Handicap": "-1.0000", **goals}, {}),
            (74, "Resultado 1-15 minutos", {"MarketType": "3way", "RangeValue": "1-15", **goals}, {}),
        ]
    found = []
    for number, name, values, more in rows:
        market_id = _market_id(fixture, number)
        options = [
            {
                "id": market_id * 4 + place,
                "status": "Visible",
                "name": _text(word),
                "price": _price(Decimal("1.87")),
                "parameters": {"optionTypes": [kind]},
            }
            for place, (word, kind) in enumerate((("Mais de 9,5", "Over"), ("Menos de 9,5", "Under")))
        ]
        found.append(
            {
                "id": market_id,
                "name": _text(name),
                "status": "Visible",
                "options": options,
                "parameters": _parameters(**values),
                "isMain": False,
                "source": "V2",
                **more,
            }
        )
    return found


def _game(fixture: Fixture, quote: Quote, sides: list[str]) -> Json:
    offer = quote.offer
    category, category_name, name = GAMES[offer.market]
    market_id = _market_id(fixture, offer.number)
    # Guest first, as everything American; the numbers of results are often negative.
    ordered = list(quote.prices)[::-1] if offer.market is not Market.TOTALS else list(quote.prices)
    line: Json = {"attr": _comma(offer.line)} if offer.market is Market.TOTALS and offer.line is not None else {}
    suspended = quote.state is State.SUSPENDED
    return {
        "id": market_id,
        "name": _text(name),
        "results": [
            _result(quote, selection, price, sides, -(market_id * 4 + place), place)
            for place, (selection, price) in enumerate(ordered)
        ],
        "templateId": 5000 + category,
        "categoryId": category,
        "visibility": "Suspended" if suspended else "Visible",
        "balanced": 1,
        **line,
        # No line: the distance between the two prices.
        "spread": float(abs(ordered[0][1] - ordered[1][1])),
        "templateCategory": {"id": category, "name": _text(category_name), "category": "Gridable"},
        "isMain": offer.main or offer.market is Market.MONEYLINE,
    }


def _result(quote: Quote, selection: Selection, price: Decimal, sides: list[str], number: int, place: int) -> Json:
    offer = quote.offer
    shown = _price(price)
    row: Json = {
        "id": number,
        "odds": 1.0 if quote.state is State.SUSPENDED else shown["odds"],
        "visibility": "Visible",
        "numerator": shown["numerator"],
        "denominator": shown["denominator"],
        "americanOdds": shown["americanOdds"],
    }
    name = sides[selection is Selection.AWAY]
    if offer.line is None:
        return row | {"name": _text(name.split()[-1]), "sourceName": _text(str(place + 1))}
    if offer.market is Market.HANDICAP:
        own = _signed(-offer.line if selection is Selection.AWAY else offer.line)
        return row | {"name": _text(f"{name} {own}"), "attr": own}
    over = selection is Selection.OVER
    text = f"{'Mais' if over else 'Menos'} de {_comma(offer.line)}"
    return row | {"name": _text(text), "totalsPrefix": "Over" if over else "Under"}


def _foreign_games(fixture: Fixture, sides: list[str], kind: str) -> list[Json]:
    """A half's moneyline, and another market in the category of totals."""
    rows = [(70, 48, "Total: Ímpar/Par", ("Ímpar", "Par"))]
    if kind == "detail":
        rows.append((71, 623, "Vencedor (1º Tempo)", (sides[1], sides[0])))
    return [
        {
            "id": _market_id(fixture, number),
            "name": _text(name),
            "results": [
                {
                    "id": -(_market_id(fixture, number) * 4 + place),
                    "odds": 1.91,
                    "name": _text(word),
                    "visibility": "Visible",
                }
                for place, word in enumerate(words)
            ],
            "categoryId": category,
            "visibility": "Visible",
            "isMain": False,
        }
        for number, category, name, words in rows
    ]


def _other_basketball(time: int) -> list[Json]:
    """Matches of other leagues: the NBA's list is all basketball, and one league has its name within its own."""
    day = time // DAY_S * DAY_S
    rows = [
        (9_700_001, "9", 6005, "WNBA", "Seattle Storm at Indiana Fever"),
        (9_700_002, "33", 7421, "NBB", "Flamengo - Franca"),
    ]
    return [
        {
            "id": str(number),
            "name": _text(name),
            "source": "V1",
            "fixtureType": "Standard",
            "stage": "PreMatch",
            "startDate": iso(day + 2 * DAY_S),
            **_tree("basketball", region, competition, league, old=True),
            "viewType": "American" if " at " in name else "European",
            "isOpenForBetting": True,
            "isVirtual": False,
            "optionMarkets": [],
            "games": [],
            "participants": [],
        }
        for number, region, competition, league, name in rows
    ]
