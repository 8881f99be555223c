"""A small catalogue, made of readable rows, for the tests of matching."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from normalizer.catalogue import Catalogue
from normalizer.matching import EventToLink
from normalizer.names import parse_team
from scrapers.records import Sport

KICK_OFF = datetime(2026, 5, 16, 19, 0, tzinfo=UTC)

LEAGUES = (
    ("brasileirao_a", "Brasileirão Série A", "Brazil", "football"),
    ("brasileirao_f", "Brasileirão Feminino", "Brazil", "football"),
    ("premier_league", "Premier League", "England", "football"),
    ("la_liga", "La Liga", "Spain", "football"),
    ("serie_a", "Serie A", "Italy", "football"),
    ("champions_league", "UEFA Champions League", "Europe", "football"),
    ("nba", "NBA", "USA", "basketball"),
)


class World:
    """Builds the rows of catalogue_page. Teams are told apart by name, category and country."""

    def __init__(self) -> None:
        self.rows: dict[str, list[list[Any]]] = {"leagues": [], "teams": [], "aliases": [], "matches": []}
        self._teams: dict[tuple[str, str, str], int] = {}
        for number, league in enumerate(LEAGUES, start=1):
            self.rows["leagues"].append([1, number, *league])

    def team(self, name: str, *, category: str | None = None, country: str = "", sport: str = "football") -> int:
        """The id of a team; made when it is new. `category` None: what the name says."""
        parsed = parse_team(name)
        kind = parsed.category if category is None else category
        key = (name, kind, country)
        if key not in self._teams:
            self._teams[key] = len(self._teams) + 1
            self.rows["teams"].append([1, self._teams[key], sport, name, parsed.folded, country, kind])
        return self._teams[key]

    def alias(self, team_id: int, alias: str, status: str = "confirmed") -> None:
        """Another spelling of a team."""
        parsed = parse_team(alias)
        number = len(self.rows["aliases"]) + 1
        self.rows["aliases"].append([1, number, team_id, parsed.folded, parsed.category, status])

    def match(
        self,
        home: str,
        away: str,
        *,
        league: str | None = None,
        after: timedelta = timedelta(0),
        category: str | None = None,
        sport: str = "football",
    ) -> int:
        """The id of a new match, kicking off `after` KICK_OFF."""
        number = len(self.rows["matches"]) + 1
        sides = [self.team(name, category=category, sport=sport) for name in (home, away)]
        at = int((KICK_OFF + after).timestamp())
        self.rows["matches"].append([1, number, sport, league, *sides, at])
        return number

    def catalogue(self, *, shuffle: int | None = None) -> Catalogue:
        """All rows taken in; with `shuffle`, kinds and rows in an order drawn from that seed."""
        catalogue = Catalogue()
        kinds = list(self.rows)
        rows = {kind: list(rows) for kind, rows in self.rows.items()}
        if shuffle is not None:
            random = Random(shuffle)
            random.shuffle(kinds)
            for each in rows.values():
                random.shuffle(each)
        for kind in kinds:
            catalogue.apply_page(kind, rows[kind])
        return catalogue


def event(
    home: str,
    away: str,
    *,
    number: str = "e1",
    league: str | None = None,
    league_name: str = "",
    after: timedelta = timedelta(0),
    sport: Sport = Sport.FOOTBALL,
) -> EventToLink:
    """A bookmaker's event, kicking off `after` KICK_OFF."""
    return EventToLink(number, sport, league, league_name, home, away, KICK_OFF + after)


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def by_number(links: Iterable[Any]) -> dict[str, Any]:
    """Links by their event's source id."""
    return {link.event.source_event_id: link for link in links}
