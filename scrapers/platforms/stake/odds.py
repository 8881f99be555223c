"""One row of odds of the Brazilian REST host: its selection, line, price and status."""

from __future__ import annotations

import re
from decimal import Decimal

from scrapers.platforms.labels import DOUBLE_CODES, DRAW_WORDS, OVER_UNDER, YES_NO, double_chance, without_line
from scrapers.platforms.quotes import home_view
from scrapers.platforms.reading import Reason, Row, Unreadable, name_of, number_of, object_of, tidy, written_line
from scrapers.platforms.stake.markets import FROZEN_FLAGS, Meaning
from scrapers.records import MARKETS_WITH_LINE, Event, Market, PriceStatus, Selection

_DECIMAL = re.compile(r"\d{1,5}(\.\d{1,8})?", re.ASCII)
_SIDES = (Selection.HOME, Selection.AWAY)


def bet_of(event: Event, meaning: Meaning, suffix: str, row: Row) -> tuple[Market, Selection, Decimal | None]:
    """Market, selection and line (home side's view) of a row; raises Unreadable when they are not beyond doubt.

    Args:
        event: the event as its list described it.
        suffix: what follows the market's id behind a `_`, "" for nothing.
    """
    if meaning.columns is not None:
        (market,) = meaning.markets
        return market, _by_column(event, meaning, row), None
    name = name_of(row.get("name"))
    is_team = _team(event, name) is not None
    label, line = (name.casefold(), None) if is_team else without_line(name)
    for market in meaning.markets:
        selection = _by_label(event, market, label)
        if selection is not None:
            with_line = market in MARKETS_WITH_LINE
            return market, selection, _line(row, suffix, line, selection) if with_line else None
    raise Unreadable(Reason.UNKNOWN_SELECTION, f"{' or '.join(meaning.markets)} {name!r}")


def _by_column(event: Event, meaning: Meaning, row: Row) -> Selection:
    """The selection of a column; a label that names another one denies it."""
    column = row.get("columnId")
    selection = None
    if meaning.columns is not None and isinstance(column, int) and not isinstance(column, bool):
        selection = meaning.columns.get(column)
    name = name_of(row.get("name"))
    if selection is None:
        raise Unreadable(Reason.UNKNOWN_SELECTION, f"column {column!r} {name!r}")
    named = Selection.DRAW if name.casefold() in DRAW_WORDS else _team(event, name)
    if named is not None and named is not selection:
        raise Unreadable(Reason.SIDE_CONFLICT, f"column {column} is {selection}, its name {name!r}")
    return selection


def _team(event: Event, name: str) -> Selection | None:
    sides = {event.home.casefold(): Selection.HOME, event.away.casefold(): Selection.AWAY}
    return sides.get(name.casefold())


def _by_label(event: Event, market: Market, label: str) -> Selection | None:
    if market is Market.TOTALS:
        return OVER_UNDER.get(label)
    if market is Market.BOTH_TEAMS_TO_SCORE:
        return YES_NO.get(label)
    if market is Market.DOUBLE_CHANCE:
        return DOUBLE_CODES.get(label) or double_chance(label, event.home, event.away)
    return _team(event, label)


def _line(row: Row, suffix: str, written: Decimal | None, selection: Selection) -> Decimal:
    """The line: in the label, in `line` or `handicap`, or behind the market's id.

    A handicap's label is its own side's view and has to be there; whose view the other places take is not known,
    so that they only have to agree on its size.
    """
    elsewhere = [written_line(row[key]) for key in ("line", "handicap") if row.get(key) is not None]
    if suffix:
        elsewhere.append(written_line(suffix))
    if None in elsewhere:
        raise Unreadable(Reason.BAD_LINE, f"line {row.get('line')!r}, handicap {row.get('handicap')!r}, {suffix!r}")
    lines = {line for line in elsewhere if line is not None}
    of_side = selection in _SIDES
    if written is None and (of_side or not lines):
        raise Unreadable(Reason.BAD_LINE, f"no line in {name_of(row.get('name'))!r}")
    sizes = {abs(line) if of_side else line for line in (*lines, written) if line is not None}
    if len(sizes) > 1:
        raise Unreadable(
            Reason.LINE_CONFLICT, f"{name_of(row.get('name'))!r}: {', '.join(map(str, sorted(sizes)))}"
        )
    line = written if written is not None else lines.pop()
    return home_view(line, selection)


def quote_of(row: Row) -> tuple[Decimal | None, PriceStatus]:
    """Price and status of a row; raises Unreadable when it has no price, or two.

    The price stands in `oddValues.decimal` (until 2026) or in `oddValue`, as a number or as text. A row that
    cannot be bet on now is flagged as frozen, or has the price 0.
    """
    frozen = False
    for flag in FROZEN_FLAGS:
        value = row.get(flag)
        if value is not None and not isinstance(value, bool):
            raise Unreadable(Reason.UNKNOWN_STATUS, f"{flag} {value!r}")
        frozen = frozen or bool(value)
    given = [
        value
        for value in (object_of(row.get("oddValues")).get("decimal"), row.get("oddValue"))
        if value is not None
    ]
    prices = {_price(value) for value in given}
    if frozen and not given:
        return None, PriceStatus.SUSPENDED
    if len(prices) != 1 or None in prices:
        raise Unreadable(Reason.BAD_PRICE, f"oddValues {row.get('oddValues')!r}, oddValue {row.get('oddValue')!r}")
    price = prices.pop()
    if not price:
        return None, PriceStatus.SUSPENDED
    return price, PriceStatus.SUSPENDED if frozen else PriceStatus.OPEN


def _price(value: object) -> Decimal | None:
    if isinstance(value, str):
        text = value.strip()
        return tidy(round(Decimal(text), 4)) if _DECIMAL.fullmatch(text) else None
    return number_of(value)
