"""The wire formats: every simulated page, read by the real parser, is what the truth says was served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from board.orientation import Offer
from board.records import Description, HeldPrice
from board.records import Match as BoardMatch
from board.state import Board, Part
from scrapers.platforms import Context
from scrapers.platforms.tradeball.platform import Tradeball
from scrapers.records import (
    Event,
    Market,
    PageRequest,
    ParsedPage,
    Period,
    Price,
    PriceStatus,
    Rules,
    Selection,
    Side,
    Sport,
)
from scrapers.registry import load_platform, load_registry
from simulator import truth
from simulator.answers import Answer, Request, code_of
from simulator.brands import load_bookmakers, load_leagues
from simulator.journal import Entry
from simulator.platforms import altenar, kambi, platforms
from simulator.world import World
from tests.board import sketch

from .conftest import NOON

ANSWERS = {name: platform.answer for name, platform in platforms().items()}
SEED = 4
WORLD = World(SEED)
SLUGS = list(load_bookmakers())
INTENDED = {"list": {"unknown_market"}, "detail": {"unknown_market", "duplicate_market"}}
"""Kind of page -> the rejections that the simulator means to cause."""
ALSO_INTENDED: dict[str, set[str]] = {
    "bet365": {"other_league", "not_a_match"},
    "kaizen": {"not_a_match", "duplicate_market"},
    "novibet": {"bad_market"},
    "nsx": {"not_offered"},
    "superbet": {"not_a_match", "not_offered"},
    "matchbook": {"not_a_match", "bad_price"},
    "stake": {"bad_odd"},
    "entain_cds": {"other_league"},
    "tradeball": {"duplicate_event"},
}
"""Platform -> further ones, on any of its pages."""

Shown = Mapping[truth.PriceKey, tuple[Decimal | None, PriceStatus]]


class Fetched(NamedTuple):
    """An answered request, what the parser reads in it, and what the truth says was served."""

    request: PageRequest
    answer: Answer
    page: ParsedPage
    served: Shown


by_slug = pytest.mark.parametrize("slug", SLUGS)


def _ask(world: World, platform: str, request: PageRequest, time: int) -> Answer:
    parts = urlsplit(request.url)
    secrets = {parameter: "any-key" for parameter, _ in request.secrets}
    query = {**dict(parse_qsl(parts.query)), **dict(request.params), **secrets}
    return ANSWERS[platform](world, Request(parts.netloc, parts.path, query, time, headers=dict(request.headers)))


def _entry(answer: Answer, slug: str, time: int) -> Entry:
    assert answer.brand is not None
    leagues, category = ",".join(answer.leagues), answer.category or None
    return Entry(time, slug, answer.brand.key, {}, leagues, answer.kind, answer.events, category, None)


def _read(page: ParsedPage) -> Shown:
    def key(source_id: str, price: Price) -> truth.PriceKey:
        return source_id, price.market, price.period, price.line, price.selection, price.rules, price.side

    return {
        key(event.source_id, price): (price.value, price.status) for event in page.events for price in event.prices
    }


def _served(answer: Answer, slug: str, time: int) -> Shown:
    return truth.served_prices(_entry(answer, slug, time), SEED) if answer.holds_prices else {}


def _fetched(
    slug: str, requests: Sequence[PageRequest], time: int, listed: Mapping[str, Event]
) -> Iterator[Fetched]:
    """These pages of a bookmaker, read as a cycle reads them."""
    bookmaker = load_registry().bookmaker(slug)
    platform = load_platform(bookmaker.platform)
    options = platform.options(bookmaker.options)
    for request in requests:
        answer = _ask(WORLD, bookmaker.platform, request, time)
        assert answer.status == 200 or answer.status in request.empty_status, request.scope
        if answer.status != 200:
            continue
        league = load_registry().leagues.get(request.league)
        context = Context(options, league, {key: listed[key] for key in request.events})
        body = answer.body if isinstance(answer.body, bytes) else orjson.dumps(answer.body)
        page = platform.parse(body, fetched_at=datetime.fromtimestamp(time, UTC), context=context)
        assert page.kind in request.kinds
        yield Fetched(request, answer, page, _served(answer, slug, time))


@cache
def _lists(slug: str, time: int) -> list[Fetched]:
    registry = load_registry()
    bookmaker = registry.bookmaker(slug)
    platform = load_platform(bookmaker.platform)
    if isinstance(platform, Tradeball):
        platform = Tradeball(clock=lambda: datetime.fromtimestamp(time, UTC))  # it asks for dates
    return list(_fetched(slug, platform.requests(bookmaker, registry.leagues_of(bookmaker)), time, {}))


@cache
def _details(slug: str, time: int) -> list[Fetched]:
    """The first pages that the lists lead to, and the first ones of each sport."""
    bookmaker = load_registry().bookmaker(slug)
    listed = {event.source_id: event for _, _, page, _ in _lists(slug, time) for event in page.events}
    in_order = sorted(listed.values(), key=lambda event: (event.starts_at, event.source_id))
    requests = load_platform(bookmaker.platform).details(bookmaker, in_order)
    assert len({request.scope for request in requests}) == len(requests)
    some = requests[:4]
    for sport in bookmaker.sports:
        some += [r for r in requests if r.events and listed[r.events[0]].sport is sport and r not in some][:2]
    return list(_fetched(slug, some, time, listed))


def _time_of(slug: str) -> int:
    return NOON + SLUGS.index(slug) * 7_777


def _intended(slug: str, kind: str) -> set[str]:
    return INTENDED[kind] | ALSO_INTENDED.get(load_bookmakers()[slug].brand.platform, set())


@by_slug
def test_lists_hold_exactly_the_truth(slug: str) -> None:
    time = _time_of(slug)
    platform = load_bookmakers()[slug].brand.platform
    suspended = prices = holding = 0
    for _, answer, page, served in _lists(slug, time):
        assert _read(page) == served
        assert set(page.rejected_by_reason()) <= _intended(slug, "list")
        prices += len(served)
        holding += answer.holds_prices
        suspended += sum(status is PriceStatus.SUSPENDED for _, status in served.values())
        for event in page.events:
            match = truth.match_of(slug, event.source_id, SEED)
            assert match is not None
            assert load_leagues()[match.league]["ids"][platform] == event.league.source_id
            fixture = WORLD.fixture(match.code)
            assert fixture is not None
            assert event.starts_at == datetime.fromtimestamp(fixture.kickoff(time), UTC)
    if holding:
        assert prices > 100
        assert suspended < 0.05 * prices


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if load_registry().bookmaker(slug).details_per_cycle])
def test_the_pages_that_lists_lead_to_hold_exactly_the_truth(slug: str) -> None:
    time = _time_of(slug)
    listed = {event.source_id: event for _, _, page, _ in _lists(slug, time) for event in page.events}
    prices = 0
    for request, _, page, served in _details(slug, time):
        assert _read(page) == served, request.scope
        assert set(page.rejected_by_reason()) <= _intended(slug, "detail")
        assert {event.source_id for event in page.events} <= set(request.events)
        for event in page.events:
            head = listed[event.source_id]
            assert (event.home, event.away, event.starts_at) == (head.home, head.away, head.starts_at)
            assert event.league.source_id == head.league.source_id
        prices += len(served)
    assert prices > 40


Contract = tuple[str, Market, Period, Decimal | None, Rules]
"""Source event id, market, period, line (home side's view), rules: what one market of the feed is about."""
Quoted = dict[tuple[Selection, Side], tuple[Decimal | None, PriceStatus]]


def _by_contract(prices: Shown) -> dict[Contract, Quoted]:
    found: dict[Contract, Quoted] = {}
    for (event, market, period, line, selection, rules, side), price in prices.items():
        found.setdefault((event, market, period, line, rules), {})[selection, side] = price
    return found


def _published(
    slug: str, prices: Mapping[truth.PriceKey, tuple[Decimal | None, PriceStatus]]
) -> dict[Contract, Quoted]:
    """What the document of a board with these prices says, contract by contract; suspended ones are not in it."""
    board = Board(now=sketch.NOW, heads={1: sketch.head(1, slug)})
    board.parts[1] = Part(seq=1, scopes={1: sketch.NOW - 10})
    numbers: dict[str, int] = {}
    starts_at = int(sketch.NOW) + 3600
    for key, ((event, market, period, line, selection, rules, side), (value, status)) in enumerate(prices.items()):
        if event not in numbers:
            number = numbers[event] = len(numbers) + 1
            board.set_match(number, BoardMatch(number, "", None, "", "", "Home", "Away", starts_at))
            board.describe(1, number, Description(event, number, False, "Home", "Away", starts_at))
        if status is PriceStatus.OPEN and value is not None:
            offer = Offer(market, period, None if line is None else float(line), selection, rules, side)
            held = HeldPrice(key, board.offers.number(offer), 1, float(value), None, 0.0, sketch.NOW - 60)
            board.put(1, numbers[event], held)
    events = {number: event for event, number in numbers.items()}
    found: dict[Contract, Quoted] = {}
    for match in orjson.loads(sketch.written(sketch.built(board)[0])[0])["matches"]:
        for market in match["markets"]:
            line = None if market["line"] is None else Decimal(str(market["line"])).normalize() + 0
            contract = events[match["match_id"]], market["market"], market["period"], line, market["rules"]
            assert contract not in found, "one contract in two markets"
            found[contract] = {
                (row["selection"], side): (Decimal(str(price["price"])), PriceStatus.OPEN)
                for row in market["selections"]
                for side, listed in (("back", row["prices"]), ("lay", row.get("lay", ())))
                for price in listed
            }
    return found


@by_slug
def test_early_payout_boosted_and_standard_prices_of_one_match_never_share_a_market(slug: str) -> None:
    time = _time_of(slug)
    every_read, every_served = {}, {}
    for _, _, page, served in (*_lists(slug, time), *_details(slug, time)):
        read = _read(page)
        assert _by_contract(read) == _by_contract(served)
        every_read |= read
        every_served |= served
    offered = {key: price for key, price in every_served.items() if price[1] is PriceStatus.OPEN}
    assert _published(slug, every_read) == _by_contract(offered)


def test_the_contracts_of_one_match_stand_beside_each_other_somewhere() -> None:
    beside: dict[tuple[object, ...], set[Rules]] = {}
    for slug in SLUGS:
        time = _time_of(slug)
        for _, _, page, _ in (*_lists(slug, time), *_details(slug, time)):
            for *bet, rules in _by_contract(_read(page)):
                beside.setdefault((slug, *bet), set()).add(rules)
    assert set(Rules) in beside.values()
    assert {Rules.STANDARD, Rules.EARLY_PAYOUT} in beside.values()
    assert {Rules.EARLY_PAYOUT, Rules.BOOSTED} in beside.values()


def test_in_basketball_the_host_is_home_at_every_bookmaker_whatever_order_the_page_prints() -> None:
    read, guest_first = set(), set()
    for slug in SLUGS:
        time, brand = _time_of(slug), load_bookmakers()[slug].brand
        for _, answer, page, _ in (*_lists(slug, time), *_details(slug, time)):
            text = orjson.dumps(answer.body).decode() if answer.holds_prices else ""
            for event in page.events:
                fixture = WORLD.fixture(code_of(SEED, brand.platform, event.source_id))
                assert fixture is not None
                if fixture.sport is not Sport.BASKETBALL:
                    continue
                host, guest = (brand.side(club, fixture.category) for club in (fixture.home, fixture.away))
                assert (event.home, event.away) == (host, guest)
                read.add(slug)
                if any(f"{guest} {word} {host}" in text for word in ("@", "at", "em")):
                    guest_first.add(slug)
    assert read == {slug for slug in SLUGS if Sport.BASKETBALL in load_registry().bookmaker(slug).sports}
    assert guest_first == {"kto", "betbra", "sportingbet"}


def test_football_lists_have_25_to_40_prices_a_match() -> None:
    counts = [
        len(event.prices)
        for _, _, page, _ in _lists("estrelabet", NOON)
        for event in page.events
        if event.sport == "football"
    ]
    assert 25 <= sum(counts) / len(counts) <= 40


@pytest.mark.parametrize("slug", ["estrelabet", "aposta1", "kto"])
def test_details_hold_exactly_the_truth(slug: str) -> None:
    world = WORLD
    brand = load_bookmakers()[slug].brand
    platform = load_platform(brand.platform)
    read = 0
    for league in ("serie_a", "nba"):
        for fixture in world.fixtures(league, NOON)[:3]:
            number = str(truth.event_id(SEED, brand.platform, fixture))
            paths: dict[str, tuple[str, Mapping[str, str]]] = {
                "altenar": ("/api/widget/GetEventDetails", {"integration": brand.tenant, "eventId": number}),
                "kambi": (f"/offering/v2018/{brand.tenant}/betoffer/event/{number}.json", {}),
            }
            path, query = paths[brand.platform]
            answer = ANSWERS[brand.platform](world, Request("", path, query, NOON))
            page = platform.parse(orjson.dumps(answer.body), fetched_at=datetime.fromtimestamp(NOON, UTC))
            served = truth.served_prices(_entry(answer, slug, NOON), SEED)
            assert _read(page) == served
            assert len(served) > 20
            assert set(page.rejected_by_reason()) <= INTENDED["detail"]
            read += 1
    assert read == 6


def test_the_promotional_contracts_all_occur() -> None:
    seen: dict[str, set[str]] = {}
    for slug in ("kto", "aposta1"):
        for _, _, page, _ in _lists(slug, NOON):
            seen.setdefault(load_bookmakers()[slug].brand.platform, set()).update(p.rules for p in page.prices())
    assert seen == {"altenar": {"standard", "early_payout", "boosted"}, "kambi": {"standard", "early_payout"}}


def test_equal_seed_and_time_give_equal_bytes() -> None:
    altenar_query = {"integration": "aposta1", "sportId": "66"}
    kambi_path = "/offering/v2018/ktobr/listView/football.json"

    def bodies(world: World, time: int) -> list[bytes]:
        asked = (
            altenar.answer(world, Request("", "/api/widget/GetEvents", altenar_query, time)),
            kambi.answer(world, Request("", kambi_path, {"useCombined": "true"}, time)),
        )
        return [orjson.dumps(answer.body) for answer in asked]

    lived = World(SEED)
    early = bodies(lived, NOON - 500)
    assert early != bodies(lived, NOON) == bodies(World(SEED), NOON)


def test_a_match_is_the_same_at_every_brand_and_no_other_is() -> None:
    world = World(SEED)
    fixtures = world.fixtures("brasileirao_a", NOON)
    ids = {platform: [str(truth.event_id(SEED, platform, f)) for f in fixtures] for platform in ANSWERS}
    for i, altenar_id in enumerate(ids["altenar"]):
        for j, kambi_id in enumerate(ids["kambi"]):
            assert truth.same_match(("aposta1", altenar_id), ("kto", kambi_id), SEED) == (i == j)
    assert not truth.same_match(("aposta1", "1"), ("kto", "1"), SEED + 1)
    assert truth.match_of("nobody", ids["kambi"][0], SEED) is None


def test_an_event_names_markets_that_the_list_does_not_carry() -> None:
    registry = load_registry()
    bookmaker = registry.bookmaker("estrelabet")
    request = load_platform("altenar").requests(bookmaker, registry.leagues_of(bookmaker))[0]
    body: Any = _ask(World(SEED), "altenar", request, NOON).body
    known = {market["id"] for market in body["markets"]}
    assert body["events"]
    assert all(set(event["marketIds"]) - known for event in body["events"])
    odds = [odd["id"] for odd in body["odds"]]
    assert len(set(odds)) == len(odds)


@pytest.mark.parametrize(
    ("platform", "path", "query", "status"),
    [
        ("altenar", "/api/widget/GetEvents", {"integration": "nobody"}, 400),
        ("altenar", "/api/widget/GetEvents", {}, 400),
        ("altenar", "/api/Widget/GetEvents", {"integration": "estrelabet"}, 200),
        ("altenar", "/api/widget/GetNothing", {"integration": "estrelabet"}, 404),
        ("altenar", "/api/widget/GetEventDetails", {"integration": "estrelabet", "eventId": "5"}, 404),
        ("altenar", "/api/widget/GetSportMenu", {"integration": "estrelabet"}, 200),
        ("kambi", "/offering/v2018/nobody/listView/football.json", {}, 404),
        ("kambi", "/offering/v2018/ktobr/listView/football/mars.json", {}, 404),
        ("kambi", "/offering/v2018/ktobr/listView/football/spain.json", {}, 200),
        ("kambi", "/offering/v2018/ktobr/betoffer/event/5.json", {}, 404),
        ("kambi", "/offering/v2018/ktobr/group.json", {}, 404),
    ],
)
def test_statuses(platform: str, path: str, query: dict[str, str], status: int) -> None:
    assert ANSWERS[platform](World(SEED), Request("", path, query, NOON)).status == status


def test_an_unknown_championship_is_an_honest_empty_list() -> None:
    answer = altenar.answer(
        World(SEED), Request("", "/api/widget/GetEvents", {"integration": "estrelabet", "champIds": "1"}, NOON)
    )
    assert (answer.status, answer.body["events"]) == (200, [])


def test_without_the_combined_layout_a_kambi_event_has_its_headline_only() -> None:
    world = World(SEED)
    for path, criterion in (("football/spain/la_liga", 1001159858), ("basketball/nba", 1001159512)):
        answer = kambi.answer(world, Request("", f"/offering/v2018/ktobr/listView/{path}.json", {}, NOON))
        offers = [event["betOffers"] for event in answer.body["events"]]
        assert offers
        assert {offer["criterion"]["id"] for listed in offers for offer in listed} == {criterion}
