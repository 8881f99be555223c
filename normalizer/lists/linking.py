"""Two lists of events to the pairs that are one match: whole, or day by day as a fleet sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from normalizer.lists.events import EventList, read_events
from normalizer.lists.learning import Lessons
from normalizer.lists.passes import ListLinker

Row = Mapping[str, Any]


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
    return [LinkedEvents(events_a.ids[pair.a], events_b.ids[pair.b], round(pair.score, 4)) for pair in pairs]


def link(rows_a: Sequence[Row], rows_b: Sequence[Row], *, learn: bool = True) -> list[tuple[Any, Any]]:
    """`link_lists` for rows with the columns id, league, home, away, kickoff_utc: pairs of ids.

    Raises EventRowError for a missing column; a row that is no event is in no pair.
    """
    return [(pair.a, pair.b) for pair in link_lists(read_events(rows_a), read_events(rows_b), learn=learn)]


def link_in_time_order(
    rows_a: Sequence[Row], rows_b: Sequence[Row], *, learn: bool = True
) -> list[tuple[Any, Any]]:
    """The same, one day of kick-offs (UTC) after the other: a day knows only what the days before it taught."""
    days_a, days_b = _by_day(rows_a), _by_day(rows_b)
    lessons = Lessons()
    linked: list[tuple[Any, Any]] = []
    for day in sorted(days_a.keys() & days_b.keys()):
        events_a, events_b = read_events(days_a[day]), read_events(days_b[day])
        pairs = ListLinker(events_a, events_b, lessons, learn=learn).run()
        linked += ((events_a.ids[pair.a], events_b.ids[pair.b]) for pair in pairs)
    return linked


def _by_day(rows: Sequence[Row]) -> dict[str, list[Row]]:
    days: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        days[row["kickoff_utc"][:10]].append(row)
    return days
