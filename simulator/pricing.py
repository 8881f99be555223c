"""Prices that hang together: every market of a match follows from one latent state that drifts with time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from scrapers.records import Market, Period, Rules, Selection, Sport
from simulator import chance
from simulator.fixtures import Fixture

GOALS_MAX = 10
_HALF_SHARE = 0.45
_SPREAD_SD = 12.0
_POINTS_SD = 18.0
EARLY_PAYOUT_COST = 1.025
"""How much more often the leading side is paid, on the chances of both sides."""

Chances = tuple[tuple[Selection, float], ...]
"""Selection -> fair probability (1 / fair odds). They sum to 1, in double chance to 2."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A market that can be offered on a match. `number` (< 64) names it within the match, for ids.

    line      from the home side's view; None where the market has none
    listed    whether list answers show it; detail answers show all
    main      the most balanced line of its market
    points    counted in points (basketball), not goals
    """

    number: int
    market: Market
    line: Decimal | None = None
    period: Period = Period.MATCH
    rules: Rules = Rules.STANDARD
    listed: bool = True
    main: bool = False
    points: bool = False


@lru_cache(maxsize=8192)
def offers_of(seed: int, fixture: Fixture) -> tuple[Offer, ...]:
    """Every market of a match, the same all its life; which ones a brand takes is the brand's affair."""
    if fixture.sport is Sport.BASKETBALL:
        return _basketball_offers(seed, fixture)
    home, away = _goals(seed, fixture, None)
    totals_main = Decimal(max(1, round(home + away - 0.35 - 0.5))) + Decimal("0.5")
    handicap_main = Decimal(round((away - home) * 4)) / 4
    offers = [
        Offer(0, Market.MATCH_RESULT),
        Offer(1, Market.MATCH_RESULT, rules=Rules.EARLY_PAYOUT),
        Offer(2, Market.MATCH_RESULT, rules=Rules.BOOSTED),
        Offer(3, Market.DOUBLE_CHANCE),
        Offer(4, Market.DRAW_NO_BET),
        Offer(5, Market.BOTH_TEAMS_TO_SCORE),
        Offer(6, Market.MATCH_RESULT, period=Period.FIRST_HALF, listed=False),
        Offer(7, Market.TOTALS, Decimal("0.5"), Period.FIRST_HALF, listed=False),
        Offer(8, Market.TOTALS, Decimal("1.5"), Period.FIRST_HALF, listed=False, main=True),
    ]
    for step in range(-1, 3):
        offers.append(Offer(20 + step, Market.TOTALS, totals_main + step, main=step == 0))
    for step in range(-4, 5):
        line = handicap_main + Decimal(step) / 4
        offers.append(Offer(40 + step, Market.HANDICAP, line, listed=abs(step) <= 2, main=step == 0))
    return tuple(offers)


def _basketball_offers(seed: int, fixture: Fixture) -> tuple[Offer, ...]:
    ahead, points = _points(seed, fixture, None)
    handicap_main = Decimal(math.floor(-ahead)) + Decimal("0.5")
    totals_main = Decimal(math.floor(points)) + Decimal("0.5")
    contracts = (Rules.STANDARD, Rules.EARLY_PAYOUT, Rules.BOOSTED)
    offers = [Offer(number, Market.MONEYLINE, rules=rules, points=True) for number, rules in enumerate(contracts)]
    for step in range(-3, 4):
        shown = abs(step) <= 2
        for number, market, line in (
            (20, Market.HANDICAP, handicap_main + step),
            (40, Market.TOTALS, totals_main + 2 * step),
        ):
            offers.append(Offer(number + step, market, line, listed=shown, main=step == 0, points=True))
    return tuple(offers)


