"""Superbet's offer API: lists of a tournament's matches with their main market, and every market of one match."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from scrapers.records import Market, Period, Selection, Sport
from simulator import chance
from simulator.answers import (
    Answer,
    Request,
    brand_of,
    event_id,
    listed_match,
    markets_of,
    matches_of,
    on_page,
)
from simulator.brands import Brand, load_leagues
from simulator.clubs import CLUB_NUMBERS, Club
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, State, World
from simulator.writing import iso, plain

HOST = "production-superbet-offer-br.freetls.fastly.net"
PLATFORM = "superbet"

Json = dict[str, Any]

SPORTS = {Sport.FOOTBALL: (5, "Futebol"), Sport.BASKETBALL: (4, "Basquete")}

MARKETS: dict[tuple[bool, Market], tuple[int, str, str]] = {
    (False, Market.MATCH_RESULT): (547, "Resultado Final", ""),
    (False, Market.TOTALS): (200734, "Total de Gols", "total"),
    (False, Market.BOTH_TEAMS_TO_SCORE): (539, "Ambas as Equipes Marcam", ""),
    (False, Market.DOUBLE_CHANCE): (531, "Dupla Chance", ""),
    (False, Market.DRAW_NO_BET): (555, "Empate Anula Aposta", ""),
    # The real id of this one was never recorded; readers go by its name.
    (False, Market.HANDICAP): (530, "Handicap Asiático", "hcp"),
    (True, Market.MONEYLINE): (759, "Vencedor (Inc. prorrogação)", ""),
    (True, Market.HANDICAP): (768, "Handicap (Inc. prorrogação)", "hcp"),
    (True, Market.TOTALS): (753, "Total de Pontos (Inc. prorrogação)", "total"),
}
"""(basketball?, market) -> id, name, specifier of the line."""

OUTCOMES: dict[tuple[int, Selection], int] = {
    (547, Selection.HOME): 1470,
    (547, Selection.DRAW): 1471,
    (547, Selection.AWAY): 1472,
    (200734, Selection.OVER): 151889,
    (200734, Selection.UNDER): 151888,
    (539, Selection.YES): 1440,
    (539, Selection.NO): 1441,
    (759, Selection.HOME): 2182,
    (759, Selection.AWAY): 2183,
    (768, Selection.HOME): 2202,
    (768, Selection.AWAY): 2203,
    (753, Selection.OVER): 2170,
    (753, Selection.UNDER): 2169,
}
"""(market id, selection) -> outcome id, where one was recorded."""

CODES = {
    Selection.HOME: "1",
    Selection.DRAW: "0",
    Selection.AWAY: "2",
    Selection.OVER: "+",
    Selection.UNDER: "-",
    Selection.YES: "1",
    Selection.NO: "2",
}
NAMES = {
    Selection.HOME: "1",
    Selection.DRAW: "X",
    Selection.AWAY: "2",
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
    """A market outside the common model: readers have to leave it out by its id.

    name      may hold "{home}"
    outcomes  outcome id, code ("" for none), name
    """

    number: int
    name: str
    specifiers: Mapping[str, str]
    flat: str
    outcomes: tuple[tuple[int, str, str], ...]


_OVERTIME = "(Inc. prorrogação)"

FOREIGN: dict[Sport, tuple[Foreign, ...]] = {
    Sport.FOOTBALL: (
        Foreign(
            544,
            "{home} - Total de Gols",
            {"total": "1.5"},
            "1.5",
            ((1462, "", "Mais de 1.5"), (1461, "", "Menos de 1.5")),
        ),
        Foreign(
            704,
            "Total de Escanteios",
            {"total": "9.5"},
            "9.5",
            ((2043, "/0+", "Mais de 9.5"), (2042, "/0-", "Menos de 9.5")),
        ),
    ),
    Sport.BASKETBALL: (
        Foreign(
            758,
            f"{{home}} - Total de Pontos {_OVERTIME}",
            {"total": "112.5"},
            "112.5",
            ((2181, "+", "Mais de 112.5"), (2180, "-", "Menos de 112.5")),
        ),
        Foreign(
            788,
            "1º Quarto - Total de Pontos",
            {"quarternr": "1", "total": "55.5"},
            "1-55.5",
            ((2261, "+", "Mais de 55.5"), (2260, "-", "Menos de 55.5")),
        ),
        Foreign(775, f"Ímpar/Par {_OVERTIME}", {}, "", ((2217, "1", "Ímpar"), (2218, "2", "Par"))),
    ),
}
"""On every match of a sport."""

DELISTED_SHARE = 0.06
"""Matches that stay in the list a second time under the id they had before, with a finished offer."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API."""
    return host == HOST


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Lists hold the main market, details all that the format has an id for: none of a half."""
    return offer.period is Period.MATCH and (kind == "detail" or offer.number == 0)


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for another path or an unknown match, 400 for a list without its dates."""
    parts = [part for part in request.path.split("/") if part]
    brand = brand_of(PLATFORM, request)
    if brand is None or len(parts) < 3 or parts[:2] != ["v2", "pt-BR"]:
        return Answer(404, {"error": True, "data": []}, brand)
    if parts[2:] == ["struct"]:
        return Answer(200, _struct(), brand, "menu")
    if parts[2:] == ["events", "by-date"]:
        if not _DATE.fullmatch(request.query.get("startDate", "")):
            return Answer(400, {"error": "startDate is not valid", "data": []}, brand)
        return _list(world, brand, request)
    if parts[2] == "events" and len(parts) == 4:
        return _details(world, brand, request, parts[3])
    return Answer(404, {"error": True, "data": []}, brand)


