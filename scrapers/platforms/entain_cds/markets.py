"""Entain's vocabulary. Newer fixtures ("V2") describe a market by parameters, older ones ("V1") by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scrapers.platforms.labels import DOUBLE_CODES, DRAW_WORDS, OVER_UNDER, YES_NO
from scrapers.records import Market, Period, Phase, PriceStatus, Rules, Selection, Sport

SPORTS: dict[int, Sport] = {4: Sport.FOOTBALL, 7: Sport.BASKETBALL}
"""`sport.id`."""

SPORT_IDS: dict[Sport, int] = {sport: number for number, sport in SPORTS.items()}

STAGES: dict[str, Phase] = {"prematch": Phase.PREMATCH, "live": Phase.LIVE}
"""`stage` in small letters; both "PreMatch" and "Prematch" occur."""

STATUS: dict[str, PriceStatus | None] = {
    "Visible": PriceStatus.OPEN,
    "Suspended": PriceStatus.SUSPENDED,
    "Hidden": None,
}
"""`status` (V2) and `visibility` (V1) of markets and options; None: not shown to anybody."""

TEAM_SIDES: dict[str, Selection] = {"HomeTeam": Selection.HOME, "AwayTeam": Selection.AWAY}
"""`participants[].properties.type`; teams of American fixtures and of V1 have none."""

PLAYER = "Player"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a market is about."""

    market: Market
    period: Period = Period.MATCH
    rules: Rules = Rules.STANDARD


MARKET_TYPES: dict[str, Market] = {
    "3way": Market.MATCH_RESULT,
    "DoubleChance": Market.DOUBLE_CHANCE,
    "DrawNoBet": Market.DRAW_NO_BET,
    "BTTS": Market.BOTH_TEAMS_TO_SCORE,
    "Over/Under": Market.TOTALS,
    "2wayHandicap": Market.HANDICAP,
}
"""V2 football: parameter `MarketType`. "Handicap" is three-way, "HomeNoBet" and "AwayNoBet" are other bets."""

PERIODS: dict[str, Period] = {
    "RegularTime": Period.MATCH,
    "FirstHalf": Period.FIRST_HALF,
    "SecondHalf": Period.SECOND_HALF,
}
"""V2: parameter `Period`."""

GOALS = "Goal"
"""V2 football: the parameter `Happening` of everything that counts goals (others: corners, cards)."""

LINE_PARAMETERS = frozenset({"DecimalValue", "Handicap"})
"""V2: where a market's line stands. A result or a winner with one of them is another bet."""

PLAIN_PARAMETERS = LINE_PARAMETERS | {"MarketType", "Happening", "Period"}
"""V2: a market with any other parameter is about a team, a player, a range or a moment, whatever its type says."""

SUBTYPE = "MarketSubType"

SUBTYPES: dict[tuple[Market, str], Rules] = {(Market.MATCH_RESULT, "2Up3wayPricing"): Rules.EARLY_PAYOUT}
"""V2: the one further parameter that is known, by market."""

PART_OF_A_GAME = re.compile(r"half|quarter|first|second|third|fourth", re.IGNORECASE)
"""A `Period` that is no whole basketball game; how the whole one is called there is not recorded (2026-01)."""

NAMES: dict[Sport, dict[str, Meaning]] = {
    Sport.FOOTBALL: {
        "resultado da partida": Meaning(Market.MATCH_RESULT),
        "match result": Meaning(Market.MATCH_RESULT),
        "chance dupla": Meaning(Market.DOUBLE_CHANCE),
        "double chance": Meaning(Market.DOUBLE_CHANCE),
        "empate anula aposta": Meaning(Market.DRAW_NO_BET),
        "draw no bet": Meaning(Market.DRAW_NO_BET),
        "ambas equipes marcam gol": Meaning(Market.BOTH_TEAMS_TO_SCORE),
        "both teams to score": Meaning(Market.BOTH_TEAMS_TO_SCORE),
        "total de gols": Meaning(Market.TOTALS),
    },
    Sport.BASKETBALL: {
        "vencedor": Meaning(Market.MONEYLINE),  # Sportingbet, 2026-01
        "linha de dinheiro": Meaning(Market.MONEYLINE),
        "money line": Meaning(Market.MONEYLINE),
        "moneyline": Meaning(Market.MONEYLINE),
        "handicap": Meaning(Market.HANDICAP),
        "spread": Meaning(Market.HANDICAP),
        "total": Meaning(Market.TOTALS),
        "totais": Meaning(Market.TOTALS),
        "totals": Meaning(Market.TOTALS),
        "total de pontos": Meaning(Market.TOTALS),
    },
}
"""A market's whole name in small letters, without its remark about overtime, where no parameters say more."""

OVERTIME_REMARK = re.compile(r"\s*\((incl|com prorroga)[^()]*\)$", re.IGNORECASE)

CATEGORIES: dict[Market, int] = {Market.MONEYLINE: 43, Market.HANDICAP: 44, Market.TOTALS: 48}
"""V1 basketball: `categoryId` of the whole game. 48 holds odd/even and bands too, halves are 623, 728, 730."""

RULES_BY_NAME: tuple[tuple[re.Pattern[str], Rules], ...] = (
    # "Resultado da Partida VP (+2)" (Sportingbet, 2026-01); it may stand as the grid's main market.
    (
        re.compile(r"\bvp\b( ?\(\+2\))?|\b2 ?up\b|pagamento antecipado|early payout", re.IGNORECASE),
        Rules.EARLY_PAYOUT,
    ),
    (re.compile(r"super odds|odds aumentadas|price boost", re.IGNORECASE), Rules.BOOSTED),
)
"""What a market's plain name is followed by -> the contract, whatever its parameters say."""

OPTION_TYPES: dict[Market, dict[frozenset[str], Selection]] = {
    Market.BOTH_TEAMS_TO_SCORE: {
        frozenset({"ToHappen"}): Selection.YES,
        frozenset({"NotToHappen"}): Selection.NO,
    },
    Market.TOTALS: {frozenset({"Over"}): Selection.OVER, frozenset({"Under"}): Selection.UNDER},
}
"""V2: the distinct `optionTypes` of an option."""

DRAW_TYPE, WIN_TYPE = "Draw", "Max"
"""V2: members of `optionTypes` in result markets."""

OPTION_NAMES: dict[Market, dict[str, Selection]] = {
    Market.MATCH_RESULT: dict.fromkeys(DRAW_WORDS, Selection.DRAW),
    Market.BOTH_TEAMS_TO_SCORE: YES_NO,
    Market.TOTALS: OVER_UNDER,
    Market.DOUBLE_CHANCE: DOUBLE_CODES,
}
"""An option's name (and V1's `totalsPrefix`) in small letters, without its line."""

DOUBLES: dict[frozenset[Selection], Selection] = {
    frozenset({Selection.HOME, Selection.DRAW}): Selection.HOME_DRAW,
    frozenset({Selection.HOME, Selection.AWAY}): Selection.HOME_AWAY,
    frozenset({Selection.DRAW, Selection.AWAY}): Selection.DRAW_AWAY,
}
"""The two results that a double chance pays on."""
