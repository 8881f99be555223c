"""What a parser puts together from what it read: an event's head, its quotes, its prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scrapers.platforms.reading import Reason
from scrapers.records import (
    MAX_PRICE,
    Event,
    LeagueName,
    Market,
    Period,
    Phase,
    Price,
    PriceStatus,
    RecordError,
    Rejected,
    Rules,
    Selection,
    Side,
    Sport,
)


@dataclass(frozen=True, slots=True)
class Head:
    """Everything of an event but its prices; platforms add what tells its sides and its state."""

    source_id: str
    sport: Sport
    league: LeagueName
    home: str
    away: str
    starts_at: datetime
    phase: Phase

    def with_prices(self, prices: tuple[Price, ...]) -> Event:
        """The whole event."""
        return Event(
            self.source_id, self.sport, self.league, self.home, self.away, self.starts_at, self.phase, prices
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """One selection of a market whose meaning is known, as read.

    line   goals or points from the home side's view; None for markets without
    value  decimal odds; None where none are shown
    """

    source_id: str
    selection: Selection
    line: Decimal | None
    value: Decimal | None
    status: PriceStatus


def home_view(line: Decimal, selection: Selection) -> Decimal:
    """The home side's line, of one that is written as its own side sees it."""
    return Decimal(0) - line if selection is Selection.AWAY else line


def on_one_line(quotes: Sequence[Quote], rejected: list[Rejected]) -> bool:
    """Whether a market is about one line, as it has to be; else all of its quotes are rejected.

    Sides of a handicap that do not mirror each other mean that the sign is not what we know.
    """
    if len({quote.line for quote in quotes}) <= 1:
        return True
    reject_lines(quotes, rejected)
    return False


def reject_lines(quotes: Sequence[Quote], rejected: list[Rejected]) -> None:
    """Reject quotes of one market, because their lines contradict each other."""
    shown = ", ".join(f"{quote.selection} {quote.line}" for quote in quotes)
    detail = f"from the home side's view: {shown}"
    rejected.extend(Rejected(quote.source_id, Reason.LINE_CONFLICT, detail) for quote in quotes)


class PriceList:
    """The prices of one event. A bet that is there already is rejected, never overwritten."""

    def __init__(self, rejected: list[Rejected]) -> None:
        self._prices: dict[tuple[Market, Period, Rules, Decimal | None, Selection, Side], Price] = {}
        self._rejected = rejected

    def add(
        self,
        source_id: str,
        market: Market,
        period: Period,
        rules: Rules,
        line: Decimal | None,
        selection: Selection,
        value: Decimal | None,
        status: PriceStatus,
        *,
        side: Side = Side.BACK,
        available: Decimal | None = None,
        commission: Decimal = Decimal(0),
    ) -> None:
        """Take the price, or reject `source_id` with the reason why not.

        A suspended selection is kept without its price when the price shown is not one. `side`, `available`
        and `commission` are for exchanges.
        """
        if value is not None and status is PriceStatus.SUSPENDED and not 1 < value <= MAX_PRICE:
            value = None
        key = (market, period, rules, line, selection, side)
        if key in self._prices:
            parts = (market, period, line, selection, rules, side if side is Side.LAY else None)
            shown = " ".join(str(part) for part in parts if part is not None)
            self._rejected.append(Rejected(source_id, Reason.DUPLICATE_SELECTION, shown))
            return
        try:
            price = Price(market, selection, value, line, period, rules, side, status, available, commission)
        except RecordError as error:
            reason = Reason.PRICE_OUT_OF_RANGE if value is not None else Reason.BAD_PRICE
            self._rejected.append(Rejected(source_id, reason, str(error)))
            return
        self._prices[key] = price

    def add_all(self, market: Market, period: Period, rules: Rules, quotes: Iterable[Quote]) -> None:
        """Take the quotes of one market, as far as they can be."""
        for quote in quotes:
            self.add(quote.source_id, market, period, rules, quote.line, quote.selection, quote.value, quote.status)

    def taken(self) -> tuple[Price, ...]:
        """Every price, in source order."""
        return tuple(self._prices.values())
