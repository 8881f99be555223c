"""Tradeball's vocabulary: one market. What its rows mean follows public clients (2026-01 to mid 2026)."""

from __future__ import annotations

from scrapers.records import Market, Rules, Selection, Sport

SPORT = Sport.FOOTBALL

MARKET = Market.MATCH_RESULT

RULES = Rules.STANDARD
"""Clients disagree on whether the result pays early; the price feed does not say that it does."""

SELECTIONS: dict[str, Selection] = {
    "wldHm": Selection.HOME,
    "wldDm": Selection.DRAW,
    "wldAm": Selection.AWAY,
}
"""Key of a row -> the selection whose decimal price it holds, as text or number; 0 is no price."""
