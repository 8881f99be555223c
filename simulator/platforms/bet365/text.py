"""One match in the text that the site's own page receives: masked odds, London's time, the guest first."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from scrapers.records import Market, Selection, Sport
from simulator import chance
from simulator.answers import Answer, Request, event_id
from simulator.brands import Brand
from simulator.fixtures import Fixture
from simulator.platforms.bet365.offers import (
    COLUMNS,
    LEAGUES,
    PLATFORM,
    Place,
    cell_line,
    matches_named,
    name_fields,
    odd_id,
    place_of,
    quotes_of,
    split,
    sport_id_of,
    topic_of,
)
from simulator.pricing import Offer
from simulator.world import Quote, World
from simulator.writing import own_view

LONDON = ZoneInfo("Europe/London")
MASKS = (2, 3, 4, 5, 7)
"""Keys of the text's odds: with 2 a nine, with 3 an eight becomes a `;`, with 4 a nine a `=`."""


def coupon(world: World, brand: Brand | None, request: Request) -> Answer:
    """One match as the site's own page receives it: masked odds, London's time, in basketball the guest first."""
    found = re.search(r"#E(\d+)#", request.query.get("pd", ""))
    matches = matches_named(world, brand, request, [found[1]]) if brand is not None and found is not None else []
    if brand is None or not matches:
        return Answer(404, b"", brand)
    (fixture,) = matches
    quotes = quotes_of(world, brand, fixture, request)
    key = chance.pick(MASKS, "mask", world.seed, fixture.code, request.time // 3600)
    hint = b64encode(bytes((key, chance.number("hint", fixture.code) % 256))).decode()
    topic = topic_of(world, fixture)
    lines = [
        "F",
        f"CL;TK={hint};ID={sport_id_of(fixture)};IT={topic};OR=0;NA=,;MF=1;PV=2.0.2213.0/CC;",
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
    trail = f"{sport},#AS#B{sport_id_of(fixture)}#¬{league},#AC#B1#¬{title},#ABM{topic}"
    kickoff = datetime.fromtimestamp(fixture.kickoff(time), UTC).astimezone(LONDON)
    number = event_id(world.seed, PLATFORM, fixture)
    return f"EV;ID=E1;IT=CC-EV_{topic};NA= ;TB={trail};FI={number};BC={kickoff:%Y%m%d%H%M%S};SO=0;OI={number};"


def _text_lists(brand: Brand, fixture: Fixture, quotes: Sequence[Quote], key: int) -> list[str]:
    groups: dict[Place, list[str]] = {}
    for quote in quotes:
        place = place_of(quote.offer)
        rows = groups.setdefault(place, [])
        for number, (selection, price) in enumerate(quote.prices):
            named = name_fields(brand, fixture, quote.offer, selection)
            name = named["name"] if quote.offer.line is None else named["header"]
            if quote.offer.market is Market.HANDICAP:
                name = brand.side(fixture.home if selection is Selection.HOME else fixture.away, fixture.category)
            own = "" if quote.offer.line is None else _printed(quote.offer, selection)
            rows.append(f"PA;ID={odd_id(fixture, quote, number)};NA={name};{own}OD={_masked(price, key)};SU=0;")
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
    return f"HA={own:+};HD={split(own)};"


def _text_grid(brand: Brand, fixture: Fixture, quotes: Sequence[Quote], key: int) -> list[str]:
    columns = [quote for market in COLUMNS for quote in quotes if quote.offer.market is market]
    lines = ["MG;ID=1453;NA=Game Lines;SY=dz;DO=1;", "MA;ID=M1453;NA= ;SY=db;PY=da;"]
    lines += [f"PA;ID=PC{odd_id(fixture, quote, 0)};NA={COLUMNS[quote.offer.market]};" for quote in columns]
    # The guest's row comes first, with the over.
    for row, (club, side) in enumerate(((fixture.away, Selection.AWAY), (fixture.home, Selection.HOME))):
        lines.append(f"MA;ID=M1453;NA={brand.side(club, fixture.category)};SY=db;PY=asc;")
        for quote in columns:
            prices = dict(quote.prices)
            totals = quote.offer.market is Market.TOTALS
            selection = (Selection.OVER, Selection.UNDER)[row] if totals else side
            shown = cell_line(quote.offer, selection)
            line = f"HD={shown};HA={shown.removeprefix('O ').removeprefix('U ')};" if shown else ""
            number = list(prices).index(selection)
            odds = _masked(prices[selection], key)
            lines.append(f"PA;ID={odd_id(fixture, quote, number)};{line}OD={odds};")
    return lines


def _masked(price: Decimal, key: int) -> str:
    """What is won per stake as a fraction, each character XOR the key."""
    won = Fraction(price) - 1
    return "".join(chr(ord(letter) ^ key) for letter in f"{won.numerator}/{won.denominator}")
