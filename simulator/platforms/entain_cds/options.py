"""Football's markets in the newer form (V2): told apart by parameters."""

from __future__ import annotations

from decimal import Decimal

from scrapers.records import Market, Period, Rules, Selection
from simulator.fixtures import Fixture
from simulator.platforms.entain_cds.fields import (
    HOME_OR_AWAY,
    Json,
    comma,
    display,
    market_number,
    participant_id,
    price_fields,
    signed,
)
from simulator.pricing import Offer
from simulator.world import Quote, State

PERIODS = {Period.MATCH: "RegularTime", Period.FIRST_HALF: "FirstHalf"}
MARKETS: dict[tuple[Market, Period], tuple[str, str]] = {
    (Market.MATCH_RESULT, Period.MATCH): ("3way", "Resultado da Partida"),
    (Market.DOUBLE_CHANCE, Period.MATCH): ("DoubleChance", "Chance Dupla"),
    (Market.DRAW_NO_BET, Period.MATCH): ("DrawNoBet", "Empate Anula Aposta"),
    (Market.BOTH_TEAMS_TO_SCORE, Period.MATCH): ("BTTS", "Ambas equipes marcam gol"),
    (Market.TOTALS, Period.MATCH): ("Over/Under", "Total de Gols"),
    (Market.HANDICAP, Period.MATCH): ("2wayHandicap", "Handicap Asiático"),
    (Market.MATCH_RESULT, Period.FIRST_HALF): ("3way", "1º Tempo - Resultado"),
    (Market.TOTALS, Period.FIRST_HALF): ("Over/Under", "1º Tempo - Total de Gols"),
}
"""Football: market, period -> parameter MarketType, name."""

EARLY_PAYOUT_NAME = "Resultado da Partida VP (+2)"
EARLY_PAYOUT_SUBTYPE = "2Up3wayPricing"
GRID = frozenset({Market.MATCH_RESULT, Market.DOUBLE_CHANCE, Market.BOTH_TEAMS_TO_SCORE, Market.MONEYLINE})
"""What a list shows, beside the main line of totals and spread."""

_OPTION_TYPES: dict[Selection, list[str]] = {
    Selection.HOME: ["Max"],
    Selection.DRAW: ["Draw"],
    Selection.AWAY: ["Max"],
    Selection.HOME_DRAW: ["Max", "Draw"],
    Selection.HOME_AWAY: ["Max", "Max"],
    Selection.DRAW_AWAY: ["Max", "Draw"],
    Selection.OVER: ["Over"],
    Selection.UNDER: ["Under"],
    Selection.YES: ["ToHappen", "ToHappen"],
    Selection.NO: ["NotToHappen", "NotToHappen"],
}
_SOURCE_NAMES = {Selection.HOME: "1", Selection.DRAW: "X", Selection.AWAY: "2"}


def _parameters(**values: str) -> list[Json]:
    return [{"key": key, "type": "String", "value": value} for key, value in values.items()]


def market_row(fixture: Fixture, quote: Quote, sides: list[str]) -> Json:
    """A market with its options."""
    offer = quote.offer
    kind, name = MARKETS[offer.market, offer.period]
    early = offer.rules is Rules.EARLY_PAYOUT
    values = {"MarketType": kind, "Happening": "Goal", "Period": PERIODS[offer.period]}
    if early and fixture.code % 2:
        # On other fixtures its name is all that tells it from the ordinary result.
        values["MarketSubType"] = EARLY_PAYOUT_SUBTYPE
    line: Json = {}
    if offer.market is Market.TOTALS and offer.line is not None:
        values["DecimalValue"] = f"{offer.line:.4f}"
        line = {"attr": comma(offer.line)}
    elif offer.line is not None:
        values["Handicap"] = f"{offer.line:.4f}"
    # A market is suspended as a whole on some fixtures, option by option on others.
    suspended = quote.state is State.SUSPENDED
    whole = suspended and fixture.code % 2 == 0
    return {
        "id": market_number(fixture, offer.number),
        "name": display(EARLY_PAYOUT_NAME if early else name),
        "status": "Suspended" if whole else "Visible",
        "options": [
            _option(fixture, quote, selection, price, sides, market_number(fixture, offer.number) * 4 + place)
            for place, (selection, price) in enumerate(quote.prices)
        ],
        "parameters": _parameters(**values),
        **line,
        "isMain": early or offer.number == 0,
        "templateCategory": {"id": 0, "category": "Gridable" if offer.market in GRID else "Other"},
        "source": "V2",
    }


