"""Kambi's vocabulary: sports, criteria and outcome types (ids are the same at every brand)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapers.records import Market, Period, Phase, PriceStatus, Rules, Selection, Sport

SPORTS: dict[str, Sport] = {"FOOTBALL": Sport.FOOTBALL, "BASKETBALL": Sport.BASKETBALL}
"""`event.sport`; e-sports and virtual sports have names of their own."""

EVENT_STATE: dict[str, Phase] = {"NOT_STARTED": Phase.PREMATCH, "STARTED": Phase.LIVE}
"""`event.state`. FINISHED and UNKNOWN are offered no more."""

OUTCOME_STATUS: dict[str, PriceStatus | None] = {
    "OPEN": PriceStatus.OPEN,
    "SUSPENDED": PriceStatus.SUSPENDED,
    "CLOSED": None,
    "SETTLED": None,
}
"""`outcome.status`; None: over, not to be offered again."""

OFFERED_TAG: dict[Phase, str] = {Phase.PREMATCH: "OFFERED_PREMATCH", Phase.LIVE: "OFFERED_LIVE"}
"""The tag that an offer must carry to be bet on in this phase."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a `criterion.id` means. `selections` maps `outcome.type`."""

    market: Market
    period: Period
    selections: Mapping[str, Selection]
    rules: Rules = Rules.STANDARD


UNTYPED = "OT_UNTYPED"
"""The outcome type of Asian handicaps: the participant tells the side."""

_THREE_WAY = {"OT_ONE": Selection.HOME, "OT_CROSS": Selection.DRAW, "OT_TWO": Selection.AWAY}
_TWO_WAY = {"OT_ONE": Selection.HOME, "OT_TWO": Selection.AWAY}
_TOTAL = {"OT_OVER": Selection.OVER, "OT_UNDER": Selection.UNDER}
_YES_NO = {"OT_YES": Selection.YES, "OT_NO": Selection.NO}
_DOUBLE = {
    "OT_ONE_OR_CROSS": Selection.HOME_DRAW,
    "OT_ONE_OR_TWO": Selection.HOME_AWAY,
    "OT_CROSS_OR_TWO": Selection.DRAW_AWAY,
}

_M, _P = Market, Period

CRITERIA: dict[Sport, dict[int, Criterion]] = {
    Sport.FOOTBALL: {
        1001159858: Criterion(_M.MATCH_RESULT, _P.MATCH, _THREE_WAY),
        2100089307: Criterion(_M.MATCH_RESULT, _P.MATCH, _THREE_WAY, Rules.EARLY_PAYOUT),
        1001159926: Criterion(_M.TOTALS, _P.MATCH, _TOTAL),
        1002244276: Criterion(_M.TOTALS, _P.MATCH, _TOTAL),  # Asian: quarter lines too
        1001642858: Criterion(_M.BOTH_TEAMS_TO_SCORE, _P.MATCH, _YES_NO),
        1001159922: Criterion(_M.DOUBLE_CHANCE, _P.MATCH, _DOUBLE),
        1001159666: Criterion(_M.DRAW_NO_BET, _P.MATCH, _TWO_WAY),
        1002275572: Criterion(_M.HANDICAP, _P.MATCH, _TWO_WAY),
        1000316018: Criterion(_M.MATCH_RESULT, _P.FIRST_HALF, _THREE_WAY),
        1001159884: Criterion(_M.DRAW_NO_BET, _P.FIRST_HALF, _TWO_WAY),
        1001159668: Criterion(_M.DOUBLE_CHANCE, _P.FIRST_HALF, _DOUBLE),
        1001159532: Criterion(_M.TOTALS, _P.FIRST_HALF, _TOTAL),
        1002558602: Criterion(_M.TOTALS, _P.FIRST_HALF, _TOTAL),
        1001642863: Criterion(_M.BOTH_TEAMS_TO_SCORE, _P.FIRST_HALF, _YES_NO),
        1002275573: Criterion(_M.HANDICAP, _P.FIRST_HALF, _TWO_WAY),
        1001159826: Criterion(_M.MATCH_RESULT, _P.SECOND_HALF, _THREE_WAY),
        1001421321: Criterion(_M.DRAW_NO_BET, _P.SECOND_HALF, _TWO_WAY),
        1001421320: Criterion(_M.DOUBLE_CHANCE, _P.SECOND_HALF, _DOUBLE),
        1001243173: Criterion(_M.TOTALS, _P.SECOND_HALF, _TOTAL),
        1001642868: Criterion(_M.BOTH_TEAMS_TO_SCORE, _P.SECOND_HALF, _YES_NO),
    },
    Sport.BASKETBALL: {
        1001159732: Criterion(_M.MONEYLINE, _P.MATCH, _TWO_WAY),
        1001159512: Criterion(_M.HANDICAP, _P.MATCH, _TWO_WAY),
        1001159509: Criterion(_M.TOTALS, _P.MATCH, _TOTAL),
    },
}
"""`criterion.id` by sport. The offer type alone says little: type 2 holds halves, draw no bet and corners too."""

LABELS: dict[Sport, dict[tuple[int, str], Criterion]] = {
    Sport.FOOTBALL: {
        (2, "Full Time"): CRITERIA[Sport.FOOTBALL][1001159858],
        (2, "Full Time - 2UP"): CRITERIA[Sport.FOOTBALL][2100089307],
        (6, "Total Goals"): CRITERIA[Sport.FOOTBALL][1001159926],
        (21, "Asian Total"): CRITERIA[Sport.FOOTBALL][1002244276],
        (18, "Both Teams To Score"): CRITERIA[Sport.FOOTBALL][1001642858],
        (12, "Double Chance"): CRITERIA[Sport.FOOTBALL][1001159922],
        (2, "Draw No Bet"): CRITERIA[Sport.FOOTBALL][1001159666],
        (7, "Asian Handicap"): CRITERIA[Sport.FOOTBALL][1002275572],
        (1, "Handicap"): CRITERIA[Sport.FOOTBALL][1002275572],  # two-way, half lines; its id was never recorded
    },
    Sport.BASKETBALL: {
        (2, "Moneyline - Including Overtime"): CRITERIA[Sport.BASKETBALL][1001159732],
        (1, "Point Spread - Including Overtime"): CRITERIA[Sport.BASKETBALL][1001159512],
        (1, "Handicap - Including Overtime"): CRITERIA[Sport.BASKETBALL][1001159512],
        (6, "Total Points - Including Overtime"): CRITERIA[Sport.BASKETBALL][1001159509],
    },
}
"""`betOfferType.id` and the whole `criterion.englishLabel`: for criteria of unknown id. Never a part of it."""
