"""Which team of the catalogue a side of a new match is: a second spelling must not make a second team."""

from __future__ import annotations

from normalizer.catalogue import Catalogue
from normalizer.events.sides import Side
from normalizer.matches.sides import PreparedEvent

SAME_DAY_S = 18 * 3600
"""A team that plays within this of a kick-off has its match; it is not the unknown side of another."""
SURE_OF_TEAM = 0.97
"""Surer than the resolver needs to be for an answer: of names it is this sure of, 0.6 to 1 % are wrong on labelled
spellings (November 2026), and a club taken for another one stays so until somebody looks."""


def known_team(one: PreparedEvent, side: Side, catalogue: Catalogue) -> int | None:
    """The team that carries exactly this name or, where the league tells the country, surely means it; None: nobody
    does, or several may."""
    sport, country = one.event.sport, catalogue.country_of_league(one.event.league_key)
    exact = catalogue.known_as(sport, *side.key)
    at_home = [number for number in exact if catalogue.teams[number].country == country]
    if not at_home and not country:
        at_home = exact
    if at_home:
        return at_home[0] if len(at_home) == 1 else None
    return _alike(one, side, catalogue, country) if country else None


def _alike(one: PreparedEvent, side: Side, catalogue: Catalogue, country: str) -> int | None:
    """The team of this country that the resolver of names is sure of, unless it plays elsewhere that day or a
    person said that it is not called so."""
    names = catalogue.team_names(one.event.sport, country)
    answer = names.resolve_read(side.name._replace(category=side.category), one.event.sport, country)
    if answer.team_id is None or answer.score < SURE_OF_TEAM:
        return None
    team_id = int(answer.team_id)
    elsewhere = catalogue.plays_near(team_id, one.at, SAME_DAY_S)
    rejected = catalogue.alias_status(team_id, *side.key) == "rejected"
    return None if elsewhere or rejected else team_id
