"""NSX Bet's back-end: rows of one market per league, and every market of one match in three shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Selection, Sport
from simulator.answers import Answer, Request, brand_of, event_id, listed_match, markets_of, matches_of
from simulator.brands import Brand, load_leagues, without_accents
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, State, World
from simulator.writing import plain

HOST = "prod-global-bff-events.bet6.com.br"
PLATFORM = "nsx"

Json = dict[str, Any]

SPORT_IDS = {Sport.FOOTBALL: 1, Sport.BASKETBALL: 2}
LIST_MARKETS = {1: "1", 2: "219"}
"""Sport -> the market that lists are asked for."""
CATEGORIES: dict[str, tuple[int, str]] = {
    "Brazil": (13, "Brasil"),
    "South America": (393, "Clubes Internacionais"),
    "England": (1, "Inglaterra"),
    "Spain": (32, "Espanha"),
    "Italy": (31, "Itália"),
    "Germany": (30, "Alemanha"),
    "France": (7, "França"),
    "Netherlands": (35, "Holanda"),
    "Portugal": (44, "Portugal"),
    "Europe": (393, "Clubes Internacionais"),
    "USA": (15, "EUA"),
}
"""Country of a league -> category id and name."""

CLASSIC: dict[tuple[bool, Market, Period], tuple[int, str]] = {
    (False, Market.MATCH_RESULT, Period.MATCH): (1, "Resultado da Partida"),
    (False, Market.DOUBLE_CHANCE, Period.MATCH): (10, "Chance Dupla"),
    (False, Market.DRAW_NO_BET, Period.MATCH): (11, "Empate Anula"),
    (False, Market.HANDICAP, Period.MATCH): (16, "Handicap"),
    (False, Market.TOTALS, Period.MATCH): (18, "Total"),
    (False, Market.BOTH_TEAMS_TO_SCORE, Period.MATCH): (29, "Ambas as equipes marcam"),
    (False, Market.MATCH_RESULT, Period.FIRST_HALF): (60, "1º tempo - Resultado"),
    (False, Market.TOTALS, Period.FIRST_HALF): (68, "1º tempo - Total"),
    (True, Market.MONEYLINE, Period.MATCH): (219, "Vencedor (incl. prorrogação)"),
    (True, Market.HANDICAP, Period.MATCH): (223, "Handicap (incl. prorrogação)"),
    (True, Market.TOTALS, Period.MATCH): (225, "Total (incl. prorrogação)"),
}
"""(basketball?, market, period) -> id and name in Sportradar's numbering."""

CODED: dict[Market, tuple[int, str]] = {
    Market.MATCH_RESULT: (999133, "|Win-Draw-Win|"),
    Market.TOTALS: (999167, "Total"),
    Market.BOTH_TEAMS_TO_SCORE: (999140, "|Both Teams To Score|"),
    Market.DRAW_NO_BET: (999151, "|Draw No Bet|"),
    Market.HANDICAP: (999158, "|2-Way Handicap Betting|"),
}
"""Market -> id and code of the newer feed. Of a double chance or a half no code is known."""

OUTCOMES: dict[Market, dict[Selection, str]] = {
    Market.MATCH_RESULT: {Selection.HOME: "1", Selection.DRAW: "2", Selection.AWAY: "3"},
    Market.MONEYLINE: {Selection.HOME: "4", Selection.AWAY: "5"},
    Market.DRAW_NO_BET: {Selection.HOME: "4", Selection.AWAY: "5"},
    Market.DOUBLE_CHANCE: {Selection.HOME_DRAW: "9", Selection.HOME_AWAY: "10", Selection.DRAW_AWAY: "11"},
    Market.HANDICAP: {Selection.HOME: "1714", Selection.AWAY: "1715"},
    Market.TOTALS: {Selection.OVER: "12", Selection.UNDER: "13"},
    Market.BOTH_TEAMS_TO_SCORE: {Selection.YES: "74", Selection.NO: "76"},
}
NAMES = {
    Selection.DRAW: "Empate",
    Selection.OVER: "Mais de",
    Selection.UNDER: "Menos de",
    Selection.YES: "Sim",
    Selection.NO: "Não",
    Selection.HOME_DRAW: "1X",
    Selection.HOME_AWAY: "12",
    Selection.DRAW_AWAY: "X2",
}


@dataclass(frozen=True, slots=True)
class Foreign:
    """A market outside the common model. `outcomes`: outcome id and name; `code` of the newer feed, else ""."""

    number: int
    name: str
    specifier: str
    outcomes: tuple[tuple[str, str], ...]
    code: str = ""


