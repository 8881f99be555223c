"""One option of a market whose meaning is known: which selection it is, its line, status and price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from scrapers.platforms.entain_cds.fields import dotted, parameters_of, text_of
from scrapers.platforms.entain_cds.markets import (
    DOUBLES,
    DRAW_TYPE,
    OPTION_NAMES,
    OPTION_TYPES,
    STATUS,
    WIN_TYPE,
    Meaning,
)
from scrapers.platforms.entain_cds.sides import Sides
from scrapers.platforms.labels import TEAM_MARKETS
from scrapers.platforms.quotes import Quote, home_view
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
)
from scrapers.records import MARKETS_WITH_LINE, SELECTIONS, Market, PriceStatus, Selection

_LINE_AT_END = re.compile(r"(?:\s*\(([+-]?\d+(?:\.\d+)?)\)|\s+([+-]?\d+(?:\.\d+)?))$", re.ASCII)
_OR = re.compile(r"\s+(?:or|ou)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Odd(Quote):
    """One option as read. `boosted`: the promotional price that stands beside the ordinary one."""

    boosted: Decimal | None


def odd_of(sides: Sides, meaning: Meaning, row: Row, option: Row, offered: PriceStatus) -> Odd:
    """Read an option of the market `row`, whose own status is `offered`; raises Unreadable."""
    selection = _selection(sides, meaning.market, option)
    line = _line(sides, row, option, selection) if meaning.market in MARKETS_WITH_LINE else None
    status = status_of(option, offered)
    value = _value(option, status)
    source_id = f"odd:{id_of(option.get('id')) or ''}"
    return Odd(source_id, selection, line, value, status, _boosted(option))


def status_of(row: Row, at_best: PriceStatus) -> PriceStatus:
    """The row's own status; a market or fixture that is suspended suspends what is in it."""
    name = row.get("status", row.get("visibility"))
    if not isinstance(name, str) or name not in STATUS:
        raise Unreadable(Reason.UNKNOWN_STATUS, f"status {name}")
    status = STATUS[name]
    if status is None:
        raise Unreadable(Reason.NOT_OFFERED, f"status {name}")
    return PriceStatus.SUSPENDED if at_best is PriceStatus.SUSPENDED else status


def _selection(sides: Sides, market: Market, option: Row) -> Selection:
    """By everything that names a selection; `sourceName`, which only counts teams, where nothing else does."""
    marks = {mark for mark in _marks(sides, market, option) if mark is not None}
    of_somebody = object_of(option.get("parameters")).get("fixtureParticipant") is not None
    if not marks and market in TEAM_MARKETS and not of_somebody:
        marks = {mark for mark in (_by_source_name(sides, option),) if mark is not None}
    shown = repr(text_of(option.get("name")))
    if len(marks) > 1:
        raise Unreadable(Reason.SIDE_CONFLICT, f"{shown}: {' or '.join(sorted(marks))}")
    if not marks or not marks <= SELECTIONS[market]:
        raise Unreadable(Reason.UNKNOWN_SELECTION, shown)
    return marks.pop()


def _marks(sides: Sides, market: Market, option: Row) -> Iterator[Selection | None]:
    parameters = object_of(option.get("parameters"))
    types = [kind for kind in rows_of(parameters.get("optionTypes")) if isinstance(kind, str)]
    team = sides.ids.get(id_of(parameters.get("fixtureParticipant")) or "")
    name, plain = text_of(option.get("name")).lower(), _LINE_AT_END.sub("", dotted(option.get("name"))).lower()
    names = OPTION_NAMES.get(market, {})
    if market is Market.DOUBLE_CHANCE:
        yield _double_by_types(types, team)
        yield names.get(name) or _double_by_name(sides, name)
    elif market in TEAM_MARKETS:
        yield Selection.DRAW if DRAW_TYPE in types else team
        yield sides.names.get(name) or sides.names.get(plain) or names.get(name)
    else:
        yield OPTION_TYPES[market].get(frozenset(types))
        yield names.get(plain) or names.get(name)
        yield names.get(name_of(option.get("totalsPrefix")).lower())


def _by_source_name(sides: Sides, option: Row) -> Selection | None:
    """ "1" is the team that the fixture's name begins with: in American order the guest."""
    number = text_of(option.get("sourceName")).lower()
    if number in ("1", "2"):
        other = Selection.AWAY if sides.first is Selection.HOME else Selection.HOME
        return sides.first if number == "1" else other
    return OPTION_NAMES[Market.MATCH_RESULT].get(number)


def _double_by_types(types: list[str], team: Selection | None) -> Selection | None:
    if sorted(types) == [WIN_TYPE, WIN_TYPE]:
        return Selection.HOME_AWAY
    if sorted(types) == [DRAW_TYPE, WIN_TYPE] and team is not None:
        return DOUBLES[frozenset({team, Selection.DRAW})]
    return None


def _double_by_name(sides: Sides, name: str) -> Selection | None:
    """ "Santos ou Empate": both results by their names."""
    draws = OPTION_NAMES[Market.MATCH_RESULT]
    parts = {sides.names.get(part) or draws.get(part) for part in _OR.split(name)}
    return DOUBLES.get(frozenset(part for part in parts if part is not None)) if None not in parts else None


def _line(sides: Sides, row: Row, option: Row, selection: Selection) -> Decimal:
    """Goals or points; a handicap is written from its own team's view and turned to the home side's.

    A line may stand in the option's name, on the option and on the market; all of them must agree.
    """
    name = dotted(option.get("name"))
    shown = None if name.lower() in sides.names else _LINE_AT_END.search(name)
    texts = [shown[1] or shown[2]] if shown else []
    texts += [dotted(option["attr"])] if option.get("attr") is not None else []
    parameters = parameters_of(row)
    of_market = [dotted(parameters[key]) for key in ("DecimalValue", "Handicap") if key in parameters]
    if row.get("attr") is not None:
        of_market.append(dotted(row["attr"]))
    if selection in (Selection.OVER, Selection.UNDER):
        texts, of_market = texts + of_market, []
    lines = {_number(text) for text in texts}
    if not lines or None in lines:
        raise Unreadable(Reason.BAD_LINE, f"line {', '.join(texts) or None}: {name!r}")
    # Whose view a market's own handicap is written from is not recorded: only its size can be compared.
    sizes = {abs(line) for line in lines if line is not None}
    sizes |= {abs(line) for line in map(_number, of_market) if line is not None}
    if len(lines) > 1 or len(sizes) > 1:
        raise Unreadable(Reason.LINE_CONFLICT, f"{name!r} with line {', '.join(texts + of_market)}")
    (line,) = (line for line in lines if line is not None)
    return home_view(line, selection)


def _number(text: str) -> Decimal | None:
    """A line however many zeros follow it ("6.5000"); None when it is not one."""
    return line_of(text.rstrip("0").rstrip(".") if re.fullmatch(r"[+-]?\d+\.\d+", text, re.ASCII) else text)


def _value(option: Row, status: PriceStatus) -> Decimal | None:
    """The decimal odds, from which the fraction may differ. Only a suspended option may lack them."""
    odds = object_of(option.get("price")).get("odds") if "price" in option else option.get("odds")
    value = number_of(odds)
    if value is None and status is PriceStatus.OPEN:
        raise Unreadable(Reason.BAD_PRICE, f"odds {odds!r}")
    return value


def _boosted(option: Row) -> Decimal | None:
    return number_of(object_of(option.get("boostedPrice")).get("odds"))
