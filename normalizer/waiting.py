"""An event that waits in the database, read back so that its diagnosis can be made: `matching.explain`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from normalizer.catalogue import KINDS, Catalogue
from normalizer.chances import chances_of
from normalizer.leagues import LeagueNames
from normalizer.matching import EventToLink
from scrapers.records import Sport


def event_of(row: Mapping[str, Any], leagues: LeagueNames) -> EventToLink:
    """The event of a row of the SQL functions `event_for_diagnosis` and `waiting_events`, as its scraper saw it.

    The league's id decided where it was known (`league_key`), else its name may.
    """
    sport = Sport(row["sport"])
    return EventToLink(
        source_event_id=row["source_event_id"],
        sport=sport,
        league_key=row["league_key"] or leagues.find(row["league_name"], sport),
        league_name=row["league_name"],
        home=row["home_name"],
        away=row["away_name"],
        starts_at=datetime.fromisoformat(row["starts_at"]),
        chances=chances_of(row["prices"]),
    )


def catalogue_of(around: Mapping[str, Any]) -> Catalogue:
    """The catalogue near one event, as the SQL function `catalogue_around` answers it: enough to find candidates.
    Teams that play at another time are not in it."""
    catalogue = Catalogue()
    for kind in KINDS:
        catalogue.apply_page(kind, around[kind])
    catalogue.version = around["version"]
    return catalogue
