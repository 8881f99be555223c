"""One selection of a market whose type is known: which it is, its line, whether it can be bet on, its price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scrapers.platforms.kaizen.markets import MarketType
from scrapers.platforms.quotes import Head, home_view
from scrapers.platforms.reading import Reason, Row, Unreadable, id_of, name_of, number_of, written_line
from scrapers.records import Market, PriceStatus, Selection

_LINE_AT_END = re.compile(r"\s*\(?([+-]?\d+(?:[.,]\d+)?)\)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Match(Head):
    """An event's head; `teams`: ids and names of the sides -> the side."""

    teams: Mapping[str, Selection]


def is_closed(row: Row) -> bool:
    """Whether an event, market or selection is marked as suspended; the mark stands there only when it is."""
    return bool(row.get("isSuspended") or row.get("suspended"))


def _plain(row: Row) -> str:
    """The selection's name in small letters, without the line at its end."""
    name = name_of(row.get("name"))
    return (_LINE_AT_END.sub("", name) or name).lower()


def _marks(match: Match, kind: MarketType, row: Row) -> set[Selection]:
    """What the selection's own marks say; empty when they say nothing."""
    found: set[Selection | None] = set()
    type_id = row.get("typeId")
    if isinstance(type_id, int):
        found.add(kind.type_ids.get(type_id))
    name = name_of(row.get("name")).lower()
    # A whole name first: "1", "2" and "12" are names, not lines.
    by_name = kind.names.get(name) or kind.names.get(_plain(row))
    if kind.teams:
        found.add(match.teams.get(f"#{id_of(row.get('teamId'))}"))
        full_name = name_of(row.get("fullName")).lower()
        by_name = match.teams.get(name) or match.teams.get(_plain(row)) or match.teams.get(full_name) or by_name
    found.add(by_name)
    return {mark for mark in found if mark is not None}


def selection_of(match: Match, kind: MarketType, row: Row) -> Selection:
    """By the selection's own marks; raises Unreadable when they say nothing, or two things."""
    marks = _marks(match, kind, row)
    name = name_of(row.get("name"))
    if len(marks) > 1:
        raise Unreadable(Reason.SIDE_CONFLICT, f"{name!r} is {' and '.join(sorted(marks))}")
    for mark in marks & set(kind.selections):
        return mark
    raise Unreadable(Reason.UNKNOWN_SELECTION, repr(name))


def by_order(match: Match, kind: MarketType, rows: list[Any]) -> tuple[Selection, ...]:
    """The selections by their places, for a whole market none of whose rows has a mark; else empty."""
    whole = kind.ordered and len(rows) == len(kind.selections) and all(isinstance(row, dict) for row in rows)
    if not whole or any(_marks(match, kind, row) for row in rows):
        return ()
    columns = [row.get("columnIndex") for row in rows]
    if columns in ([0] * len(rows), [None] * len(rows)):  # the basketball grid has one column for both sides
        return kind.selections
    if sorted(column for column in columns if isinstance(column, int)) != list(range(len(rows))):
        return ()
    return tuple(kind.selections[column] for column in columns)


def line_of_selection(match: Match, kind: MarketType, row: Row, selection: Selection) -> Decimal:
    """Goals or points; a handicap is written from its own side's view and turned to the home side's.

    The market's own `handicap` is not looked at: it is padding (0.0) in the basketball grid.
    """
    number = row.get("handicap")
    line = None if isinstance(number, str) else written_line(number)
    name = name_of(row.get("name"))
    if line is None or (kind.market is Market.TOTALS and line <= 0):
        raise Unreadable(Reason.BAD_LINE, f"handicap {number!r} of {name!r}")
    # A name may be the side's alone, and end in a number that is no line ("Schalke 04").
    shown = None if name.lower() in match.teams or name.lower() in kind.names else _LINE_AT_END.search(name)
    if shown and written_line(shown[1]) != line:
        raise Unreadable(Reason.LINE_CONFLICT, f"{name!r} with handicap {number!r}")
    return home_view(line, selection)


def value_of(row: Row, status: PriceStatus) -> tuple[Decimal | None, PriceStatus]:
    """The price and its state: no price, or one that pays nothing, marks a selection that is closed for now."""
    price = row.get("price")
    if price is None:
        return None, PriceStatus.SUSPENDED
    value = number_of(price)
    if value is None:
        raise Unreadable(Reason.BAD_PRICE, f"price {price!r}")
    return (None, PriceStatus.SUSPENDED) if value <= 1 else (value, status)
