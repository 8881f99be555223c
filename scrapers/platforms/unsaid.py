"""What a saved file leaves out of an event: stand-ins for what its list would have said.

A page of odds need not repeat who plays where and when: a cycle was led there by a list and knows. A saved file
stands alone, so with `Context.saved` parsers put these values in the place of what is absent (never of what is
there and cannot be read). `fleet parse` prints them as null. A cycle never sets `saved`: there an event without
its head is rejected.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from scrapers.records import Event, LeagueName, Sport

# Unprintable, so that no name of a payload equals them.
HOME, AWAY = "\x00 home unsaid", "\x00 away unsaid"
SIDES = frozenset({HOME, AWAY})
LEAGUE = LeagueName("", "")
KICKOFF = datetime.min.replace(tzinfo=UTC)

_Id = TypeVar("_Id", bound=Hashable)


def nameless(source_id: str, sport: Sport) -> Event:
    """An event of which only its odds are known; `source_id` "" when not even its id is."""
    return Event(source_id, sport, LEAGUE, HOME, AWAY, KICKOFF)


def is_whole(event: Event) -> bool:
    """Whether nothing of the event is a stand-in."""
    return (
        bool(event.league.source_id) and SIDES.isdisjoint({event.home, event.away}) and event.starts_at != KICKOFF
    )


def completed(event: Event, described: Event) -> Event:
    """The event with what it leaves out as `described` tells it."""
    return replace(
        event,
        league=event.league if event.league.source_id else described.league,
        home=described.home if event.home in SIDES else event.home,
        away=described.away if event.away in SIDES else event.away,
        starts_at=described.starts_at if event.starts_at == KICKOFF else event.starts_at,
    )


def sport_of(markets: Mapping[Sport, Collection[_Id]], ids: Iterable[_Id]) -> Sport | None:
    """The one sport whose own markets occur among `ids`; None when none or several do.

    An id that several sports know says nothing.
    """
    found = set()
    for market_id in set(ids):
        sports = [sport for sport, known in markets.items() if market_id in known]
        if len(sports) == 1:
            found.add(sports[0])
    return found.pop() if len(found) == 1 else None
