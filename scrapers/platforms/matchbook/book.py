"""A runner's order book: of all the prices, the best one to back at and the best one to lay at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from scrapers.platforms.matchbook.markets import SIDES
from scrapers.platforms.reading import Reason, Unreadable, number_of, object_of
from scrapers.records import MAX_PRICE, Side


@dataclass(frozen=True, slots=True)
class Level:
    """One price of a book. `available` is the stake that can be matched at it, in whole cents of its currency."""

    value: Decimal
    available: Decimal

    def beats(self, other: Level, side: Side) -> bool:
        """Whether a customer would rather take this one: backing at a higher price, laying at a lower one.

        Of two at one price the larger is kept, not their sum: both may be the same offer, seen twice.
        """
        if self.value == other.value:
            return self.available > other.available
        return (self.value > other.value) is (side is Side.BACK)


def best_of(entries: list[Any]) -> tuple[dict[Side, Level], list[Unreadable]]:
    """The best level of each side that has one, and why the other entries could not be read.

    The order of the entries says nothing. Mirrored entries, what the opposite runner's offers amount to, are
    offers like any other, at odd prices (1.97087).
    """
    best: dict[Side, Level] = {}
    unreadable: list[Unreadable] = []
    for entry in entries:
        try:
            side, level = _level(object_of(entry))
        except Unreadable as fault:
            unreadable.append(fault)
            continue
        if side not in best or level.beats(best[side], side):
            best[side] = level
    return best, unreadable


def _level(entry: dict[str, Any]) -> tuple[Side, Level]:
    name = entry.get("side")
    side = SIDES.get(name) if isinstance(name, str) else None
    if side is None:
        raise Unreadable(Reason.BAD_PRICE, f"side {name!r}")
    odds = entry.get("decimal-odds")
    if odds is None and entry.get("odds-type") in ("DECIMAL", None):
        odds = entry.get("odds")
    value, amount = number_of(odds), number_of(entry.get("available-amount"))
    if value is None:
        raise Unreadable(Reason.BAD_PRICE, f"odds {odds!r}")
    if not 1 < value <= MAX_PRICE:
        raise Unreadable(Reason.PRICE_OUT_OF_RANGE, f"price {value} is not in (1, {MAX_PRICE}]")
    if amount is None or not _CENT <= amount < _AMOUNT_LIMIT:
        raise Unreadable(Reason.BAD_PRICE, f"available-amount {entry.get('available-amount')!r}")
    return side, Level(value, amount.quantize(_CENT, ROUND_DOWN))


_CENT = Decimal("0.01")
_AMOUNT_LIMIT = Decimal(10) ** 9
"""No match has ever had that much to bet on, in any currency."""
