"""Rows of odds: what market they are of, and of each its selection, line, status and price."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from scrapers.platforms.labels import PLAIN_NAMES, TEAM_MARKETS
from scrapers.platforms.nsx.markets import (
    CODES,
    MARKET_NAMES,
    MARKET_STATUS,
    MARKETS,
    OUTCOME_CODES,
    PARTIAL_WORDS,
    SPECIFIERS,
    MarketType,
)
from scrapers.platforms.quotes import Head, Quote, home_view
from scrapers.platforms.reading import Reason, Row, Unreadable, id_of, name_of, number_of, tidy, written_line
from scrapers.records import MARKETS_WITH_LINE, SELECTIONS, Period, PriceStatus, Selection, Sport

_PRICE = re.compile(r"\d{1,6}(\.\d{1,4})?", re.ASCII)
_SIDED_LINE = re.compile(r"([HA]):(.+)")
_TEAM_LINE = re.compile(r"(.*) \(([+-]?\d+(?:[.,]\d+)?)\)", re.ASCII)
_TOTAL_LINE = re.compile(r"(.*) (\d+(?:[.,]\d+)?)(?: gols| pontos)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Match(Head):
    """An event's head; `sides`: folded names of the teams -> the side."""

    sides: Mapping[str, Selection]


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without accents, capitals, punctuation: "Atlético-MG" and "Atletico MG" are one, "Atlético-GO" not."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    plain = (letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join("".join(plain).split())


def odd_id(row: Row) -> str:
    """The selection's id; where a row has none, built as the back-end builds it, without the event."""
    outcome = id_of(row.get("outcome_id")) or name_of(row.get("outcome_name"))
    return id_of(row.get("id")) or f"{market_id_of(row)}_{outcome}_{name_of(row.get('specifier'))}"


def market_id_of(row: Row) -> str:
    """The market's id behind its event's, as far as the row says them."""
    return "_".join(part for key in ("event_id", "market_id") if (part := id_of(row.get(key))) is not None)


def shown_market(row: Row) -> str:
    """The market of a row, for people."""
    code, name = name_of(row.get("market_code")), name_of(row.get("market_name"))
    return f"market {id_of(row.get('market_id'))} {code or name!r}"


def meaning_of(sport: Sport, row: Row) -> MarketType | None:
    """What the row's market is, by its classic id, its code, or its name where it has no code.

    None outside the common model, when id and code contradict each other, and for a specifier that it has not.
    """
    number, code = row.get("market_id"), code_of(row)
    by_id = MARKETS[sport].get(number) if isinstance(number, int) else None
    by_code = CODES[sport].get(code)
    if by_id is not None and by_code is not None:
        if (by_id.market, by_id.period) != (by_code.market, by_code.period):
            return None
    elif by_id is not None and by_id.period is Period.MATCH and any(word in code for word in PARTIAL_WORDS):
        return None
    meaning = by_id or by_code
    if meaning is None and not code:
        meaning = MARKET_NAMES[sport].get(name_of(row.get("market_name")).lower())
    if meaning is None or _specifiers(row).keys() - SPECIFIERS.get(meaning.market, frozenset()):
        return None
    return meaning


def code_of(row: Row) -> str:
    """The market's code in small letters, without its pipes; empty when the row has none."""
    return name_of(row.get("market_code")).strip("|").lower()


def _specifiers(row: Row) -> dict[str, str]:
    """`total=2,5|...` as a table; empty when there is none."""
    text = row.get("specifier")
    if not isinstance(text, str) or not text.strip():
        return {}
    pairs = (part.partition("=") for part in text.strip().split("|"))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _split(meaning: MarketType, row: Row) -> tuple[str, Decimal | None]:
    """An outcome's name, and the line it ends with: "Bahia (-1.5)", "Mais de 2,5 gols"."""
    name = name_of(row.get("outcome_name"))
    found = (_TEAM_LINE if meaning.market in TEAM_MARKETS else _TOTAL_LINE).fullmatch(name)
    line = written_line(found[2]) if found else None
    return (found[1], line) if found and line is not None else (name, None)


def quote_of(match: Match, meaning: MarketType, row: Row) -> Quote:
    """Read a row of a market whose meaning is known; raises Unreadable."""
    selection = _selection(match, meaning, row)
    line = _line(meaning, row, selection) if meaning.market in MARKETS_WITH_LINE else None
    status = _status(row)
    return Quote(f"odd:{odd_id(row)}", selection, line, _value(row, status), status)


def _selection(match: Match, meaning: MarketType, row: Row) -> Selection:
    """By outcome id, code and name, as far as they say anything; they must not contradict each other."""
    number, code = id_of(row.get("outcome_id")), name_of(row.get("outcome_code")).lower()
    text, _ = _split(meaning, row)
    by_name = PLAIN_NAMES.get(text.lower())
    if meaning.market in TEAM_MARKETS:
        by_name = match.sides.get(folded(text), by_name)
    by_code = OUTCOME_CODES.get(code.split()[0]) if code else None
    possible = (meaning.outcomes.get(number or ""), by_code, by_name)
    marks = {mark for mark in possible if mark is not None and mark in SELECTIONS[meaning.market]}
    if len(marks) > 1:
        raise Unreadable(Reason.SIDE_CONFLICT, f"outcome {number}, code {code!r}, name {text!r}")
    if not marks:
        raise Unreadable(Reason.UNKNOWN_SELECTION, f"outcome {number}, code {code!r}, name {text!r}")
    return marks.pop()


def _line(meaning: MarketType, row: Row, selection: Selection) -> Decimal:
    """The line from the home side's view. `hcp` is; `hc` names its side; an outcome's name speaks for its own."""
    _, named = _split(meaning, row)
    if named is not None:
        named = home_view(named, selection)
    specifiers = _specifiers(row)
    if not specifiers and named is not None:
        return named
    lines = {_specified(key, text) for key, text in specifiers.items()}
    line = lines.pop() if len(lines) == 1 else None
    if line is None:
        raise Unreadable(Reason.BAD_LINE, f"specifier {row.get('specifier')!r}")
    if named is not None and named != line:
        raise Unreadable(
            Reason.LINE_CONFLICT, f"{name_of(row.get('outcome_name'))!r} with {row.get('specifier')!r}"
        )
    return line


def _specified(key: str, text: str) -> Decimal | None:
    if key != "hc":
        return written_line(text)
    sided = _SIDED_LINE.fullmatch(text)
    line = written_line(sided[2]) if sided else None
    if sided is None or line is None:
        return None
    return home_view(line, Selection.AWAY if sided[1] == "A" else Selection.HOME)


def _status(row: Row) -> PriceStatus:
    # `market_display_status` is about tabs of the page: markets that can be bet on carry 0.
    if row.get("selection_display_status") == 0:
        raise Unreadable(Reason.NOT_OFFERED, "selection_display_status 0")
    number = row.get("market_status_id")
    if number is None:
        return PriceStatus.OPEN
    status = MARKET_STATUS.get(number) if isinstance(number, int) else None
    if status is None:
        raise Unreadable(Reason.UNKNOWN_STATUS, f"market_status_id {number}")
    return status


def _value(row: Row, status: PriceStatus) -> Decimal | None:
    """The price: a number, or text with three decimals. Only a suspended selection may lack it."""
    odd = row.get("odd")
    if isinstance(odd, str) and _PRICE.fullmatch(odd):
        return tidy(Decimal(odd))
    value = number_of(odd)
    if value is None and status is PriceStatus.OPEN:
        raise Unreadable(Reason.BAD_PRICE, f"odd {odd!r}")
    return value
