"""Altenar's vocabulary: sports, market types, selection kinds. The ids are Betradar's, the same at every brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from scrapers.platforms.labels import PLAIN_NAMES
from scrapers.records import Market, Period, Phase, PriceStatus, Rules, Selection, Sport

SPORTS: dict[int, Sport] = {66: Sport.FOOTBALL, 67: Sport.BASKETBALL}
"""`sportId`. Virtual and e-sports have numbers of their own (145-148) and are not among them."""

SPORT_IDS: dict[Sport, int] = {sport: number for number, sport in SPORTS.items()}

EVENT_STATUS: dict[int, Phase] = {0: Phase.PREMATCH, 1: Phase.LIVE, 5: Phase.LIVE}
"""`event.status`; 5 is an interrupted match."""

ODD_STATUS: dict[int, PriceStatus | None] = {
    0: PriceStatus.OPEN,
    1: None,  # won
    2: None,  # lost
    4: None,  # deleted
    5: None,  # half lost
    6: None,  # half won
    7: PriceStatus.SUSPENDED,
    8: PriceStatus.SUSPENDED,  # disabled
}
"""`odd.oddStatus`; None: over, not to be offered again."""


@dataclass(frozen=True, slots=True)
class MarketType:
    """What a `market.typeId` means. `selections` maps `odd.typeId`."""

    market: Market
    period: Period
    selections: Mapping[int, Selection]


_THREE_WAY = {1: Selection.HOME, 2: Selection.DRAW, 3: Selection.AWAY}
_TWO_WAY = {1: Selection.HOME, 3: Selection.AWAY}
_HANDICAP = {1714: Selection.HOME, 1715: Selection.AWAY}
_TOTAL = {12: Selection.OVER, 13: Selection.UNDER}
_YES_NO = {74: Selection.YES, 76: Selection.NO}
_DOUBLE = {9: Selection.HOME_DRAW, 10: Selection.HOME_AWAY, 11: Selection.DRAW_AWAY}

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
        83: MarketType(_M.MATCH_RESULT, _P.SECOND_HALF, _THREE_WAY),
        85: MarketType(_M.DOUBLE_CHANCE, _P.SECOND_HALF, _DOUBLE),
        86: MarketType(_M.DRAW_NO_BET, _P.SECOND_HALF, _TWO_WAY),
        88: MarketType(_M.HANDICAP, _P.SECOND_HALF, _HANDICAP),
        90: MarketType(_M.TOTALS, _P.SECOND_HALF, _TOTAL),
        95: MarketType(_M.BOTH_TEAMS_TO_SCORE, _P.SECOND_HALF, _YES_NO),
    },
    Sport.BASKETBALL: {
        # Regular time only, three-way: not the moneyline.
        1: MarketType(_M.MATCH_RESULT, _P.MATCH, _THREE_WAY),
        219: MarketType(_M.MONEYLINE, _P.MATCH, _TWO_WAY),
        223: MarketType(_M.HANDICAP, _P.MATCH, _HANDICAP),
        225: MarketType(_M.TOTALS, _P.MATCH, _TOTAL),
    },
}
"""`market.typeId` by sport; in basketball with overtime where the type says so. Nothing else is ours."""

NAMES: dict[str, Selection] = {"1": Selection.HOME, "2": Selection.AWAY, **PLAIN_NAMES}
"""`odd.name` in small letters, without its line: the last resort, names differ between brands."""

EARLY_PAYOUT_OFFER = 0
"""`offers[].type`: the bet is paid once the side leads by `parameter` goals."""
ENHANCED_ODDS_OFFER = 4
"""`offers[].type`: a raised price."""

RULES_BY_SPORT_MARKET: dict[int, Rules] = {73990: Rules.BOOSTED}
"""`market.sportMarketId`: "1x2 Odds Aumentadas" at Aposta1 (2026-01)."""

RULES_BY_NAME: tuple[tuple[str, Rules], ...] = (
    ("super odds", Rules.BOOSTED),  # EstrelaBet, 2026-02
    ("odds aumentadas", Rules.BOOSTED),  # Aposta1, 2026-01
    ("pagamento antecipado", Rules.EARLY_PAYOUT),
)
"""Part of `market.name` in small letters -> the contract."""

PLACEHOLDER = Decimal("1.8334")
"""Both sides of a line at exactly this price: a market that nobody priced (basketball, 2026-05)."""
