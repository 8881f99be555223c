"""bet365 twice: as BetsAPI sells it (lists, and odds of up to ten matches), and one match in the site's own text.

BetsAPI says nothing of a market that is suspended: it is simply not there.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from scrapers.records import Market, Period, Selection, Sport
from simulator import chance
from simulator.answers import Answer, Request, brand_of, code_of, event_id, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_at, load_leagues
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, World
from simulator.writing import own_view

PLATFORM = "bet365"
API_HOSTS = frozenset({"api.b365api.com", "api.betsapi.com"})
UPCOMING, ODDS = "/v1/bet365/upcoming", "/v3/bet365/prematch"
TEXT = "/SportsBook.API/web"

PER_PAGE = 50
BATCH = 10
"""Matches that one request for odds may name."""

SPORTS = {"1": Sport.FOOTBALL, "18": Sport.BASKETBALL}
LONDON = ZoneInfo("Europe/London")

LEAGUES: dict[str, tuple[int, str]] = {
    "brasileirao_a": (20_000_001, "Brazil Serie A"),
    "brasileirao_b": (20_000_002, "Brazil Serie B"),
    "paulistao": (20_000_003, "Brazil Campeonato Paulista"),
    "carioca": (20_000_004, "Brazil Campeonato Carioca"),
    "libertadores": (20_000_005, "Copa Libertadores"),
    "premier_league": (10_041_282, "England Premier League"),
    "championship": (20_000_006, "England Championship"),
    "fa_cup": (20_000_007, "England FA Cup"),
    "efl_cup": (20_000_008, "England EFL Cup"),
    "la_liga": (10_041_110, "Spain La Liga"),
    "copa_del_rey": (20_000_009, "Spain Copa del Rey"),
    "serie_a": (10_041_315, "Italy Serie A"),
    "bundesliga": (10_041_095, "Germany Bundesliga I"),
    "ligue_1": (10_041_100, "France Ligue 1"),
    "eredivisie": (20_000_010, "Netherlands Eredivisie"),
    "liga_portugal": (20_000_011, "Portugal Primeira Liga"),
    "champions_league": (20_000_012, "UEFA Champions League"),
    "europa_league": (20_000_013, "UEFA Europa League"),
    "conference_league": (20_000_014, "UEFA Europa Conference League"),
    "nba": (20_000_015, "NBA"),
}
"""BetsAPI's number and name of a league. Numbers from 20,000,000 are the simulator's own."""

NOISE: dict[Sport, tuple[tuple[int, str, str, str], ...]] = {
    Sport.FOOTBALL: (
        (21_000_001, "Esoccer Battle - 8 mins play", "Arsenal (Kray) Esports", "Napoli (Tifosi) Esports"),
        (21_000_002, "UEFA Champions League Women", "Arsenal Women", "Lyon Women"),
        (21_000_003, "Nigeria Premier League", "Sunshine Stars FC", "Katsina Utd"),
    ),
    Sport.BASKETBALL: ((21_000_004, "Australia SEABL", "Geelong Supercats", "NW Tasmania Thunder"),),
}
"""League number, league, home, away: what stands between the leagues that anybody asks for."""

RESULT = {Selection.HOME: "1", Selection.DRAW: "Draw", Selection.AWAY: "2"}
OVER_UNDER = {Selection.OVER: "Over", Selection.UNDER: "Under"}
YES_NO = {Selection.YES: "Yes", Selection.NO: "No"}
DOUBLE = {
    Selection.HOME_DRAW: ("1X", "{home} or Draw"),
    Selection.HOME_AWAY: ("12", "{home} or {away}"),
    Selection.DRAW_AWAY: ("X2", "Draw or {away}"),
}
"""Selection -> its two ways to be written."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a market stands: BetsAPI's section and key, the site's market id, and the market's name."""

    section: str
    key: str
    number: str
    name: str


RESULT_HALF = _Place("half", "half_time_result", "1579", "Half Time Result")
GOALS_HALF = _Place("half", "first_half_goals", "10538", "First Half Goals")
MAIN_TOTAL = _Place("main", "goals_over_under", "981", "Goals Over/Under")
OTHER_TOTALS = _Place("goals", "alternative_total_goals", "10202", "Alternative Total Goals")
MAIN_HANDICAP = _Place("main", "asian_handicap", "938", "Asian Handicap")
OTHER_HANDICAPS = _Place("asian_lines", "alternative_asian_handicap", "50138", "Alternative Asian Handicap")
PLACES: dict[Market, _Place] = {
    Market.MATCH_RESULT: _Place("main", "full_time_result", "40", "Full Time Result"),
    Market.DOUBLE_CHANCE: _Place("main", "double_chance", "10114", "Double Chance"),
    Market.DRAW_NO_BET: _Place("others", "draw_no_bet", "10544", "Draw No Bet"),
    Market.BOTH_TEAMS_TO_SCORE: _Place("goals", "both_teams_to_score", "10150", "Both Teams to Score"),
}
COLUMNS = {Market.HANDICAP: "Spread", Market.TOTALS: "Total", Market.MONEYLINE: "Money Line"}
"""The columns of basketball's grid, in their order."""

