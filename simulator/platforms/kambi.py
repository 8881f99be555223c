"""Kambi's offering API: list views per league path and the offers of single events; odds in thousandths."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Rules, Selection, Sport
from simulator.answers import Answer, Request, code_of, event_id, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_named, load_leagues
from simulator.clubs import CLUB_NUMBERS, Club
from simulator.fixtures import Fixture
from simulator.pricing import Offer
from simulator.world import Quote, State, World
from simulator.writing import iso

HOST_ENDINGS = (".offering-api.kambicdn.com", "-offering-api.kambicdn.com")
PLATFORM = "kambi"

Json = dict[str, Any]

SPORTS = {
    "football": {"id": 1000093190, "name": "Futebol", "englishName": "Football", "termKey": "football"},
    "basketball": {"id": 1000093204, "name": "Basquete", "englishName": "Basketball", "termKey": "basketball"},
}
REGIONS: dict[str, tuple[int, str]] = {
    "brazil": (1000461741, "Brasil"),
    "england": (1000461733, "Inglaterra"),
    "spain": (1000461813, "Espanha"),
    "italy": (1000461745, "Itália"),
    "germany": (1000461786, "Alemanha"),
    "france": (1000461727, "França"),
    "netherlands": (1000461775, "Holanda"),
}
"""Second part of a league's path -> group id and name; paths without a region have two levels only."""

CRITERIA: dict[tuple[bool, Market, Period, Rules], tuple[int, int, str, str]] = {
    (False, Market.MATCH_RESULT, Period.MATCH, Rules.STANDARD): (2, 1001159858, "Full Time", "Tempo regulamentar"),
    (False, Market.MATCH_RESULT, Period.MATCH, Rules.EARLY_PAYOUT): (
        2,
        2100089307,
        "Full Time - 2UP",
        "Tempo regulamentar - 2UP",
    ),
    (False, Market.MATCH_RESULT, Period.FIRST_HALF, Rules.STANDARD): (2, 1000316018, "Half Time", "1º tempo"),
    (False, Market.TOTALS, Period.MATCH, Rules.STANDARD): (6, 1001159926, "Total Goals", "Total de gols"),
    (False, Market.TOTALS, Period.FIRST_HALF, Rules.STANDARD): (
        6,
        1001159532,
        "Total Goals - 1st Half",
        "Total de gols - 1º tempo",
    ),
    (False, Market.BOTH_TEAMS_TO_SCORE, Period.MATCH, Rules.STANDARD): (
        18,
        1001642858,
        "Both Teams To Score",
        "Ambas as equipes marcam",
    ),
    (False, Market.DOUBLE_CHANCE, Period.MATCH, Rules.STANDARD): (12, 1001159922, "Double Chance", "Dupla chance"),
    (False, Market.DRAW_NO_BET, Period.MATCH, Rules.STANDARD): (2, 1001159666, "Draw No Bet", "Empate anula"),
    (False, Market.HANDICAP, Period.MATCH, Rules.STANDARD): (
        7,
        1002275572,
        "Asian Handicap",
        "Handicap asiático",
    ),
    (True, Market.MONEYLINE, Period.MATCH, Rules.STANDARD): (
        2,
        1001159732,
        "Moneyline - Including Overtime",
        "Vencedor - incluindo prorrogação",
    ),
    (True, Market.HANDICAP, Period.MATCH, Rules.STANDARD): (
        1,
        1001159512,
        "Point Spread - Including Overtime",
        "Handicap - incluindo prorrogação",
    ),
    (True, Market.TOTALS, Period.MATCH, Rules.STANDARD): (
        6,
        1001159509,
        "Total Points - Including Overtime",
        "Total de pontos - incluindo prorrogação",
    ),
}
"""(basketball?, market, period, rules) -> offer type, criterion id, English label, label."""

