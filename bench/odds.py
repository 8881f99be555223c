"""The offer that the board's benchmarks invent: true odds of a match, and what a bookmaker makes of them."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from itertools import product

OFFERS: tuple[tuple[str, float | None, tuple[str, ...]], ...] = (
    ("match_result", None, ("home", "draw", "away")),
    ("both_teams_to_score", None, ("yes", "no")),
    ("double_chance", None, ("home_draw", "home_away", "draw_away")),
    *(("totals", line, ("over", "under")) for line in (0.5, 1.5, 2.5, 3.5, 4.5)),
    *(("handicap", line, ("home", "away")) for line in (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0)),
)
"""30 prices an event."""
LEAGUES = 20
MARGINS = (1.04, 1.07)
"""The lowest and the highest overround."""
ERROR = 0.014
"""Standard deviation of what bookmakers disagree about, as a share of the price: of a hundred matches three
or four then hold a surebet."""
_GOALS = 12

Bet = tuple[str, float | None, str]


def fair_chances(chance: random.Random) -> Mapping[Bet, float]:
    """Bet -> its chance, of what is at stake where a part may be returned. Goals are independent, Poisson."""
    home, away = chance.uniform(0.8, 2.2), chance.uniform(0.6, 1.8)
    scores = {
        (h, a): math.exp(-home - away) * home**h * away**a / math.factorial(h) / math.factorial(a)
        for h, a in product(range(_GOALS), repeat=2)
    }
    fair = {}
    for bet in ((market, line, word) for market, line, words in OFFERS for word in words):
        won = lost = 0.0
        for (h, a), probability in scores.items():
            result = _result(bet, h, a)
            won += probability * max(result, 0.0)
            lost += probability * max(-result, 0.0)
        fair[bet] = won / (won + lost)
    return fair


def price_of(probability: float, margin: float, chance: random.Random) -> float:
    """Decimal odds to the cent, with a bookmaker's margin and error."""
    return max(1.01, round(math.exp(chance.gauss(0, ERROR)) / probability / margin, 2))


def _result(bet: Bet, home: int, away: int) -> float:
    """What is won (1) or lost (-1) of one unit at stake."""
    market, line, word = bet
    winner = "draw" if home == away else "home" if home > away else "away"
    if market in ("match_result", "double_chance"):
        return 1.0 if winner in word.split("_") else -1.0
    if market == "both_teams_to_score":
        return 1.0 if (word == "yes") == (home > 0 and away > 0) else -1.0
    distance = home + away - (line or 0) if market == "totals" else home - away + (line or 0)
    sign = 1 if word in ("over", "home") else -1
    return max(-1.0, min(1.0, 2.0 * sign * distance))
