"""Novibet's "spt/feed" on the brand's own host: location feeds and event feeds, joined tags, decimal commas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Rules, Selection, Sport
from simulator import chance
from simulator.answers import Answer, Request, event_id, listed_match, markets_of, matches_of, on_page
from simulator.brands import Brand, brand_at, load_leagues, without_accents
from simulator.clubs import CLUB_NUMBERS
from simulator.fixtures import Fixture
from simulator.platforms.altenar import CATEGORIES
from simulator.pricing import Offer
from simulator.world import Quote, State, World

PLATFORM = "novibet"
FEEDS = ["spt", "feed", "marketviews"]
CONTENT_GROUP = "4324"
GATEWAY_HEADER = "x-gw-application-name"

Json = dict[str, Any]

ROOTS = {Sport.FOOTBALL: 4_372_606, Sport.BASKETBALL: 4_372_607}
SPORT_NAMES = {Sport.FOOTBALL: ("SOCCER_MATCH", "Futebol"), Sport.BASKETBALL: ("BASKETBALL_MATCH", "Basquete")}

MARKETS: dict[tuple[bool, Market, Period], tuple[str, str]] = {
    (False, Market.MATCH_RESULT, Period.MATCH): ("SOCCER_MATCH_RESULT", "Resultado Final"),
    (False, Market.TOTALS, Period.MATCH): ("SOCCER_UNDER_OVER", "Total de gols"),
    (False, Market.BOTH_TEAMS_TO_SCORE, Period.MATCH): ("SOCCER_BOTH_TEAMS_TO_SCORE", "Ambas marcam"),
    (False, Market.DOUBLE_CHANCE, Period.MATCH): ("SOCCER_DOUBLE_CHANCE", "Dupla chance"),
    (False, Market.DRAW_NO_BET, Period.MATCH): ("SOCCER_MATCH_RESULT_NODRAW", "Empate anula"),
    (False, Market.MATCH_RESULT, Period.FIRST_HALF): ("SOCCER_FIRST_HALF_RESULT", "1º tempo - Resultado"),
    (False, Market.TOTALS, Period.FIRST_HALF): ("SOCCER_FIRST_HALF_UNDER_OVER", "1º tempo - Total de gols"),
    (True, Market.MONEYLINE, Period.MATCH): ("BASKETBALL_MATCH_RESULT_NODRAW", "Vencedor da partida"),
    (True, Market.HANDICAP, Period.MATCH): ("BASKETBALL_MATCH_RESULT_HANDICAP", "Handicap"),
    (True, Market.TOTALS, Period.MATCH): ("BASKETBALL_UNDER_OVER", "Total de pontos"),
}
"""(basketball?, market, period) -> sysname, caption. Football's Asian handicap is not offered."""

TAGS = {
    (False, Rules.BOOSTED): "ODDS_KEY_0",
    (True, Rules.BOOSTED): "ODDS_KEY_0",
    (False, Rules.EARLY_PAYOUT): "SOCCER_2_GOALS_AHEAD_EARLY_PAYOUT",
    (True, Rules.EARLY_PAYOUT): "BASKETBALL_20_PLUS_POINTS_EARLY_PAYOUT",
}
"""(basketball?, contract) -> the tag on the event that names the market."""

CODES = {
    Selection.HOME: "1",
    Selection.DRAW: "X",
    Selection.AWAY: "2",
    Selection.OVER: "O",
    Selection.UNDER: "U",
    Selection.YES: "Y",
    Selection.NO: "N",
    Selection.HOME_DRAW: "1X",
    Selection.HOME_AWAY: "12",
    Selection.DRAW_AWAY: "X2",
}
CAPTIONS = {Selection.OVER: "Mais de", Selection.UNDER: "Menos de", Selection.YES: "Sim", Selection.NO: "Não"}

NO_EVENTS = 622
"""The status for a location without events."""

_SIDES = (Selection.HOME, Selection.AWAY)
_BRASILIA = timedelta(hours=-3)
_DAYS = ("seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom.")
_CORNERS_NUMBER, _CORNERS_SHARE = 63, 0.3
"""A market outside the common model, on some matches."""
_SHAPE_B = "europa_league"
"""The competition whose page comes in the form that popular pages have."""


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API: it is on the brand's own host, beside its pages."""
    return path.startswith("/spt/feed/") and brand_at(PLATFORM, host) is not None


def shows(brand: Brand, offer: Offer, kind: str) -> bool:
    """Event feeds hold every market that has a sysname; location feeds the winners and the main totals."""
    if (offer.points, offer.market, offer.period) not in MARKETS:
        return False
    if kind == "detail":
        return True
    winner = offer.market in (Market.MATCH_RESULT, Market.MONEYLINE) and offer.period is Period.MATCH
    main = offer.main and offer.period is Period.MATCH
    return winner or main or offer.market is Market.BOTH_TEAMS_TO_SCORE


