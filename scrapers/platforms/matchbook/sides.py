"""Who is at home: an event's name and its participants say it together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scrapers.platforms.matchbook.markets import GUEST_FIRST, HOME_FIRST
from scrapers.platforms.reading import Reason, Row, Unreadable, check_sides, id_of, name_of, object_of, rows_of
from scrapers.records import Selection, Sport

_BETWEEN = "|".join(re.escape(word) for word in sorted(HOME_FIRST | GUEST_FIRST, key=len, reverse=True))
_DELIMITER = re.compile(rf"\s({_BETWEEN})\s", re.IGNORECASE)
_REMARK = r"(?: \([^)]*\))?"
"""What may follow a side in the event's name, as "(Cobb)", the pitcher."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides, and how runners point to them: by participant id, or by name in small letters."""

    home: str
    away: str
    by_id: Mapping[str, Selection]
    by_name: Mapping[str, Selection]


def named_sides(home: str, away: str) -> Sides:
    """Sides that runners point to by their names alone."""
    return Sides(home, away, {}, {home.casefold(): Selection.HOME, away.casefold(): Selection.AWAY})


def sides_of(row: Row, sport: Sport) -> Sides:
    """The sides of an event.

    The event's name tells the order: "A vs B" is played at A's, "A at B" and "A em B" at B's. Participant number 1
    is the side named first, whichever plays at home; American events may number both 0 (2017).

    Raises Unreadable when there are not two sides, or when nothing, or two things, say who is at home.
    """
    name = name_of(row.get("name"))
    participants = [object_of(part) for part in rows_of(row.get("event-participants"))]
    if participants and len(participants) != 2:
        raise Unreadable(Reason.NOT_A_MATCH, f"{len(participants)} participants: {name}")
    hits = _DELIMITER.findall(name)
    if participants:
        first, second, between = _in_order(name, participants, hits)
    elif len(hits) == 1:
        first, second = _DELIMITER.split(name)[::2]
        between = hits[0]
        participants = [{"participant-name": first}, {"participant-name": second}]
    else:
        raise Unreadable(Reason.NOT_A_MATCH, f"no participants: {name}")
    if not between and sport is not Sport.FOOTBALL:
        raise Unreadable(Reason.NO_SIDES, f"nothing says who is the host: {name}")
    home, away = (second, first) if between.lower() in GUEST_FIRST else (first, second)
    check_sides(home, away, name)
    by_name = {home.casefold(): Selection.HOME, away.casefold(): Selection.AWAY}
    by_id: dict[str, Selection] = {}
    for part in participants:
        number = id_of(part.get("id"))
        if number is not None and number != "0":
            if number in by_id:
                raise Unreadable(Reason.NO_SIDES, f"both participants are {number}: {name}")
            by_id[number] = by_name[name_of(part.get("participant-name")).casefold()]
    return Sides(home, away, by_id, by_name)


def _in_order(name: str, participants: list[Row], hits: list[str]) -> tuple[str, str, str]:
    """The participant named first, the other one, and what stands between them ("" when that is not clear)."""
    one, two = (name_of(part.get("participant-name")) for part in participants)
    numbered: tuple[str, str] | None = None
    numbers = [id_of(part.get("number")) for part in participants]
    if sorted(numbers, key=str) == ["1", "2"]:
        numbered = (one, two) if numbers == ["1", "2"] else (two, one)
    for first, second in ((one, two), (two, one)):
        pattern = rf"{re.escape(first)}{_REMARK} ({_BETWEEN}) {re.escape(second)}{_REMARK}"
        named = re.fullmatch(pattern, name, re.IGNORECASE)
        if named is not None:
            if numbered is not None and numbered != (first, second):
                raise Unreadable(Reason.SIDE_CONFLICT, f"participant 1 is not the side named first: {name}")
            return first, second, named[1]
    if numbered is None:
        raise Unreadable(Reason.NO_SIDES, f"participants without an order: {name}")
    return (*numbered, hits[0] if len(hits) == 1 else "")