def _list(world: World, brand: Brand, request: Request) -> Answer:
    wanted = set(filter(None, request.query.get("tournamentIds", "").split(",")))
    sport = request.query.get("sportId", "")
    leagues = tuple(
        key
        for key, league in load_leagues().items()
        if PLATFORM in league["ids"]
        and (not wanted or league["ids"][PLATFORM] in wanted)
        and sport in ("", str(SPORTS[league["sport"]][0]))
    )
    data = []
    for fixture in matches_of(world, brand, request.time, leagues=leagues):
        row = _event(world, brand, request, fixture, "list")
        data.append(row)
        if chance.unit(world.seed, "delisted", fixture.code) < DELISTED_SHARE:
            data.append(_delisted(row))
    for key in leagues:
        data.append(_special(key, request.time))
    return Answer(200, {"error": False, "data": data}, brand, "list", leagues)


def _details(world: World, brand: Brand, request: Request, number: str) -> Answer:
    fixture = listed_match(world, brand, request, number)
    if fixture is None or PLATFORM not in load_leagues()[fixture.league]["ids"]:
        return Answer(404, {"error": True, "data": []}, brand)
    event = _event(world, brand, request, fixture, "detail")
    body = {"error": False, "dataIn": iso(request.time), "data": [event]}
    return Answer(200, body, brand, "detail", (fixture.league,), (fixture.code,))


def _struct() -> Json:
    tournaments = [
        {"id": league["ids"][PLATFORM], "localNames": {"pt-BR": f"{league['country']} - {league['name']}"}}
        for league in load_leagues().values()
        if PLATFORM in league["ids"]
    ]
    sports = [{"id": str(number), "localNames": {"pt-BR": name}} for number, name in SPORTS.values()]
    return {"data": {"tournaments": tournaments, "sports": sports}}


def _event(world: World, brand: Brand, request: Request, fixture: Fixture, kind: str) -> Json:
    number = event_id(world.seed, PLATFORM, fixture)
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    league = load_leagues()[fixture.league]
    kickoff = fixture.kickoff(request.time)
    whole = _rows(world, brand, request, fixture, "detail", (home, away))
    rows = whole if kind == "detail" else _rows(world, brand, request, fixture, kind, (home, away))
    row: Json = {
        "eventId": number,
        "offerId": number,
        "uuid": _uuid("event", number),
        "matchName": f"{home}·{away}",
        "matchDate": f"{datetime.fromtimestamp(kickoff, UTC):%Y-%m-%d %H:%M:%S}",
        "utcDate": iso(kickoff),
        "unixDateMillis": kickoff * 1000,
        "sportId": SPORTS[fixture.sport][0],
        "categoryId": 32 + sorted({row["country"] for row in load_leagues().values()}).index(league["country"]),
        "tournamentId": int(league["ids"][PLATFORM]),
        "tournamentName": None,
        "homeTeamId": str(_team(fixture.home)),
        "awayTeamId": str(_team(fixture.away)),
        "betradarId": str(number + 51_000_000),
        "matchTags": "v2",
        "offerStateStatus": {"1": "active"},
        "metadata": {"status": "NOT_STARTED"},
        "hasLive": True,
        "streams": ["PREMATCH"],
        "marketCount": len({odd["marketUuid"] for odd in whole}),
        "counts": {"odds": {"1": len(whole)}, "markets": len({odd["marketUuid"] for odd in whole})},
        "odds": rows or None,
        "oddsResults": None,
        "matchResults": None,
    }
    if fixture.code % 3 == 0:
        del row["metadata"]
    if fixture.code % 5 == 0:
        del row["utcDate"]
    return row


