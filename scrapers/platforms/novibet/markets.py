"""Novibet's vocabulary: market sysnames, codes of bet items, market tags. Sysnames are matched whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapers.records import Market, Period, Rules, Selection, Sport

SPORT_PREFIXES: dict[str, Sport] = {"SOCCER": Sport.FOOTBALL, "BASKETBALL": Sport.BASKETBALL}
"""First word of a sysname -> sport. E-sports stand among them; their sides say "Esports" or "SRL"."""

SPORT_CAPTIONS: dict[str, Sport] = {
    "soccer": Sport.FOOTBALL,
    "football": Sport.FOOTBALL,
    "futebol": Sport.FOOTBALL,
    "basketball": Sport.BASKETBALL,
    "basquete": Sport.BASKETBALL,
}
"""`competitionContextCaption` in small letters: the sport of a page with several."""

SIMULATED = re.compile(r"\be-?sports?\b|\bSRL\b", re.IGNORECASE)
"""In a side's name: a computer's match."""


@dataclass(frozen=True, slots=True)
class MarketType:
    """What a sysname means. `codes` maps `betItem.code`, `captions` its text in small letters: both must agree."""

    market: Market
    codes: Mapping[str, Selection]
    period: Period = Period.MATCH
    captions: Mapping[str, Selection] = field(default_factory=dict)


_M, _S = Market, Selection

_THREE_WAY = {"1": _S.HOME, "X": _S.DRAW, "2": _S.AWAY}
_TWO_WAY = {"1": _S.HOME, "2": _S.AWAY}
_TOTAL = {"O": _S.OVER, "U": _S.UNDER}
_DOUBLE = {"1X": _S.HOME_DRAW, "12": _S.HOME_AWAY, "X2": _S.DRAW_AWAY}
# The codes were never recorded (2026); the captions are what clients found.
_YES_NO = {"Y": _S.YES, "N": _S.NO}
_YES_NO_CAPTIONS = {"gg": _S.YES, "ng": _S.NO, "sim": _S.YES, "não": _S.NO, "yes": _S.YES, "no": _S.NO}

MARKETS: dict[Sport, dict[str, MarketType]] = {
    Sport.FOOTBALL: {
        "SOCCER_MATCH_RESULT": MarketType(_M.MATCH_RESULT, _THREE_WAY),
        "SOCCER_UNDER_OVER": MarketType(_M.TOTALS, _TOTAL),
        "SOCCER_BOTH_TEAMS_TO_SCORE": MarketType(_M.BOTH_TEAMS_TO_SCORE, _YES_NO, captions=_YES_NO_CAPTIONS),
        "SOCCER_DOUBLE_CHANCE": MarketType(_M.DOUBLE_CHANCE, _DOUBLE),
        "SOCCER_MATCH_RESULT_NODRAW": MarketType(_M.DRAW_NO_BET, _TWO_WAY),
        "SOCCER_FIRST_HALF_RESULT": MarketType(_M.MATCH_RESULT, _THREE_WAY, Period.FIRST_HALF),
        "SOCCER_FIRST_HALF_UNDER_OVER": MarketType(_M.TOTALS, _TOTAL, Period.FIRST_HALF),
    },
    Sport.BASKETBALL: {
        "BASKETBALL_MATCH_RESULT_NODRAW": MarketType(_M.MONEYLINE, _TWO_WAY),
        "BASKETBALL_MATCH_RESULT_HANDICAP": MarketType(_M.HANDICAP, _TWO_WAY),
        "BASKETBALL_UNDER_OVER": MarketType(_M.TOTALS, _TOTAL),
    },
}
"""Sysname without `BEFORE_KICKOFF`, by sport. The sysname of football's Asian handicap is not known."""

BEFORE_KICKOFF = "_PRELIVE"
"""What an event's page puts behind its sysnames until the match begins."""

BOOSTED_COPY = re.compile(r"(SOCCER_MATCH_RESULT)(?:_PRELIVE)?(?:_\d+)?_ODDS_KEY")
"""Sysname of a copy of a market without a margin (2026)."""

TAGS: dict[str, Rules] = {
    "ODDS_KEY_0": Rules.BOOSTED,
    "SOCCER_2_GOALS_AHEAD_EARLY_PAYOUT": Rules.EARLY_PAYOUT,
    "BASKETBALL_20_PLUS_POINTS_EARLY_PAYOUT": Rules.EARLY_PAYOUT,
}
"""`marketTags[].tag` -> the contract (2026-02). No tag: the plain one. Only other tags: nobody knows."""
