"""A list of events in a compact form: names and leagues once, kick-offs in minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from normalizer.chances import Chances, read_chances
from normalizer.events.sides import Side, SideKey, category_between
from normalizer.names import TeamName, league_category, parse_team, with_league
from scrapers.errors import FleetError


class EventRowError(FleetError):
    """The rows are no events: a column is missing."""


@dataclass(slots=True)
class EventList:
    """Events of one source. Position n of each column is event n.

    ids           as given
    at            kick-off in minutes since 1970, UTC; of a date alone: its midnight
    dated         whether only the date is known
    home, away    positions in `sides`
    league        position in `leagues`
    chances       what its prices mean; None: not given
    rejected      rows that are no events: (number of the row from 1, why)
    """

    ids: list[Any] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    dated: list[bool] = field(default_factory=list)
    home: list[int] = field(default_factory=list)
    away: list[int] = field(default_factory=list)
    league: list[int] = field(default_factory=list)
    chances: list[Chances | None] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)
    leagues: list[str] = field(default_factory=list)
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def side_names(self, event: int) -> str:
        """The event's two names as printed."""
        return f"{self.sides[self.home[event]].name.raw} - {self.sides[self.away[event]].name.raw}"


def read_kickoff(text: str) -> tuple[int, bool]:
    """Minutes since 1970 (UTC) of "2025-04-05T19:00Z" or "2023-04-15", and whether it is a date alone.

    Any ISO 8601 time is read; one without an offset is UTC. Raises ValueError.
    """
    at = datetime.fromisoformat(text)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return int(at.timestamp()) // 60, len(text) <= len("2025-04-05")


def read_events(rows: Iterable[Mapping[str, Any]], id_column: str = "id") -> EventList:
    """The rows as a list: `id_column`, league, home, away, kickoff_utc, and where given the columns of prices.

    A row that is no event (its kick-off or a price cannot be read, a side has no name, its id came before) is
    left out and stands in `rejected`. Raises EventRowError when a column is missing.
    """
    reader = _Reader(id_column)
    for number, row in enumerate(rows, start=1):
        try:
            reader.take(row)
        except KeyError as missing:
            needed = ", ".join((id_column, *_COLUMNS))
            raise EventRowError(f"row {number} has no column {missing}; expected {needed}") from None
        except ValueError as error:
            reader.events.rejected.append((number, str(error)))
    return reader.events


_COLUMNS = ("league", "home", "away", "kickoff_utc")


class _Reader:
    """Takes rows in; each league, side and kick-off is read once."""

    def __init__(self, id_column: str) -> None:
        self.events = EventList()
        self._id_column = id_column
        self._ids: set[Any] = set()
        self._leagues: dict[str, int] = {}
        self._categories: list[str] = []
        self._sides: dict[SideKey, int] = {}
        self._printed: dict[tuple[str, str], int] = {}
        self._kickoffs: dict[str, tuple[int, bool]] = {}

    def take(self, row: Mapping[str, Any]) -> None:
        """Raises KeyError for a missing column and ValueError for a row that is no event; then nothing is kept."""
        number = row[self._id_column]
        league, home, away, kickoff = [row[column] for column in _COLUMNS]
        if number in self._ids:
            raise ValueError(f"event {number!r} came before")
        names = parse_team(home), parse_team(away)
        if not (names[0].folded and names[1].folded):
            raise ValueError(f"event {number!r}: a side has no name: {home!r} - {away!r}")
        at, dated = self._kickoff(kickoff)
        chances = read_chances(row)
        position = self._league(league)
        category = category_between(self._categories[position], *names)
        events = self.events
        self._ids.add(number)
        events.ids.append(number)
        events.at.append(at)
        events.dated.append(dated)
        events.home.append(self._side(names[0], category))
        events.away.append(self._side(names[1], category))
        events.league.append(position)
        events.chances.append(chances)

    def _kickoff(self, text: str) -> tuple[int, bool]:
        read = self._kickoffs.get(text)
        if read is None:
            read = self._kickoffs[text] = read_kickoff(text)
        return read

    def _league(self, name: str) -> int:
        position = self._leagues.get(name)
        if position is None:
            position = self._leagues[name] = len(self._categories)
            self._categories.append(league_category(name))
            self.events.leagues.append(name)
        return position

    def _side(self, name: TeamName, league: str) -> int:
        position = self._printed.get((name.raw, league))
        if position is None:
            side = Side(name, with_league(name.category, league))
            position = self._sides.setdefault(side.key, len(self.events.sides))
            if position == len(self.events.sides):
                self.events.sides.append(side)
            self._printed[name.raw, league] = position
        return position
