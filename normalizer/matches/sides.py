"""Events and matches as they are held against one another: two sides each, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from normalizer.catalogue import Catalogue, Match
from normalizer.matches.links import EventToLink
from normalizer.names import TeamName, league_category, parse_team, with_league
from normalizer.similarity import Agreement, compare_names

PROPOSED = 0.85
"""What a proposed alias is worth: somebody's fuzzy hit, not yet confirmed."""


@dataclass(frozen=True, slots=True)
class Side:
    name: TeamName
    category: str
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What an event is held against: a match of the catalogue, or (match_id None) one made in this batch."""

    match_id: int | None
    home: Side
    away: Side
    league_key: str | None
    at: int


@dataclass(frozen=True, slots=True)
class PreparedEvent:
    event: EventToLink
    home: Side
    away: Side
    at: int


class Sides:
    """Compares sides, remembering what was compared in this batch."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._seen: dict[tuple[str, str, int], Agreement] = {}

    def compare(self, side: Side, known: Side) -> Agreement:
        if known.team_id is None:
            return self._compare(side, known)
        key = (side.name.raw, side.category, known.team_id)
        agreement = self._seen.get(key)
        if agreement is None:
            agreement = self._seen[key] = self._compare(side, known)
        return agreement

    def _compare(self, side: Side, known: Side) -> Agreement:
        if side.category != known.category:
            return Agreement(
                0.0, f"category {side.category or 'senior'} is not {known.category or 'senior'}", veto=True
            )
        status = ""
        if known.team_id is not None:
            status = self._catalogue.alias_status(known.team_id, side.name.folded, side.category)
        if status == "confirmed":
            return Agreement(1.0, "alias")
        if status == "rejected":
            return Agreement(0.0, "rejected alias", veto=True)
        agreement = compare_names(side.name, known.name)
        if status == "proposed" and agreement.score < PROPOSED:
            return Agreement(PROPOSED, "proposed")
        return agreement


def prepare(event: EventToLink, catalogue: Catalogue) -> PreparedEvent:
    league = league_category(event.league_name)
    if event.league_key in catalogue.leagues:
        league = with_league(league, league_category(catalogue.leagues[event.league_key].name))
    home = parse_team(event.home)
    away = parse_team(event.away)
    # Women play women: one marked side tells the other. Age and reserve sides do meet seniors.
    if "women" in f"{home.category}+{away.category}".split("+"):
        league = with_league("women", league)
    return PreparedEvent(
        event,
        Side(home, with_league(home.category, league)),
        Side(away, with_league(away.category, league)),
        int(event.starts_at.astimezone(UTC).timestamp()),
    )


def target_of(match: Match, catalogue: Catalogue) -> Target:
    home = catalogue.name_of(match.home_team_id)
    away = catalogue.name_of(match.away_team_id)
    return Target(
        match.match_id,
        Side(home, home.category, match.home_team_id),
        Side(away, away.category, match.away_team_id),
        match.league_key,
        match.starts_at,
    )


def as_printed(target: Target, swapped: bool) -> tuple[Side, Side]:
    """The target's sides in the order in which the bookmaker names them."""
    return (target.away, target.home) if swapped else (target.home, target.away)
