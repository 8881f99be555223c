"""Entain's betting-offer API: fixtures with the markets of their grid, and single fixtures with all of them.

Football comes in the newer form (V2: `optionMarkets`, told apart by parameters), the NBA in the older one (V1:
`games`, told apart by category and name) and in American order, guest first.
"""

from __future__ import annotations

from scrapers.records import Market, Period, Selection, Sport
from simulator.answers import Answer, Request, code_of, markets_of, matches_of, on_page, source_id
from simulator.brands import Brand, brand_at, load_leagues
from simulator.clubs import CLUB_NUMBERS, Club
from simulator.fixtures import DAY_S, Fixture
from simulator.platforms.entain_cds.fields import HOME_OR_AWAY, Json, display, participant_id
from simulator.platforms.entain_cds.games import foreign_games, game_row
from simulator.platforms.entain_cds.options import GRID, foreign_markets, market_row
from simulator.pricing import Offer
from simulator.world import World
from simulator.writing import iso

PLATFORM = "entain_cds"
ROOT = "/cds-api/bettingoffer/"
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


def _fixture(world: World, brand: Brand, request: Request, fixture: Fixture, kind: str) -> Json:
    american = fixture.sport is Sport.BASKETBALL
    sides = [brand.side(club, fixture.category) for club in (fixture.home, fixture.away)]
    quotes = on_page(markets_of(world, brand, fixture, request.time, kind, request.moves, shows=shows))
    kickoff = fixture.kickoff(request.time)
    number = source_id(world.seed, PLATFORM, fixture)
    league = load_leagues()[fixture.league]
    head = {
        "id": number,
        "name": display(f"{sides[1]} at {sides[0]}" if american else f"{sides[0]} - {sides[1]}"),
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
        games = [game_row(fixture, quote, sides) for quote in quotes] + foreign_games(fixture, sides, kind)
        people = [_old_participant(fixture.away, sides[1]), _old_participant(fixture.home, sides[0])]
        return {**head, "optionMarkets": [], "games": games, "participants": people}
    markets = [market_row(fixture, quote, sides) for quote in quotes] + foreign_markets(fixture, sides, kind)
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
        "sport": {"type": "Sport", "id": sport_id, "name": display(sport_name)},
        "competition": {
            "type": "Competition",
            "id": competition,
            "compoundId": f"{1 if old else 2}:{competition}",
            "sportId": sport_id,
            "parentId": int(region),
            "name": display(name),
        },
        "region": {"type": "Region", "id": int(region), "code": code, "name": display(region_name)},
    }


def _participants(fixture: Fixture, sides: list[str], kind: str) -> list[Json]:
    clubs = (fixture.home, fixture.away)
    people: list[Json] = [
        {
            "id": participant_id(fixture, selection),
            "participantId": 203_000 + CLUB_NUMBERS[club.name],
            "name": display(name),
            "properties": {"type": "AwayTeam" if selection is Selection.AWAY else "HomeTeam"},
            "source": "V2",
        }
        for selection, club, name in zip(HOME_OR_AWAY, clubs, sides, strict=True)
    ]
    if kind == "detail":
        of_home = people[0]["participantId"]
        player = {"type": "Player", "team": of_home}
        people.append(
            {"id": participant_id(fixture, Selection.HOME) + 2, "name": display("A. Silva"), "properties": player}
        )
    # The order of participants is not fixed; their types say who they are.
    return people[::-1] if fixture.code % 3 == 0 else people


def _old_participant(club: Club, name: str) -> Json:
    short = name.split()[-1]
    number = 2_880_000 + CLUB_NUMBERS[club.name]
    return {"participantId": number, "name": {**display(name), "short": short}, "options": [], "source": "V1"}


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
            "name": display(name),
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
