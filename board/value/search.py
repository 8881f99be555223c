"""The prices of one market that are worth more than they cost, as the other families see it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from board.freshness import FreshPrice
from board.records import BookmakerHead
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
    """What is worth at least `min_edge`, in the order of the prices.

    calm  the proof that there is nothing, and for a while; None: values, or a price that is near to being one
    """

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
    calm = Calm(_least(panel.ceilings(ALTERED), settings))
    if not _any_above(prices, selections, calm.least):
        return Found([], calm)
    return Found(list(_above(prices, panel, selections, settings)), None)


def _opinions(prices: Sequence[FreshPrice], selections: Sequence[str], settings: Settings) -> Iterator[Opinion]:
    """One for each bookmaker that prices every selection, and not too dearly."""
    places = {selection: place for place, selection in enumerate(selections)}
    none, method = [0.0] * len(selections), METHODS[settings.method]
    books: dict[int, tuple[BookmakerHead, list[float]]] = {}
    head, book = None, none
    for price in prices:
        offer = price.offer
        if offer.rules in OPINIONATED:
            if price.head is not head:  # mostly one bookmaker's prices follow one another
                head = price.head
                _, book = books.setdefault(head.bookmaker_id, (head, none.copy()))
            place = places[offer.selection]
            if price.price > book[place]:
                book[place] = price.price
    for head, book in books.values():
        if all(book) and sum([1 / price for price in book]) <= settings.max_overround:
            yield Opinion(head.slug, head.family or head.slug, method(book))


def _any_above(prices: Sequence[FreshPrice], selections: Sequence[str], least: Sequence[float]) -> bool:
    by_selection = dict(zip(selections, least, strict=True))
    return any(price.price >= by_selection[price.offer.selection] for price in prices)


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


def _least(ceilings: Sequence[float], settings: Settings) -> tuple[float, ...]:
    """The lowest prices that may be worth it, where chances are at most these."""
    return tuple((1 + settings.min_edge) * _ROUNDING / ceiling for ceiling in ceilings)
