"""The wire formats: every simulated page, read by the real parser, is what the truth says was served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from scrapers.records import PageRequest, ParsedPage, Price, PriceStatus
from scrapers.registry import load_platform, load_registry
from simulator import truth
from simulator.answers import Answer, Request
from simulator.brands import load_bookmakers, load_leagues
from simulator.journal import Entry
from simulator.platforms import altenar, kambi, platforms
from simulator.world import World

from .conftest import NOON

ANSWERS = {name: platform.answer for name, platform in platforms().items()}
SEED = 4
WORLD = World(SEED)
SLUGS = list(load_bookmakers())
INTENDED = {"list": {"unknown_market"}, "detail": {"unknown_market", "duplicate_market"}}
"""Kind of page -> the rejections that the simulator means to cause."""

by_slug = pytest.mark.parametrize("slug", SLUGS)


def _ask(world: World, platform: str, request: PageRequest, time: int) -> Answer:
    parts = urlsplit(request.url)
    query = dict(request.params)
    return ANSWERS[platform](world, Request(parts.netloc, parts.path, query, time))


def _entry(answer: Answer, slug: str, time: int) -> Entry:
    assert answer.brand is not None
    leagues, category = ",".join(answer.leagues), answer.category or None
    return Entry(time, slug, answer.brand.key, {}, leagues, answer.kind, answer.events, category, None)


def _read(page: ParsedPage) -> dict[truth.PriceKey, tuple[Decimal | None, PriceStatus]]:
    def key(source_id: str, price: Price) -> truth.PriceKey:
        return source_id, price.market, price.period, price.line, price.selection, price.rules, price.side

    return {
        key(event.source_id, price): (price.value, price.status) for event in page.events for price in event.prices
    }


def _pages(world: World, slug: str, time: int) -> Iterator[tuple[Answer, ParsedPage]]:
    registry = load_registry()
    bookmaker = registry.bookmaker(slug)
    platform = load_platform(bookmaker.platform)
    for request in platform.requests(bookmaker, registry.leagues_of(bookmaker)):
        answer = _ask(world, bookmaker.platform, request, time)
        assert answer.status == 200, request.scope
        yield answer, platform.parse(orjson.dumps(answer.body), fetched_at=datetime.fromtimestamp(time, UTC))


@by_slug
def test_lists_hold_exactly_the_truth(slug: str) -> None:
    time = NOON + SLUGS.index(slug) * 7_777
    platform = load_bookmakers()[slug].brand.platform
    suspended = prices = 0
    for answer, page in _pages(WORLD, slug, time):
        served = truth.served_prices(_entry(answer, slug, time), SEED)
        assert _read(page) == served
        assert set(page.rejected_by_reason()) <= INTENDED["list"]
        prices += len(served)
        suspended += sum(status is PriceStatus.SUSPENDED for _, status in served.values())
        for event in page.events:
            match = truth.match_of(slug, event.source_id, SEED)
            assert match is not None
            assert load_leagues()[match.league]["ids"][platform] == event.league.source_id
            fixture = WORLD.fixture(match.code)
            assert fixture is not None
            assert event.starts_at == datetime.fromtimestamp(fixture.kickoff(time), UTC)
    assert prices > 100
    assert suspended < 0.05 * prices


def test_football_lists_have_25_to_40_prices_a_match() -> None:
    counts = [
        len(event.prices)
        for _, page in _pages(WORLD, "estrelabet", NOON)
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
        for _, page in _pages(WORLD, slug, NOON):
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
