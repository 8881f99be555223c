"""Prices that cannot stand together: a market whose overround nobody would offer was read wrongly. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from scrapers.records import SELECTIONS, Event, Market, Price, PriceStatus, Rules, Side

IMPLAUSIBLE = "implausible_overround"
"""The reason under which such prices are counted."""

LOWEST, LOWEST_BOOSTED = 0.90, 0.80
"""Below this a bookmaker would give money away: 0.90 is 10 % for whoever backs every selection."""
HIGHEST = 1.50
"""Ordinary markets of Brazilian bookmakers stand between 1.03 and 1.15; thin ones reach 1.3 (2026)."""


@dataclass(slots=True)
class Overrounds:
    """How many whole markets were looked at, and how many of them were left out."""

    markets: int = 0
    implausible: int = 0

    def sifted(self, event: Event) -> Event:
        """The event without the prices of implausible markets.

        A market is judged when every selection is open. On an exchange, where selections are priced by its
        customers, a high overround is ordinary.
        """
        groups: defaultdict[tuple[object, ...], list[Price]] = defaultdict(list)
        for price in event.prices:
            if price.side is Side.BACK and price.status is PriceStatus.OPEN:
                groups[price.market, price.period, price.rules, price.line].append(price)
        wrong: set[int] = set()
        for prices in groups.values():
            if len(prices) != len(SELECTIONS[prices[0].market]):
                continue
            self.markets += 1
            if not _is_plausible(prices):
                self.implausible += 1
                wrong.update(id(price) for price in prices)
        if not wrong:
            return event
        return replace(event, prices=tuple(price for price in event.prices if id(price) not in wrong))


def _is_plausible(prices: list[Price]) -> bool:
    first = prices[0]
    overround = sum(1 / float(price.value) for price in prices if price.value is not None)
    if first.market is Market.DOUBLE_CHANCE:
        overround /= 2  # each result is covered twice
    lowest = LOWEST_BOOSTED if first.rules is Rules.BOOSTED else LOWEST
    is_exchange = any(price.available is not None or price.commission for price in prices)
    return overround >= lowest and (is_exchange or overround <= HIGHEST)
