"""The small forms that both kinds of Entain's markets share."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from scrapers.records import Selection
from simulator.fixtures import Fixture
from simulator.writing import plain

Json = dict[str, Any]
HOME_OR_AWAY = (Selection.HOME, Selection.AWAY)
_FIRST_MARKET, _MARKETS_PER_MATCH = 117_000_000, 80


def display(value: str) -> Json:
    """A display string."""
    return {"value": value, "sign": "TK+VSg=="}


def participant_id(fixture: Fixture, selection: Selection) -> int:
    """A side's number within its fixture."""
    return 19_000_000 + fixture.code * 4 + (1 if selection is Selection.AWAY else 0)


def market_number(fixture: Fixture, number: int) -> int:
    """A market's id; `number` is its place in the match."""
    return _FIRST_MARKET + fixture.code * _MARKETS_PER_MATCH + number


def price_fields(price: Decimal) -> Json:
    """A price in the three forms that stand beside each other."""
    fraction = Fraction(price - 1).limit_denominator(100)
    american = round((price - 1) * 100) if price >= 2 else round(-100 / (price - 1))
    return {
        "id": 1_124_000_000 + int(price * 100),
        "numerator": fraction.numerator,
        "denominator": fraction.denominator,
        "odds": float(price),
        "americanOdds": american,
    }


def comma(line: Decimal) -> str:
    """A line as it is printed: "2,5"."""
    return plain(line).replace(".", ",")


def signed(line: Decimal) -> str:
    """A handicap as it is printed: "+1,5"."""
    return f"+{comma(line)}" if line > 0 else comma(line)
