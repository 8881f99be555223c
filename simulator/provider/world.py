"""The provider of the simulated world: the senior football matches that its bookmakers list, and their results.

A season is a calendar month; last month's, this one's and the two to come are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache

from simulator import chance
from simulator.brands import load_leagues, without_accents
from simulator.clubs import CLUB_NUMBERS
from simulator.fixtures import MATCHES_A_DAY, fixtures_of_day
from simulator.provider.holdings import Fixture, League, Season, Team
from simulator.provider.nations import country_of_club

NAMES: dict[str, tuple[int, str]] = {
    "brasileirao_a": (648, "Serie A"),
    "brasileirao_b": (651, "Serie B"),
    "paulistao": (654, "Paulista A1"),
    "carioca": (657, "Carioca"),
    "libertadores": (1122, "Copa Libertadores"),
    "premier_league": (8, "Premier League"),
    "championship": (9, "Championship"),
    "fa_cup": (24, "FA Cup"),
    "efl_cup": (27, "Carabao Cup"),
    "la_liga": (564, "La Liga"),
    "copa_del_rey": (570, "Copa Del Rey"),
    "serie_a": (384, "Serie A"),
    "bundesliga": (82, "Bundesliga"),
    "ligue_1": (301, "Ligue 1"),
    "eredivisie": (72, "Eredivisie"),
    "liga_portugal": (462, "Liga Portugal"),
    "champions_league": (2, "Champions League"),
    "europa_league": (5, "Europa League"),
    "conference_league": (2286, "Europa Conference League"),
}
"""The registry's key -> the provider's id and name."""

_MONTHS_KNOWN = range(-1, 3)
_MONTHS = 100_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIRST_TEAM = 10_000
_GOALS = (0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4)


@cache
def world_leagues() -> tuple[League, ...]:
    """The world's football leagues."""
    return tuple(
        League(number, key, name, load_leagues()[key]["country"], _code(name))
        for key, (number, name) in NAMES.items()
    )


@lru_cache(maxsize=1024)
def world_team(name: str) -> Team:
    """A club of the world, by its own name."""
    return Team(_FIRST_TEAM + CLUB_NUMBERS[name], name, _code(name), country_of_club(name))


def goals(*parts: object) -> tuple[int, int]:
    """A result by chance."""
    home, away = (chance.pick(_GOALS, "goals", side, *parts) for side in ("home", "away"))
    return home, away


class WorldHoldings:
    """Satisfies `Holdings`. `a_day`: as the bookmakers' world has it."""

    def __init__(self, seed: int, a_day: int = MATCHES_A_DAY) -> None:
        self._seed = seed
        self._a_day = a_day

    def leagues(self) -> Sequence[League]:
        """See Holdings."""
        return world_leagues()

    def seasons(self, time: int) -> Sequence[Season]:
        """See Holdings."""
        today = datetime.fromtimestamp(time, UTC)
        months = [today.year * 12 + today.month - 1 + offset for offset in _MONTHS_KNOWN]
        return sorted(
            (_season(league, month) for league in world_leagues() for month in months), key=lambda season: season.id
        )

    def fixtures(self, season: Season, time: int) -> Sequence[Fixture]:
        """See Holdings."""
        return sorted(self._matches(season, time), key=lambda fixture: fixture.id)

    def _matches(self, season: Season, time: int) -> Iterator[Fixture]:
        for day in range(season.first_day, season.last_day + 1):
            for match in fixtures_of_day(self._seed, season.league.key, day, self._a_day):
                # Women's and youth sides are other leagues at a provider, and it holds none of them here.
                if not match.category:
                    yield Fixture(
                        match.code,
                        season,
                        world_team(match.home.name),
                        world_team(match.away.name),
                        match.kickoff(time),
                        goals(self._seed, match.code),
                    )


def _season(league: League, month: int) -> Season:
    first, after = (date(number // 12, number % 12 + 1, 1) for number in (month, month + 1))
    days = (first.toordinal() - _EPOCH_DAY, after.toordinal() - _EPOCH_DAY - 1)
    return Season(league.id * _MONTHS + month, league, f"{first:%Y/%m}", *days)


def _code(name: str) -> str:
    letters = [letter for letter in without_accents(name).upper() if letter.isascii() and letter.isalpha()]
    return "".join(letters[:3])