MASKS = (2, 3, 4, 5, 7)
"""Keys of the text's odds: with 2 a nine, with 3 an eight becomes a `;`, with 4 a nine a `=`."""


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API, or to the text that the site's own page fetches."""
    return host in API_HOSTS or (path.startswith(TEXT) and brand_at(PLATFORM, host) is not None)


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Lists hold no odds; odds and text hold every market of football, the three of a grid in basketball."""
    if kind == "events":
        return False
    return not offer.points or offer.main or offer.market is Market.MONEYLINE


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; BetsAPI refuses without a key (403) and says what it lacks (400), the site knows one text."""
    if request.host not in API_HOSTS:
        return _text(world, brand_at(PLATFORM, request.host), request)
    brand = brand_of(PLATFORM, request)
    if not request.query.get("token"):
        return Answer(403, {"success": 0, "error": "AUTHORIZE_FAILED"}, brand)
    if brand is None or request.path not in (UPCOMING, ODDS):
        return Answer(404, {"success": 0, "error": "NOT_FOUND"}, brand)
    return _upcoming(world, brand, request) if request.path == UPCOMING else _odds(world, brand, request)


def _leagues(sport: Sport) -> tuple[str, ...]:
    rows = load_leagues().items()
    return tuple(key for key, league in rows if league["sport"] == sport and PLATFORM in league["ids"])


def _upcoming(world: World, brand: Brand, request: Request) -> Answer:
    sport = SPORTS.get(request.query.get("sport_id", ""))
    page = request.query.get("page", "1")
    if sport is None or not page.isdecimal():
        return Answer(400, {"success": 0, "error": "PARAM_REQUIRED"}, brand)
    leagues = _leagues(sport)
    fixtures = matches_of(world, brand, request.time, leagues=leagues)
    rows = [_row(world, brand, fixture, request.time) for fixture in fixtures]
    rows += _noise(sport, request.time)
    rows.sort(key=lambda row: (int(row["time"]), row["id"]))
    first = (int(page) - 1) * PER_PAGE
    pager = {"page": int(page), "per_page": PER_PAGE, "total": len(rows)}
    body = {"success": 1, "pager": pager, "results": rows[first : first + PER_PAGE]}
    return Answer(200, body, brand, "events", leagues)


def _row(world: World, brand: Brand, fixture: Fixture, time: int) -> Json:
    number, league = LEAGUES[fixture.league]
    sides = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    home, away = ({"id": str(chance.number("team", name) % 900_000), "name": name} for name in sides)
    return {
        "id": str(event_id(world.seed, PLATFORM, fixture)),
        "sport_id": _sport_id(fixture),
        "time": str(fixture.kickoff(time)),
        "time_status": "0",
        "league": {"id": str(number), "name": league},
        "home": home,
        "away": away,
        "ss": None,
        "our_event_id": str(9_000_000 + fixture.code),
        "updated_at": str(time - fixture.code % 300),
    }


def _noise(sport: Sport, time: int) -> list[Json]:
    hour = time // 3600
    return [
        {
            "id": str(2_000_000_000 + number % 1000 * 100_000 + hour % 100_000),
            "sport_id": next(number for number, known in SPORTS.items() if known is sport),
            "time": str((hour + 2 + place) * 3600),
            "time_status": "0",
            "league": {"id": str(number), "name": league},
            "home": {"id": "1", "name": home},
            "away": {"id": "2", "name": away},
            "ss": None,
        }
        for place, (number, league, home, away) in enumerate(NOISE[sport])
    ]


def _sport_id(fixture: Fixture) -> str:
    return next(number for number, sport in SPORTS.items() if sport is fixture.sport)


