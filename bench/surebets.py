"""The surebet scan: every match of a board searched for sets that profit in all outcomes, on one core.

Beside it its floor: a plain scan of the same prices for the best one of each selection, which any search has to do,
and which finds nothing that is spread over several markets. Then a tick: a share of the prices moves, and the
matches in which one rises above its ceiling are searched again. The prices are those of true odds with each
bookmaker's margin and error, so some matches hold surebets and most do not. Nothing is fetched, and no database is
asked. Then the proof of `bench.surebet_proof`.
"""

from __future__ import annotations

import math
import random
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.surebet_proof import prove
from board.surebets import Found, MatchPrices, Quote, Settings, find_surebets
from scrapers.records import SELECTIONS, Market, Period, Rules, Selection, Side, Sport

SIZES = ((200, 19, 150), (300, 19, 570), (1000, 20, 600))
"""(matches, bookmakers, prices in each match)"""
ROUNDS = 3
COMMISSION = 0.045
ERROR = 0.03
"""Standard deviation of what bookmakers disagree about, as a share of the net odds: a few matches in a hundred then
hold a surebet."""
MOVING = 0.02
"""Share of the prices that change from one tick to the next, by up to `ERROR` of the net odds."""
_GOALS = 12
_SIDES = (Side.BACK.value, Side.LAY.value)
"""Plain words, as they come from the database."""


def run() -> dict[str, Any]:
    """Scan boards of all sizes, print the table, return the figures."""
    results = [_measure(*size) for size in SIZES]
    table = Table(title="surebet scan, processor time, best of 3")
    for heading in results[0]:
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(*(f"{value:g}" for value in result.values()))
    Console(width=140).print(table)
    proof = prove()
    Console(width=140).print(
        "{matches} random matches, {with_surebet} of them with a surebet: {disagreements} disagreements with the"
        " linear program (largest difference {largest_difference:.0e}), {worst_cases} worst cases as at every score"
        "".format_map(proof)
    )
    return {"scans": results, "proof": proof}


def _measure(matches: int, bookmakers: int, prices: int) -> dict[str, float]:
    board = offer(matches, bookmakers, prices)
    settings = Settings(min_profit=0.001, unit=1)
    floor = min(_timed(lambda: [_best_prices(match) for match in board])[0] for _ in range(ROUNDS))
    scans = [_timed(lambda: [find_surebets(match, settings) for match in board]) for _ in range(ROUNDS)]
    took, found = min(scans, key=lambda scan: scan[0])
    moved = _moved(board, random.Random(2))
    tick, searched = _timed(lambda: _follow(moved, found, settings))
    return {
        "matches": matches,
        "bookmakers": bookmakers,
        "prices": sum(len(match.quotes) for match in board),
        "scan_ms": round(took * 1000, 1),
        "ms_per_match": round(took * 1000 / matches, 2),
        "floor_ms": round(floor * 1000, 1),
        "tick_ms": round(tick * 1000, 1),
        "searched": searched,
        "surebets": sum(len(one.surebets) for one in found),
        "in_matches": sum(1 for one in found if one.surebets),
        "rejections": sum(len(one.rejections) for one in found),
    }


def _timed(work: Any) -> tuple[float, Any]:
    begin = time.process_time()
    answer = work()
    return time.process_time() - begin, answer


def _moved(board: list[MatchPrices], chance: random.Random) -> list[tuple[MatchPrices, list[Quote]]]:
    """Each match after the tick, and the prices that changed in it."""
    moved = []
    for match in board:
        quotes, changed = list(match.quotes), []
        for place in chance.sample(range(len(quotes)), round(len(quotes) * MOVING)):
            odds = (quotes[place].price - 1) * (1 + chance.uniform(-ERROR, ERROR))
            quotes[place] = quotes[place]._replace(price=round(1.01 + odds, 2))
            changed.append(quotes[place])
        moved.append((match._replace(quotes=tuple(quotes)), changed))
    return moved


def _follow(moved: list[tuple[MatchPrices, list[Quote]]], before: list[Found], settings: Settings) -> int:
    """Search the matches whose ceiling does not hold any more; how many they were."""
    searched = 0
    for (match, changed), found in zip(moved, before, strict=True):
        if not all(map(found.ceiling.holds, changed)):
            searched += 1
            find_surebets(match, settings)
    return searched


