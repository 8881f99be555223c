"""What a provider knows, whatever world it is of. Ids are the provider's; times are epoch seconds, UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

DAY_S = 86_400
LIVE_S = 115 * 60
"""From kick-off to the end."""

NOT_STARTED, PLAYING, ENDED, POSTPONED, CANCELLED = 1, 2, 5, 10, 12
"""States by the ids that the provider documents."""


@dataclass(frozen=True, slots=True)
class League:
    """A competition. `key` is the registry's where the simulated bookmakers list it too, else ''."""

    id: int
    key: str
    name: str
    country: str
    short_code: str


@dataclass(frozen=True, slots=True)
class Season:
    """A league's season, from its first day until its last (days since the epoch, both included)."""

    id: int
    league: League
    name: str
    first_day: int
    last_day: int

    def is_over(self, time: int) -> bool:
        """Whether its last match has been played."""
        return time >= (self.last_day + 2) * DAY_S

    def is_current(self, time: int) -> bool:
        """Whether `time` lies in it."""
        return self.first_day <= time // DAY_S <= self.last_day


@dataclass(frozen=True, slots=True)
class Team:
    """A club. Its ground has its own number."""

    id: int
    name: str
    short_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Fixture:
    """A match. `goals` (home, away) are the final ones, shown once it is over."""

    id: int
    season: Season
    home: Team
    away: Team
    kickoff: int
    goals: tuple[int, int]
    off: int = 0

    def state(self, time: int) -> int:
        """The id of its state at `time`; `off` is POSTPONED or CANCELLED where it is not played."""
        if self.off:
            return self.off
        if time < self.kickoff:
            return NOT_STARTED
        return PLAYING if time < self.kickoff + LIVE_S else ENDED


class Holdings(Protocol):
    """Everything that the provider can be asked about. A pure function of the arguments."""

    def leagues(self) -> Sequence[League]:
        """Every league."""

    def seasons(self, time: int) -> Sequence[Season]:
        """Every season that is known at `time`, by id."""

    def fixtures(self, season: Season, time: int) -> Sequence[Fixture]:
        """The matches of a season as announced at `time`, by id."""
