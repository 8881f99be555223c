"""The vocabulary of stake.com: Sportradar's unified odds feed (UOF), by its ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapers.records import Market, Phase, PriceStatus, Selection, Sport

SPORTS: dict[str, Sport] = {"soccer": Sport.FOOTBALL, "basketball": Sport.BASKETBALL}
"""`sport.slug`. E-sports and virtual sports have slugs of their own."""

FIXTURE_STATUS: dict[str, Phase | None] = {
    "active": Phase.PREMATCH,
    "live": Phase.LIVE,
    "in_progress": Phase.LIVE,
    "ended": None,
    "cancelled": None,
}
"""`fixture.status`; None: over."""

MARKET_STATUS: dict[str, PriceStatus | None] = {
    "active": PriceStatus.OPEN,
    "suspended": PriceStatus.SUSPENDED,
    "deactivated": None,
}
"""`market.status`; None: not to be offered again."""

MATCH, OUTRIGHT = "SportFixtureDataMatch", "SportFixtureDataOutright"
"""`data.__typename`."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a `market.extId` means. `outcomes` maps `outcome.extId`; `specifier` names the line's, "" for none."""

    market: Market
    outcomes: Mapping[str, Selection]
    specifier: str = ""


_TWO_WAY = {"4": Selection.HOME, "5": Selection.AWAY}
_TOTAL = {"12": Selection.OVER, "13": Selection.UNDER}
_HANDICAP = {"1714": Selection.HOME, "1715": Selection.AWAY}

MARKETS: dict[Sport, dict[str, Meaning]] = {
    Sport.FOOTBALL: {
        "1": Meaning(Market.MATCH_RESULT, {"1": Selection.HOME, "2": Selection.DRAW, "3": Selection.AWAY}),
        "10": Meaning(
            Market.DOUBLE_CHANCE,
            {"9": Selection.HOME_DRAW, "10": Selection.HOME_AWAY, "11": Selection.DRAW_AWAY},
        ),
        "11": Meaning(Market.DRAW_NO_BET, _TWO_WAY),
        "16": Meaning(Market.HANDICAP, _HANDICAP, "hcp"),
        "18": Meaning(Market.TOTALS, _TOTAL, "total"),
        "29": Meaning(Market.BOTH_TEAMS_TO_SCORE, {"74": Selection.YES, "76": Selection.NO}),
    },
    Sport.BASKETBALL: {
        "219": Meaning(Market.MONEYLINE, _TWO_WAY),
        "223": Meaning(Market.HANDICAP, _HANDICAP, "hcp"),
        "225": Meaning(Market.TOTALS, _TOTAL, "total"),
    },
}
"""`market.extId` by sport; in basketball overtime included. Lines are the home side's on both outcomes."""
