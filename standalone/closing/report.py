"""What closing prices say of bookmakers: added up match by match. Pure.

A market's closing prices without their margin are what the bookmakers know at kick-off. The consensus of the other
families on them (board.value) is the yardstick: a price taken earlier was good when it is worth more than 1 by it
(closing-line value), whatever the match then did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from board.value.consensus import Opinion, Panel
from board.value.maker import MARKETS
from board.value.novig import METHODS
from board.value.records import Settings
from jobs.results.settlement import RETURNS, Outcome
from scrapers.records import SELECTIONS, Market, Rules
from standalone.closing.matches import ClosedMatch, ClosedPrice

_SHARES = {settled: (float(paid), float(returned)) for settled, (paid, returned) in RETURNS.items()}
"""Of a stake, what is paid at the price and what comes back: halves, which floats hold exactly."""


@dataclass(slots=True)
class Mean:
    """A mean of what was added. None: nothing was."""

    total: float = 0.0
    n: int = 0

    def add(self, value: float) -> None:
        """Take a value in."""
        self.total += value
        self.n += 1

    @property
    def value(self) -> float | None:
        """The mean."""
        return self.total / self.n if self.n else None


@dataclass(slots=True)
class BookmakerClosing:
    """One bookmaker. Markets count when all their selections were open at kick-off.

    matches        with such a market
    margin         mean of what the market's implied chances add up to, less 1; by_market: of each market
    opening_value  mean of what its opening prices were worth by the others' closing chances, less 1
    closing_value  the same of its closing prices
    beaten         opening prices that were worth more than 1 by it; judged: of how many
    paid           mean profit of a stake of 1 on each selection at its closing price; uncertain: bets with early
                   payout of which the score does not tell whether it was due, counted as the final score has it
    """

    family: str
    matches: int = 0
    margin: Mean = field(default_factory=Mean)
    by_market: dict[str, Mean] = field(default_factory=lambda: defaultdict(Mean))
    opening_value: Mean = field(default_factory=Mean)
    closing_value: Mean = field(default_factory=Mean)
    beaten: int = 0
    judged: int = 0
    paid: Mean = field(default_factory=Mean)
    uncertain: int = 0

    def as_json(self, slug: str) -> dict[str, Any]:
        """For people and programs; shares, not per cent."""
        return {
            "bookmaker": slug,
            "family": self.family,
            "matches": self.matches,
            "markets": self.margin.n,
            "margin": self.margin.value,
            "margin_by_market": {market: mean.value for market, mean in sorted(self.by_market.items())},
            "opening_value": self.opening_value.value,
            "closing_value": self.closing_value.value,
            "openings_judged": self.judged,
            "openings_beaten": self.beaten,
            "bets": self.paid.n,
            "paid": self.paid.value,
            "uncertain": self.uncertain,
        }


class ClosingReport:
    """What was added up so far. matches: with a result; settled: prices whose bet the result tells."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.bookmakers: dict[str, BookmakerClosing] = {}
        self.matches = 0
        self.settled = 0
        self.unsettled = 0

    def add(self, match: ClosedMatch) -> None:
        """Take a match in."""
        self.matches += 1
        seen = set()
        for prices in markets_of(match.prices).values():
            for slug, book in _books(prices).items():
                entry = self.bookmakers.setdefault(slug, BookmakerClosing(book[0].family))
                overround = sum(1 / price.closing for price in book)
                entry.margin.add(overround - 1)
                entry.by_market[book[0].offer.market].add(overround - 1)
                seen.add(slug)
            self._judge(prices)
        for slug in seen:
            self.bookmakers[slug].matches += 1
        outcomes = {offer: match.settled(offer) for offer in {price.offer for price in match.prices}}
        for price in match.prices:
            self._settle(price, outcomes[price.offer])

    def _judge(self, prices: Sequence[ClosedPrice]) -> None:
        """Opening and closing prices of one market by the closing opinion of the other families."""
        settings = self._settings
        books, opinions = opinions_of(prices, settings)
        panel = Panel(opinions)
        for slug, book in books.items():
            consensus = panel.without(book[0].family)
            if consensus is None or consensus.families < settings.min_families:
                continue
            entry = self.bookmakers[slug]
            for price, chance in zip(book, consensus.chances, strict=True):
                entry.closing_value.add(price.closing * chance - 1)
                if price.opening is not None:
                    value = price.opening * chance - 1
                    entry.opening_value.add(value)
                    entry.judged += 1
                    entry.beaten += value > 0

    def _settle(self, price: ClosedPrice, outcome: Outcome | None) -> None:
        if outcome is None:
            self.unsettled += 1
            return
        self.settled += 1
        entry = self.bookmakers.setdefault(price.bookmaker, BookmakerClosing(price.family))
        paid, returned = _SHARES[outcome.settled]
        entry.paid.add(paid * price.closing + returned - 1)
        entry.uncertain += not outcome.certain

    def as_json(self) -> dict[str, Any]:
        """All of it, the smallest margin first."""
        rows = [entry.as_json(slug) for slug, entry in sorted(self.bookmakers.items())]
        rows.sort(key=lambda row: (row["margin"] is None, row["margin"]))
        return {
            "matches": self.matches,
            "settled": self.settled,
            "unsettled": self.unsettled,
            "method": self._settings.method,
            "min_families": self._settings.min_families,
            "bookmakers": rows,
        }


def markets_of(prices: Iterable[ClosedPrice]) -> dict[tuple[str, str, float | None], list[ClosedPrice]]:
    """Standard prices by market, period and line, of the markets whose chances add up to 1."""
    found: defaultdict[tuple[str, str, float | None], list[ClosedPrice]] = defaultdict(list)
    for price in prices:
        if price.offer.rules == Rules.STANDARD and price.offer.market in MARKETS:
            found[price.offer.market, price.offer.period, price.offer.line].append(price)
    return found


def opinions_of(
    prices: Sequence[ClosedPrice], settings: Settings
) -> tuple[dict[str, list[ClosedPrice]], list[Opinion]]:
    """Who has an opinion on a market at its closing: their prices, and what these say without their margin."""
    books = {
        slug: book
        for slug, book in _books(prices).items()
        if sum(1 / price.closing for price in book) <= settings.max_overround
    }
    method = METHODS[settings.method]
    return books, [
        Opinion(slug, book[0].family, method([price.closing for price in book])) for slug, book in books.items()
    ]


def _books(prices: Sequence[ClosedPrice]) -> dict[str, list[ClosedPrice]]:
    """Of each bookmaker that prices every selection, its best price of each, selections in one order."""
    by_slug: defaultdict[str, dict[str, ClosedPrice]] = defaultdict(dict)
    for price in prices:
        held = by_slug[price.bookmaker].get(price.offer.selection)
        if held is None or price.closing > held.closing:  # some list a match twice
            by_slug[price.bookmaker][price.offer.selection] = price
    wanted = sorted(SELECTIONS[Market(prices[0].offer.market)])
    return {
        slug: [book[selection] for selection in wanted]
        for slug, book in by_slug.items()
        if len(book) == len(wanted)
    }
