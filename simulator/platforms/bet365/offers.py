"""What both of bet365's forms share: leagues, the places of markets, the names and lines of selections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Selection, Sport
from simulator.answers import Request, code_of, event_id, markets_of, matches_of, on_page
from simulator.brands import Brand, load_leagues
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, World
from simulator.writing import own_view

PLATFORM = "bet365"
SPORTS = {"1": Sport.FOOTBALL, "18": Sport.BASKETBALL}
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
class Place:
    """Where a market stands: BetsAPI's section and key, the site's market id, and the market's name."""

    section: str
    key: str
    number: str
    name: str


RESULT_HALF = Place("half", "half_time_result", "1579", "Half Time Result")
GOALS_HALF = Place("half", "first_half_goals", "10538", "First Half Goals")
MAIN_TOTAL = Place("main", "goals_over_under", "981", "Goals Over/Under")
OTHER_TOTALS = Place("goals", "alternative_total_goals", "10202", "Alternative Total Goals")
MAIN_HANDICAP = Place("main", "asian_handicap", "938", "Asian Handicap")
OTHER_HANDICAPS = Place("asian_lines", "alternative_asian_handicap", "50138", "Alternative Asian Handicap")
PLACES: dict[Market, Place] = {
    Market.MATCH_RESULT: Place("main", "full_time_result", "40", "Full Time Result"),
    Market.DOUBLE_CHANCE: Place("main", "double_chance", "10114", "Double Chance"),
    Market.DRAW_NO_BET: Place("others", "draw_no_bet", "10544", "Draw No Bet"),
    Market.BOTH_TEAMS_TO_SCORE: Place("goals", "both_teams_to_score", "10150", "Both Teams to Score"),
}
COLUMNS = {Market.HANDICAP: "Spread", Market.TOTALS: "Total", Market.MONEYLINE: "Money Line"}
"""The columns of basketball's grid, in their order."""


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Lists hold no odds; odds and text hold every market of football, the three of a grid in basketball."""
    if kind == "events":
        return False
    return not offer.points or offer.main or offer.market is Market.MONEYLINE


def sport_id_of(fixture: Fixture) -> str:
    """The site's number of the sport."""
    return next(number for number, sport in SPORTS.items() if sport is fixture.sport)


def matches_named(world: World, brand: Brand, request: Request, ids: Sequence[str]) -> list[Fixture]:
    """The listed matches of these ids, as far as the platform knows their leagues."""
    codes = [code_of(world.seed, PLATFORM, part) for part in ids]
    return [
        fixture
        for fixture in matches_of(world, brand, request.time, events=codes)
        if PLATFORM in load_leagues()[fixture.league]["ids"]
    ]


def quotes_of(world: World, brand: Brand, fixture: Fixture, request: Request) -> list[Quote]:
    """What is on the page of a match."""
    return on_page(markets_of(world, brand, fixture, request.time, "prematch", request.moves, shows=shows))


def topic_of(world: World, fixture: Fixture) -> str:
    """A match's name in the site's protocol."""
    number, _ = LEAGUES[fixture.league]
    layout = "D19" if fixture.sport is Sport.BASKETBALL else "D8"
    return f"#AC#B{sport_id_of(fixture)}#C{number}#{layout}#E{event_id(world.seed, PLATFORM, fixture)}#F3#"


def place_of(offer: Offer) -> Place:
    """Where a market stands."""
    if offer.market is Market.TOTALS:
        if offer.period is Period.FIRST_HALF:
            return GOALS_HALF
        return MAIN_TOTAL if offer.main else OTHER_TOTALS
    if offer.market is Market.HANDICAP:
        return MAIN_HANDICAP if offer.main else OTHER_HANDICAPS
    return RESULT_HALF if offer.period is Period.FIRST_HALF else PLACES[offer.market]


def odd_id(fixture: Fixture, quote: Quote, number: int) -> str:
    """A selection's id; `number` is its place in its market."""
    return str(600_000_000 + (fixture.code * 64 + quote.offer.number) * 4 + number)


def name_fields(brand: Brand, fixture: Fixture, offer: Offer, selection: Selection) -> Json:
    """The fields that tell which selection it is, and its line; every market writes them in its own way."""
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    if offer.market is Market.TOTALS:
        # Alternative lines end their "Over" with a blank.
        blank = "" if offer.main or selection is Selection.UNDER else " "
        return {"name": str(offer.line), "header": f"{OVER_UNDER[selection]}{blank}"}
    if offer.market is Market.HANDICAP:
        return {"header": RESULT[selection], "handicap": split(own_view(offer.line or Decimal(0), selection))}
    if offer.market is Market.DOUBLE_CHANCE:
        return {"name": DOUBLE[selection][fixture.code % 2].format(home=home, away=away)}
    if offer.market is Market.BOTH_TEAMS_TO_SCORE:
        return {"name": YES_NO[selection]}
    if offer.market is Market.DRAW_NO_BET:
        return {"name": home if selection is Selection.HOME else away}
    return {"name": RESULT[selection]}


def split(line: Decimal) -> str:
    """A handicap as it is printed: "-1.5", "0.0", a quarter line as its two halves: "-1.0, -1.5"."""
    if line % Decimal("0.5") == 0:
        return f"{line:+.1f}" if line else "0.0"
    halves = sorted((line - Decimal("0.25"), line + Decimal("0.25")), key=abs)
    sign = "+" if line > 0 else "-"
    return ", ".join(f"{sign}{abs(half):.1f}" if half else "0.0" for half in halves)


def cell_line(offer: Offer, selection: Selection) -> str:
    """The line in a cell of the grid: "O 210.5", "-4.5"; empty for the winner."""
    if offer.market is Market.TOTALS:
        return f"{OVER_UNDER[selection][0]} {offer.line}"
    return split(own_view(offer.line or Decimal(0), selection)) if offer.market is Market.HANDICAP else ""