def _odds(world: World, brand: Brand, request: Request) -> Answer:
    ids = [part for part in request.query.get("FI", "").split(",") if part]
    if not ids or len(ids) > BATCH:
        return Answer(400, {"success": 0, "error": "PARAM_INVALID" if ids else "PARAM_REQUIRED"}, brand)
    found = _matches(world, brand, request, ids)
    results = [_event(world, brand, fixture, _quotes(world, brand, fixture, request)) for fixture in found]
    leagues = tuple(dict.fromkeys(fixture.league for fixture in found))
    codes = tuple(fixture.code for fixture in found)
    return Answer(200, {"success": 1, "results": results}, brand, "prematch", leagues, codes)


def _matches(world: World, brand: Brand, request: Request, ids: Sequence[str]) -> list[Fixture]:
    codes = [code_of(world.seed, PLATFORM, part) for part in ids]
    return [
        fixture
        for fixture in matches_of(world, brand, request.time, events=codes)
        if PLATFORM in load_leagues()[fixture.league]["ids"]
    ]


def _quotes(world: World, brand: Brand, fixture: Fixture, request: Request) -> list[Quote]:
    return on_page(markets_of(world, brand, fixture, request.time, "prematch", request.moves, shows=shows))


def _topic(world: World, fixture: Fixture) -> str:
    number, _ = LEAGUES[fixture.league]
    layout = "D19" if fixture.sport is Sport.BASKETBALL else "D8"
    return f"#AC#B{_sport_id(fixture)}#C{number}#{layout}#E{event_id(world.seed, PLATFORM, fixture)}#F3#"


def _event(world: World, brand: Brand, fixture: Fixture, quotes: Sequence[Quote]) -> Json:
    """One match's odds: sections by name, then `others`, each with its markets by key."""
    updated_at = max((quote.changed_at for quote in quotes), default=fixture.first_kickoff)
    sections: dict[str, dict[str, Json]] = {name: {} for name in ("asian_lines", "goals", "half", "main", "others")}
    if fixture.sport is Sport.BASKETBALL:
        sections["main"]["game_lines"] = _grid(fixture, quotes)
    else:
        for quote in quotes:
            place = _place_of(quote.offer)
            market = sections[place.section].setdefault(place.key, _market(place))
            market["odds"] += _selections(brand, fixture, quote, place)
    _decorate(sections, fixture)
    head: Json = {"FI": str(event_id(world.seed, PLATFORM, fixture)), "event_id": str(9_000_000 + fixture.code)}
    for name, markets in sections.items():
        if name != "others" and markets:
            head[name] = {"updated_at": str(updated_at), "key": _topic(world, fixture), "sp": markets}
    head["others"] = [{"updated_at": str(updated_at), "sp": {key: row}} for key, row in sections["others"].items()]
    if "goals_over_under" in sections["main"]:
        # An older copy, at prices of then.
        stale = _shifted(sections["main"]["goals_over_under"])
        head["others"].append({"updated_at": str(updated_at - 600), "sp": {"goals_over_under": stale}})
    return head


def _place_of(offer: Offer) -> _Place:
    if offer.market is Market.TOTALS:
        if offer.period is Period.FIRST_HALF:
            return GOALS_HALF
        return MAIN_TOTAL if offer.main else OTHER_TOTALS
    if offer.market is Market.HANDICAP:
        return MAIN_HANDICAP if offer.main else OTHER_HANDICAPS
    return RESULT_HALF if offer.period is Period.FIRST_HALF else PLACES[offer.market]


def _market(place: _Place) -> Json:
    return {"id": place.number, "name": place.name, "odds": []}


def _selections(brand: Brand, fixture: Fixture, quote: Quote, place: _Place) -> list[Json]:
    return [
        {
            "id": _odd_id(fixture, quote, number),
            # Asian lines are printed to three decimals.
            "odds": f"{price:.3f}" if place.key.endswith("asian_handicap") else f"{price:.2f}",
            **_named(brand, fixture, quote.offer, selection),
        }
        for number, (selection, price) in enumerate(quote.prices)
    ]


def _odd_id(fixture: Fixture, quote: Quote, number: int) -> str:
    return str(600_000_000 + (fixture.code * 64 + quote.offer.number) * 4 + number)


def _named(brand: Brand, fixture: Fixture, offer: Offer, selection: Selection) -> Json:
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    if offer.market is Market.TOTALS:
        # Alternative lines end their "Over" with a blank.
        blank = "" if offer.main or selection is Selection.UNDER else " "
        return {"name": str(offer.line), "header": f"{OVER_UNDER[selection]}{blank}"}
    if offer.market is Market.HANDICAP:
        return {"header": RESULT[selection], "handicap": _split(own_view(offer.line or Decimal(0), selection))}
    if offer.market is Market.DOUBLE_CHANCE:
        return {"name": DOUBLE[selection][fixture.code % 2].format(home=home, away=away)}
    if offer.market is Market.BOTH_TEAMS_TO_SCORE:
        return {"name": YES_NO[selection]}
    if offer.market is Market.DRAW_NO_BET:
        return {"name": home if selection is Selection.HOME else away}
    return {"name": RESULT[selection]}


