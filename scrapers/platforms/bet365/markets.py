"""bet365's vocabulary, as BetsAPI and the site write it: sports, leagues, markets, names of selections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scrapers.platforms.labels import DOUBLE_CODES, DRAW_WORDS, OVER_UNDER, YES_NO
from scrapers.records import Market, Period, Phase, Selection, Sport

SPORTS: dict[str, Sport] = {"1": Sport.FOOTBALL, "18": Sport.BASKETBALL}
"""`sport_id`, the site's classification (`CL`, `#B1#`). E-sports have 151; simulated matches stand among them."""

SPORT_IDS: dict[Sport, str] = {sport: number for number, sport in SPORTS.items()}

TIME_STATUS: dict[str, Phase] = {"0": Phase.PREMATCH, "1": Phase.LIVE, "7": Phase.LIVE}
"""`time_status`; 7 is an interrupted match. All others are over, put off or without a date."""

SIMULATED = re.compile(r"\be-?(soccer|basketball)\b|\besports?\b|\bsrl\b|\bsimulated\b|\bvirtual\b", re.IGNORECASE)
"""In the name of a league or a side: no match between real teams."""

LEAGUE_NUMBERS: dict[str, str] = {
    "10041282": "premier_league",
    "10041110": "la_liga",
    "10041315": "serie_a",
    "10041095": "bundesliga",
    "10041100": "ligue_1",
}
"""`league.id` -> the league's key, which is also its id on this platform (`leagues.json`).

BetsAPI publishes no list of its bet365 league ids; these five stand in public clients of it. The others go by name.
"""

LEAGUE_NAMES: dict[Sport, dict[str, str]] = {
    Sport.FOOTBALL: {
        "brazil serie a": "brasileirao_a",
        "brazil serie b": "brasileirao_b",
        "brazil campeonato paulista": "paulistao",
        "brazil paulista serie a1": "paulistao",
        "brazil campeonato carioca": "carioca",
        "copa libertadores": "libertadores",
        "england premier league": "premier_league",
        "england championship": "championship",
        "england fa cup": "fa_cup",
        "england efl cup": "efl_cup",
        "spain la liga": "la_liga",
        "spain primera liga": "la_liga",
        "spain copa del rey": "copa_del_rey",
        "italy serie a": "serie_a",
        "germany bundesliga i": "bundesliga",
        "germany bundesliga": "bundesliga",
        "france ligue 1": "ligue_1",
        "netherlands eredivisie": "eredivisie",
        "holland eredivisie": "eredivisie",
        "portugal primeira liga": "liga_portugal",
        "uefa champions league": "champions_league",
        "uefa europa league": "europa_league",
        "uefa conference league": "conference_league",
        "uefa europa conference league": "conference_league",
    },
    Sport.BASKETBALL: {"nba": "nba"},
}
"""The whole `league.name` in small letters -> the league's key, where the id is not known.

Weak: names are not promised to stay. Never a part of one: "UEFA Champions League Women" is another league.
"""


@dataclass(frozen=True, slots=True)
class MarketType:
    """What a market key or id means."""

    market: Market
    period: Period = Period.MATCH


_M = Market
_FIRST, _SECOND = Period.FIRST_HALF, Period.SECOND_HALF

GAME_LINES = "game_lines"
"""The market key of a coupon in grid form: rows are sides, columns are moneyline, handicap and total."""

MARKET_KEYS: dict[Sport, dict[str, MarketType]] = {
    Sport.FOOTBALL: {
        "full_time_result": MarketType(_M.MATCH_RESULT),
        "double_chance": MarketType(_M.DOUBLE_CHANCE),
        "draw_no_bet": MarketType(_M.DRAW_NO_BET),
        "both_teams_to_score": MarketType(_M.BOTH_TEAMS_TO_SCORE),
        "goals_over_under": MarketType(_M.TOTALS),
        "alternative_total_goals": MarketType(_M.TOTALS),
        "goal_line": MarketType(_M.TOTALS),
        "alternative_goal_line": MarketType(_M.TOTALS),
        "asian_handicap": MarketType(_M.HANDICAP),
        "alternative_asian_handicap": MarketType(_M.HANDICAP),
        "half_time_result": MarketType(_M.MATCH_RESULT, _FIRST),
        "half_time_double_chance": MarketType(_M.DOUBLE_CHANCE, _FIRST),
        "both_teams_to_score_in_1st_half": MarketType(_M.BOTH_TEAMS_TO_SCORE, _FIRST),
        "first_half_goals": MarketType(_M.TOTALS, _FIRST),
        "1st_half_goal_line": MarketType(_M.TOTALS, _FIRST),
        "alternative_1st_half_goal_line": MarketType(_M.TOTALS, _FIRST),
        "1st_half_asian_handicap": MarketType(_M.HANDICAP, _FIRST),
        "alternative_1st_half_asian_handicap": MarketType(_M.HANDICAP, _FIRST),
        "2nd_half_result": MarketType(_M.MATCH_RESULT, _SECOND),
        "both_teams_to_score_in_2nd_half": MarketType(_M.BOTH_TEAMS_TO_SCORE, _SECOND),
        "2nd_half_goals": MarketType(_M.TOTALS, _SECOND),
    },
    Sport.BASKETBALL: {},
}
"""BetsAPI's market keys by sport. The handicap_result family has three ways and is not ours.

Every price is of the standard contract, because no field tells another one. That clients store every result as
early payout (2026-01) is their label.
"""

