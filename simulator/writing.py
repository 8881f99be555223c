"""How the wire formats write times and numbers, as far as several do it alike."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from scrapers.records import Selection


def iso(time: int) -> str:
    """Epoch s as ISO 8601 in UTC with a Z."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(line: Decimal) -> str:
    """A line without trailing zeros or exponent."""
    return format(line.normalize() + 0, "f")


def own_view(line: Decimal, selection: Selection) -> Decimal:
    """A handicap's line, given from the home side's view, as the side of `selection` sees it."""
    return -line if selection is Selection.AWAY else line