def _split(line: Decimal) -> str:
    """A handicap as it is printed: "-1.5", "0.0", a quarter line as its two halves: "-1.0, -1.5"."""
    if line % Decimal("0.5") == 0:
        return f"{line:+.1f}" if line else "0.0"
    halves = sorted((line - Decimal("0.25"), line + Decimal("0.25")), key=abs)
    sign = "+" if line > 0 else "-"
    return ", ".join(f"{sign}{abs(half):.1f}" if half else "0.0" for half in halves)


def _grid(fixture: Fixture, quotes: Sequence[Quote]) -> Json:
    """Headers first, then each side's cells in their order."""
    columns = [quote for market in COLUMNS for quote in quotes if quote.offer.market is market]
    cells: list[Json] = [
        {"id": f"PC{_odd_id(fixture, quote, 0)}", "odds": "", "name": COLUMNS[quote.offer.market], "header": ""}
        for quote in columns
    ]
    for side in range(2):
        for quote in columns:
            selection, price = quote.prices[side]
            cells.append(
                {
                    "id": _odd_id(fixture, quote, side),
                    "odds": f"{price:.2f}",
                    "header": str(side + 1),
                    "handicap": _cell_line(quote.offer, selection),
                }
            )
    return {"id": "1453", "name": "Game Lines", "odds": cells}


def _cell_line(offer: Offer, selection: Selection) -> str:
    if offer.market is Market.TOTALS:
        return f"{OVER_UNDER[selection][0]} {offer.line}"
    return _split(own_view(offer.line or Decimal(0), selection)) if offer.market is Market.HANDICAP else ""


def _decorate(sections: dict[str, dict[str, Json]], fixture: Fixture) -> None:
    """What stands beside the markets that anybody compares: other bets, and empty places of what `others` holds."""

    def row(number: int, **texts: str) -> Json:
        return {"id": str(700_000_000 + fixture.code * 64 + number), "odds": f"{1.5 + number / 4:.2f}", **texts}

    if fixture.sport is Sport.BASKETBALL:
        quarter = [
            row(1, header="1", name="Money Line", handicap=""),
            row(2, header="2", name="Money Line", handicap=""),
        ]
        sections["others"]["1st_quarter"] = {"id": "1504", "name": "1st Quarter", "odds": quarter}
        return
    score = [row(1, name="1-0", header="1"), row(2, name="0-0", header="Draw"), row(3, name="1-0", header="2")]
    sections["main"]["correct_score"] = {"id": "43", "name": "Correct Score", "odds": score}
    sections["main"]["draw_no_bet"] = {"id": "10544", "name": "Draw No Bet", "odds": [], "open": 0}
    three_ways = [
        row(number, header=name, name="10") for number, name in enumerate(("Over", "Exactly", "Under"), 4)
    ]
    sections["others"]["corners"] = {"id": "760", "name": "Corners", "odds": three_ways}


def _shifted(market: Json) -> Json:
    odds = [{**row, "odds": f"{Decimal(row['odds']) + Decimal('0.30'):.2f}"} for row in market["odds"]]
    return {**market, "odds": odds}


