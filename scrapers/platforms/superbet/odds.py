"""Rows of odds: the market line they belong to and its meaning; of each row selection, line, status, price."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scrapers.platforms.labels import PLAIN_NAMES, TEAM_MARKETS
from scrapers.platforms.quotes import Head, Quote, home_view
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    id_of,
    line_of,
    name_of,
    number_of,
    object_of,
    written_line,
)
from scrapers.platforms.superbet.markets import (
    ASIAN_HANDICAP,
    ASIAN_HANDICAP_NAME,
    MARKETS,
    ODD_STATUS,
    OFFER_STATE,
    MarketType,
)
from scrapers.records import MARKETS_WITH_LINE, SELECTIONS, PriceStatus, Selection, Sport

_TEAM_LINE = re.compile(r"(.*) \(([+-]?\d+(?:[.,]\d+)?)\)", re.ASCII)
_TOTAL_LINE = re.compile(r"(.*) (\d+(?:[.,]\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Match(Head):
    """An event's head. `offered`: whether anything of it can be bet on; `boosted`: whether its winner is."""

    offered: bool
    boosted: bool


def _specifiers(odd: Row) -> dict[str, Any]:
    return object_of(odd.get("specifiers"))


def line_key(odd: Row) -> tuple[str | None, str]:
    """The market's id, and the id of the market line that a selection belongs to."""
    market_id = id_of(odd.get("marketId"))
    uuid = id_of(odd.get("marketUuid"))
    if uuid is not None:
        return market_id, uuid
    specifiers = _specifiers(odd)
    texts = [f"{key}={specifiers[key]}" for key in sorted(specifiers)] or [name_of(odd.get("specialBetValue"))]
    return market_id, "/".join(part for part in (market_id or "", *texts) if part)


def odd_id(odd: Row) -> str:
    """The selection's uuid; where a row lacks it, its outcome within its market line."""
    return id_of(odd.get("uuid")) or f"{line_key(odd)[1]}:{id_of(odd.get('outcomeId')) or ''}"


def meaning_of(match: Match, odds: list[Row]) -> MarketType | None:
    """What the market of these rows is; None outside the common model. A specifier more makes another market."""
    market_id = odds[0].get("marketId")
    meaning = MARKETS[match.sport].get(market_id) if isinstance(market_id, int) else None
    if meaning is None and _is_asian_handicap(match, odds):
        meaning = ASIAN_HANDICAP
    if meaning is not None and any(_specifiers(odd).keys() - {meaning.specifier} for odd in odds):
        return None
    return meaning


def _is_asian_handicap(match: Match, odds: list[Row]) -> bool:
    """Football's Asian handicap, by all that is known of it: its name, and two teams with mirrored lines."""
    if match.sport is not Sport.FOOTBALL or len(odds) != 2:
        return False
    lines: dict[str, Decimal] = {}
    for odd in odds:
        text, line = _split(odd, _TEAM_LINE)
        if name_of(odd.get("marketName")).lower() != ASIAN_HANDICAP_NAME or line is None:
            return False
        lines[text] = line
    return lines.keys() == {match.home, match.away} and lines[match.home] == -lines[match.away]


def _split(odd: Row, pattern: re.Pattern[str]) -> tuple[str, Decimal | None]:
    """A selection's name and the line it ends with: "Schalke 04 (-0.75)", "Mais de 2.5"."""
    name = name_of(odd.get("name"))
    found = pattern.fullmatch(name)
    line = written_line(found[2]) if found else None
    return (found[1], line) if found and line is not None else (name, None)


def quote_of(match: Match, meaning: MarketType, odd: Row) -> Quote:
    """Read a row of a market whose meaning is known; raises Unreadable."""
    selection = _selection(match, meaning, odd)
    line = _line(meaning, odd, selection) if meaning.market in MARKETS_WITH_LINE else None
    status = _status(match, odd)
    return Quote(f"odd:{odd_id(odd)}", selection, line, _value(odd, status), status)


def _selection(match: Match, meaning: MarketType, odd: Row) -> Selection:
    """By outcome id, code and name, as far as they say anything; they must not contradict each other."""
    outcome, code = odd.get("outcomeId"), odd.get("code")
    text, _ = _split(odd, _TEAM_LINE if meaning.market in TEAM_MARKETS else _TOTAL_LINE)
    by_name: Selection | None = None
    if meaning.market in TEAM_MARKETS and text in (match.home, match.away):
        by_name = Selection.HOME if text == match.home else Selection.AWAY
    elif PLAIN_NAMES.get(text.lower()) in SELECTIONS[meaning.market]:
        by_name = PLAIN_NAMES[text.lower()]
    marks = {
        meaning.outcomes.get(outcome) if isinstance(outcome, int) else None,
        meaning.codes.get(code) if isinstance(code, str) else None,
        by_name,
    } - {None}
    if len(marks) > 1:
        raise Unreadable(Reason.SIDE_CONFLICT, f"outcome {outcome}, code {code!r}, name {text!r}")
    for mark in marks:
        if mark is not None:
            return mark
    raise Unreadable(Reason.UNKNOWN_SELECTION, f"outcome {outcome}, code {code!r}, name {text!r}")


def _line(meaning: MarketType, odd: Row, selection: Selection) -> Decimal:
    """The line from the home side's view. The specifier is; a handicap's name speaks for its own team."""
    text = _specifiers(odd).get(meaning.specifier)
    if text is None:
        text = odd.get("specialBetValue")
    _, named = _split(odd, _TEAM_LINE if meaning.market in TEAM_MARKETS else _TOTAL_LINE)
    if named is not None:
        named = home_view(named, selection)
    if text is None and named is not None:
        return named
    line = line_of(text) if isinstance(text, str) else None
    if line is None:
        raise Unreadable(Reason.BAD_LINE, f"line {text!r}")
    if named is not None and named != line:
        raise Unreadable(Reason.LINE_CONFLICT, f"{name_of(odd.get('name'))!r} with line {text!r}")
    return line


def _status(match: Match, odd: Row) -> PriceStatus:
    state = odd.get("offerStateId")
    if state is not None and state != OFFER_STATE[match.phase]:
        raise Unreadable(Reason.NOT_OFFERED, f"offer state {state} of a {match.phase} event")
    name = odd.get("status")
    if not isinstance(name, str) or name not in ODD_STATUS:
        raise Unreadable(Reason.UNKNOWN_STATUS, f"status {name}")
    status = ODD_STATUS[name]
    if status is None:
        raise Unreadable(Reason.NOT_OFFERED, f"status {name}")
    return status if match.offered else PriceStatus.SUSPENDED


def _value(odd: Row, status: PriceStatus) -> Decimal | None:
    """The price. Only a suspended selection may lack it."""
    price = number_of(odd.get("price"))
    if price is None and status is PriceStatus.OPEN:
        raise Unreadable(Reason.BAD_PRICE, f"price {odd.get('price')!r}")
    return price
