"""What a market is about, by its type; by its whole name where the type says nothing."""

from __future__ import annotations

import re

from scrapers.platforms.matchbook.markets import MARKET_TYPES, NAMED_MARKETS, NOT_THE_MATCH, OTHER
from scrapers.platforms.matchbook.runners import is_draw
from scrapers.platforms.matchbook.sides import Sides
from scrapers.platforms.reading import Row, name_of, rows_of
from scrapers.records import Market, Sport

_WORD = re.compile(r"[\wº]+")


def meaning_of(sport: Sport, sides: Sides, market: Row) -> Market | None:
    """The market of the common model that this is; None when it is none of them, or not surely one."""
    kind = market.get("market-type")
    names = [name_of(market.get(key)).casefold() for key in ("name-original", "name")]
    if kind == OTHER:
        found = {NAMED_MARKETS.get(name) for name in names if name}
        meaning = found.pop() if len(found) == 1 and sport is Sport.FOOTBALL else None
    else:
        meaning = MARKET_TYPES[sport].get(kind) if isinstance(kind, str) else None
        if any(word in NOT_THE_MATCH for name in names for word in _WORD.findall(name)):
            return None
        if meaning is Market.TOTALS and any(side in name for side in sides.by_name for name in names):
            return None  # the total of one team
    if meaning in (Market.HANDICAP, Market.MONEYLINE, Market.DRAW_NO_BET):
        # With a draw to bet on, it is a three-way market of that name.
        return None if any(is_draw(runner) for runner in rows_of(market.get("runners"))) else meaning
    return meaning
