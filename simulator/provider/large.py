"""Holdings of the size of a real subscription, invented: 490 seasons of 98 leagues with 60,000 matches.

The registry's leagues come first, with the clubs of the simulated world; the others are of nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from simulator import chance
from simulator.clubs import LEAGUE_CLUBS
from simulator.provider.holdings import CANCELLED, DAY_S, POSTPONED, Fixture, League, Season, Team
from simulator.provider.nations import countries
from simulator.provider.world import goals, world_leagues, world_team

LEAGUES = 98
SEASONS = 5
FIXTURES = 60_000
CHUNKS = LEAGUES * SEASONS
_TEAMS = 16
_HALF_YEAR_DAYS = 182
_FIRST_LEAGUE = 5000
_SEASONS_KNOWN = 1000
_FIRST_TEAM = 100_000
_FIRST_FIXTURE = 18_000_000
_MOST = 1000
_PLACES = ("Alto", "Bela", "Campo", "Nova", "Porto", "Santa", "Vila", "Monte", "Rio", "Serra", "Ponte", "Lago")
_KINDS = ("Atlético", "Esporte Clube", "União", "Real", "Racing", "Sport Club", "Dínamo", "Estrela")
_KICKOFFS_S = (15 * 3600, 17 * 3600 + 1800, 19 * 3600, 21 * 3600 + 1800)


class LargeHoldings:
    """Satisfies `Holdings`. The running season is the half-year of `time`; the four before it are over."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def leagues(self) -> Sequence[League]:
        """See Holdings."""
        return _leagues()

    def seasons(self, time: int) -> Sequence[Season]:
        """See Holdings."""
        running = time // DAY_S // _HALF_YEAR_DAYS
        return [
            _season(league, number) for league in _leagues() for number in range(running - SEASONS + 1, running + 1)
        ]

    def fixtures(self, season: Season, time: int) -> Sequence[Fixture]:
        """See Holdings."""
        number = season.id % _SEASONS_KNOWN
        place = _leagues().index(season.league) * SEASONS + number % SEASONS
        many, rest = divmod(FIXTURES, CHUNKS)
        return [self._fixture(season, each) for each in range(many + (place < rest))]

    def _fixture(self, season: Season, number: int) -> Fixture:
        teams = _teams(season.league)
        # Everybody meets everybody: round r pairs i with r - i, as a tournament's table does.
        turn, pair = divmod(number, len(teams) // 2)
        one = (turn + pair) % len(teams)
        other = (turn - pair - 1) % len(teams)
        day = season.first_day + turn * (_HALF_YEAR_DAYS - 2) // 16
        off = chance.unit(self._seed, "off", season.id, number)
        return Fixture(
            _FIRST_FIXTURE + season.id * _MOST + number,
            season,
            teams[one],
            teams[other],
            day * DAY_S + chance.pick(_KICKOFFS_S, self._seed, "kickoff", season.id, number),
            goals(self._seed, season.id, number),
            POSTPONED if off < 0.01 else CANCELLED if off < 0.015 else 0,
        )


@cache
def _leagues() -> tuple[League, ...]:
    known = world_leagues()
    return known + tuple(
        League(
            _FIRST_LEAGUE + number,
            "",
            f"Liga {number + 1}",
            chance.pick(countries(), "league", number),
            f"L{number}",
        )
        for number in range(LEAGUES - len(known))
    )


def _season(league: League, number: int) -> Season:
    first = number * _HALF_YEAR_DAYS
    name = datetime.fromtimestamp(first * DAY_S, UTC).strftime("%Y/%m")
    return Season(league.id * _SEASONS_KNOWN + number, league, name, first, first + _HALF_YEAR_DAYS - 1)


@cache
def _teams(league: League) -> tuple[Team, ...]:
    if league.key:
        return tuple(world_team(club.name) for club in LEAGUE_CLUBS[league.key][:_TEAMS])
    return tuple(_invented(league, number) for number in range(_TEAMS))


def _invented(league: League, number: int) -> Team:
    name = (
        f"{chance.pick(_KINDS, league.id, number)} {_PLACES[number % len(_PLACES)]} {league.id % 1000}{number:02}"
    )
    return Team(_FIRST_TEAM + league.id * 100 + number, name, f"T{number:02}", league.country)
