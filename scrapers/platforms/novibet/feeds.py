"""Where events stand in Novibet's feeds, and what their rows say. Pure.

A location feed is a list of blocks: the events of one competition (`items`), or of several
(`competitions[].events`). An event feed is one event, its markets in categories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scrapers.platforms.reading import Row, id_of, kickoff_of, name_of, object_of, rows_of
from scrapers.records import LeagueName, Phase

SIDES_KEYS = frozenset({"additionalCaptions", "competitors"})
START_KEYS = frozenset({"startTimeUTC", "startDate", "startDateTime"})
"""Where an event says who plays and when."""


@dataclass(frozen=True, slots=True)
class Found:
    """An event's row and its markets, and what its surroundings say.

    league         None where they say nothing
    sport_caption  the sport in the site's language; "" where they do not say
    of_many        whether the page has several competitions
    """

    row: Any
    markets: list[Any]
    league: LeagueName | None
    sport_caption: str
    of_many: bool = False


def events_of(block: Row) -> Iterator[Found]:
    """Every event of a block: those of one competition, and those of several."""
    location = id_of(block.get("marketViewGroupId"))
    for view in map(object_of, rows_of(block.get("betViews"))):
        sport = name_of(view.get("competitionContextCaption"))
        for row in rows_of(view.get("items")):
            caption = name_of(object_of(row).get("competitionCaption"))
            own = None if location is None else LeagueName(location, caption)
            yield Found(row, rows_of(object_of(row).get("markets")), own, sport)
        competitions = [object_of(row) for row in rows_of(view.get("competitions"))]
        for competition in competitions:
            number = id_of(competition.get("betContextId"))
            names = name_of(competition.get("caption")), name_of(competition.get("regionCaption"))
            own = None if number is None else LeagueName(number, *names)
            for row in rows_of(competition.get("events")):
                markets = rows_of(object_of(row).get("markets"))
                yield Found(row, markets, own, sport, of_many=len(competitions) > 1)


def markets_of_feed(root: Row) -> list[Any]:
    """Every market of an event feed, with the repetitions of its categories."""
    items = [item for category in rows_of(root.get("marketCategories")) for item in _rows(category, "items")]
    return [market for item in items for market in _rows(item, "betViews")]


def _rows(holder: object, key: str) -> list[Any]:
    return rows_of(object_of(holder).get(key))


def sysname_of(market: object) -> str:
    """A market's sysname; location feeds and event feeds call it differently."""
    row = object_of(market)
    return name_of(row.get("betTypeSysname")) or name_of(row.get("marketSysname"))


def sides_of(row: Row) -> tuple[str, str] | None:
    """The two sides in the feed's order; None when the feed does not name both, or names one twice."""
    captions, teams = object_of(row.get("additionalCaptions")), object_of(row.get("competitors"))
    first = name_of(captions.get("competitor1")) or name_of(object_of(teams.get("homeTeam")).get("teamCaption"))
    second = name_of(captions.get("competitor2")) or name_of(object_of(teams.get("awayTeam")).get("teamCaption"))
    return (first, second) if first and second and first != second else None


def label_of(row: Row) -> str:
    """An event for people."""
    sides = sides_of(row)
    return " - ".join(sides) if sides else name_of(row.get("caption")) or name_of(row.get("path"))


def phase_of(row: Row) -> Phase:
    """Live by the event's own mark or that of its live data; live data without a mark are there in play only."""
    live_data = object_of(row.get("liveData"))
    return Phase.LIVE if row.get("isLive") or live_data.get("isLive", bool(live_data)) else Phase.PREMATCH


def start_of(row: Row) -> datetime | None:
    """Aware UTC; the event feed's `startTimeUTC` may come without a zone."""
    in_utc = row.get("startTimeUTC")
    if isinstance(in_utc, str):
        return kickoff_of(in_utc) or kickoff_of(f"{in_utc}+00:00")
    return kickoff_of(row.get("startDate")) or kickoff_of(row.get("startDateTime"))


def tags_of(row: Row) -> dict[str, frozenset[str]]:
    """Market id -> its tags."""
    tags: dict[str, set[str]] = defaultdict(set)
    for item in map(object_of, rows_of(row.get("marketTags"))):
        market_id, tag = id_of(item.get("marketId")), name_of(item.get("tag"))
        if market_id is not None and tag:
            tags[market_id].add(tag)
    return {market_id: frozenset(found) for market_id, found in tags.items()}
