"""Reading a vendor's JSON without trusting it: what every platform's parser shares.

Parsers turn what cannot be read into a `Rejected` row with one of the reasons below. The row's
`source_id` says what was left out, in the vendor's ids: `event:<id>` with everything under it,
`market:<id>` with all its selections, or `odd:<id>`, one selection.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson

from scrapers.errors import PayloadShapeError
from scrapers.records import Rejected


class Reason(StrEnum):
    """Why a row was left out; counted in the heartbeat."""

    CUT_ANSWER = "cut_answer"
    """The bookmaker holds more than this answer shows: the page is incomplete."""
    BAD_EVENT = "bad_event"
    """No object, or without an id."""
    DUPLICATE_EVENT = "duplicate_event"
    UNKNOWN_SPORT = "unknown_sport"
    NOT_A_MATCH = "not_a_match"
    """An outright, a race, a boost: anything without exactly two sides."""
    UNKNOWN_EVENT_STATUS = "unknown_event_status"
    BAD_KICKOFF = "bad_kickoff"
    NO_SIDES = "no_sides"
    NO_LEAGUE = "no_league"
    OTHER_LEAGUE = "other_league"
    """Of another league than the one that was asked for."""
    BAD_MARKET = "bad_market"
    UNKNOWN_EVENT = "unknown_event"
    """A market whose event is not in the payload, or an event that was not asked for."""
    UNKNOWN_MARKET = "unknown_market"
    """Outside the common model."""
    DUPLICATE_MARKET = "duplicate_market"
    """Another copy of a market that is kept."""
    AMBIGUOUS_MARKET = "ambiguous_market"
    """Two markets of one kind with different prices, and nothing says which contract either is."""
    BAD_ODD = "bad_odd"
    UNKNOWN_ODD = "unknown_odd"
    """An odd that no market names."""
    UNKNOWN_SELECTION = "unknown_selection"
    SIDE_CONFLICT = "side_conflict"
    """Two marks of one selection point to different teams."""
    BAD_LINE = "bad_line"
    LINE_CONFLICT = "line_conflict"
    """Two places tell different lines for one bet."""
    BAD_PRICE = "bad_price"
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    PLACEHOLDER_PRICE = "placeholder_price"
    """A price that stands in a market nobody priced."""
    NOT_OFFERED = "not_offered"
    """Settled, deleted or closed: on the page, and never to be bet on again."""
    UNKNOWN_STATUS = "unknown_status"
    DUPLICATE_SELECTION = "duplicate_selection"
    """The same bet a second time in one event; the first is kept."""


Row = dict[str, Any]
"""A JSON object of a vendor's."""

MAX_LINE = Decimal(500)
_LINE = re.compile(r"[+-]?\d{1,3}(\.\d{1,3})?", re.ASCII)


def load_object(body: bytes, expected: str) -> dict[str, Any]:
    """The JSON object that `body` is; raises PayloadShapeError saying `expected` and what came."""
    root = load_object_or_list(body, expected)
    if not isinstance(root, dict):
        raise shape_error(expected, "a JSON list", body)
    return root


def load_object_or_list(body: bytes, expected: str) -> dict[str, Any] | list[Any]:
    """The JSON object or list that `body` is; raises PayloadShapeError saying `expected` and what came."""
    if not body.strip():
        raise shape_error(expected, "an empty body", body)
    try:
        root = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        start = body.lstrip()[:1]
        if start == b"<":
            came = "an HTML or XML page"
        elif start in (b"{", b"["):
            came = f"broken or truncated JSON ({error.msg})"
        else:
            came = "text that is not JSON"
        raise shape_error(expected, came, body) from error
    if not isinstance(root, dict | list):
        raise shape_error(expected, f"a JSON {_kind_of(root)}", body)
    return root


def shape_error(expected: str, came: str, body: bytes) -> PayloadShapeError:
    """One clear line: what the platform sends, and what this is."""
    return PayloadShapeError(f"expected {expected}, but this is {came}", body=body)


def keys_of(root: dict[str, Any]) -> str:
    """An object described by its first keys."""
    if not root:
        return "an object without any key"
    more = ", ..." if len(root) > 8 else ""
    return f"an object with {', '.join(_printable(key)[:30] for key in list(root)[:8])}{more}"


def _kind_of(value: object) -> str:
    if isinstance(value, str):
        return "text"
    if value is None or isinstance(value, bool):
        return "constant"
    return "number"


def rows_of(value: object) -> list[Any]:
    """The list that `value` should be; empty when it is absent or something else."""
    return value if isinstance(value, list) else []


def object_of(value: object) -> dict[str, Any]:
    """The object that `value` should be; empty when it is absent or something else."""
    return value if isinstance(value, dict) else {}


def id_of(value: object) -> str | None:
    """A vendor's id as text; None when it is no id."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def name_of(value: object) -> str:
    """A name with single blanks and nothing unprintable in it; empty when there is none."""
    return " ".join(_printable(value).split()) if isinstance(value, str) else ""


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)


@lru_cache(maxsize=4096)
def _kickoff(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def kickoff_of(value: object) -> datetime | None:
    """An ISO 8601 time with a zone, as aware UTC; None when it is not one."""
    return _kickoff(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def line_of(text: str) -> Decimal | None:
    """A line written with a dot ("2.5", "+0.25"), in quarters; None when it is not one."""
    if not _LINE.fullmatch(text):
        return None
    line = Decimal(text)
    if line * 4 % 1 or abs(line) > MAX_LINE:
        return None
    return tidy(line)


def written_line(value: object) -> Decimal | None:
    """A line in quarters, written with a dot or a comma, or as a number; None when it is not one."""
    if isinstance(value, str):
        return line_of(value.strip().replace(",", "."))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return line_of(format(Decimal(repr(value)), "f"))
    return None


def number_of(value: object) -> Decimal | None:
    """The number that `value` should be, to four decimals; None for anything else (a text, a truth value)."""
    return decimal_of(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@lru_cache(maxsize=16384)
def decimal_of(value: float) -> Decimal:
    """A number as it was written (1.8334, not 1.83339999...), to the four decimals that a price may have."""
    written = Decimal(repr(value))
    return tidy(round(written, 4) if abs(written) < 1_000_000 else written)


def tidy(value: Decimal) -> Decimal:
    """The same number without trailing zeros, exponent or negative zero, so that it prints in one way only."""
    return Decimal(format(value.normalize() + 0, "f"))


class Unreadable(Exception):
    """A row that cannot become a record. Raised and caught inside a parser, which rejects the row."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    def row(self, source_id: str) -> Rejected:
        """The row that is left out, with the reason."""
        return Rejected(source_id, self.reason, self.detail)


def check_sides(home: str, away: str, shown: str) -> None:
    """Raise Unreadable unless both sides have a name, and not the same one; `shown`: the event for people."""
    if not (home and away):
        raise Unreadable(Reason.NO_SIDES, shown)
    if home.casefold() == away.casefold():
        raise Unreadable(Reason.NO_SIDES, f"the same name twice: {home}")
