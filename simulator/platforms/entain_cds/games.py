"""Basketball's markets in the older form (V1): told apart by category and name."""

from __future__ import annotations

from decimal import Decimal

from scrapers.records import Market, Selection
from simulator.fixtures import Fixture
from simulator.platforms.entain_cds.fields import Json, comma, display, market_number, price_fields, signed
from simulator.world import Quote, State

GAMES: dict[Market, tuple[int, str, str]] = {
    Market.MONEYLINE: (43, "Money Line", "Vencedor"),
    Market.HANDICAP: (44, "Spread", "Handicap (incl. prorrogação)"),
    Market.TOTALS: (48, "Totals", "Total (incl. prorrogação)"),
}
"""Basketball: market -> category id, the category's name, name."""


def game_row(fixture: Fixture, quote: Quote, sides: list[str]) -> Json:
    """A game with its results."""
    offer = quote.offer
    category, category_name, name = GAMES[offer.market]
    market_id = market_number(fixture, offer.number)
    # Guest first, as everything American; the numbers of results are often negative.
    ordered = list(quote.prices)[::-1] if offer.market is not Market.TOTALS else list(quote.prices)
    line: Json = {"attr": comma(offer.line)} if offer.market is Market.TOTALS and offer.line is not None else {}
    suspended = quote.state is State.SUSPENDED
    return {
        "id": market_id,
        "name": display(name),
        "results": [
            _result(quote, selection, price, sides, -(market_id * 4 + place), place)
            for place, (selection, price) in enumerate(ordered)
        ],
        "templateId": 5000 + category,
        "categoryId": category,
        "visibility": "Suspended" if suspended else "Visible",
        "balanced": 1,
        **line,
        # No line: the distance between the two prices.
        "spread": float(abs(ordered[0][1] - ordered[1][1])),
        "templateCategory": {"id": category, "name": display(category_name), "category": "Gridable"},
        "isMain": offer.main or offer.market is Market.MONEYLINE,
    }


def _result(quote: Quote, selection: Selection, price: Decimal, sides: list[str], number: int, place: int) -> Json:
    offer = quote.offer
    shown = price_fields(price)
    row: Json = {
        "id": number,
        "odds": 1.0 if quote.state is State.SUSPENDED else shown["odds"],
        "visibility": "Visible",
        "numerator": shown["numerator"],
        "denominator": shown["denominator"],
        "americanOdds": shown["americanOdds"],
    }
    name = sides[selection is Selection.AWAY]
    if offer.line is None:
        return row | {"name": display(name.split()[-1]), "sourceName": display(str(place + 1))}
    if offer.market is Market.HANDICAP:
        own = signed(-offer.line if selection is Selection.AWAY else offer.line)
        return row | {"name": display(f"{name} {own}"), "attr": own}
    over = selection is Selection.OVER
    text = f"{'Mais' if over else 'Menos'} de {comma(offer.line)}"
    return row | {"name": display(text), "totalsPrefix": "Over" if over else "Under"}


def foreign_games(fixture: Fixture, sides: list[str], kind: str) -> list[Json]:
    """A half's moneyline, and another market in the category of totals."""
    rows = [(70, 48, "Total: Ímpar/Par", ("Ímpar", "Par"))]
    if kind == "detail":
        rows.append((71, 623, "Vencedor (1º Tempo)", (sides[1], sides[0])))
    return [
        {
            "id": market_number(fixture, number),
            "name": display(name),
            "results": [
                {
                    "id": -(market_number(fixture, number) * 4 + place),
                    "odds": 1.91,
                    "name": display(word),
                    "visibility": "Visible",
                }
                for place, word in enumerate(words)
            ],
            "categoryId": category,
            "visibility": "Visible",
            "isMain": False,
        }
        for number, category, name, words in rows
    ]
