"""Superbet's vocabulary: sports, market ids, outcome ids and codes (the same in every country)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapers.records import Market, Phase, PriceStatus, Selection, Sport

SPORTS: dict[int, Sport] = {5: Sport.FOOTBALL, 4: Sport.BASKETBALL}
"""`sportId`. E-sports and virtual football (39, 54, 55, 75, 153) are not among them."""

SPORT_IDS: dict[Sport, int] = {sport: number for number, sport in SPORTS.items()}

EVENT_STATUS: dict[str, Phase] = {"NOT_STARTED": Phase.PREMATCH, "STARTED": Phase.LIVE}
"""`metadata.status`; absent before the match at many events. FINISHED is offered no more."""

OFFER_STATE: dict[Phase, int] = {Phase.PREMATCH: 1, Phase.LIVE: 2}
"""`offerStateId` of an odd and key of `offerStateStatus`: the offer that a phase has."""

OFFERED, FINISHED = "active", "finished"
"""Values of `offerStateStatus`. Everything else ("stop") is on the page and cannot be bet on."""

OFFER_STATUS_V3: dict[int, str] = {1: OFFERED, 2: "stop"}
"""`offer_state_status` of the v3 shape, in v2's words."""

ODD_STATUS: dict[str, PriceStatus | None] = {
    "active": PriceStatus.OPEN,
    "suspended": PriceStatus.SUSPENDED,
    "inactive": PriceStatus.SUSPENDED,
    "blocked": PriceStatus.SUSPENDED,
    "won": None,
    "lost": None,
    "hidden": None,
}
"""`odd.status`; None: not to be offered again. "hidden" is ours, for v3's `display: false`."""

ODD_STATUS_V3: dict[int, str] = {1: "active", 2: "suspended"}
"""`odd.status` of the v3 shape, in v2's words."""

PRICE_BOOST_TAG = "price_boost"
"""In `matchTags`: the winner market shows a raised price. An odd's `pm_boostable_market` means something else."""

VIRTUAL_TOURNAMENTS = ("ecomp", "rodada ")
"""How names of tournaments begin, in small letters, that are played by machines or bundle specials (2026-09)."""


@dataclass(frozen=True, slots=True)
class MarketType:
    """What a `marketId` means.

    outcomes   `outcomeId` -> selection; empty where the ids were never recorded
    codes      `code` -> selection; the same code means different things in different markets
    specifier  the one key of `specifiers` that holds the line; "" for markets without
    """

    market: Market
    outcomes: Mapping[int, Selection] = field(default_factory=dict)
    codes: Mapping[str, Selection] = field(default_factory=dict)
    specifier: str = ""


_THREE_WAY = {"1": Selection.HOME, "0": Selection.DRAW, "2": Selection.AWAY}
_TWO_WAY = {"1": Selection.HOME, "2": Selection.AWAY}
_TOTAL = {"+": Selection.OVER, "-": Selection.UNDER}
_YES_NO = {"1": Selection.YES, "2": Selection.NO}

MARKETS: dict[Sport, dict[int, MarketType]] = {
    Sport.FOOTBALL: {
        547: MarketType(
            Market.MATCH_RESULT, {1470: Selection.HOME, 1471: Selection.DRAW, 1472: Selection.AWAY}, _THREE_WAY
        ),
        200734: MarketType(Market.TOTALS, {151889: Selection.OVER, 151888: Selection.UNDER}, _TOTAL, "total"),
        539: MarketType(Market.BOTH_TEAMS_TO_SCORE, {1440: Selection.YES, 1441: Selection.NO}, _YES_NO),
        531: MarketType(Market.DOUBLE_CHANCE),
        555: MarketType(Market.DRAW_NO_BET, codes=_TWO_WAY),
    },
    Sport.BASKETBALL: {
        759: MarketType(Market.MONEYLINE, {2182: Selection.HOME, 2183: Selection.AWAY}, _TWO_WAY),
        768: MarketType(Market.HANDICAP, {2202: Selection.HOME, 2203: Selection.AWAY}, _TWO_WAY, "hcp"),
        753: MarketType(Market.TOTALS, {2170: Selection.OVER, 2169: Selection.UNDER}, _TOTAL, "total"),
        # Regular time only, three-way: not the moneyline.
        777: MarketType(
            Market.MATCH_RESULT, {2221: Selection.HOME, 2222: Selection.DRAW, 2223: Selection.AWAY}, _THREE_WAY
        ),
    },
}
"""`marketId` by sport; in basketball with overtime but for 777. No half's id is known. Nothing else is ours."""

ASIAN_HANDICAP_NAME = "handicap asiático"
"""The whole `marketName`, in small letters, of football's Asian handicap, whose id was never recorded (2026-10)."""

ASIAN_HANDICAP = MarketType(Market.HANDICAP, specifier="hcp")
