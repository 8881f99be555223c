"""The prices of one market that are worth more than they cost, as the other families see it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from board.freshness import FreshPrice
from board.rows import net, row_price
from board.value.consensus import Opinion, Panel
from board.value.novig import METHODS
from board.value.records import Settings, Value
from scrapers.records import Rules

OPINIONATED = frozenset({Rules.STANDARD})
"""Rules of the prices that a consensus is made of. A promotional price is no opinion, and one that pays early is
the price of another bet."""
JUDGED = OPINIONATED | {Rules.BOOSTED}
"""Rules of the prices that are judged by it: those that pay exactly what the selection says."""


def find_values(prices: Sequence[FreshPrice], selections: Sequence[str], settings: Settings) -> list[Value]:
    """What is worth at least `min_edge`, in the order of the prices; `max_edge` is left to the caller.

    Args:
        prices: back prices of one market, period and line of one match, with rules that are JUDGED.
        selections: every selection of the market.
    """
    panel = Panel(_opinions(prices, selections, settings))
    if panel.families < settings.min_families:
        return []
    return list(_above(prices, panel, selections, settings))


def _opinions(prices: Sequence[FreshPrice], selections: Sequence[str], settings: Settings) -> Iterator[Opinion]:
    """One for each bookmaker that prices every selection, and not too dearly."""
    places = {selection: place for place, selection in enumerate(selections)}
    none = [0.0] * len(selections)
    books: dict[str, list[float]] = {}
    families: dict[str, str] = {}
    for price in prices:
        offer, head = price.offer, price.head
        if offer.rules in OPINIONATED:
            book = books.get(head.slug)
            if book is None:
                book = books[head.slug] = none.copy()
                families[head.slug] = head.family or head.slug
            place = places[offer.selection]
            book[place] = max(book[place], price.price)
    for bookmaker, book in books.items():
        if all(book):
            overround, chances = _chances(settings.method, tuple(book))
            if overround <= settings.max_overround:
                yield Opinion(bookmaker, families[bookmaker], chances)


@lru_cache(maxsize=16_384)
def _chances(method: str, prices: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    """The overround of a whole market, and its chances. Kept, since few bookmakers move between two looks."""
    return sum(1 / price for price in prices), METHODS[method](prices)


def _above(
    prices: Sequence[FreshPrice], panel: Panel, selections: Sequence[str], settings: Settings
) -> Iterator[Value]:
    wanted = 1 + settings.min_edge
    # Most prices are below what any consensus asks for; a commission only lowers them.
    least = {word: wanted / ceiling for word, ceiling in zip(selections, panel.ceilings(), strict=True)}
    for price in prices:
        if price.price < least[price.offer.selection]:
            continue
        consensus = panel.without(price.head.family or price.head.slug)
        if consensus is None or consensus.families < settings.min_families:
            continue
        probability = consensus.chances[selections.index(price.offer.selection)]
        edge = net(price.price, price.commission) * probability - 1
        if edge >= settings.min_edge:
            yield Value(row_price(price), probability, edge, consensus.families, consensus.bookmakers)
