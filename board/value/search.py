"""The prices of one market that are worth more than they cost, as the other families see it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from board.freshness import FreshPrice
from board.rows import net, row_price
from board.value.calm import ALTERED, Calm
from board.value.consensus import Opinion, Panel
from board.value.novig import METHODS
from board.value.records import Settings, Value
from scrapers.records import Rules

OPINIONATED = frozenset({Rules.STANDARD})
"""Rules of the prices that a consensus is made of. A promotional price is no opinion, and one that pays early is
the price of another bet."""
JUDGED = OPINIONATED | {Rules.BOOSTED}
"""Rules of the prices that are judged by it: those that pay exactly what the selection says."""
_ROUNDING = 1 - 1e-9
"""Arithmetic may be off by so much; what is that near is looked at."""


class Found(NamedTuple):
    """What is worth at least `min_edge`, in the order of the prices; calm: why there is nothing for a while."""

    values: list[Value]
    calm: Calm | None


def find_values(prices: Sequence[FreshPrice], selections: Sequence[str], settings: Settings) -> Found:
    """The values among the prices of a market; `max_edge` is left to the caller.

    Args:
        prices: back prices of one market, period and line of one match, with rules that are JUDGED.
        selections: every selection of the market.
    """
    panel = Panel(_opinions(prices, selections, settings))
    if panel.families < settings.min_families:
        return Found([], None)
    values = list(_above(prices, panel, selections, settings))
    return Found(values, None if values else _calm(prices, panel, selections, settings))


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
    # Most prices are below what any consensus asks for; a commission only lowers them.
    least = dict(zip(selections, _least(panel.ceilings(), settings), strict=True))
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


def _calm(prices: Sequence[FreshPrice], panel: Panel, selections: Sequence[str], settings: Settings) -> Calm | None:
    """The proof that there will be no value soon; None where a price is too near to it."""
    least = _least(panel.ceilings(ALTERED), settings)
    by_selection = dict(zip(selections, least, strict=True))
    if any(price.price >= by_selection[price.offer.selection] for price in prices):
        return None
    return Calm(least)


def _least(ceilings: Sequence[float], settings: Settings) -> tuple[float, ...]:
    """The lowest prices that may be worth it, where chances are at most these."""
    return tuple((1 + settings.min_edge) * _ROUNDING / ceiling for ceiling in ceilings)