FOREIGN: Mapping[Sport, tuple[Foreign, ...]] = {
    Sport.FOOTBALL: (
        Foreign(14, "Handicap 0:1", "hcp=0:1", (("1711", "1"), ("1712", "X"), ("1713", "2"))),
        Foreign(166, "Total de escanteios", "total=9.5", (("12", "Mais de 9.5"), ("13", "Menos de 9.5"))),
    ),
    Sport.BASKETBALL: (
        Foreign(18, "Total", "total=219.5", (("12", "Mais de 219.5"), ("13", "Menos de 219.5"))),
        Foreign(
            236, "1º quarto - Total", "quarternr=1|total=55.5", (("12", "Mais de 55.5"), ("13", "Menos de 55.5"))
        ),
    ),
}
"""In Sportradar's numbering, on every match of a sport."""
FOREIGN_CODED = (
    Foreign(
        999266,
        "Total de gols no 1º tempo",
        "total=2,5",
        (("", "Mais de 2,5 gols no 1º tempo"), ("", "Menos de 2,5 gols no 1º tempo")),
        "TOTAL_1ST_HALF",
    ),
    Foreign(
        999170, "Handicap 3-Way", "nhc=H:1", (("", "Casa"), ("", "Empate"), ("", "Fora")), "|Handicap Betting|"
    ),
)
"""In the newer feed, on every match."""

BRASILIA_S = -3 * 3600
"""What clocks in Brasília show, against UTC."""


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API."""
    return host == HOST


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Lists hold the main market, details every one; "coded" details those that the newer feed has a code for."""
    if kind == "list":
        return offer.number == 0
    return kind != "coded" or (offer.market in CODED and offer.period is Period.MATCH)


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for another path or an unknown match."""
    parts = [part for part in request.path.split("/") if part]
    brand = brand_of(PLATFORM, request)
    if brand is not None and parts == ["api", "odds", "1", "events-by-seasons"]:
        return _list(world, brand, request)
    if brand is not None and parts[:2] == ["api", "event-odds"] and len(parts) in (3, 4):
        return _details(world, brand, request, parts[2], grouped=parts[3:] == ["grouped"])
    return Answer(404, {"message": "Not Found"}, brand)


def _list(world: World, brand: Brand, request: Request) -> Answer:
    sport, tournament = request.query.get("sport_id", ""), request.query.get("tournament_id", "")
    leagues = tuple(
        key
        for key, league in load_leagues().items()
        if PLATFORM in league["ids"]
        and sport == str(SPORT_IDS[league["sport"]])
        and tournament in ("", "0", league["ids"][PLATFORM])
    )
    if not sport.isdecimal() or request.query.get("markets") != LIST_MARKETS.get(int(sport)):
        return Answer(200, {"odds": [], "scores": []}, brand, "menu")
    rows = [
        row
        for fixture in matches_of(world, brand, request.time, leagues=leagues)
        for row in _classic(world, brand, request, fixture, "list")
    ]
    # The rows of an event need not follow one another.
    rows.sort(key=lambda row: str(row["outcome_id"]))
    return Answer(200, {"odds": rows, "scores": []}, brand, "list", leagues)


def _details(world: World, brand: Brand, request: Request, number: str, *, grouped: bool) -> Answer:
    fixture = listed_match(world, brand, request, number)
    if fixture is None or PLATFORM not in load_leagues()[fixture.league]["ids"]:
        return Answer(404, {"message": "Not Found"}, brand)
    asked = ((fixture.league,), (fixture.code,))
    shape = 2 if grouped else fixture.code // 2 % 3
    if shape == 2 and fixture.sport is Sport.FOOTBALL:
        return Answer(200, {"odds": _coded(world, brand, request, fixture)}, brand, "coded", *asked)
    rows = _classic(world, brand, request, fixture, "detail")
    head = _head(world, brand, request, fixture)
    short = ("id", "event_id", "market_id", "market_name", "market_status_id", "outcome_id", "outcome_name")
    rows = [{key: row[key] for key in (*short, "odd", "specifier")} for row in rows]
    if shape == 0:
        return Answer(200, {"events": [{**head, "odds": rows}]}, brand, "detail", *asked)
    return Answer(200, {"events": [head], "odds": rows}, brand, "detail", *asked)


def _head(world: World, brand: Brand, request: Request, fixture: Fixture) -> Json:
    number = event_id(world.seed, PLATFORM, fixture)
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    league = load_leagues()[fixture.league]
    category_id, category = CATEGORIES[league["country"]]
    return {
        "id": number,
        "event_id": number,
        "sport_id": SPORT_IDS[fixture.sport],
        "category_id": category_id,
        "category_name": category,
        "tournament_id": int(league["ids"][PLATFORM]),
        "tournament_name": league["name"],
        "season_id": 130_000 + int(league["ids"][PLATFORM]),
        "home": f"{home} " if fixture.code % 4 == 0 else home,
        "away": f"{away}  " if fixture.code % 7 == 0 else away,
        "date_start": _local(fixture.kickoff(request.time)),
        "date_start_original": _local(fixture.first_kickoff),
        "is_live": 0,
        "event_status_id": 0,
    }


def _classic(world: World, brand: Brand, request: Request, fixture: Fixture, kind: str) -> list[Json]:
    """Rows in Sportradar's numbering, each with its event."""
    head = _head(world, brand, request, fixture)
    number = head["event_id"]
    sides = (head["home"].strip(), head["away"].strip())
    rows: list[Json] = []
    for quote in markets_of(world, brand, fixture, request.time, kind, request.moves, shows=shows):
        if quote.state is State.WITHDRAWN:
            continue
        offer, suspended = quote.offer, quote.state is State.SUSPENDED
        market_id, name = CLASSIC[offer.points, offer.market, offer.period]
        specifier = _specifier(offer)
        for selection, price in quote.prices:
            outcome = OUTCOMES[offer.market][selection]
            # Prices come as numbers and, elsewhere, as text.
            odd = float(price) if fixture.code % 2 else f"{price:.3f}"
            rows.append(
                {
                    **head,
                    "id": f"{number}_{market_id}_{outcome}_{specifier}",
                    "market_id": market_id,
                    "market_name": name,
                    "market_status_id": -1 if suspended else 1,
                    "outcome_id": outcome if fixture.code % 3 else int(outcome),
                    "outcome_name": _name(offer, selection, sides, comma=False),
                    "odd": 1 if suspended else odd,
                    "previous_odd": odd,
                    "specifier": specifier,
                }
            )
    if kind == "detail":
        rows += [
            {
                **head,
                "id": f"{number}_{market.number}_{outcome}_{market.specifier}",
                "market_id": market.number,
                "market_name": market.name,
                "market_status_id": 1,
                "outcome_id": outcome,
                "outcome_name": name,
                "odd": 1.85,
                "specifier": market.specifier,
            }
            for market in FOREIGN[fixture.sport]
            for outcome, name in market.outcomes
        ]
    return rows


