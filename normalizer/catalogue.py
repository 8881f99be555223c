"""The catalogue in memory: teams, their spellings, leagues, and the matches to come.

Fed with rows of the SQL function `catalogue_page`, whole at first and then only what changed. Rows may come in
any order of kinds: an alias or a match of a team that is not here yet waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sys import intern
from typing import Any, NamedTuple

from normalizer.match_index import WINDOW_S, MatchIndex
from normalizer.names import TeamName, block_keys, fold, parse_team
from normalizer.teams.resolver import TeamNames
from normalizer.teams.spellings import Spelling
from normalizer.vocabulary import REGIONS
from scrapers.records import Sport

KINDS = ("teams", "aliases", "leagues", "matches")


class Team(NamedTuple):
    """A row of the table teams. `country` '' is unknown; `category` '' is the senior men's side."""

    team_id: int
    sport: str
    name: str
    folded: str
    country: str
    category: str


class LeagueRow(NamedTuple):
    """A row of the table leagues. `country` may be a region ("Europe")."""

    league_key: str
    name: str
    country: str
    sport: str


class Match(NamedTuple):
    """A row of the table matches. `starts_at` in epoch seconds, UTC; `league_key` None: a league unknown here."""

    match_id: int
    sport: str
    league_key: str | None
    home_team_id: int
    away_team_id: int
    starts_at: int


