"""Events and matches as they are held against one another: two sides each, and how far they agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC

from normalizer.catalogue import Catalogue, Match
from normalizer.chances import Chances, PriceEvidence, compare_chances
from normalizer.events.judging import Relation
from normalizer.events.sides import Side, category_between, compare_sides
from normalizer.leagues import LeagueReading, are_different, read_league
from normalizer.matches.links import EventToLink
from normalizer.names import TeamName, league_category, parse_team, with_league
from normalizer.similarity import Agreement

_AMAZONAS = re.compile(r"\s*\(AM\)$")


@dataclass(frozen=True, slots=True)
class Target:
    """What an event is held against: a match of the catalogue, or (match_id None) one made in this batch.

    league  what its league's name says; None: nothing is known of it
    at      kick-off in epoch seconds
    """

    match_id: int | None
    home: Side
    away: Side
    league_key: str | None
    league: LeagueReading | None
    at: int


@dataclass(frozen=True, slots=True)
class PreparedEvent:
    """An event with its names taken apart. `at` is the kick-off in epoch seconds."""

    event: EventToLink
    home: Side
    away: Side
    league: LeagueReading
    at: int


class Sides:
    """Compares events with matches, remembering what was compared in this batch.

    `chances`: what the prices of matches mean, by match id, where that is known.
    """

    def __init__(self, catalogue: Catalogue, chances: Mapping[int, Chances]) -> None:
        self._catalogue = catalogue
        self._chances = chances
        self._seen: dict[tuple[str, str, int], Agreement] = {}

    def compare(self, side: Side, known: Side) -> Agreement:
        """How far an event's side agrees with a match's: names, category, and what is known of the spelling."""
        if known.team_id is None:
            return compare_sides(side, known)
        key = (side.name.raw, side.category, known.team_id)
        agreement = self._seen.get(key)
        if agreement is None:
            status = self._catalogue.alias_status(known.team_id, *side.key)
            agreement = self._seen[key] = compare_sides(side, known, status)
        return agreement

    def prices(self, one: PreparedEvent, target: Target, *, swapped: bool) -> PriceEvidence:
        """What the prices of an event and of a match say of them."""
        known = None if target.match_id is None else self._chances.get(target.match_id)
        return compare_chances(one.event.chances, known, swapped=swapped)


def relation_of(one: PreparedEvent, target: Target) -> Relation:
    """What the names of two leagues say, where the registry does not know both of them by their ids."""
    if one.event.league_key is not None and one.event.league_key == target.league_key:
        return Relation.SAME
    if target.league is not None and are_different(one.league, target.league):
        return Relation.OTHER
    return Relation.UNKNOWN


def of_declared_other_leagues(one: PreparedEvent, target: Target) -> bool:
    """Whether the registry knows both leagues, and not as one: then nothing makes them one match."""
    return None not in (one.event.league_key, target.league_key) and one.event.league_key != target.league_key


def prepare(event: EventToLink, catalogue: Catalogue) -> PreparedEvent:
    """The event's sides with their categories: what the names say, completed by what its league says."""
    league = league_category(event.league_name)
    reading = read_league(event.league_name)
    if event.league_key in catalogue.leagues:
        declared = catalogue.leagues[event.league_key]
        league = with_league(league, league_category(declared.name))
        reading = read_league(declared.name, declared.country)
    in_brazil = catalogue.country_of_league(event.league_key) == "Brazil"
    home, away = (_read_name(name, in_brazil=in_brazil) for name in (event.home, event.away))
    league = category_between(league, home, away)
    return PreparedEvent(
        event,
        Side(home, with_league(home.category, league)),
        Side(away, with_league(away.category, league)),
        reading,
        int(event.starts_at.astimezone(UTC).timestamp()),
    )


def _read_name(printed: str, *, in_brazil: bool) -> TeamName:
    # Elsewhere "(Am)" is the amateurs of an Austrian club; a Brazilian name carries its state.
    return parse_team(_AMAZONAS.sub("-AM", printed) if in_brazil else printed)


def target_of(match: Match, catalogue: Catalogue) -> Target:
    """The match as an event is held against it."""
    home = catalogue.name_of(match.home_team_id)
    away = catalogue.name_of(match.away_team_id)
    league = catalogue.leagues.get(match.league_key) if match.league_key is not None else None
    return Target(
        match.match_id,
        Side(home, home.category, match.home_team_id),
        Side(away, away.category, match.away_team_id),
        match.league_key,
        None if league is None else read_league(league.name, league.country),
        match.starts_at,
    )


def as_printed(target: Target, swapped: bool) -> tuple[Side, Side]:
    """The target's sides in the order in which the bookmaker names them."""
    return (target.away, target.home) if swapped else (target.home, target.away)
