"""One bet item of a market whose meaning is known: its selection, its line, whether it can be bet on, its price."""

from __future__ import annotations

import re
from decimal import Decimal

from scrapers.platforms.novibet.markets import MarketType
from scrapers.platforms.reading import Reason, Row, Unreadable, name_of, number_of, written_line
from scrapers.records import Market, PriceStatus, Selection

_LINE_AT_END = re.compile(r"\s\(?([+-]?\d+(?:[.,]\d+)?)\)?$", re.ASCII)


def selection_of(kind: MarketType, item: Row) -> Selection:
    """By code and caption; raises Unreadable when they say nothing, or two things."""
    code, caption = name_of(item.get("code")), name_of(item.get("caption"))
    selection = kind.codes.get(code)
    by_caption = kind.captions.get(caption.lower())
    if selection is not None and by_caption not in (None, selection):
        raise Unreadable(Reason.SIDE_CONFLICT, f"code {code!r}, {caption!r}")
    selection = selection or by_caption
    if selection is None:
        raise Unreadable(Reason.UNKNOWN_SELECTION, f"code {code!r}, {caption!r}")
    return selection


def line_of_item(market: Market, item: Row) -> Decimal:
    """The line as the bet item's own side sees it, with a comma in Portuguese.

    A handicap's caption is what the punter sees: a sign in it counts more than `instanceCaption`, which may be
    the market's own. The two must tell the same number.
    """
    told, caption = written_line(name_of(item.get("instanceCaption"))), name_of(item.get("caption"))
    at_end = _LINE_AT_END.search(caption)
    shown = written_line(at_end[1]) if at_end else None
    line = shown if told is None else told
    if line is None or (market is Market.TOTALS and line <= 0):
        raise Unreadable(Reason.BAD_LINE, f"line {item.get('instanceCaption')!r} of {caption!r}")
    if market is Market.TOTALS:
        if shown not in (None, line):
            raise Unreadable(Reason.LINE_CONFLICT, f"{caption!r} with line {item.get('instanceCaption')!r}")
        return line
    if at_end and at_end[1][0] in "+-" and shown is not None:
        if abs(shown) != abs(line):
            raise Unreadable(Reason.LINE_CONFLICT, f"{caption!r} with line {item.get('instanceCaption')!r}")
        return shown
    return line


def value_of(item: Row) -> tuple[Decimal | None, PriceStatus]:
    """The price and its state. Only what is not available may lack a price."""
    available = item.get("isAvailable", True)
    if not isinstance(available, bool):
        raise Unreadable(Reason.UNKNOWN_STATUS, f"isAvailable {available!r}")
    status = PriceStatus.OPEN if available else PriceStatus.SUSPENDED
    price = number_of(item.get("price"))
    if price is None and (available or item.get("price") is not None):
        raise Unreadable(Reason.BAD_PRICE, f"price {item.get('price')!r}")
    return price, status
