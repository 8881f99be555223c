"""What the results site says. Ids are its own; days are its own days, kick-offs aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from scrapers.records import Rejected

Score = tuple[int, int]
"""Goals of the home and of the away side, as the site lists them."""


class Standing(StrEnum):
    """Where a listed match stands."""

    FINISHED = "finished"
    """It has a score. The site shows none before the end in its lists."""
    TO_COME = "to_come"
    OFF = "off"
    """Put off, cancelled or broken off: there is no score, and there may never be one."""


class GoalKind(StrEnum):
    """How a goal was scored."""

    PLAIN = "goal"
    PENALTY = "penalty"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """A match in the list of a round.

    path         of its page, from the site's root
    played_on    the day in that address: the site's own, or the next where it counts UTC days
    score        as shown: after extra time where there was one; None exactly while it is not finished
    extra_time   whether there was extra time
    penalties    of the shoot-out; None: there was none
    """

    page_id: int
    path: str
    home: str
    away: str
    played_on: date
    standing: Standing
    score: Score | None = None
    extra_time: bool = False
    penalties: Score | None = None


@dataclass(frozen=True, slots=True)
class RoundPage:
    """The list of one round. edition: the site's number of the season, 0 where it is not told; rounds: the numbers
    that the page offers, empty for a competition without numbered rounds."""

    edition: int
    round: int
    rounds: tuple[int, ...]
    matches: tuple[ListedMatch, ...]
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal. side: whom it counts for; added: minutes of stoppage time after `minute` (45+2 is 45 and 2)."""

    side: str
    minute: int
    added: int
    kind: GoalKind
    scorer: str


@dataclass(frozen=True, slots=True)
class MatchPage:
    """The page of a finished match.

    starts_at    None: not told
    goals        in order of time; None: the page does not tell them all
    statistics   name (vocabulary.STATISTICS) -> values of the home and of the away side
    attendance   None: not told; venue, referee '' where they are not
    """

    score: Score
    extra_time: bool
    penalties: Score | None
    starts_at: datetime | None
    goals: tuple[Goal, ...] | None
    statistics: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    venue: str = ""
    referee: str = ""
    attendance: int | None = None
    rejected: tuple[Rejected, ...] = ()

    @property
    def regular(self) -> Score | None:
        """The score after 90 minutes; None where extra time followed and the goals' minutes are not known."""
        if not self.extra_time:
            return self.score
        return None if self.goals is None else _counted(self.goals, 90)

    @property
    def half(self) -> Score | None:
        """The score at half time; None where the goals' minutes are not known."""
        return None if self.goals is None else _counted(self.goals, 45)


def _counted(goals: tuple[Goal, ...], until: int) -> Score:
    counted = [goal.side for goal in goals if goal.minute <= until]
    return counted.count("home"), counted.count("away")