def _text(world: World, brand: Brand | None, request: Request) -> Answer:
    """One match as the site's own page receives it: masked odds, London's time, in basketball the guest first."""
    found = re.search(r"#E(\d+)#", request.query.get("pd", ""))
    matches = _matches(world, brand, request, [found[1]]) if brand is not None and found is not None else []
    if brand is None or not matches:
        return Answer(404, b"", brand)
    (fixture,) = matches
    quotes = _quotes(world, brand, fixture, request)
    key = chance.pick(MASKS, "mask", world.seed, fixture.code, request.time // 3600)
    hint = b64encode(bytes((key, chance.number("hint", fixture.code) % 256))).decode()
    topic = _topic(world, fixture)
    lines = [
        "F",
        f"CL;TK={hint};ID={_sport_id(fixture)};IT={topic};OR=0;NA=,;MF=1;PV=2.0.2213.0/CC;",
        _head(world, brand, fixture, request.time, topic),
        "MG;SY=cm;",
        f"MA;PD={topic};NA=Main Markets;LS=1;",
        *(_text_grid if fixture.sport is Sport.BASKETBALL else _text_lists)(brand, fixture, quotes, key),
        f"CL;IT=#PB#AC#FI{event_id(world.seed, PLATFORM, fixture)}#;PV=/PB;",
        "EV;IT=EV-#PB#AC#;",
        "MG;NA=Round Robin by 3s;SY=pbc;OD=26/9;OX=3799/1547;",
        "MA;NA=Any three;OD=8/13;OX=4/7;",
    ]
    body = "|".join(lines) + "|"
    return Answer(200, body.encode(), brand, "coupon", (fixture.league,), (fixture.code,))


def _head(world: World, brand: Brand, fixture: Fixture, time: int, topic: str) -> str:
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    title = f"{away} @ {home}" if fixture.sport is Sport.BASKETBALL else f"{home} v {away}"
    sport, league = fixture.sport.capitalize(), LEAGUES[fixture.league][1]
    trail = f"{sport},#AS#B{_sport_id(fixture)}#¬{league},#AC#B1#¬{title},#ABM{topic}"
    kickoff = datetime.fromtimestamp(fixture.kickoff(time), UTC).astimezone(LONDON)
    number = event_id(world.seed, PLATFORM, fixture)
    return f"EV;ID=E1;IT=CC-EV_{topic};NA= ;TB={trail};FI={number};BC={kickoff:%Y%m%d%H%M%S};SO=0;OI={number};"


def _text_lists(brand: Brand, fixture: Fixture, quotes: Sequence[Quote], key: int) -> list[str]:
    groups: dict[_Place, list[str]] = {}
    for quote in quotes:
        place = _place_of(quote.offer)
        rows = groups.setdefault(place, [])
        for number, (selection, price) in enumerate(quote.prices):
            named = _named(brand, fixture, quote.offer, selection)
            name = named["name"] if quote.offer.line is None else named["header"]
            if quote.offer.market is Market.HANDICAP:
                name = brand.side(fixture.home if selection is Selection.HOME else fixture.away, fixture.category)
            own = "" if quote.offer.line is None else _printed(quote.offer, selection)
            rows.append(f"PA;ID={_odd_id(fixture, quote, number)};NA={name};{own}OD={_masked(price, key)};SU=0;")
    lines = []
    for place, rows in groups.items():
        market = place.number
        lines += [f"MG;ID=G{market};IT=G{market};NA={place.name};", f"MA;ID=M{market};CN=1;SY=A;PY=a;", *rows]
    corners = f"PA;ID=1;NA=Over;HA=10;HD=10;OD={_masked(Decimal('2.25'), key)};"
    return [*lines, "MG;ID=G760;IT=G760;NA=Corners;", "MA;ID=M760;CN=3;SY=A;PY=a;", corners]


def _printed(offer: Offer, selection: Selection) -> str:
    if offer.market is Market.TOTALS:
        return f"HA={offer.line};HD={offer.line};"
    own = own_view(offer.line or Decimal(0), selection)
    return f"HA={own:+};HD={_split(own)};"


def _text_grid(brand: Brand, fixture: Fixture, quotes: Sequence[Quote], key: int) -> list[str]:
    columns = [quote for market in COLUMNS for quote in quotes if quote.offer.market is market]
    lines = ["MG;ID=1453;NA=Game Lines;SY=dz;DO=1;", "MA;ID=M1453;NA= ;SY=db;PY=da;"]
    lines += [f"PA;ID=PC{_odd_id(fixture, quote, 0)};NA={COLUMNS[quote.offer.market]};" for quote in columns]
    # The guest's row comes first, with the over.
    for row, (club, side) in enumerate(((fixture.away, Selection.AWAY), (fixture.home, Selection.HOME))):
        lines.append(f"MA;ID=M1453;NA={brand.side(club, fixture.category)};SY=db;PY=asc;")
        for quote in columns:
            prices = dict(quote.prices)
            totals = quote.offer.market is Market.TOTALS
            selection = (Selection.OVER, Selection.UNDER)[row] if totals else side
            shown = _cell_line(quote.offer, selection)
            line = f"HD={shown};HA={shown.removeprefix('O ').removeprefix('U ')};" if shown else ""
            number = list(prices).index(selection)
            odds = _masked(prices[selection], key)
            lines.append(f"PA;ID={_odd_id(fixture, quote, number)};{line}OD={odds};")
    return lines


def _masked(price: Decimal, key: int) -> str:
    """What is won per stake as a fraction, each character XOR the key."""
    won = Fraction(price) - 1
    return "".join(chr(ord(letter) ^ key) for letter in f"{won.numerator}/{won.denominator}")
