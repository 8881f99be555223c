"""Kaizen's vocabulary: sports, market types and the marks of selections (types are the same in every country)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapers.records import Market, Period, Rules, Selection, Sport

SPORTS: dict[str, Sport] = {"FOOT": Sport.FOOTBALL, "BASK": Sport.BASKETBALL}
"""`event.sportId`. E-sports stand among them; `is_simulated` knows them by their names."""

SPORT_CODES: dict[Sport, str] = {sport: code for code, sport in SPORTS.items()}


@dataclass(frozen=True, slots=True)
class MarketType:
    """What a `market.type` means.

    selections  in the order of columns and arrays
    type_ids    `selection.typeId` of the flat shape (the nested one has none)
    names       `selection.name` in small letters, without its line
    teams       whether its selections are teams, so that `teamId` or the team's name tells the side
    ordered     whether the order alone tells the selections apart where nothing else does
    """

    market: Market
    selections: tuple[Selection, ...]
    type_ids: Mapping[int, Selection] = field(default_factory=dict)
    names: Mapping[str, Selection] = field(default_factory=dict)
    period: Period = Period.MATCH
    teams: bool = False
    ordered: bool = True


_M, _S = Market, Selection

_THREE_WAY = (_S.HOME, _S.DRAW, _S.AWAY)
_TWO_WAY = (_S.HOME, _S.AWAY)
_TOTAL = (_S.OVER, _S.UNDER)
_YES_NO = (_S.YES, _S.NO)
_DOUBLE = (_S.HOME_DRAW, _S.DRAW_AWAY, _S.HOME_AWAY)

# The draw is "X" in Brazil and Belgium, "0" in the Czech Republic.
_THREE_WAY_NAMES = {"1": _S.HOME, "x": _S.DRAW, "0": _S.DRAW, "2": _S.AWAY}
_TWO_WAY_NAMES = {"1": _S.HOME, "2": _S.AWAY}
_DOUBLE_NAMES = {
    "1x": _S.HOME_DRAW,
    "10": _S.HOME_DRAW,
    "x2": _S.DRAW_AWAY,
    "02": _S.DRAW_AWAY,
    "12": _S.HOME_AWAY,
}
_TOTAL_NAMES = {
    "mais de": _S.OVER,
    "menos de": _S.UNDER,
    "más de": _S.OVER,
    "over": _S.OVER,
    "under": _S.UNDER,
    "plus de": _S.OVER,
    "moins de": _S.UNDER,
    "více než": _S.OVER,
    "méně než": _S.UNDER,
}
_YES_NO_NAMES = {
    "sim": _S.YES,
    "não": _S.NO,
    "yes": _S.YES,
    "no": _S.NO,
    "oui": _S.YES,
    "non": _S.NO,
    "ano": _S.YES,
    "ne": _S.NO,
}


def _numbered(first: int, selections: tuple[Selection, ...]) -> dict[int, Selection]:
    return {first + place: selection for place, selection in enumerate(selections)}


MARKETS: dict[Sport, dict[str, MarketType]] = {
    Sport.FOOTBALL: {
        "MRES": MarketType(_M.MATCH_RESULT, _THREE_WAY, _numbered(1, _THREE_WAY), _THREE_WAY_NAMES, teams=True),
        "MR12": MarketType(_M.MATCH_RESULT, _THREE_WAY, {}, _THREE_WAY_NAMES, teams=True),
        "HCTG": MarketType(_M.TOTALS, _TOTAL, _numbered(39, _TOTAL), _TOTAL_NAMES),
        "OUH1": MarketType(_M.TOTALS, _TOTAL, _numbered(41, _TOTAL), _TOTAL_NAMES, Period.FIRST_HALF),
        "BTSC": MarketType(_M.BOTH_TEAMS_TO_SCORE, _YES_NO, _numbered(43, _YES_NO), _YES_NO_NAMES),
        # Clients assume 1X, 12, X2 by column; what was recorded (2026-10) says 1X, X2, 12.
        "DBLC": MarketType(_M.DOUBLE_CHANCE, _DOUBLE, _numbered(28, _DOUBLE), _DOUBLE_NAMES, ordered=False),
        "DNOB": MarketType(_M.DRAW_NO_BET, _TWO_WAY, _numbered(31, _TWO_WAY), _TWO_WAY_NAMES, teams=True),
        # Named by clients (2026), never recorded: only ever read when two sides mirror each other.
        "AHCP": MarketType(_M.HANDICAP, _TWO_WAY, {}, _TWO_WAY_NAMES, teams=True, ordered=False),
    },
    Sport.BASKETBALL: {
        "H2HT": MarketType(_M.MONEYLINE, _TWO_WAY, _numbered(447, _TWO_WAY), _TWO_WAY_NAMES, teams=True),
        "H2H1": MarketType(_M.MONEYLINE, _TWO_WAY, {}, _TWO_WAY_NAMES, teams=True),
        "FHOT": MarketType(_M.HANDICAP, _TWO_WAY, _numbered(449, _TWO_WAY), _TWO_WAY_NAMES, teams=True),
        "FTPO": MarketType(_M.TOTALS, _TOTAL, _numbered(451, _TOTAL), _TOTAL_NAMES),
    },
}
"""`market.type` by sport: sports share codes with other meanings. A number as type is a special of its own.

One market is one line. That overtime counts in basketball is what such markets usually mean; nothing says so.
"""

RULES: dict[str, Rules] = {
    "MRES": Rules.EARLY_PAYOUT,
    "MR12": Rules.BOOSTED,
    "H2HT": Rules.EARLY_PAYOUT,
    "H2H1": Rules.BOOSTED,
}
"""`market.type` -> the contract, as the Brazilian site sells it (2026-02); all others are standard.

Other countries sell MRES as the plain one.
"""

_SIMULATED = re.compile(
    r"\besports?\b|\be-?(?:soccer|football|basketball|sports?)\b|\bcyber\b|\bsrl\b|\bsimulated\b|\b2k\b"
    r"|\b\d+\s?x\s?\d+\b|\b\d+\s*min(?:s|utes?|utos?)\b",
    re.IGNORECASE,
)


def is_simulated(*names: str) -> bool:
    """Whether names of sides, league or country tell a computer's match: "(Esports)", "4x5 minutes", "Cyber"."""
    return any(_SIMULATED.search(name) for name in names)
