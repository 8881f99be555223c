"""Which team of the catalogue a side of a new match is: a second spelling must not make a second team.

A club that was first seen in a competition of a continent has no country yet; its national league meets it later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from normalizer.catalogue import Catalogue, LeagueRow
from normalizer.events.sides import Side, SideKey
from normalizer.matches.sides import PreparedEvent
from normalizer.vocabulary import load_table

SAME_DAY_S = 18 * 3600
"""A team that plays within this of a kick-off has its match; it is not the unknown side of another."""


def known_team(one: PreparedEvent, side: Side, catalogue: Catalogue) -> int | None:
    """The team that carries exactly this name and can play in this league, or, where the league tells the country,
    surely means this name. None: nobody does, or several may."""
    country = catalogue.country_of_league(one.event.league_key)
    league = catalogue.leagues.get(one.event.league_key or "")
    exact = catalogue.known_as(one.event.sport, *side.key)
    at_home = [number for number in exact if country and catalogue.teams[number].country == country]
    found = at_home or [number for number in exact if _can_play(number, league, catalogue)]
    if found:
        return found[0] if len(found) == 1 else None
    return _alike(one, side, catalogue, country) if country else None


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
            each for each in self._countries.get((one.event.sport, side.key), ()) if _covers(league.country, each)
        ]
        return told[0] if len(told) == 1 else ""


def _can_play(team_id: int, league: LeagueRow | None, catalogue: Catalogue) -> bool:
    """Whether a team that is not known to be of the league's country may be in it: one of the continent in the
    continent's competition, and the other way round."""
    if league is None:
        return True
    country = catalogue.teams[team_id].country
    if country:
        return _covers(league.country, country)
    return any(
        played.country == league.country
        or _covers(played.country, league.country)
        or _covers(league.country, played.country)
        for played in catalogue.leagues_of(team_id)
    )


def _covers(region: str, country: str) -> bool:
    """Whether a country plays in a region's competitions; where its countries are not listed, anybody does."""
    members = _members()
    return country in members[region] if region in members else not _is_nation(region)


@lru_cache(maxsize=1)
def _members() -> dict[str, frozenset[str]]:
    return {region: frozenset(names) for region, names in load_table("confederations")["members"].items()}


@lru_cache(maxsize=256)
def _is_nation(name: str) -> bool:
    return name in load_table("countries")["countries"]


def _alike(one: PreparedEvent, side: Side, catalogue: Catalogue, country: str) -> int | None:
    """The team of this country that the resolver of names is sure of, unless it plays elsewhere that day or a
    person said that it is not called so."""
    names = catalogue.team_names(one.event.sport, country)
    answer = names.resolve_read(side.name._replace(category=side.category), one.event.sport, country)
    if answer.team_id is None:
        return None
    team_id = int(answer.team_id)
    elsewhere = catalogue.plays_near(team_id, one.at, SAME_DAY_S)
    rejected = catalogue.alias_status(team_id, *side.key) == "rejected"
    return None if elsewhere or rejected else team_id
