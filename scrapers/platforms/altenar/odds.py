"""The odds of a market whose meaning is known: their contract; of each its selection, line, status and price."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from scrapers.platforms.altenar.markets import (
    EARLY_PAYOUT_OFFER,
    ENHANCED_ODDS_OFFER,
    NAMES,
    ODD_STATUS,
    PLACEHOLDER,
    RULES_BY_NAME,
    RULES_BY_SPORT_MARKET,
    MarketType,
)
from scrapers.platforms.labels import TEAM_MARKETS, WINNERS
from scrapers.platforms.quotes import Head, Quote
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    id_of,
    line_of,
    name_of,
    number_of,
    object_of,
    rows_of,
    written_line,
)
from scrapers.records import MARKETS_WITH_LINE, Period, PriceStatus, Rules, Selection

_LINE_AT_END = re.compile(r"\s+\(?([+-]?\d+(?:[.,]\d+)?)\)?$", re.ASCII)
_SIGNED_LINE = re.compile(r"\(([+-]\d+(?:[.,]\d+)?)\)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Match(Head):
    """An event's head; `sides`: the competitors' ids, None where the payload does not say."""

    sides: tuple[str | None, str | None]


def has_offer(row: Row, kind: int) -> bool:
    """Whether an event or odd carries an offer of this kind (`offers[].type`)."""
    offers = row.get("offers")
    return bool(offers) and any(object_of(offer).get("type") == kind for offer in rows_of(offers))


def rules_of(market: Row, kind: MarketType, odds: list[tuple[str, Row]], *, event_pays_early: bool) -> Rules:
    """The contract of a market: by its id, its name, the offers on its odds, then the event's."""
    sport_market = market.get("sportMarketId")
    if isinstance(sport_market, int) and sport_market in RULES_BY_SPORT_MARKET:
        return RULES_BY_SPORT_MARKET[sport_market]
    name = name_of(market.get("name")).lower()
    for part, rules in RULES_BY_NAME:
        if part in name:
            return rules
    if any(has_offer(odd, ENHANCED_ODDS_OFFER) for _, odd in odds):
        return Rules.BOOSTED
    # The draw never carries the mark; it belongs to the same market all the same.
    if any(has_offer(odd, EARLY_PAYOUT_OFFER) for _, odd in odds):
        return Rules.EARLY_PAYOUT
    if event_pays_early and kind.market in WINNERS and kind.period is Period.MATCH:
        return Rules.EARLY_PAYOUT
    return Rules.STANDARD


def quote_of(match: Match, kind: MarketType, market: Row, odd_id: str, odd: Row) -> Quote:
    """Read an odd of a market whose meaning is known; raises Unreadable."""
    selection = _selection(match, kind, odd)
    line = _line(market, odd, selection) if kind.market in MARKETS_WITH_LINE else None
    status = _status(odd)
    return Quote(f"odd:{odd_id}", selection, line, _value(odd, status), status)


def _selection(match: Match, kind: MarketType, odd: Row) -> Selection:
    """By the odd's type, then by its competitor, its text last."""
    type_id = odd.get("typeId")
    selection = kind.selections.get(type_id) if isinstance(type_id, int) else None
    of_team: Selection | None = None
    competitor = id_of(odd.get("competitorId"))
    if competitor is not None and kind.market in TEAM_MARKETS:
        home, away = match.sides
        of_team = Selection.HOME if competitor == home else Selection.AWAY if competitor == away else None
    if selection is None:
        selection = of_team or _selection_by_name(match, kind, odd)
    elif of_team is not None and of_team is not selection:
        raise Unreadable(Reason.SIDE_CONFLICT, f"type {type_id}, competitor {competitor}")
    if selection is None:
        raise Unreadable(Reason.UNKNOWN_SELECTION, f"type {type_id} {name_of(odd.get('name'))!r}")
    return selection


def _selection_by_name(match: Match, kind: MarketType, odd: Row) -> Selection | None:
    name = name_of(odd.get("name"))
    plain = _LINE_AT_END.sub("", name)
    if kind.market in TEAM_MARKETS and plain in (match.home, match.away):
        return Selection.HOME if plain == match.home else Selection.AWAY
    selection = NAMES.get(plain.lower())
    return selection if selection in kind.selections.values() else None


def _line(market: Row, odd: Row, selection: Selection) -> Decimal:
    """The odd's own line, else its market's; from the home side's view on both sides of a handicap."""
    text = odd.get("sv")
    if text is None:
        text = market.get("sv")
    line = line_of(str(text)) if isinstance(text, str | int | float) else None
    if line is None:
        raise Unreadable(Reason.BAD_LINE, f"line {text!r}")
    # The name repeats the line, "2 (-1.5)" beside +1.5: it speaks for its own team, the line for the home side.
    # One market may hold many lines, so a line that its name denies would be another bet.
    name = name_of(odd.get("name"))
    if selection in (Selection.HOME, Selection.AWAY):
        shown, expected = _SIGNED_LINE.search(name), line if selection is Selection.HOME else -line
    else:
        shown, expected = _LINE_AT_END.search(name), line
    if shown and written_line(shown[1]) != expected:
        raise Unreadable(Reason.LINE_CONFLICT, f"{name!r} with line {text!r}")
    return line


def _status(odd: Row) -> PriceStatus:
    number = odd.get("oddStatus")
    if not isinstance(number, int) or number not in ODD_STATUS:
        raise Unreadable(Reason.UNKNOWN_STATUS, f"oddStatus {number}")
    status = ODD_STATUS[number]
    if status is None:
        raise Unreadable(Reason.NOT_OFFERED, f"oddStatus {number}")
    return status


def _value(odd: Row, status: PriceStatus) -> Decimal | None:
    """The price: a number, or at some brands an object with `parsedValue`. Only a suspended odd may lack it."""
    value = odd.get("price")
    if isinstance(value, dict):
        value = value.get("parsedValue")
    number = number_of(value)
    if number is None and status is PriceStatus.OPEN:
        raise Unreadable(Reason.BAD_PRICE, f"price {value!r}")
    return number


def unpriced_lines(quotes: list[Quote]) -> frozenset[Decimal | None]:
    """Lines whose two sides both stand at the placeholder."""
    sides: dict[Decimal | None, set[Selection]] = {}
    for quote in quotes:
        if quote.value == PLACEHOLDER:
            sides.setdefault(quote.line, set()).add(quote.selection)
    return frozenset(line for line, seen in sides.items() if len(seen) == 2)