def fair_chances(seed: int, fixture: Fixture, offer: Offer, time: int) -> Chances:
    """What the world thinks of a market at `time` (epoch s), before any margin."""
    if fixture.sport is Sport.BASKETBALL:
        return _basketball_chances(seed, fixture, offer, time)
    home, away = _goals(seed, fixture, time)
    if offer.period is not Period.MATCH:
        home, away = home * _HALF_SHARE, away * _HALF_SHARE
    home_goals, away_goals = _poisson(home), _poisson(away)
    if offer.market is Market.BOTH_TEAMS_TO_SCORE:
        both = (1 - home_goals[0]) * (1 - away_goals[0])
        return (Selection.YES, both), (Selection.NO, 1 - both)
    if offer.market is Market.TOTALS:
        limit = float(offer.line or 0)
        under = sum(p * q for i, p in enumerate(home_goals) for j, q in enumerate(away_goals) if i + j < limit)
        return (Selection.OVER, 1 - under), (Selection.UNDER, under)
    ahead = _goal_difference(home_goals, away_goals)
    if offer.market is Market.HANDICAP:
        home_side = _with_handicap(ahead, float(offer.line or 0))
        return (Selection.HOME, home_side), (Selection.AWAY, 1 - home_side)
    win = sum(p for gap, p in ahead.items() if gap > 0)
    draw = ahead[0]
    lose = 1 - win - draw
    if offer.market is Market.DRAW_NO_BET:
        return (Selection.HOME, win / (win + lose)), (Selection.AWAY, lose / (win + lose))
    if offer.market is Market.DOUBLE_CHANCE:
        return (
            (Selection.HOME_DRAW, win + draw),
            (Selection.HOME_AWAY, win + lose),
            (Selection.DRAW_AWAY, draw + lose),
        )
    return (Selection.HOME, win), (Selection.DRAW, draw), (Selection.AWAY, lose)


def _basketball_chances(seed: int, fixture: Fixture, offer: Offer, time: int) -> Chances:
    ahead, points = _points(seed, fixture, time)
    if offer.market is Market.TOTALS:
        under = _normal((float(offer.line or 0) - points) / _POINTS_SD)
        return (Selection.OVER, 1 - under), (Selection.UNDER, under)
    home = _normal((ahead + float(offer.line or 0)) / _SPREAD_SD)
    return (Selection.HOME, home), (Selection.AWAY, 1 - home)


def _goals(seed: int, fixture: Fixture, time: int | None) -> tuple[float, float]:
    """Expected goals of both sides; without a time as first thought, before any drift."""
    ahead, total = _first_thought(seed, fixture)
    if time is not None:
        ahead += _drift(seed, fixture, "ahead", time) * 0.5
        total += _drift(seed, fixture, "total", time) * 0.5
    ahead = max(-1.6, min(1.6, ahead))
    return (total + ahead) / 2, (total - ahead) / 2


@lru_cache(maxsize=8192)
def _first_thought(seed: int, fixture: Fixture) -> tuple[float, float]:
    """Expected goals that the home side is ahead, and of both sides, before any drift."""
    spread = chance.spread(seed, "class", fixture.code) * (0.5 if fixture.category else 0.12)
    ahead = (fixture.home.strength - fixture.away.strength) / 100 * 2.3 + 0.3 + spread
    return ahead, 2.65 + 0.35 * chance.spread(seed, "goals", fixture.code)


def _points(seed: int, fixture: Fixture, time: int | None) -> tuple[float, float]:
    """Expected lead of the home side and expected points of both, overtime included."""
    ahead = (fixture.home.strength - fixture.away.strength) * 0.35 + 2.3
    points = 227 + 9 * chance.spread(seed, "points", fixture.code)
    if time is not None:
        ahead += _drift(seed, fixture, "ahead", time) * 4
        points += _drift(seed, fixture, "total", time) * 6
    return max(-14.0, min(14.0, ahead)), points


def _drift(seed: int, fixture: Fixture, what: str, time: int) -> float:
    """Slow news and quick money: within about [-0.6, 0.6]."""
    return sum(
        size * chance.wander(time, period, seed, what, fixture.code, period)
        for size, period in ((0.35, 43_200), (0.17, 7_200), (0.08, 1_200))
    )


def _poisson(mean: float) -> list[float]:
    chances = [math.exp(-mean)]
    for goals in range(1, GOALS_MAX + 1):
        chances.append(chances[-1] * mean / goals)
    whole = sum(chances)
    return [p / whole for p in chances]


def _goal_difference(home: list[float], away: list[float]) -> dict[int, float]:
    ahead = dict.fromkeys(range(-GOALS_MAX, GOALS_MAX + 1), 0.0)
    for i, p in enumerate(home):
        for j, q in enumerate(away):
            ahead[i - j] += p * q
    return ahead


def _with_handicap(ahead: dict[int, float], line: float) -> float:
    """1 / fair odds of the home side; a quarter line is half a stake on each neighbouring line."""
    halves = (line - 0.25, line + 0.25) if (line * 4) % 2 else (line, line)
    won = sum(p for half in halves for gap, p in ahead.items() if gap + half > 0)
    lost = sum(p for half in halves for gap, p in ahead.items() if gap + half < 0)
    return won / (won + lost)


def _normal(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))
