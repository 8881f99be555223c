"""The order book of an exchange: around each price of the world, what else can be backed and laid at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from scrapers.records import Side
from simulator import chance
from simulator.world import on_ladder

LEVELS = 3
"""Own offers on each side of a book."""
SPREAD = 1.1
"""Best lay over best back: wide enough that the book itself is no surebet, whatever the margin."""
_LEVEL = 0.03


@dataclass(frozen=True, slots=True)
class BookEntry:
    """An offer in a book. `amount` is the stake that can be matched at `price`."""

    side: Side
    price: Decimal
    amount: float


def best_lay(platform: str, back: Decimal) -> Decimal:
    """The best price to lay at, where the best one to back at is `back`."""
    return max(back, on_ladder(platform, float(back) * SPREAD))


def order_book(platform: str, back: Decimal, opposite: Decimal | None, *name: object) -> list[BookEntry]:
    """The offers on a selection, in no order.

    Args:
        back: the best price to back at.
        opposite: the same of the other selection, where there are two: its worst offers appear here as well,
            mirrored, at prices off the ladder. Only those that do not better the book are shown.
        name: what the amounts depend on.
    """
    entries = [
        BookEntry(side, price, _amount(*name, side, price))
        for side, best in ((Side.BACK, back), (Side.LAY, best_lay(platform, back)))
        for price in dict.fromkeys(_levels(platform, side, best))
    ]
    if opposite is not None:
        worst_back = list(_levels(platform, Side.BACK, opposite))[-1]
        worst_lay = list(_levels(platform, Side.LAY, best_lay(platform, opposite)))[-1]
        for side, mirrored in ((Side.BACK, _mirrored(worst_lay)), (Side.LAY, _mirrored(worst_back))):
            worse = mirrored < back if side is Side.BACK else mirrored > best_lay(platform, back)
            is_new = all((entry.side, entry.price) != (side, mirrored) for entry in entries)
            if worse and is_new and 1 < mirrored <= 1000:
                entries.append(BookEntry(side, mirrored, _amount(*name, side, mirrored)))
    return sorted(entries, key=lambda entry: chance.number("place", *name, entry.side, entry.price))


def _levels(platform: str, side: Side, best: Decimal) -> Iterator[Decimal]:
    """The best price and worse ones."""
    yield best
    for step in range(1, LEVELS):
        if side is Side.BACK:
            yield min(best, on_ladder(platform, float(best) * (1 - _LEVEL * step)))
        else:
            yield max(best, on_ladder(platform, float(best) * (1 + _LEVEL * step)))


def _mirrored(price: Decimal) -> Decimal:
    """Backing one of two selections at p is laying the other one at p / (p - 1)."""
    return round(price / (price - 1), 5)


def _amount(*name: object) -> float:
    return round(5 + 600 * chance.unit("amount", *name) ** 3, 5)
