"""BetsAPI's lists, and its odds of up to ten matches. A market that is suspended is simply not there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from scrapers.records import Sport
from simulator import chance
from simulator.answers import Answer, Request, event_id, matches_of
from simulator.brands import Brand, load_leagues
from simulator.fixtures import Fixture
from simulator.platforms.bet365.offers import (
    COLUMNS,
    LEAGUES,
    PLATFORM,
    SPORTS,
    Json,
    Place,
    cell_line,
    matches_named,
    name_fields,
    odd_id,
    place_of,
    quotes_of,
    sport_id_of,
    topic_of,
)
from simulator.world import Quote, World

PER_PAGE = 50
BATCH = 10
"""Matches that one request for odds may name."""

NOISE: dict[Sport, tuple[tuple[int, str, str, str], ...]] = {
    Sport.FOOTBALL: (
        (21_000_001, "Esoccer Battle - 8 mins play", "Arsenal (Kray) Esports", "Napoli (Tifosi) Esports"),
        (21_000_002, "UEFA Champions League Women", "Arsenal Women", "Lyon Women"),
        (21_000_003, "Nigeria Premier League", "Sunshine Stars FC", "Katsina Utd"),
    ),
    Sport.BASKETBALL: ((21_000_004, "Australia SEABL", "Geelong Supercats", "NW Tasmania Thunder"),),
}
"""League number, league, home, away: what stands between the leagues that anybody asks for."""


def _leagues(sport: Sport) -> tuple[str, ...]:
    rows = load_leagues().items()
    return tuple(key for key, league in rows if league["sport"] == sport and PLATFORM in league["ids"])


def upcoming(world: World, brand: Brand, request: Request) -> Answer:
    """A page of a sport's list, soonest kick-off first, with what nobody asks for in between."""
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
        "sport_id": sport_id_of(fixture),
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


def prematch(world: World, brand: Brand, request: Request) -> Answer:
    """The odds of the matches that `FI` names."""
    ids = [part for part in request.query.get("FI", "").split(",") if part]
    if not ids or len(ids) > BATCH:
        return Answer(400, {"success": 0, "error": "PARAM_INVALID" if ids else "PARAM_REQUIRED"}, brand)
    found = matches_named(world, brand, request, ids)
    results = [_event(world, brand, fixture, quotes_of(world, brand, fixture, request)) for fixture in found]
    leagues = tuple(dict.fromkeys(fixture.league for fixture in found))
    codes = tuple(fixture.code for fixture in found)
    return Answer(200, {"success": 1, "results": results}, brand, "prematch", leagues, codes)


def _event(world: World, brand: Brand, fixture: Fixture, quotes: Sequence[Quote]) -> Json:
    """One match's odds: sections by name, then `others`, each with its markets by key."""
    updated_at = max((quote.changed_at for quote in quotes), default=fixture.first_kickoff)
    sections: dict[str, dict[str, Json]] = {name: {} for name in ("asian_lines", "goals", "half", "main", "others")}
    if fixture.sport is Sport.BASKETBALL:
        sections["main"]["game_lines"] = _grid(fixture, quotes)
    else:
        for quote in quotes:
            place = place_of(quote.offer)
            market = sections[place.section].setdefault(place.key, _market(place))
            market["odds"] += _selections(brand, fixture, quote, place)
    _decorate(sections, fixture)
    head: Json = {"FI": str(event_id(world.seed, PLATFORM, fixture)), "event_id": str(9_000_000 + fixture.code)}
    for name, markets in sections.items():
        if name != "others" and markets:
            head[name] = {"updated_at": str(updated_at), "key": topic_of(world, fixture), "sp": markets}
    head["others"] = [{"updated_at": str(updated_at), "sp": {key: row}} for key, row in sections["others"].items()]
    if "goals_over_under" in sections["main"]:
        # An older copy, at prices of then.
        stale = _shifted(sections["main"]["goals_over_under"])
        head["others"].append({"updated_at": str(updated_at - 600), "sp": {"goals_over_under": stale}})
    return head


def _market(place: Place) -> Json:
    return {"id": place.number, "name": place.name, "odds": []}


def _selections(brand: Brand, fixture: Fixture, quote: Quote, place: Place) -> list[Json]:
    return [
        {
            "id": odd_id(fixture, quote, number),
            # Asian lines are printed to three decimals.
            "odds": f"{price:.3f}" if place.key.endswith("asian_handicap") else f"{price:.2f}",
            **name_fields(brand, fixture, quote.offer, selection),
        }
        for number, (selection, price) in enumerate(quote.prices)
    ]


def _grid(fixture: Fixture, quotes: Sequence[Quote]) -> Json:
    """Headers first, then each side's cells in their order."""
    columns = [quote for market in COLUMNS for quote in quotes if quote.offer.market is market]
    cells: list[Json] = [
        {"id": f"PC{odd_id(fixture, quote, 0)}", "odds": "", "name": COLUMNS[quote.offer.market], "header": ""}
        for quote in columns
    ]
    for side in range(2):
        for quote in columns:
            selection, price = quote.prices[side]
            cells.append(
                {
                    "id": odd_id(fixture, quote, side),
                    "odds": f"{price:.2f}",
                    "header": str(side + 1),
                    "handicap": cell_line(quote.offer, selection),
                }
            )
    return {"id": "1453", "name": "Game Lines", "odds": cells}


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
