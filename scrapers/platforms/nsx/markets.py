"""NSX's vocabulary: two numberings of markets side by side.

The classic one is Sportradar's (ids of markets and outcomes); the newer feed has ids of its own, so that only
`market_code` says what a market is and only the outcome's name says which side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapers.records import Market, Period, Phase, PriceStatus, Selection, Sport

SPORTS: dict[int, Sport] = {1: Sport.FOOTBALL, 2: Sport.BASKETBALL}
"""`sport_id`, Sportradar's. Basketball's is what its site links to (2026-02)."""

SPORT_IDS: dict[Sport, int] = {sport: number for number, sport in SPORTS.items()}

LIST_MARKET: dict[Sport, int] = {Sport.FOOTBALL: 1, Sport.BASKETBALL: 219}
"""The one market that a list is asked for: the result, or the winner with overtime."""

EVENT_STATUS: dict[int, Phase | None] = {0: Phase.PREMATCH, 1: Phase.LIVE, 3: None}
"""`event_status_id`; None: closed, not to be offered again."""

MARKET_STATUS: dict[int, PriceStatus] = {1: PriceStatus.OPEN, 0: PriceStatus.SUSPENDED, -1: PriceStatus.SUSPENDED}
"""`market_status_id`; 0 is inactive. Absent in the newer feed."""

VIRTUAL_WORDS = (
    "srl",
    "simulated",
    "simulado",
    "simulada",
    "virtual",
    "virtuais",
    "esoccer",
    "esports",
    "ebasketball",
)
"""Words in the names of leagues and sides that are played by machines or on consoles; hyphens left out."""


@dataclass(frozen=True, slots=True)
class MarketType:
    """What a market is. `outcomes` maps `outcome_id`; empty where the outcome's name alone tells the side."""

    market: Market
    period: Period = Period.MATCH
    outcomes: Mapping[str, Selection] = field(default_factory=dict)


_THREE_WAY = {"1": Selection.HOME, "2": Selection.DRAW, "3": Selection.AWAY}
_TWO_WAY = {"4": Selection.HOME, "5": Selection.AWAY}
_DOUBLE = {"9": Selection.HOME_DRAW, "10": Selection.HOME_AWAY, "11": Selection.DRAW_AWAY}
_HANDICAP = {"1714": Selection.HOME, "1715": Selection.AWAY}
_TOTAL = {"12": Selection.OVER, "13": Selection.UNDER}
_YES_NO = {"74": Selection.YES, "76": Selection.NO}

_M, _P = Market, Period

MARKETS: dict[Sport, dict[int, MarketType]] = {
    Sport.FOOTBALL: {
        1: MarketType(_M.MATCH_RESULT, _P.MATCH, _THREE_WAY),
        10: MarketType(_M.DOUBLE_CHANCE, _P.MATCH, _DOUBLE),
        11: MarketType(_M.DRAW_NO_BET, _P.MATCH, _TWO_WAY),
        16: MarketType(_M.HANDICAP, _P.MATCH, _HANDICAP),
        18: MarketType(_M.TOTALS, _P.MATCH, _TOTAL),
        29: MarketType(_M.BOTH_TEAMS_TO_SCORE, _P.MATCH, _YES_NO),
        60: MarketType(_M.MATCH_RESULT, _P.FIRST_HALF, _THREE_WAY),
        63: MarketType(_M.DOUBLE_CHANCE, _P.FIRST_HALF, _DOUBLE),
        64: MarketType(_M.DRAW_NO_BET, _P.FIRST_HALF, _TWO_WAY),
        66: MarketType(_M.HANDICAP, _P.FIRST_HALF, _HANDICAP),
        68: MarketType(_M.TOTALS, _P.FIRST_HALF, _TOTAL),
        75: MarketType(_M.BOTH_TEAMS_TO_SCORE, _P.FIRST_HALF, _YES_NO),
    },
    Sport.BASKETBALL: {
        219: MarketType(_M.MONEYLINE, _P.MATCH, _TWO_WAY),
        223: MarketType(_M.HANDICAP, _P.MATCH, _HANDICAP),
        225: MarketType(_M.TOTALS, _P.MATCH, _TOTAL),
    },
}
"""`market_id` by sport, classic numbering; in basketball with overtime.

1, 18, 29 and 219 were seen at Betnacional (2025-11), the others follow Sportradar's scheme.
"""

CODES: dict[Sport, dict[str, MarketType]] = {
    Sport.FOOTBALL: {
        "win-draw-win": MarketType(_M.MATCH_RESULT),
        "match betting 3-way": MarketType(_M.MATCH_RESULT),
        "total": MarketType(_M.TOTALS),
        "total goals": MarketType(_M.TOTALS),
        "alternate total goals": MarketType(_M.TOTALS),
        "both teams to score": MarketType(_M.BOTH_TEAMS_TO_SCORE),
        "draw no bet": MarketType(_M.DRAW_NO_BET),
        "2-way handicap betting": MarketType(_M.HANDICAP),
        "asian handicap": MarketType(_M.HANDICAP),
    },
    Sport.BASKETBALL: {
        # American spreads include overtime. Of "Total" nobody says whether it does, so it is not ours here.
        "point spread": MarketType(_M.HANDICAP),
        "spread": MarketType(_M.HANDICAP),
    },
}
"""The whole `market_code` by sport, in small letters without its pipes. "Handicap Betting" is the three-way one."""

SPORT_MARKS: dict[Sport, frozenset[str]] = {
    sport: frozenset(
        {str(number) for number in kinds}
        | {code for code, kind in CODES[sport].items() if kind.market is not Market.TOTALS}
    )
    for sport, kinds in MARKETS.items()
}
"""Ids and codes that tell the sport of rows that name none. Totals are called alike in every sport."""

PARTIAL_WORDS = ("half", "1st", "2nd", "quarter", "period", "corner", "card", "player")
"""In a `market_code`: whatever the id says, this is no market about the whole match."""

MARKET_NAMES: dict[Sport, dict[str, MarketType]] = {
    Sport.FOOTBALL: {
        "resultado da partida": MarketType(_M.MATCH_RESULT),
        "vencedor da partida": MarketType(_M.MATCH_RESULT),
        "aposta 3-way na partida": MarketType(_M.MATCH_RESULT),
    },
    Sport.BASKETBALL: {},
}
"""The whole `market_name`, in small letters: the last resort, for rows without a code."""

SPECIFIERS: dict[Market, frozenset[str]] = {
    Market.TOTALS: frozenset({"total"}),
    Market.HANDICAP: frozenset({"hcp", "hc"}),
}
"""What a market's `specifier` may name; anything else makes another market. `hcp` is the home side's line."""

OUTCOME_CODES: dict[str, Selection] = {
    "{$competitor1}": Selection.HOME,
    "draw": Selection.DRAW,
    "{$competitor2}": Selection.AWAY,
    "over": Selection.OVER,
    "under": Selection.UNDER,
    "yes": Selection.YES,
    "no": Selection.NO,
}
"""The first word of `outcome_code`."""