OFFER_TYPES = {
    1: ("Handicap", "Handicap"),
    2: ("Partida", "Match"),
    6: ("Mais/Menos", "Over/Under"),
    7: ("Handicap asiático", "Asian Handicap"),
    12: ("Dupla chance", "Double Chance"),
    18: ("Sim/Não", "Yes/No"),
}
"""Offer type id -> name, English name."""

SELECTIONS: dict[Selection, tuple[str, str, str]] = {
    Selection.HOME: ("OT_ONE", "1", "1"),
    Selection.DRAW: ("OT_CROSS", "X", "X"),
    Selection.AWAY: ("OT_TWO", "2", "2"),
    Selection.OVER: ("OT_OVER", "Mais de", "Over"),
    Selection.UNDER: ("OT_UNDER", "Menos de", "Under"),
    Selection.YES: ("OT_YES", "Sim", "Yes"),
    Selection.NO: ("OT_NO", "Não", "No"),
    Selection.HOME_DRAW: ("OT_ONE_OR_CROSS", "1X", "1X"),
    Selection.HOME_AWAY: ("OT_ONE_OR_TWO", "12", "12"),
    Selection.DRAW_AWAY: ("OT_CROSS_OR_TWO", "X2", "X2"),
}
"""Selection -> type, label, English label."""

RANGE_MAX = 2000
"""An offers answer is cut at this many offers."""

_SIDES = (Selection.HOME, Selection.AWAY)


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; 404 for an unknown offering, path or event."""
    parts = [part for part in request.path.removesuffix(".json").split("/") if part]
    if len(parts) < 5 or parts[:2] != ["offering", "v2018"]:
        return _not_found()
    brand = brand_named(PLATFORM, parts[2])
    if brand is None:
        return _not_found()
    if parts[3] == "listView":
        return _list_view(world, brand, request, parts[4:])
    if parts[3:5] == ["betoffer", "event"] and len(parts) == 6:
        return _bet_offers(world, brand, request, parts[5])
    return _not_found(brand)


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API."""
    return host.endswith(HOST_ENDINGS)


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Details hold every market, the combined list the headline ones, a category its own."""
    early = offer.rules is Rules.EARLY_PAYOUT
    if kind == "category":
        return early
    if early:
        # Early payout has a list of its own, the other lists do not show it.
        return kind == "detail"
    if kind == "detail":
        return True
    headline = offer.main and offer.period is Period.MATCH
    spread = headline and offer.market is Market.HANDICAP and offer.points
    if kind == "combined":
        return offer.number == 0 or (headline and offer.market is Market.TOTALS) or spread
    return (offer.number == 0 and offer.market is Market.MATCH_RESULT) or spread


def _not_found(brand: Brand | None = None) -> Answer:
    return Answer(404, {"error": {"message": "Not Found", "status": 404}}, brand)


def _leagues(path: Sequence[str]) -> tuple[str, ...]:
    """The leagues below a list view's path; "all" stands for anything, "matches" for the kind of event."""
    wanted = [part for part in path if part not in ("all", "matches")]
    found = []
    for key, league in load_leagues().items():
        terms = [part for part in league.get("paths", {}).get(PLATFORM, "").split("/") if part not in ("", "all")]
        if terms and terms[: len(wanted)] == wanted:
            found.append(key)
    return tuple(found)


def _list_view(world: World, brand: Brand, request: Request, path: Sequence[str]) -> Answer:
    leagues = _leagues(path)
    if not leagues:
        return _not_found(brand)
    category = request.query.get("category", "")
    combined = request.query.get("useCombined") == "true"
    kind = "category" if category else "combined" if combined else "list"
    events = []
    if not category or category == brand.category:
        for fixture in matches_of(world, brand, request.time, leagues=leagues):
            offers = _offers(world, brand, request, fixture, kind)
            if offers or kind != "category":
                events.append({"event": _event(world, brand, request, fixture), "betOffers": offers})
    body = {
        "events": events,
        "terms": _terms(leagues),
        "activeTermIds": ["/" + "/".join(path)],
        "soonMode": "DAILY",
        "categoryGroups": _category_groups(brand),
        "activeCategories": [category] if category else [],
        "activeEventTypes": ["matches"],
        "eventTypes": ["competitions"],
        "defaultEventType": "matches",
    }
    return Answer(200, body, brand, kind, leagues, category=category)


