"""Which matches of the world a round of a league has, and what the site calls them.

A league has one season, which began with the world and goes on; its rounds are stretches of days of equal length.
Women's and youth sides are competitions of their own on such a site, and it has none of them here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from simulator.brands import Brand, load_leagues, without_accents
from simulator.clubs import CLUB_NUMBERS, Club
from simulator.fixtures import DAY_S, MATCHES_A_DAY, Fixture, fixture_of, fixtures_of_day
from simulator.provider.holdings import LIVE_S
from simulator.results.play import play_of

SITE = "ogol"
ROUND_DAYS = 4
LARGE_ROUND_DAYS = 190
"""With two matches a day a round of 380, as many as a whole season of twenty clubs."""

EXTRA_TIME_S = 45 * 60
STATISTICS_AFTER_S = 3600
"""After the end; until then a page tells who scored, and no more."""

_FIRST_DAY = 19_000
_FIRST_PAGE = 5_000_000
_FIRST_EDITION = 200_000
_SPELLING = Brand(f"{SITE}/{SITE}", SITE, SITE, "", 0.0, 0.0, replaces=False, boosted=0.0)


class Rounds:
    """The rounds of a world.

    days   how many days a round has
    a_day  as the bookmakers' world has it
    """

    def __init__(self, seed: int, a_day: int = MATCHES_A_DAY, days: int = ROUND_DAYS) -> None:
        self.seed = seed
        self._a_day = a_day
        self._days = days

    def current(self, time: int) -> int:
        """The round of the day of `time` (epoch s)."""
        return (time // DAY_S - _FIRST_DAY) // self._days + 1

    def matches(self, league: str, number: int) -> list[Fixture]:
        """The matches of a round, by first kick-off."""
        first = _FIRST_DAY + (number - 1) * self._days
        found = [
            match
            for day in range(first, first + self._days)
            for match in fixtures_of_day(self.seed, league, day, self._a_day)
            if not match.category
        ]
        return sorted(found, key=lambda match: (match.first_kickoff, match.code))

    def round_of(self, match: Fixture) -> int:
        """The round that a match belongs to, also when it was put off."""
        return self.current(match.first_kickoff)

    def match(self, page_id: int) -> Fixture | None:
        """The match with this page; None when there is none."""
        found = fixture_of(self.seed, page_id - _FIRST_PAGE, self._a_day) if page_id >= _FIRST_PAGE else None
        return found if found is not None and not found.category and found.league in competitions() else None

    def is_over(self, match: Fixture, time: int) -> bool:
        """Whether it has been played at `time`."""
        extra = EXTRA_TIME_S if play_of(self.seed, match).extra_time else 0
        return time >= match.kickoff(time) + LIVE_S + extra

    def has_statistics(self, match: Fixture, time: int) -> bool:
        """Whether its page shows them."""
        return time >= match.kickoff(time) + LIVE_S + STATISTICS_AFTER_S


@cache
def competitions() -> Mapping[str, str]:
    """Key of a league -> the site's name of it in addresses."""
    return {key: row["ids"][SITE] for key, row in load_leagues().items() if SITE in row["ids"]}


def league_named(competition: str) -> str | None:
    """The key of the league that the site calls so; None when it has none."""
    return next((key for key, name in competitions().items() if name == competition), None)


def edition_of(league: str) -> int:
    """The site's number of the league's season."""
    return _FIRST_EDITION + list(competitions()).index(league)


def called(club: Club) -> str:
    """The site's own spelling of a club."""
    return _SPELLING.side(club, "")


def club_number(club: Club) -> int:
    """The site's number of a club."""
    return 1 + CLUB_NUMBERS[club.name]


def page_id(match: Fixture) -> int:
    """The number of a match's page."""
    return _FIRST_PAGE + match.code


def path_of(match: Fixture, time: int) -> str:
    """The address of a match's page: with its day in UTC."""
    day = datetime.fromtimestamp(match.kickoff(time), UTC).date().isoformat()
    return f"/jogo/{day}-{slug(called(match.home))}-{slug(called(match.away))}/{page_id(match)}"


def slug(name: str) -> str:
    """A name as addresses have it."""
    return re.sub(r"[^a-z0-9]+", "-", without_accents(name).lower()).strip("-")
