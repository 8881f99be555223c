"""Two lists of events to the pairs that are one match: whole, or day by day as a fleet sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from normalizer.events.judging import DAY_MIN
from normalizer.lists.events import EventList, read_events, read_kickoff
from normalizer.lists.learning import Lessons
from normalizer.lists.passes import ListLinker

Row = Mapping[str, Any]

WAITING_DAYS = 2
"""A kick-off of late evening has tomorrow's date in the other list, and a postponed match is a day away."""


class LinkedEvents(NamedTuple):
    """The events with these ids are one match; score 0 to 1."""

    a: Any
    b: Any
    score: float


def link_lists(events_a: EventList, events_b: EventList, *, learn: bool = True) -> list[LinkedEvents]:
    """The pairs of two lists, in the order of list A. No event is in two of them.

    learn: spellings that the lists' clear links agree on are taken for one team by the less clear ones.
    """
    pairs = ListLinker(events_a, events_b, Lessons(), learn=learn).run()
    return [
        LinkedEvents(events_a.ids[pair.event], events_b.ids[pair.match], round(pair.score, 4)) for pair in pairs
    ]


def link(rows_a: Sequence[Row], rows_b: Sequence[Row], *, learn: bool = True) -> list[tuple[Any, Any]]:
    """`link_lists` for rows with the columns id, league, home, away, kickoff_utc: pairs of ids.

    Raises EventRowError for a missing column; a row that is no event is in no pair.
    """
    return [(pair.a, pair.b) for pair in link_lists(read_events(rows_a), read_events(rows_b), learn=learn)]


def link_in_time_order(
    rows_a: Sequence[Row], rows_b: Sequence[Row], *, learn: bool = True
) -> list[tuple[Any, Any]]:
    """The same, fed one day of kick-offs (UTC) after the other: a day knows what the days before it taught.

    What a day leaves open waits for the next ones, WAITING_DAYS long: the other list may date it later.
    """
    days_a, days_b = _by_day(rows_a), _by_day(rows_b)
    lessons = Lessons()
    linked: list[tuple[Any, Any]] = []
    open_a: list[Row] = []
    open_b: list[Row] = []
    for day in sorted(days_a.keys() | days_b.keys()):
        listed_a = [*_still_open(open_a, day), *days_a.get(day, ())]
        listed_b = [*_still_open(open_b, day), *days_b.get(day, ())]
        events_a, events_b = read_events(listed_a), read_events(listed_b)
        pairs = ListLinker(events_a, events_b, lessons, learn=learn).run()
        found = [(events_a.ids[pair.event], events_b.ids[pair.match]) for pair in pairs]
        linked += found
        done_a, done_b = {a for a, _ in found}, {b for _, b in found}
        open_a = [row for row in listed_a if row["id"] not in done_a]
        open_b = [row for row in listed_b if row["id"] not in done_b]
    return linked


def _still_open(rows: Sequence[Row], day: int) -> list[Row]:
    return [row for row in rows if _day_of(row) >= day - WAITING_DAYS]


def _by_day(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """By day of kick-off (days since 1970); a row whose kick-off cannot be read is no event of any day."""
    days: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        with suppress(ValueError):
            days[_day_of(row)].append(row)
    return days


def _day_of(row: Row) -> int:
    return read_kickoff(row["kickoff_utc"])[0] // DAY_MIN