MARKET_IDS: dict[Sport, dict[str, MarketType]] = {
    Sport.FOOTBALL: {
        "40": MarketType(_M.MATCH_RESULT),
        "10114": MarketType(_M.DOUBLE_CHANCE),
        "10544": MarketType(_M.DRAW_NO_BET),
        "10150": MarketType(_M.BOTH_TEAMS_TO_SCORE),
        "981": MarketType(_M.TOTALS),
        "10202": MarketType(_M.TOTALS),
        "10143": MarketType(_M.TOTALS),
        "50139": MarketType(_M.TOTALS),
        "938": MarketType(_M.HANDICAP),
        "50138": MarketType(_M.HANDICAP),
        "1579": MarketType(_M.MATCH_RESULT, _FIRST),
        "10257": MarketType(_M.DOUBLE_CHANCE, _FIRST),
        "50424": MarketType(_M.BOTH_TEAMS_TO_SCORE, _FIRST),
        "10538": MarketType(_M.TOTALS, _FIRST),
        "50136": MarketType(_M.TOTALS, _FIRST),
        "50266": MarketType(_M.TOTALS, _FIRST),
        "50137": MarketType(_M.HANDICAP, _FIRST),
        "50265": MarketType(_M.HANDICAP, _FIRST),
        "10208": MarketType(_M.MATCH_RESULT, _SECOND),
        "50432": MarketType(_M.BOTH_TEAMS_TO_SCORE, _SECOND),
        "10209": MarketType(_M.TOTALS, _SECOND),
        # In play.
        "1777": MarketType(_M.MATCH_RESULT),
        "10115": MarketType(_M.DOUBLE_CHANCE),
        "10563": MarketType(_M.DRAW_NO_BET),
        "10124": MarketType(_M.TOTALS),
        "10148": MarketType(_M.TOTALS),
        "10147": MarketType(_M.HANDICAP),
        "50246": MarketType(_M.MATCH_RESULT, _SECOND),
    },
    Sport.BASKETBALL: {
        "180032": MarketType(_M.MONEYLINE),
        "1446": MarketType(_M.HANDICAP),
        "1450": MarketType(_M.TOTALS),
    },
}
"""The site's market ids by sport (`MG` and `MA`, without their letter), as recorded from 2017 to 2018."""

GRID_NAMES: dict[Sport, frozenset[str]] = {
    Sport.FOOTBALL: frozenset(),
    Sport.BASKETBALL: frozenset({"game lines"}),
}
"""Names, in small letters, of market groups in grid form. Those of quarters and halves are named otherwise."""

GRID_COLUMNS: dict[str, Market] = {
    "winner": Market.MONEYLINE,
    "money line": Market.MONEYLINE,
    "moneyline": Market.MONEYLINE,
    "to win": Market.MONEYLINE,
    "vencedor": Market.MONEYLINE,
    "handicap": Market.HANDICAP,
    "spread": Market.HANDICAP,
    "point spread": Market.HANDICAP,
    "total": Market.TOTALS,
    "totals": Market.TOTALS,
}
"""A grid's column header in small letters -> its market."""

_SIDES = {"1": Selection.HOME, "home": Selection.HOME, "2": Selection.AWAY, "away": Selection.AWAY}

SELECTION_NAMES: dict[Market, Mapping[str, Selection]] = {
    Market.MATCH_RESULT: {**_SIDES, **dict.fromkeys(DRAW_WORDS, Selection.DRAW)},
    Market.MONEYLINE: _SIDES,
    Market.HANDICAP: _SIDES,
    Market.DRAW_NO_BET: _SIDES,
    Market.TOTALS: {**OVER_UNDER, "o": Selection.OVER, "u": Selection.UNDER},
    Market.BOTH_TEAMS_TO_SCORE: YES_NO,
    Market.DOUBLE_CHANCE: {
        **DOUBLE_CODES,
        "home or draw": Selection.HOME_DRAW,
        "home or away": Selection.HOME_AWAY,
        "draw or away": Selection.DRAW_AWAY,
        "away or draw": Selection.DRAW_AWAY,
    },
}
"""What a selection is called, in small letters; teams by their names besides."""

THIRD_WAYS = DRAW_WORDS | {"exactly", "exact", "exatamente"}
"""A row of this name in a market of two ways: it is a market of three, whatever its key says."""

ORDER: tuple[Selection, Selection, Selection] = (Selection.HOME, Selection.DRAW, Selection.AWAY)
"""Selections of a three-way result by `OR`."""