def answer(world: World, request: Request) -> Answer:
    """Answer a GET: 500 without the gateway's headers, 404 for another path or event, 622 for an empty location."""
    brand = brand_at(PLATFORM, request.host)
    parts = [part for part in request.path.split("/") if part]
    if brand is None or parts[:3] != FEEDS:
        return _not_found(brand)
    if GATEWAY_HEADER not in {name.lower() for name in request.headers}:
        message = "Object reference not set to an instance of an object."
        return Answer(500, {"code": 5000, "message": message}, brand)
    if parts[3:6] == ["location", "v2", CONTENT_GROUP] and len(parts) == 7:
        return _location(world, brand, request, parts[6])
    if parts[3:5] == ["event", CONTENT_GROUP] and len(parts) == 6:
        return _event_feed(world, brand, request, parts[5])
    return _not_found(brand)


def _not_found(brand: Brand | None) -> Answer:
    return Answer(404, {"code": 404, "message": "Not Found"}, brand)


def _location(world: World, brand: Brand, request: Request, location: str) -> Answer:
    leagues = tuple(key for key, league in load_leagues().items() if league["ids"].get(PLATFORM) == location)
    fixtures = matches_of(world, brand, request.time, leagues=leagues)
    if not fixtures:
        # An answer about prices all the same: the location has none.
        return Answer(NO_EVENTS, {"code": NO_EVENTS, "message": "No data"}, brand, "list", leagues)
    events = [_listed(world, brand, request, fixture) for fixture in fixtures]
    sport = fixtures[0].sport
    league = load_leagues()[leagues[0]]
    view: Json = {"marketCaptions": _captions(sport)}
    if leagues[0] == _SHAPE_B:
        for event in events:
            event["betContextId"] = event.pop("eventBetContextId")
        competition = {
            "betContextId": int(location) + 77,
            "caption": league["name"],
            "regionCaption": CATEGORIES[league["country"]][1],
            "events": events,
        }
        view |= {"competitions": [competition], "competitionContextCaption": SPORT_NAMES[sport][1]}
    else:
        view |= {"items": events}
    block = {
        "marketViewId": int(location) + 1_266_374,
        "marketViewGroupId": int(location),
        "rootMarketViewGroupId": ROOTS[sport],
        "path": "matches",
        "betViews": [view | {"totalCount": len(events)}],
    }
    return Answer(200, [block], brand, "list", leagues)