def _coded(world: World, brand: Brand, request: Request, fixture: Fixture) -> list[Json]:
    """Rows of the newer feed, which name no event. What is withdrawn stays among them, hidden."""
    home, away = (without_accents(brand.side(club, fixture.category)) for club in (fixture.home, fixture.away))
    rows: list[Json] = []
    for quote in markets_of(world, brand, fixture, request.time, "coded", request.moves, shows=shows):
        market_id, code = CODED[quote.offer.market]
        for selection, price in quote.prices:
            row: Json = {
                "market_id": market_id,
                "market_code": code,
                "outcome_name": _name(quote.offer, selection, (home, away), comma=True),
                "odd": f"{Decimal(1) if quote.state is State.SUSPENDED else price:.3f}",
                "market_display_status": int(quote.offer.market is not Market.BOTH_TEAMS_TO_SCORE),
                "selection_display_status": int(quote.state is not State.WITHDRAWN),
            }
            if quote.offer.line is not None and (quote.offer.market is Market.TOTALS or fixture.code % 2):
                row["specifier"] = _coded_specifier(quote)
            if quote.state is State.SUSPENDED:
                row["market_status_id"] = -1
            rows.append(row)
    for market in FOREIGN_CODED:
        for _, name in market.outcomes:
            row = {"market_id": market.number, "market_code": market.code, "market_name": market.name}
            row |= {"outcome_name": name, "odd": "1.850", "specifier": market.specifier}
            rows.append(row | {"market_display_status": 1, "selection_display_status": 1})
    return rows


def _specifier(offer: Offer) -> str:
    if offer.line is None:
        return ""
    return f"{'total' if offer.market is Market.TOTALS else 'hcp'}={plain(offer.line)}"


def _coded_specifier(quote: Quote) -> str:
    line = quote.offer.line or Decimal(0)
    if quote.offer.market is Market.TOTALS:
        return f"total={plain(line).replace('.', ',')}"
    # The side that gives goals is the one named.
    return f"hc=H:{plain(line)}" if line <= 0 else f"hc=A:{plain(-line)}"


def _name(offer: Offer, selection: Selection, sides: tuple[str, str], *, comma: bool) -> str:
    if selection not in (Selection.HOME, Selection.AWAY):
        if offer.line is None:
            return NAMES[selection]
        text = plain(offer.line)
        return f"{NAMES[selection]} {text.replace('.', ',')} gols" if comma else f"{NAMES[selection]} {text}"
    away = selection is Selection.AWAY
    if offer.line is None:
        return sides[away]
    own = -offer.line if away else offer.line
    return f"{sides[away]} ({'+' if own > 0 else ''}{plain(own)})"


def _local(time: int) -> str:
    """Epoch s as Brasília's clocks show it; nothing says which zone it is."""
    return f"{datetime.fromtimestamp(time + BRASILIA_S, UTC):%Y-%m-%d %H:%M:%S}"
