"""Who plays whom and when: a list that rolls forward with time, as a pure function of seed and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from scrapers.records import Sport
from simulator import chance
from simulator.brands import load_leagues
from simulator.clubs import KICK_OFFS, LEAGUE_CLUBS, OTHER_KICK_OFFS, OTHER_SIDES, Club

DAY_S = 86_400
AHEAD_S = 4 * DAY_S
"""A match is listed from this long before its first kick-off."""
CLOSES_S = 120
"""A match leaves the pre-match list this long before its kick-off."""

MATCHES_A_DAY = 2
"""Senior matches of each league, unless a world is made busier (at most 6: two slots are for other sides)."""
_SLOTS_A_DAY = 8
_ROUND_DAYS = 4
_FIRST_DAY = 19_000
_LEAGUES_MAX = 64
_POSTPONED_SHARE = 0.03
_POSTPONED_BY_S = (1800, 3600, 7200, DAY_S)


@dataclass(frozen=True, slots=True)
class Fixture:
    """A match of the world.

    code          its number, the same for every brand; platforms derive their event ids from it
    category      "" for senior men's sides, else "women", "u20" or "b", on both sides
    first_kickoff epoch s, UTC, as first announced
    moved_at      epoch s when the kick-off was moved by `moved_by` seconds; 0: never
    """

    code: int
    league: str
    sport: Sport
    home: Club
    away: Club
    category: str
    first_kickoff: int
    moved_at: int = 0
    moved_by: int = 0

    def kickoff(self, time: int) -> int:
        """The kick-off as announced at `time`; both epoch s."""
        return self.first_kickoff + (self.moved_by if self.moved_at and time >= self.moved_at else 0)

    def listed(self, time: int) -> bool:
        """Whether a pre-match list shows it."""
        return self.first_kickoff - AHEAD_S <= time < self.kickoff(time) - CLOSES_S


def fixtures_at(seed: int, league: str, time: int, a_day: int = MATCHES_A_DAY) -> list[Fixture]:
    """What the league's list shows, by kick-off then code."""
    today = time // DAY_S
    found = [
        fixture
        for day in range(today - 3, today + AHEAD_S // DAY_S + 2)
        for fixture in _day(seed, league, day, a_day)
        if fixture.listed(time)
    ]
    return sorted(found, key=lambda fixture: (fixture.kickoff(time), fixture.code))


def fixtures_of_day(seed: int, league: str, day: int, a_day: int = MATCHES_A_DAY) -> tuple[Fixture, ...]:
    """The league's matches of a day, listed or not. Days since the epoch; a late one begins after midnight."""
    return _day(seed, league, day, a_day)


def fixture_of(seed: int, code: int, a_day: int = MATCHES_A_DAY) -> Fixture | None:
    """The match with this number, listed or not; None when there never was one."""
    day, index = divmod(code // _SLOTS_A_DAY, _LEAGUES_MAX)
    league = next(islice(load_leagues(), index, None), None)
    if league is None:
        return None
    return next((fixture for fixture in _day(seed, league, day + _FIRST_DAY, a_day) if fixture.code == code), None)


@lru_cache(maxsize=4096)
def _day(seed: int, league: str, day: int, a_day: int) -> tuple[Fixture, ...]:
    return tuple(_matches(seed, league, day, a_day))


def _matches(seed: int, league: str, day: int, a_day: int) -> Iterator[Fixture]:
    # One shuffle covers a round of days, so that nobody plays twice within it, as far as there are clubs enough.
    clubs = LEAGUE_CLUBS[league]
    order = sorted(clubs, key=lambda club: chance.number(seed, "order", league, day // _ROUND_DAYS, club.name))
    first = day % _ROUND_DAYS * a_day * 2
    sport = Sport(load_leagues()[league]["sport"])
    base = ((day - _FIRST_DAY) * _LEAGUES_MAX + list(load_leagues()).index(league)) * _SLOTS_A_DAY
    senior = []
    for slot in range(a_day):
        home, away = (order[(first + 2 * slot + side) % len(order)] for side in (0, 1))
        minute = chance.pick(KICK_OFFS.get(league, OTHER_KICK_OFFS), seed, "minute", league, day, slot)
        kickoff = day * DAY_S + minute * 60
        moved_at = moved_by = 0
        if chance.unit(seed, "moved", league, day, slot) < _POSTPONED_SHARE:
            moved_at = kickoff - 3 * 3600 - int(40 * 3600 * chance.unit(seed, "moved-at", league, day, slot))
            moved_by = chance.pick(_POSTPONED_BY_S, seed, "moved-by", league, day, slot)
        senior.append(Fixture(base + slot, league, sport, home, away, "", kickoff, moved_at, moved_by))
    yield from senior
    for number, category in enumerate(OTHER_SIDES.get(league, ())):
        if chance.unit(seed, "other-side", league, day, category) < 0.25:
            model = senior[number % len(senior)]
            same_time = chance.unit(seed, "other-time", league, day, category) < 0.5
            kickoff = model.first_kickoff - (0 if same_time else 9000)
            code = base + a_day + number
            yield Fixture(code, league, sport, model.home, model.away, category, kickoff)