def _event_feed(world: World, brand: Brand, request: Request, number: str) -> Answer:
    fixture = listed_match(world, brand, request, number)
    if fixture is None or PLATFORM not in load_leagues()[fixture.league]["ids"]:
        return _not_found(brand)
    quotes = on_page(markets_of(world, brand, fixture, request.time, "detail", request.moves, shows=shows))
    markets = _markets(brand, fixture, quotes)
    for market in markets:
        caption = market.pop("caption")
        market |= {"marketSysname": f"{market.pop('betTypeSysname')}_PRELIVE", "caption": caption}
    league = load_leagues()[fixture.league]
    head = _head(world, brand, request, fixture, quotes)
    body = {
        "betContextId": head["eventBetContextId"],
        "caption": f"{head['additionalCaptions']['competitor1']} - {head['additionalCaptions']['competitor2']}",
        "path": head["path"],
        "eventSysname": SPORT_NAMES[fixture.sport][0],
        "startTimeUTC": datetime.fromtimestamp(fixture.kickoff(request.time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "pathLocations": [{"caption": league["name"], "regionCaption": CATEGORIES[league["country"]][1]}],
        "sportradarMatchId": head["eventBetContextId"] + 20_000_000,
        "liveData": None,
        "marketTags": head["marketTags"],
        "marketCategories": [
            # What stands under "main" stands in its own category again.
            _category("MAIN", "Principais", markets[:4]),
            _category("ALL", "Todos", markets),
        ],
    }
    if fixture.code % 2:
        body["additionalCaptions"] = head["additionalCaptions"]
    else:
        sides = [brand.side(club, fixture.category) for club in (fixture.home, fixture.away)]
        body["competitors"] = {
            key: {"teamCaption": side} for key, side in zip(("homeTeam", "awayTeam"), sides, strict=True)
        }
    return Answer(200, body, brand, "detail", (fixture.league,), (fixture.code,))


def _category(sysname: str, caption: str, markets: Sequence[Json]) -> Json:
    items = [
        {"id": 21_448 + place, "sysname": f"{sysname}|{place}", "caption": market["caption"], "betViews": [market]}
        for place, market in enumerate(markets)
    ]
    return {"sysname": sysname, "caption": caption, "items": items}


def _captions(sport: Sport) -> list[Json]:
    return [
        {"betTypeSysname": sysname, "marketCaption": caption, "betCaptions": ["1", "2"]}
        for (points, _, _), (sysname, caption) in MARKETS.items()
        if points == (sport is Sport.BASKETBALL)
    ]


def _listed(world: World, brand: Brand, request: Request, fixture: Fixture) -> Json:
    """An event of a location feed."""
    quotes = on_page(markets_of(world, brand, fixture, request.time, "list", request.moves, shows=shows))
    markets: list[Json | None] = list(_markets(brand, fixture, quotes))
    if fixture.code % 5 == 0:
        markets.append(None)
    return _head(world, brand, request, fixture, quotes) | {"markets": markets}


def _head(world: World, brand: Brand, request: Request, fixture: Fixture, quotes: Sequence[Quote]) -> Json:
    home, away = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
    kickoff = datetime.fromtimestamp(fixture.kickoff(request.time), UTC)
    shown = kickoff + _BRASILIA
    tags = [
        {"marketId": _market_id(fixture, quote.offer), "tag": TAGS[quote.offer.points, quote.offer.rules]}
        for quote in quotes
        if quote.offer.rules is not Rules.STANDARD
    ]
    return {
        "eventBetContextId": event_id(world.seed, PLATFORM, fixture),
        "additionalCaptions": {
            "type": 1,
            "competitor1": home,
            "competitor1ImageId": 60_000 + CLUB_NUMBERS[fixture.home.name],
            "competitor2": f"{away} ",
            "competitor2ImageId": 60_000 + CLUB_NUMBERS[fixture.away.name],
            "discriminator": "TwoCompetitorCaptionModel",
        },
        "startTime": f"{_DAYS[shown.weekday()]} {shown:%H:%M}",
        "startDate": kickoff.isoformat(),
        "isLive": False,
        "path": f"matches/{_slug(home)}-{_slug(away)}",
        "numMarkets": 8 * len(quotes),
        "marketTags": tags,
    }


def _markets(brand: Brand, fixture: Fixture, quotes: Sequence[Quote]) -> list[Json]:
    markets = [_market(brand, fixture, quote) for quote in quotes]
    if fixture.sport is Sport.FOOTBALL and chance.unit("corners", brand.key, fixture.code) < _CORNERS_SHARE:
        number = _market_id(fixture, _CORNERS_NUMBER)
        items = [
            _item(number, place, code, f"{text} 9,5", Decimal("1.87"), line="9,5")
            for place, (code, text) in enumerate((("O", "Mais de"), ("U", "Menos de")))
        ]
        head = {"marketId": number, "betTypeSysname": "SOCCER_CORNERS_UNDER_OVER", "caption": "Escanteios"}
        markets.append({**head, "useInstanceCaption": False, "betItems": items})
    return markets


def _market(brand: Brand, fixture: Fixture, quote: Quote) -> Json:
    offer = quote.offer
    sysname, caption = MARKETS[offer.points, offer.market, offer.period]
    number = _market_id(fixture, offer)
    items = []
    for place, (selection, price) in enumerate(quote.prices):
        own = None if offer.line is None else -offer.line if selection is Selection.AWAY else offer.line
        item_caption = _item_caption(brand, fixture, offer, selection, own)
        items.append(
            _item(
                number,
                place,
                CODES[selection],
                item_caption,
                price if quote.state is State.OPEN else None,
                line=None if own is None else _comma(own, signed=offer.market is Market.HANDICAP),
            )
        )
    return {
        "marketId": number,
        "betTypeSysname": sysname,
        "useInstanceCaption": False,
        "caption": caption,
        "betItems": items,
    }


def _item_caption(brand: Brand, fixture: Fixture, offer: Offer, selection: Selection, own: Decimal | None) -> str:
    if selection in _SIDES and offer.market is Market.HANDICAP and own is not None:
        club = fixture.home if selection is Selection.HOME else fixture.away
        return f"{brand.side(club, fixture.category)} {_comma(own, signed=True)}"
    text = CAPTIONS.get(selection, CODES[selection])
    return text if own is None else f"{text} {_comma(own, signed=False)}"


def _item(
    market_id: int, place: int, code: str, caption: str, price: Decimal | None, *, line: str | None = None
) -> Json:
    """A bet item; without a price it is not available."""
    return {
        "id": str(7_200_000_000 + (market_id - 1_700_000_000) * 4 + place),
        "code": code,
        "codeCaption": {"O": "+", "U": "-"}.get(code),
        "caption": caption,
        "instanceCaption": line,
        "betDisplayCaption": None,
        "price": None if price is None else float(price),
        "oddsText": "" if price is None else f"{price:.2f}",
        "isAvailable": price is not None,
        "marketStatistic": None,
    }


def _comma(line: Decimal, *, signed: bool) -> str:
    return (f"{line:+}" if signed else f"{line}").replace(".", ",")


def _market_id(fixture: Fixture, offer: Offer | int) -> int:
    return 1_700_000_000 + fixture.code * 64 + (offer if isinstance(offer, int) else offer.number)


def _slug(name: str) -> str:
    return "-".join(without_accents(name).lower().split())