def _bet_offers(world: World, brand: Brand, request: Request, ids: str) -> Answer:
    codes = [code_of(world.seed, PLATFORM, part) for part in ids.split(",")]
    found = [
        fixture
        for fixture in matches_of(world, brand, request.time, events=codes)
        if PLATFORM in load_leagues()[fixture.league]["ids"]
    ]
    if not found:
        return _not_found(brand)
    offers = [offer for fixture in found for offer in _offers(world, brand, request, fixture, "detail")]
    body = {
        "betOffers": offers[:RANGE_MAX],
        "events": [_event(world, brand, request, fixture) for fixture in found],
        "prePacks": [],
        "range": {"start": 0, "size": min(len(offers), RANGE_MAX), "total": len(offers)},
    }
    leagues = tuple(dict.fromkeys(fixture.league for fixture in found))
    return Answer(200, body, brand, "detail", leagues, tuple(fixture.code for fixture in found))


def _category_groups(brand: Brand) -> list[Json]:
    categories = [{"id": 17443, "englishName": "Both Teams To Score", "localizedName": "Ambas as equipes marcam"}]
    if brand.category:
        own = {"id": int(brand.category), "englishName": "2UP", "localizedName": "Pagamento antecipado"}
        categories.append(own)
    return [{"categoryGroupName": "list_view", "categories": categories}]


def _path(key: str) -> list[Json]:
    """Groups of a league, widest first."""
    league = load_leagues()[key]
    terms = [part for part in league["paths"][PLATFORM].split("/")[1:] if part != "all"]
    groups: list[Json] = [dict(SPORTS[league["sport"]])]
    if len(terms) > 1:
        number, name = REGIONS[terms[0]]
        groups.append({"id": number, "name": name, "englishName": league["country"], "termKey": terms[0]})
    own = {"id": int(league["ids"][PLATFORM]), "name": league["name"], "englishName": league["name"]}
    groups.append(own | {"termKey": terms[-1]})
    return groups


def _terms(leagues: Sequence[str]) -> list[Json]:
    terms: dict[str, Json] = {}
    for key in leagues:
        parent = ""
        groups = _path(key)
        kinds = ("SPORT", "REGION", "LEAGUE") if len(groups) == 3 else ("SPORT", "LEAGUE")
        for kind, group in zip(kinds, groups, strict=True):
            place = f"{parent}/{group['termKey']}"
            terms[place] = {
                "type": kind,
                "id": place,
                "termKey": group["termKey"],
                "localizedName": group["name"],
                "parentId": parent or "/",
                "englishName": group["englishName"],
            }
            parent = place
    return list(terms.values())


def _participant(club: Club) -> int:
    return 1_000_060_000 + CLUB_NUMBERS[club.name]


def _event(world: World, brand: Brand, request: Request, fixture: Fixture) -> Json:
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    league = load_leagues()[fixture.league]
    kickoff = fixture.kickoff(request.time)
    # American sports print the guest first; homeName and awayName stay what they say.
    away_first = fixture.sport is Sport.BASKETBALL
    count = len(on_page(markets_of(world, brand, fixture, request.time, "detail", request.moves, shows=shows)))
    return {
        "id": event_id(world.seed, PLATFORM, fixture),
        "name": f"{away} @ {home}" if away_first else f"{home} - {away}",
        "nameDelimiter": "@" if away_first else "-",
        "englishName": f"{home} - {away}",
        "homeName": home,
        "awayName": away,
        "start": iso(kickoff),
        **({"originalStartDate": iso(fixture.first_kickoff)} if kickoff != fixture.first_kickoff else {}),
        "group": league["name"],
        "groupId": int(league["ids"][PLATFORM]),
        "path": _path(fixture.league),
        "nonLiveBoCount": count,
        "sport": fixture.sport.upper(),
        "tags": [
            *(("AMERICAN_DISPLAY_FORMAT", "AWAY_HOME") if away_first else ()),
            "OFFERED_LIVE",
            "BET_BUILDER",
            "MATCH",
        ],
        "state": "NOT_STARTED",
    }


