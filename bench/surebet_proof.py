"""Random matches searched by the surebet engine and by its yardstick: the same sets, the same profits."""

from __future__ import annotations

import random

from bench.surebet_yardstick import best_edge, profits
from board.surebets import MatchPrices, Quote, Settings, find_surebets
from scrapers.records import SELECTIONS, Market, Side, Sport

TOLERANCE = 1e-9


def prove(matches: int = 2000, seed: int = 1) -> dict[str, float]:
    """Search random matches both ways.

    disagreements  matches in which one of the two finds a surebet and the other does not, or with a guaranteed
                   profit that is off by more than 1e-9 per unit of outlay
    worst_cases    sets with rounded stakes whose worst and best profit are, exactly, those of the scores
    Raises AssertionError where a rounded set says anything else.
    """
    chance, settings = random.Random(seed), Settings(alternatives=1).ungated()
    differences, with_surebet, worst_cases = [], 0, 0
    for number in range(matches):
        quotes = tuple(_random_quote(chance) for _ in range(chance.randint(2, 12)))
        found = find_surebets(MatchPrices(number, Sport.FOOTBALL, quotes), settings)
        edges = [one.edge for one in found.surebets]
        edges += [one.edge for one in found.rejections if one.edge is not None]
        with_surebet += bool(edges)
        differences.append(abs(max(edges, default=0.0) - max(best_edge(quotes), 0.0)))
        for surebet in found.surebets:
            exact = profits(surebet)
            assert (float(min(exact)), float(max(exact))) == (surebet.worst, surebet.best), surebet
            worst_cases += 1
    return {
        "matches": matches,
        "with_surebet": with_surebet,
        "disagreements": sum(difference > TOLERANCE for difference in differences),
        "largest_difference": max(differences),
        "worst_cases": worst_cases,
    }


def _random_quote(chance: random.Random) -> Quote:
    """A price of any football market but the winner's, so near to fair that half of the matches hold a surebet."""
    market = chance.choice([market for market in Market if market is not Market.MONEYLINE])
    line = {Market.TOTALS: chance.randint(2, 16) / 4, Market.HANDICAP: chance.randint(-10, 10) / 4}.get(market)
    fair = {Market.MATCH_RESULT: 3.0, Market.DOUBLE_CHANCE: 1.5}.get(market, 2.0)
    side = chance.choice((Side.BACK, Side.BACK, Side.BACK, Side.LAY))
    return Quote(
        chance.choice("abcd"),
        market,
        chance.choice(sorted(SELECTIONS[market])),
        round(1 + (fair - 1) * chance.uniform(0.6, 1.9), 2),
        line,
        side=side,
        commission=chance.choice((0.0, 0.02, 0.045)) if side is Side.LAY else 0.0,
    )