def _option(
    fixture: Fixture, quote: Quote, selection: Selection, price: Decimal, sides: list[str], number: int
) -> Json:
    offer = quote.offer
    parameters: Json = {"optionTypes": _OPTION_TYPES[selection]}
    if selection in (Selection.HOME, Selection.HOME_DRAW):
        parameters["fixtureParticipant"] = participant_id(fixture, Selection.HOME)
    elif selection in (Selection.AWAY, Selection.DRAW_AWAY, Selection.HOME_AWAY, Selection.YES, Selection.NO):
        # A bet on both teams names the last of them.
        parameters["fixtureParticipant"] = participant_id(fixture, Selection.AWAY)
    suspended = quote.state is State.SUSPENDED
    shown = {**price_fields(price), "odds": 1.0} if suspended else price_fields(price)
    numbered = offer.market is Market.MATCH_RESULT and offer.period is Period.MATCH
    named = {"sourceName": {"value": _SOURCE_NAMES[selection]}} if numbered else {}
    return {
        "id": number,
        "status": "Suspended" if suspended and fixture.code % 2 else "Visible",
        "name": display(_option_name(offer, selection, sides)),
        **named,
        "price": shown,
        "parameters": parameters,
    }


def _option_name(offer: Offer, selection: Selection, sides: list[str]) -> str:
    home, away = sides
    if offer.line is not None and selection in HOME_OR_AWAY:
        own = -offer.line if selection is Selection.AWAY else offer.line
        return f"{away if selection is Selection.AWAY else home} ({signed(own)})"
    if offer.line is not None:
        return f"{'Mais' if selection is Selection.OVER else 'Menos'} de {comma(offer.line)}"
    return {
        Selection.HOME: home,
        Selection.DRAW: "X",
        Selection.AWAY: away,
        Selection.HOME_DRAW: f"{home} ou Empate",
        Selection.HOME_AWAY: f"{home} ou {away}",
        Selection.DRAW_AWAY: f"Empate ou {away}",
        Selection.YES: "Sim",
        Selection.NO: "Não",
    }[selection]


def foreign_markets(fixture: Fixture, sides: list[str], kind: str) -> list[Json]:
    """Markets outside the common model, whose names or types resemble those inside."""
    goals = {"Happening": "Goal", "Period": "RegularTime"}
    rows: list[tuple[int, str, Json, Json]] = [
        (
            70,
            "Total de Escanteios",
            {"MarketType": "Over/Under", "Happening": "Corner", "DecimalValue": "9.5000"},
            {},
        ),
    ]
    if kind == "detail":
        of_home: Json = {"fixtureParticipantId": participant_id(fixture, Selection.HOME)}
        total = {"MarketType": "Over/Under", "DecimalValue": "1.5000", **goals}
        rows += [
            (71, f"{sides[0]} - Empate Anula", {"MarketType": "HomeNoBet", **goals}, {}),
            (72, f"Total de Gols - {sides[0]}", total, of_home),
            (73, "Handicap - Resultado Final", {"MarketType": "Handicap", "Handicap": "-1.0000", **goals}, {}),
            (74, "Resultado 1-15 minutos", {"MarketType": "3way", "RangeValue": "1-15", **goals}, {}),
        ]
    found = []
    for number, name, values, more in rows:
        market_id = market_number(fixture, number)
        options = [
            {
                "id": market_id * 4 + place,
                "status": "Visible",
                "name": display(word),
                "price": price_fields(Decimal("1.87")),
                "parameters": {"optionTypes": [kind]},
            }
            for place, (word, kind) in enumerate((("Mais de 9,5", "Over"), ("Menos de 9,5", "Under")))
        ]
        found.append(
            {
                "id": market_id,
                "name": display(name),
                "status": "Visible",
                "options": options,
                "parameters": _parameters(**values),
                "isMain": False,
                "source": "V2",
                **more,
            }
        )
    return found
