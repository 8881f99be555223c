"""`/calculator`: stakes of equal return, and free bets. All of it stands in the address: links are results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from dashboard.board.calculators import MAX_PRICE, MAX_STAKE, UNITS, cover_free_bet, split_outlay
from dashboard.site import site_of

KINDS = ("split", "free")
OUTCOMES = ("two", "three")
DEFAULTS = {
    "split": {"price1": "2.10", "price2": "2.05", "price3": "4.00", "amount": "100"},
    "free": {"price1": "4.00", "price2": "1.30", "price3": "4.00", "amount": "50"},
}
MAX_LENGTH = 12


@dataclass(frozen=True)
class Asked:
    """What the address asks. fields: as typed, by name; wrong: names of those that are no usable number."""

    kind: str
    outcomes: str
    unit: Decimal
    fields: Mapping[str, str]
    numbers: Mapping[str, Decimal]
    wrong: Sequence[str] = field(default=())

    @property
    def names(self) -> list[str]:
        """The fields of the form in their order."""
        return _names(self.outcomes)


async def calculator(request: Request) -> Response:
    """The form with its result; fields that cannot be read are marked, and nothing is calculated."""
    asked = read_asked(request.query_params)
    return site_of(request).templates.page(
        request, "board/calculator.html", {"asked": asked, "units": UNITS, "kinds": KINDS, **_result(asked)}
    )


def read_asked(query: QueryParams) -> Asked:
    """The address in numbers; what it does not say is filled with an example. A comma is a decimal point."""
    kind = query.get("kind", "")
    kind = kind if kind in KINDS else KINDS[0]
    outcomes = query.get("outcomes", "")
    outcomes = outcomes if outcomes in OUTCOMES else OUTCOMES[0]
    fields = {name: query.get(name, DEFAULTS[kind][name])[:MAX_LENGTH] for name in _names(outcomes)}
    numbers = {name: number for name, text in fields.items() if (number := _number(name, text)) is not None}
    unit = next((each for each in UNITS if str(each) == query.get("unit")), UNITS[0])
    return Asked(kind, outcomes, unit, fields, numbers, tuple(name for name in fields if name not in numbers))


def _names(outcomes: str) -> list[str]:
    return ["price1", "price2", *(["price3"] if outcomes == "three" else []), "amount"]


def _number(name: str, text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    least, most = (1, MAX_PRICE) if name.startswith("price") else (0, MAX_STAKE)
    return number if least < number <= most else None


def _result(asked: Asked) -> dict[str, Any]:
    """What the template shows of it; `split` and `covered` None: not asked, or not to be had."""
    if asked.wrong:
        return {"split": None, "covered": None}
    prices = [asked.numbers[name] for name in asked.names if name != "amount"]
    amount = asked.numbers["amount"]
    if asked.kind == "free":
        return {"split": None, "covered": cover_free_bet(prices[0], amount, prices[1:], asked.unit)}
    return {"split": split_outlay(prices, amount, asked.unit), "covered": None}