def _delisted(row: Json) -> Json:
    """The same match under the id it had before."""
    number = row["eventId"] - 3_500_000
    old = {key: value for key, value in row.items() if key != "metadata"}
    return old | {
        "eventId": number,
        "offerId": number,
        "uuid": _uuid("event", number),
        "offerStateStatus": {"1": "finished"},
        "odds": None,
    }


def _special(league: str, time: int) -> Json:
    """A row of the list that is no match."""
    declared = load_leagues()[league]
    number = 3_000_000 + int(declared["ids"][PLATFORM])
    return {
        "eventId": number,
        "offerId": number,
        "uuid": _uuid("event", number),
        "matchName": f"{declared['name']} - Campeão",
        "matchDate": f"{datetime.fromtimestamp(time + 30 * 86_400, UTC):%Y-%m-%d} 21:00:00",
        "sportId": SPORTS[declared["sport"]][0],
        "tournamentId": int(declared["ids"][PLATFORM]),
        "tournamentName": None,
        "offerStateStatus": {"1": "active"},
        "odds": None,
    }


def _rows(
    world: World, brand: Brand, request: Request, fixture: Fixture, kind: str, sides: tuple[str, str]
) -> list[Json]:
    quotes = on_page(markets_of(world, brand, fixture, request.time, kind, request.moves, shows=shows))
    rows = [row for quote in quotes for row in _market(fixture, quote, sides)]
    if kind == "detail":
        rows += _foreign(fixture, sides[0])
    return rows


def _market(fixture: Fixture, quote: Quote, sides: tuple[str, str]) -> list[Json]:
    offer = quote.offer
    number, name, specifier = MARKETS[offer.points, offer.market]
    suspended = quote.state is State.SUSPENDED
    line: Json = {}
    if offer.line is not None:
        text = plain(offer.line)
        line = {"specialBetValue": text, "specifiers": {specifier: text}}
    rows = []
    for place, (selection, price) in enumerate(quote.prices):
        own: Json = {"name": _name(offer, selection, sides)}
        if (number, selection) in OUTCOMES:
            own["outcomeId"] = OUTCOMES[number, selection]
        if selection in CODES:
            own["code"] = CODES[selection]
        rows.append(
            {
                "uuid": _uuid("odd", fixture.code, offer.number, place),
                "marketUuid": _uuid("market", fixture.code, offer.number),
                "marketId": number,
                **own,
                **line,
                # A whole price travels as an integer.
                "price": 1 if suspended else int(price) if price % 1 == 0 else float(price),
                "status": "suspended" if suspended else "active",
                "marketName": name,
                "marketTags": "preselected" if offer.number == 0 else "",
                "offerStateId": 1,
                "tags": "Combinable,pm_boostable_market,v2",
                "extra": {"feedOriginTimestamp": str(quote.changed_at * 1_000_000_000)},
            }
        )
    if offer.market is Market.DRAW_NO_BET and fixture.code % 2:
        rows.reverse()  # the order of rows is not fixed
    return rows


def _foreign(fixture: Fixture, home: str) -> list[Json]:
    return [
        {
            "uuid": _uuid("odd", fixture.code, market.number, outcome),
            "marketUuid": _uuid("market", fixture.code, market.number),
            "marketId": market.number,
            "outcomeId": outcome,
            **({"code": code} if code else {}),
            "name": label,
            **({"specialBetValue": market.flat, "specifiers": market.specifiers} if market.flat else {}),
            "price": 1.85,
            "status": "active",
            "marketName": market.name.format(home=home),
            "marketTags": "donotshowingroupfilter",
            "offerStateId": 1,
        }
        for market in FOREIGN[fixture.sport]
        for outcome, code, label in market.outcomes
    ]


def _name(offer: Offer, selection: Selection, sides: tuple[str, str]) -> str:
    if offer.line is None:
        in_words = offer.market is Market.DRAW_NO_BET
        return sides[selection is Selection.AWAY] if in_words else NAMES[selection]
    if offer.market is Market.TOTALS:
        return f"{NAMES[selection]} {plain(offer.line)}"
    away = selection is Selection.AWAY
    return f"{sides[away]} ({plain(-offer.line if away else offer.line)})"


def _team(club: Club) -> int:
    return 130_000 + CLUB_NUMBERS[club.name]


def _uuid(*name: object) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(map(str, name))))