class Catalogue:
    """What identity is decided against.

    version       of the state that the pages were read from, as `catalogue_page` answered it; when several pages
                  were needed, the version of the first. Creations are refused when it is not the newest.
    reload_epoch  when it grows, somebody asked every process to load its catalogue anew
    """

    def __init__(self) -> None:
        self.version = 0
        self.reload_epoch = 0
        self.teams: dict[int, Team] = {}
        self.matches: dict[int, Match] = {}
        self.leagues: dict[str, LeagueRow] = {}
        self._own_names: dict[str, tuple[int, ...]] = {}
        self._aliases: dict[str, tuple[tuple[int, str], ...]] = {}
        self._parsed: dict[int, TeamName] = {}
        self._index = MatchIndex()
        self._matches_of: dict[int, set[int]] = {}
        self._resolvers: dict[tuple[str, str], TeamNames] = {}

    def apply_page(self, kind: str, rows: Sequence[Sequence[Any]]) -> None:
        """Take in the rows of one page of `catalogue_page`; a row known already is replaced.

        Raises ValueError for a kind that is none of KINDS.
        """
        if kind not in KINDS:
            raise ValueError(f"catalogue rows of kind {kind!r}; known: {', '.join(KINDS)}")
        for row in rows:
            if kind == "teams":
                self._put_team(Team(int(row[1]), intern(row[2]), row[3], row[4], intern(row[5]), intern(row[6])))
            elif kind == "aliases":
                self._put_alias(int(row[2]), row[3], row[4], intern(row[5]))
            elif kind == "leagues":
                self.leagues[row[2]] = LeagueRow(row[2], row[3], row[4], row[5])
            else:
                league = None if row[3] is None else intern(row[3])
                self._put_match(Match(int(row[1]), intern(row[2]), league, int(row[4]), int(row[5]), int(row[6])))

    def drop_matches_before(self, starts_at: int) -> int:
        """Forget matches that kicked off before (epoch seconds, UTC); how many."""
        old = [match for match in self.matches.values() if match.starts_at < starts_at]
        for match in old:
            self._take_match(match)
        return len(old)

    def name_of(self, team_id: int) -> TeamName:
        """The team's name taken apart; its folded form and category are those of the row."""
        parsed = self._parsed.get(team_id)
        if parsed is None:
            team = self.teams[team_id]
            parsed = parse_team(team.name)._replace(folded=team.folded, category=team.category)
            self._parsed[team_id] = parsed
        return parsed

    def known_as(self, sport: Sport, folded: str, category: str) -> list[int]:
        """Ids of the teams that carry exactly this name, as their own or as a confirmed alias; ascending."""
        found = set(self._own_names.get(_spelling(category, folded), ()))
        found.update(
            team_id
            for team_id, status in self._aliases.get(_spelling(category, folded), ())
            if status == "confirmed"
        )
        return sorted(team_id for team_id in found if team_id in self.teams and self.teams[team_id].sport == sport)

    def alias_status(self, team_id: int, folded: str, category: str) -> str:
        """What is known of this spelling for this team: 'proposed', 'confirmed', 'rejected', or '' for nothing."""
        for known, status in self._aliases.get(_spelling(category, folded), ()):
            if known == team_id:
                return status
        return ""

    def team_names(self, sport: Sport, country: str) -> TeamNames:
        """The resolver of names of one country's teams: their own and confirmed spellings. Made when it is first
        asked for, and again after a spelling of that country changed."""
        found = self._resolvers.get((sport, country))
        if found is None:
            here = {
                number: team
                for number, team in self.teams.items()
                if (team.sport, team.country) == (sport, country)
            }
            spellings = [
                Spelling(str(number), team.name, country, sport, team.category) for number, team in here.items()
            ]
            for spelling, known in self._aliases.items():
                category, folded = spelling.split("\n")
                spellings += [
                    Spelling(str(number), folded, country, sport, category)
                    for number, status in known
                    if status == "confirmed" and number in here
                ]
            found = self._resolvers[sport, country] = TeamNames(spellings)
        return found

    def country_of_league(self, league_key: str | None) -> str:
        """The nation that the teams of a league come from; '' for international and unknown leagues."""
        league = self.leagues.get(league_key) if league_key is not None else None
        return league.country if league is not None and fold(league.country) not in REGIONS else ""

    def matches_near(self, sport: Sport, starts_at: int, names: Iterable[tuple[TeamName, str]]) -> list[Match]:
        """Matches within WINDOW_S of `starts_at` (epoch seconds) that share a word or a known spelling with one of
        the names (each with its category); by id. The look-up does not grow with the catalogue."""
        keys: set[str] = set()
        for name, category in names:
            keys |= block_keys(name)
            keys.update(
                _team_key(team_id)
                for team_id, status in self._aliases.get(_spelling(category, name.folded), ())
                if status != "rejected"
            )
            keys.update(map(_team_key, self._own_names.get(_spelling(category, name.folded), ())))
        found = (self.matches[number] for number in self._index.near(sport, starts_at, keys))
        return [match for match in found if abs(match.starts_at - starts_at) <= WINDOW_S]

    def matches_at(self, league_key: str | None, starts_at: int, within_s: int) -> list[Match]:
        """The matches of a league that start within this of `starts_at` (epoch seconds); none of an unknown league.
        Looks at every match: for events that are about to become new ones, which are few."""
        if league_key is None:
            return []
        return [
            match
            for match in self.matches.values()
            if match.league_key == league_key and abs(match.starts_at - starts_at) <= within_s
        ]

    def plays_near(self, team_id: int, starts_at: int, within_s: int) -> bool:
        """Whether the team has a match that starts within this of `starts_at` (epoch seconds)."""
        numbers = self._matches_of.get(team_id, ())
        return any(abs(self.matches[number].starts_at - starts_at) <= within_s for number in numbers)

    def leagues_of(self, team_id: int) -> list[LeagueRow]:
        """The leagues of the team's known matches."""
        keys = {self.matches[number].league_key for number in self._matches_of.get(team_id, ())}
        return [self.leagues[key] for key in keys if key is not None and key in self.leagues]

    def _put_team(self, team: Team) -> None:
        before = self.teams.get(team.team_id)
        if before == team:
            return
        if before is not None:
            old_key = _spelling(before.category, before.folded)
            left = tuple(number for number in self._own_names[old_key] if number != team.team_id)
            if left:
                self._own_names[old_key] = left
            else:
                del self._own_names[old_key]
            self._parsed.pop(team.team_id, None)
            self._resolvers.pop((before.sport, before.country), None)
        self.teams[team.team_id] = team
        self._resolvers.pop((team.sport, team.country), None)
        key = _spelling(team.category, team.folded)
        self._own_names[key] = (*self._own_names.get(key, ()), team.team_id)
        for number in self._matches_of.get(team.team_id, ()):
            self._index_match(self.matches[number])

    def _put_alias(self, team_id: int, folded: str, category: str, status: str) -> None:
        key = _spelling(category, folded)
        others = tuple(known for known in self._aliases.get(key, ()) if known[0] != team_id)
        self._aliases[key] = (*others, (team_id, status))
        team = self.teams.get(team_id)
        if team is not None:
            self._resolvers.pop((team.sport, team.country), None)

    def _put_match(self, match: Match) -> None:
        before = self.matches.get(match.match_id)
        if before is not None:
            self._take_match(before)
        self.matches[match.match_id] = match
        for team_id in (match.home_team_id, match.away_team_id):
            self._matches_of.setdefault(team_id, set()).add(match.match_id)
        self._index_match(match)

    def _take_match(self, match: Match) -> None:
        del self.matches[match.match_id]
        self._index.remove(match.match_id)
        for team_id in (match.home_team_id, match.away_team_id):
            held = self._matches_of.get(team_id)
            if held is not None:
                held.discard(match.match_id)
                if not held:
                    del self._matches_of[team_id]

    def _index_match(self, match: Match) -> None:
        if match.home_team_id in self.teams and match.away_team_id in self.teams:
            keys = frozenset().union(
                *(
                    block_keys(self.name_of(team_id)) | {_team_key(team_id)}
                    for team_id in (match.home_team_id, match.away_team_id)
                )
            )
            self._index.add(match.match_id, match.sport, match.starts_at, keys)


def _spelling(category: str, folded: str) -> str:
    return f"{category}\n{folded}"


def _team_key(team_id: int) -> str:
    return f"#{team_id}"
