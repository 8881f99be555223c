"""The world: the same for equal seed and time, and plausible as a betting market."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.records import Market, Rules, Selection
from simulator.brands import Brand, load_bookmakers, load_leagues, without_accents
from simulator.clubs import CLUBS, LEAGUE_CLUBS
from simulator.fixtures import AHEAD_S, CLOSES_S
from simulator.platforms import platforms
from simulator.world import State, World

from .conftest import NOON

BRANDS = list({bookmaker.brand.key: bookmaker.brand for bookmaker in load_bookmakers().values()}.values())
TIMES = st.integers(NOON, NOON + 40 * 86_400)
by_key = pytest.mark.parametrize("brand", BRANDS, ids=lambda brand: brand.key)


def _prices(world: World, brand: Brand, time: int) -> dict[tuple[object, ...], Decimal | None]:
    return {
        (fixture.code, quote.offer.number, selection): None if quote.state is State.SUSPENDED else price
        for league in load_leagues()
        for fixture in world.fixtures(league, time)
        for quote in world.quotes(brand, fixture, time)
        if quote.state is not State.WITHDRAWN
        for selection, price in quote.prices
    }


def test_every_declared_league_has_clubs_and_every_simulated_platform_a_brand() -> None:
    assert set(LEAGUE_CLUBS) == set(load_leagues())
    assert all(len(set(clubs)) == len(clubs) >= 16 for clubs in LEAGUE_CLUBS.values())
    assert set(platforms()) == {brand.platform for brand in BRANDS}


@given(time=TIMES, other=TIMES)
@settings(max_examples=8, deadline=None)
def test_the_past_of_a_process_does_not_matter(time: int, other: int) -> None:
    brand = BRANDS[1]
    lived = World(3)
    for moment in (other, time - 30, time + 30):
        for fixture in lived.fixtures("la_liga", moment):
            lived.quotes(brand, fixture, moment)
    fresh = World(3)
    assert lived.fixtures("la_liga", time) == fresh.fixtures("la_liga", time)
    for fixture in fresh.fixtures("la_liga", time):
        assert lived.quotes(brand, fixture, time) == fresh.quotes(brand, fixture, time)


def test_seeds_are_different_worlds() -> None:
    assert World(1).fixtures("serie_a", NOON) != World(2).fixtures("serie_a", NOON)


@given(time=TIMES, league=st.sampled_from(list(LEAGUE_CLUBS)))
@settings(max_examples=40, deadline=None)
def test_the_list_rolls_forward(time: int, league: str) -> None:
    world = World(5)
    listed = world.fixtures(league, time)
    senior = [fixture for fixture in listed if not fixture.category]
    assert 5 <= len(senior) <= 12
    assert all(time + CLOSES_S < fixture.kickoff(time) <= time + AHEAD_S + 86_400 for fixture in listed)
    assert len({(f.home, f.away, f.category, f.kickoff(time)) for f in listed}) == len(listed)
    assert all(fixture.home != fixture.away for fixture in listed)
    assert all(world.fixture(fixture.code) == fixture for fixture in listed)


def test_a_match_leaves_before_its_kickoff_and_never_returns() -> None:
    world = World(5)
    fixture = world.fixtures("premier_league", NOON)[0]
    end = fixture.kickoff(NOON) - CLOSES_S
    assert fixture in world.fixtures("premier_league", end - 1)
    for later in (end, end + CLOSES_S, end + 90_000):
        assert fixture.moved_at or fixture not in world.fixtures("premier_league", later)


def test_some_kickoffs_are_moved_while_listed() -> None:
    world = World(5)
    seen = {
        fixture
        for day in range(30)
        for league in load_leagues()
        for fixture in world.fixtures(league, NOON + day * 86_400)
    }
    moved = [fixture for fixture in seen if fixture.moved_at]
    assert 0.01 < len(moved) / len(seen) < 0.06
    for fixture in moved:
        assert fixture.kickoff(fixture.moved_at) > fixture.kickoff(fixture.moved_at - 1)
        assert fixture in world.fixtures(fixture.league, fixture.moved_at)


def test_other_sides_of_the_same_clubs_turn_up_some_at_the_same_time() -> None:
    world = World(5)
    pairs = [
        (fixture.kickoff(time), other.kickoff(time), fixture.category)
        for time in range(NOON, NOON + 20 * 86_400, 86_400)
        for league in load_leagues()
        for fixture in world.fixtures(league, time)
        if fixture.category
        for other in world.fixtures(league, time)
        if not other.category and (other.home, other.away) == (fixture.home, fixture.away)
    ]
    assert {category for *_, category in pairs} == {"women", "u20", "b"}
    assert {one == other for one, other, _ in pairs} == {True, False}


@by_key
def test_two_to_four_percent_of_prices_change_in_30_seconds(brand: Brand) -> None:
    world = World(1)
    shares = []
    for time in (NOON, NOON + 50_000):
        before, after = _prices(world, brand, time), _prices(world, brand, time + 30)
        common = before.keys() & after.keys()
        assert len(common) > 3000
        shares.append(sum(before[key] != after[key] for key in common) / len(common))
    assert 0.02 < sum(shares) / len(shares) < 0.04, shares


@by_key
def test_overrounds_are_those_of_a_bookmaker(brand: Brand) -> None:
    world = World(1)
    seen = 0
    for league in load_leagues():
        for fixture in world.fixtures(league, NOON):
            for quote in world.quotes(brand, fixture, NOON):
                overround = sum(1 / price for _, price in quote.prices)
                if quote.offer.market is Market.DOUBLE_CHANCE:
                    overround /= 2
                if quote.offer.rules is Rules.BOOSTED:
                    assert overround < Decimal("1.01")
                else:
                    assert Decimal("1.02") < overround < Decimal("1.12"), (fixture, quote)
                seen += 1
    assert seen > 1500


def test_brands_agree_roughly_and_differ_in_detail() -> None:
    world = World(1)
    one, other = (_prices(world, brand, NOON) for brand in BRANDS[1:3])
    pairs = [(a, other[key]) for key, a in one.items() if a is not None and other.get(key) is not None]
    ratios = [float(a / b) for a, b in pairs if a < 4]
    assert len(ratios) > 2000
    assert all(0.85 < ratio < 1.18 for ratio in ratios)
    assert sum(ratio != 1 for ratio in ratios) > 0.5 * len(ratios)


def test_a_brand_is_late_with_a_selection_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    world, found = World(1), 0
    times = range(NOON, NOON + 21_600, 3_600)
    listed = [(fixture, time) for time in times for fixture in world.fixtures("la_liga", time)]

    def shown() -> list[dict[Selection, Decimal]]:
        fresh = World(1)
        return [dict(q.prices) for fixture, time in listed for b in BRANDS for q in fresh.quotes(b, fixture, time)]

    late = shown()
    monkeypatch.setattr("simulator.world.LAG_SHARE", 0)
    for prices, usual in zip(late, shown(), strict=True):
        if prices != usual:
            ratios = sorted(float(prices[selection] / usual[selection]) for selection in usual)
            assert 1 < ratios[-1] < 1.2
            assert all(ratio <= 1 for ratio in ratios[:-1])
            found += 1
    assert 0.0001 < found / len(late) < 0.001


def test_markets_are_suspended_and_withdrawn_now_and_then() -> None:
    world, brand = World(1), BRANDS[1]
    states = [
        quote.state
        for time in range(NOON, NOON + 40_000, 5_000)
        for fixture in world.fixtures("nba", time)
        for quote in world.quotes(brand, fixture, time)
    ]
    assert 0 < states.count(State.WITHDRAWN) < 0.02 * len(states)
    fixture = world.fixtures("nba", NOON)[-1]
    halted = [
        quote.offer.number
        for time in range(NOON, NOON + 43_200, 30)
        for quote in world.quotes(brand, fixture, time)
        if quote.state is State.SUSPENDED
    ]
    assert halted
    assert min(halted.count(number) for number in set(halted)) >= 1


@by_key
def test_spellings_differ_from_brand_to_brand_but_never_meet(brand: Brand) -> None:
    names = [
        without_accents(brand.side(club, category)).casefold()
        for club in CLUBS.values()
        for category in ("", "women", "u20", "b")
    ]
    assert len(set(names)) == len(names)
    own = sum(brand.side(club, "") != club.name for club in CLUBS.values()) / len(CLUBS)
    assert 0.1 < own < 0.7