def _best_prices(match: MatchPrices) -> dict[tuple[Any, ...], float]:
    best: dict[tuple[Any, ...], float] = {}
    for quote in match.quotes:
        key = quote.market, quote.period, quote.line, quote.selection, quote.side, quote.rules
        if quote.side == Side.BACK:
            best[key] = max(quote.price, best.get(key, 0.0))
        else:
            best[key] = min(quote.price, best.get(key, math.inf))
    return best


def offer(matches: int, bookmakers: int, prices: int, seed: int = 1) -> list[MatchPrices]:
    """A board of football matches. Each bookmaker takes part in each match with its share of the prices; the last
    one is an exchange with both sides. Equal seeds give equal boards."""
    chance = random.Random(seed)
    return [_match(number, bookmakers, prices, chance) for number in range(matches)]


def _match(number: int, bookmakers: int, prices: int, chance: random.Random) -> MatchPrices:
    home, away = chance.uniform(0.8, 2.2), chance.uniform(0.6, 1.8)
    fair = _fair_odds(home, away)
    bets = list(fair)
    quotes = []
    for place in range(bookmakers):
        margin = chance.uniform(0.04, 0.07)
        exchange = place == bookmakers - 1
        # A bookmaker offers whole markets, the main ones first.
        for market, line, selection in bets[: prices // bookmakers]:
            error = math.exp(chance.gauss(0, ERROR))
            price = round(1 + (fair[market, line, selection] / (1 + margin) - 1) * error, 2)
            if price <= 1.01:
                continue
            for side in _SIDES if exchange else _SIDES[:1]:
                quotes.append(
                    Quote(
                        f"bookmaker-{place}",
                        market,
                        selection,
                        price if side == Side.BACK else round(price * (1 + margin) * 1.03, 2),
                        line,
                        Period.MATCH.value,
                        side,
                        Rules.STANDARD.value,
                        age_s=chance.uniform(1, 40),
                        family=f"desk-{place // 2}",
                        commission=COMMISSION if exchange else 0.0,
                        available=chance.uniform(20, 2000) if exchange else None,
                    )
                )
    return MatchPrices(number, Sport.FOOTBALL.value, tuple(quotes))


def _fair_odds(home: float, away: float) -> dict[tuple[str, float | None, str], float]:
    """Bet -> the price at which it is worth what it costs, with goals as independent Poisson numbers. Bets that a
    void or a half result can meet are priced by what is at stake then."""
    scores = {
        (h, a): math.exp(-home - away) * home**h * away**a / math.factorial(h) / math.factorial(a)
        for h in range(_GOALS)
        for a in range(_GOALS)
    }
    fair = {}
    for market, line in _MARKETS:
        for selection in sorted(SELECTIONS[market]):
            won = lost = 0.0
            for (h, a), probability in scores.items():
                result = _result(market, line, selection, h, a)
                won += probability * max(result, 0.0)
                lost += probability * max(-result, 0.0)
            fair[market.value, line, selection.value] = 1 + lost / won
    return fair


_MARKETS: tuple[tuple[Market, float | None], ...] = (
    (Market.MATCH_RESULT, None),
    (Market.TOTALS, 2.5),
    (Market.DOUBLE_CHANCE, None),
    *((Market.TOTALS, line) for line in (1.5, 3.5, 2.25, 2.75)),
    (Market.BOTH_TEAMS_TO_SCORE, None),
    (Market.DRAW_NO_BET, None),
    *((Market.HANDICAP, line) for line in (-0.5, 0.0, -0.25, 0.25, 0.5, -1.0, 1.0)),
)


def _result(market: Market, line: float | None, selection: Selection, home: int, away: int) -> float:
    """What is won (at odds of 1) or lost of one unit staked."""
    difference, total = home - away, home + away
    if market is Market.MATCH_RESULT:
        return 1.0 if selection == _winner(difference) else -1.0
    if market is Market.DOUBLE_CHANCE:
        return 1.0 if _winner(difference) in selection.split("_") else -1.0
    if market is Market.BOTH_TEAMS_TO_SCORE:
        return 1.0 if (selection is Selection.YES) == (home > 0 and away > 0) else -1.0
    sign = 1 if selection in (Selection.HOME, Selection.OVER) else -1
    distance = total - (line or 0) if market is Market.TOTALS else difference + (line or 0)
    return max(-1.0, min(1.0, 2 * sign * distance))


def _winner(difference: int) -> Selection:
    if difference == 0:
        return Selection.DRAW
    return Selection.HOME if difference > 0 else Selection.AWAY
