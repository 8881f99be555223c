"""Which team of the catalogue a side of a new match is: a second spelling must not make a second team.

A club that was first seen in a competition of a continent has no country yet; its national league meets it later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from normalizer.catalogue import Catalogue, LeagueRow
from normalizer.events.sides import Side, SideKey
from normalizer.matches.candidates import Candidate
from normalizer.matches.sides import PreparedEvent, as_printed
from normalizer.regions import covers

NO_OTHER = 0.98
"""How sure the resolver must be of a side of a new match: surer than of a name that is only asked about.
"Athletic-MG" is nearly Atlético Mineiro, and a club that was taken for another cannot be told apart again."""

SAME_DAY_S = 18 * 3600
"""A team that plays within this of a kick-off has its match; it is not the unknown side of another."""


class Called:
    """What a bookmaker calls the teams whose matches it lists in this batch. It calls them so in every league."""

    def __init__(self, linked: Iterable[tuple[PreparedEvent, Candidate]]) -> None:
        """`linked`: events and their matches. One side alone that speaks for a match says nothing of the other."""
        self._teams: defaultdict[tuple[str, SideKey], set[int]] = defaultdict(set)
        for one, candidate in linked:
            if candidate.fits:
                known = as_printed(candidate.target, candidate.swapped)
                for side, team in zip((one.home, one.away), known, strict=True):
                    if team.team_id is not None:
                        self._teams[one.event.sport, side.key].add(team.team_id)

    def teams(self, one: PreparedEvent, side: Side) -> Iterable[int]:
        """The teams that it calls by the name of a side of another event."""
        return self._teams.get((one.event.sport, side.key), ())


def known_team(one: PreparedEvent, side: Side, catalogue: Catalogue, called: Called) -> int | None:
    """The team that carries exactly this name and can play in this league; else the one that this bookmaker calls
    so elsewhere, or, where the league tells the country, that surely means this name. None: nobody does, or several
    may."""
    country = catalogue.country_of_league(one.event.league_key)
    found = _of_league(catalogue.known_as(one.event.sport, *side.key), one, catalogue)
    if found:
        return found[0] if len(found) == 1 else None
    alike = _of_league(called.teams(one, side), one, catalogue)
    if not alike and country:
        alike = _alike(one, side, catalogue, country)
    if len(alike) != 1 or _speaks_against(one, side, alike[0], catalogue):
        return None
    return alike[0]


def _of_league(team_ids: Iterable[int], one: PreparedEvent, catalogue: Catalogue) -> list[int]:
    """Those of the teams that are of the league's country; without any, those that may be in the league."""
    country = catalogue.country_of_league(one.event.league_key)
    league = catalogue.leagues.get(one.event.league_key or "")
    at_home = [number for number in team_ids if country and catalogue.teams[number].country == country]
    return at_home or [number for number in team_ids if _can_play(number, league, catalogue)]


class Homes:
    """The country of each side of a batch of new matches: that of its league, and in a continent's competition that
    of its namesake in a national league of this batch, so that the two become one team."""

    def __init__(self, new: Iterable[PreparedEvent], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._countries: defaultdict[tuple[str, SideKey], set[str]] = defaultdict(set)
        for one in new:
            country = catalogue.country_of_league(one.event.league_key)
            if country:
                for side in (one.home, one.away):
                    self._countries[one.event.sport, side.key].add(country)

    def country_of(self, one: PreparedEvent, side: Side) -> str:
        """The side's country, '' when nothing tells it."""
        country = self._catalogue.country_of_league(one.event.league_key)
        league = self._catalogue.leagues.get(one.event.league_key or "")
        if country or league is None:
            return country
        told = [
            each for each in self._countries.get((one.event.sport, side.key), ()) if covers(league.country, each)
        ]
        return told[0] if len(told) == 1 else ""


def _can_play(team_id: int, league: LeagueRow | None, catalogue: Catalogue) -> bool:
    """Whether a team that is not known to be of the league's country may be in it: one of the continent in the
    continent's competition, and the other way round."""
    if league is None:
        return True
    country = catalogue.teams[team_id].country
    if country:
        return covers(league.country, country)
    return any(
        played.country == league.country
        or covers(played.country, league.country)
        or covers(league.country, played.country)
        for played in catalogue.leagues_of(team_id)
    )


def _alike(one: PreparedEvent, side: Side, catalogue: Catalogue, country: str) -> list[int]:
    """The team of this country that the resolver of names is sure of, or none."""
    names = catalogue.team_names(one.event.sport, country)
    answer = names.resolve_read(side.name._replace(category=side.category), one.event.sport, country)
    return [] if answer.team_id is None or answer.score < NO_OTHER else [int(answer.team_id)]


def _speaks_against(one: PreparedEvent, side: Side, team_id: int, catalogue: Catalogue) -> bool:
    """Whether the team plays elsewhere that day, or a person said that it is not called so."""
    rejected = catalogue.alias_status(team_id, *side.key) == "rejected"
    return rejected or catalogue.plays_near(team_id, one.at, SAME_DAY_S)
