"""Bets in a reader's words: markets, periods, lines, selections."""

from __future__ import annotations

from dashboard.wording import Wording
from scrapers.records import Market, Period, Selection, Side

_SHORT = frozenset({Market.MATCH_RESULT, Market.MONEYLINE})
"""Markets whose selections are known by a sign of their own: 1, X, 2."""


def line_text(wording: Wording, line: float, *, signed: bool) -> str:
    """A line with as many decimals as it has: 2,5; signed with its plus: +0,75."""
    digits = 2 if line * 2 % 1 else 1 if line % 1 else 0
    text = wording.number(abs(line), digits)
    if not signed:
        return text
    return f"−{text}" if line < 0 else f"+{text}" if line > 0 else text


def section_title(wording: Wording, market: str, period: str, line: float | None) -> str:
    """The name of a bet: "Total de gols 2,5 · 1º tempo"."""
    title = wording.word("market", market)
    if line is not None:
        title = f"{title} {line_text(wording, line, signed=market == Market.HANDICAP)}"
    return title if period == Period.MATCH else f"{title} · {wording.word('period', period)}"


def selection_text(wording: Wording, market: str, selection: str, line: float | None, side: str) -> str:
    """A selection's name within its bet. Lines of handicaps are those of the side that is named."""
    key = f"{selection}_short" if market in _SHORT else selection
    text = wording.word("selection", key)
    if market == Market.HANDICAP and line is not None:
        text = f"{text} {line_text(wording, -line if selection == Selection.AWAY else line, signed=True)}"
    elif market == Market.TOTALS and line is not None:
        text = f"{text} {line_text(wording, line, signed=False)}"
    return text if side == Side.BACK else f"{text} · {wording.t('board.lay')}"