def _offers(world: World, brand: Brand, request: Request, fixture: Fixture, kind: str) -> list[Json]:
    quotes = on_page(markets_of(world, brand, fixture, request.time, kind, request.moves, shows=shows))
    return [_offer(world, brand, fixture, quote, place) for place, quote in enumerate(quotes, start=1)]


def _offer(world: World, brand: Brand, fixture: Fixture, quote: Quote, place: int) -> Json:
    offer = quote.offer
    type_id, criterion, english, label = CRITERIA[offer.points, offer.market, offer.period, offer.rules]
    offer_id = 2_600_000_000 + fixture.code * 64 + offer.number
    suspended = quote.state is State.SUSPENDED
    name, english_name = OFFER_TYPES[type_id]
    tags = ["OFFERED_PREMATCH", "OFFERED_LIVE", "BET_BUILDER"]
    if offer.main:
        tags.append("MAIN_LINE")
    elif offer.number == 0:
        tags.append("MAIN")
    overtime = {True: "FULL_TIME_OVERTIME", False: "FULL_TIME"}[offer.points]
    outcomes = [
        _outcome(world, brand, fixture, quote, offer_id, number, selection, price)
        for number, (selection, price) in enumerate(quote.prices)
    ]
    if fixture.code % 2 and offer.market is Market.TOTALS:
        outcomes.reverse()  # the order of outcomes is not fixed
    return {
        "id": offer_id,
        "criterion": {
            "id": criterion,
            "label": label,
            "englishLabel": english,
            "order": [],
            "occurrenceType": "POINTS" if offer.points else "GOALS",
            **({"lifetime": overtime} if offer.period is Period.MATCH else {}),
        },
        "betOfferType": {"id": type_id, "name": name, "englishName": english_name},
        "eventId": event_id(world.seed, PLATFORM, fixture),
        **({"suspended": True} if suspended else {}),
        "outcomes": outcomes,
        "tags": tags,
        "sortOrder": place,
        "cashOutStatus": "SUSPENDED" if suspended else "ENABLED",
    }


def _outcome(
    world: World,
    brand: Brand,
    fixture: Fixture,
    quote: Quote,
    offer_id: int,
    number: int,
    selection: Selection,
    price: Decimal,
) -> Json:
    offer = quote.offer
    kind, label, english = SELECTIONS[selection]
    suspended = quote.state is State.SUSPENDED
    row: Json = {
        "id": 4_200_000_000 + (offer_id - 2_600_000_000) * 4 + number,
        "label": label,
        "englishLabel": english,
    }
    if not suspended:
        row["odds"] = int(price * 1000)
    if offer.line is not None:
        own_view = -offer.line if selection is Selection.AWAY else offer.line
        row["line"] = int(own_view * 1000)
    if selection in _SIDES:
        club = fixture.home if selection is Selection.HOME else fixture.away
        row |= {"participant": brand.side(club, fixture.category), "participantId": _participant(club)}
        if offer.market is Market.HANDICAP:
            row |= {"label": row["participant"], "englishLabel": row["participant"]}
            # Asian handicap outcomes carry no side, the basketball spread does.
            kind = kind if offer.points else "OT_UNTYPED"
    return row | {
        "type": kind,
        "betOfferId": offer_id,
        "changedDate": iso(quote.changed_at),
        **({} if suspended else {"oddsFractional": f"{price - 1}/1", "oddsAmerican": _american(price)}),
        "status": "SUSPENDED" if suspended else "OPEN",
        "cashOutStatus": "SUSPENDED" if suspended else "ENABLED",
        "displayOrder": number,
    }


def _american(price: Decimal) -> str:
    return str(round((price - 1) * 100)) if price >= 2 else str(round(-100 / (price - 1)))
