"""Selections and lines read from what is printed on them, in English, Portuguese and Spanish; in small letters."""

from __future__ import annotations

import re
from decimal import Decimal

from scrapers.platforms.reading import line_of
from scrapers.records import Market, Selection

WINNERS = frozenset({Market.MATCH_RESULT, Market.MONEYLINE})
"""The markets that early payout and price boosts are about."""

TEAM_MARKETS = WINNERS | {Market.HANDICAP, Market.DRAW_NO_BET}
"""Markets whose selections are teams, or the draw between them."""

DRAW_WORDS = frozenset({"draw", "the draw", "tie", "empate", "o empate", "x"})

OVER_UNDER: dict[str, Selection] = {
    "over": Selection.OVER,
    "mais": Selection.OVER,
    "mais de": Selection.OVER,
    "más de": Selection.OVER,
    "acima": Selection.OVER,
    "acima de": Selection.OVER,
    "under": Selection.UNDER,
    "menos": Selection.UNDER,
    "menos de": Selection.UNDER,
    "abaixo": Selection.UNDER,
    "abaixo de": Selection.UNDER,
}
YES_NO: dict[str, Selection] = {
    "yes": Selection.YES,
    "sim": Selection.YES,
    "sí": Selection.YES,
    "no": Selection.NO,
    "não": Selection.NO,
    "nao": Selection.NO,
}
DOUBLE_CODES: dict[str, Selection] = {
    "1x": Selection.HOME_DRAW,
    "12": Selection.HOME_AWAY,
    "x2": Selection.DRAW_AWAY,
}
PLAIN_NAMES: dict[str, Selection] = {
    **dict.fromkeys(DRAW_WORDS, Selection.DRAW),
    **OVER_UNDER,
    **YES_NO,
    **DOUBLE_CODES,
}
"""Every name that means one selection in whatever market it stands; whether that market has it is to be checked."""
_OR_WORDS = ("or", "ou", "/")
_WITH_LINE = re.compile(r"(.+?)\s+\(?([+-]?\d+(?:[.,]\d+)?)\)?", re.ASCII)


def without_line(name: str) -> tuple[str, Decimal | None]:
    """A label in small letters and the line that it ends with: "Arsenal (-1.5)", "Mais de 2,5".

    None where it ends with no line. "Schalke 04" alone is the caller's to know.
    """
    ending = _WITH_LINE.fullmatch(name)
    line = line_of(ending[2].replace(",", ".")) if ending is not None else None
    return (ending[1].casefold(), line) if ending is not None and line is not None else (name.casefold(), None)


def double_chance(label: str, home: str, away: str) -> Selection | None:
    """A double chance by the names of both results, in either order: "Arsenal ou Empate", "Draw or Chelsea"."""
    hosts, guests = {home.casefold()}, {away.casefold()}
    pairs = {
        Selection.HOME_DRAW: (hosts, DRAW_WORDS),
        Selection.HOME_AWAY: (hosts, guests),
        Selection.DRAW_AWAY: (DRAW_WORDS, guests),
    }
    written = {
        f"{first} {word} {second}": selection
        for selection, (ones, others) in pairs.items()
        for one in ones
        for other in others
        for first, second in ((one, other), (other, one))
        for word in _OR_WORDS
    }
    return written.get(label.casefold())
