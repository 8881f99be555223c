"""One row of a market, told apart: which selection it is, at which line, at which price.

BetsAPI and the site write the same things in other fields: the side as "1", as "Home" or by the team's name, the
line as "2.5", "Over 2.5", "-1.0, -1.5". What several fields say has to agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from scrapers.platforms.bet365.markets import SELECTION_NAMES, THIRD_WAYS
from scrapers.platforms.labels import TEAM_MARKETS, double_chance
from scrapers.platforms.quotes import Head
from scrapers.platforms.reading import Reason, Unreadable, line_of, tidy
from scrapers.records import Market, Selection

_WORDS = r"over|under|mais de|menos de|mais|menos|o|u"
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,3})?"
_LINE = re.compile(rf"(?:({_WORDS})\s*)?({_NUMBER})(?:\s*,\s*({_NUMBER}))?", re.IGNORECASE | re.ASCII)
_NUMBER_FIRST = re.compile(r"[+-]?\d", re.ASCII)
_LINE_AT_END = re.compile(rf"\s+{_NUMBER}(?:\s*,\s*{_NUMBER})?$", re.ASCII)
_DECIMAL = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_FRACTION = re.compile(r"(\d{1,6})/(\d{1,6})", re.ASCII)
_NO_PRICE = frozenset({"", "SP", "0/0", "0", "0.0", "0.00", "0.000"})


def selection_of(market: Market, marks: Iterable[str], match: Head) -> Selection:
    """The one selection that `marks` (names, headers, columns) point to; marks that say nothing are left aside.

    Raises Unreadable: nothing tells the selection, or two marks differ.
    """
    marks = list(marks)
    found = {selection for mark in marks for selection in _marked(market, mark, match)}
    if len(found) == 1:
        return found.pop()
    shown = ", ".join(repr(mark) for mark in marks if mark)
    raise Unreadable(Reason.SIDE_CONFLICT if found else Reason.UNKNOWN_SELECTION, shown or "no name")


def _marked(market: Market, mark: str, match: Head) -> Iterator[Selection]:
    names = SELECTION_NAMES[market]
    text = mark.casefold()
    if not text:
        return
    if text in names:
        yield names[text]
    elif market is Market.TOTALS:
        line = _LINE.fullmatch(text)
        if line and line[1]:
            yield names[line[1]]
    elif market is Market.DOUBLE_CHANCE:
        pair = double_chance(text, match.home, match.away)
        if pair is not None:
            yield pair
    elif market in TEAM_MARKETS:
        team = _team(text, match) or _team(_LINE_AT_END.sub("", text), match)
        if team is not None:
            yield team


def _team(text: str, match: Head) -> Selection | None:
    if text == match.home.casefold():
        return Selection.HOME
    return Selection.AWAY if text == match.away.casefold() else None


def may_name(market: Market, text: str) -> bool:
    """Whether a text can be a mark: in a handicap a bare number is the line, not a side called "1"."""
    return market is not Market.HANDICAP or written_line(text) is None


def grid_form(text: str) -> Market | None:
    """What the line of a grid's cell says about its market: none, signed, or with "O" or "U" before it."""
    if not text:
        return Market.MONEYLINE
    if written_line(text) is None:
        return None
    return Market.HANDICAP if _NUMBER_FIRST.match(text) else Market.TOTALS


def is_third_way(marks: Iterable[str]) -> bool:
    """Whether a row belongs to a market of three ways ("Tie", "Exactly")."""
    return any(mark.casefold() in THIRD_WAYS for mark in marks)


def line_in(texts: Iterable[str], selection: Selection) -> Decimal:
    """The line from the home side's view; the wire writes it from the selection's own.

    Raises Unreadable: no text is a line in quarters, or two differ.
    """
    lines = {line for text in texts if (line := written_line(text)) is not None}
    if not lines:
        raise Unreadable(Reason.BAD_LINE, ", ".join(repr(text) for text in texts if text) or "no line")
    if len(lines) > 1:
        raise Unreadable(Reason.LINE_CONFLICT, ", ".join(str(line) for line in sorted(lines)))
    line = lines.pop()
    return tidy(-line) if selection is Selection.AWAY else line


@lru_cache(maxsize=4096)
def written_line(text: str) -> Decimal | None:
    """What "2.5", "O 177.5", "-1.0, -1.5" (half the stake on each: -1.25) say; None for what is no line."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    first = line_of(found[2])
    if found[3] is None or first is None:
        return first
    second = line_of(found[3])
    if second is None or abs(first - second) != Decimal("0.5"):
        return None
    return line_of(str((first + second) / 2))


@lru_cache(maxsize=16384)
def decimal_price(text: str) -> Decimal | None:
    """BetsAPI's decimal odds; None where it shows none. Raises Unreadable for anything else."""
    if text in _NO_PRICE:
        return None
    if not _DECIMAL.fullmatch(text):
        raise Unreadable(Reason.BAD_PRICE, f"odds {text!r}")
    return tidy(round(Decimal(text), 4))


@lru_cache(maxsize=16384)
def fractional_price(text: str) -> Decimal | None:
    """The site's fractional odds, what is won per stake, as decimal odds (11/10: 2.1) to four decimals.

    None where none are shown (0/0, SP). Raises Unreadable for anything else.
    """
    if text in _NO_PRICE:
        return None
    found = _FRACTION.fullmatch(text)
    if found is None or int(found[2]) == 0:
        raise Unreadable(Reason.BAD_PRICE, f"OD {text!r}")
    return tidy(round(1 + Decimal(found[1]) / Decimal(found[2]), 4))
