"""Events and matches as they are held against one another: two sides each, and how far they agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC

from normalizer.catalogue import Catalogue, Match
from normalizer.chances import Chances, PriceEvidence, compare_chances
from normalizer.matches.links import EventToLink
from normalizer.names import TeamName, league_category, parse_team, with_league
from normalizer.similarity import Agreement, compare_names

PROPOSED = 0.85
"""What a proposed alias is worth: somebody's fuzzy hit, not yet confirmed."""
CUT = 0.5
"""What "Bristol C" is worth for Bristol City: a sure opponent decides."""

_ENDS_WITH_C = re.compile(r"(?<=\s)C\.?$")
_AMAZONAS = re.compile(r"\s*\(AM\)$")


@dataclass(frozen=True, slots=True)
class Side:
    """A side of an event, or (with a team_id) of a match. `category` is with what the league says."""

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
    """An event with its names taken apart. `at` is the kick-off in epoch seconds."""

    event: EventToLink
    home: Side
    away: Side
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
            return self._compare(side, known)
        key = (side.name.raw, side.category, known.team_id)
        agreement = self._seen.get(key)
        if agreement is None:
            agreement = self._seen[key] = self._compare(side, known)
        return agreement

    def prices(self, one: PreparedEvent, target: Target, *, swapped: bool) -> PriceEvidence:
        """What the prices of an event and of a match say of them."""
        known = None if target.match_id is None else self._chances.get(target.match_id)
        return compare_chances(one.event.chances, known, swapped=swapped)

    def _compare(self, side: Side, known: Side) -> Agreement:
        status = ""
        if known.team_id is not None:
            status = self._catalogue.alias_status(known.team_id, side.name.folded, side.category)
        if status == "confirmed":
            return Agreement(1.0, "alias")
        if status == "rejected":
            return Agreement(0.0, "rejected alias", veto=True)
        if side.category != known.category:
            if may_be_cut(side, known) or may_be_cut(known, side):
                return Agreement(CUT, "third side or a word cut to its first letter")
            return Agreement(
                0.0, f"category {side.category or 'senior'} is not {known.category or 'senior'}", veto=True
            )
        agreement = compare_names(side.name, known.name)
        if status == "proposed" and agreement.score < PROPOSED:
            return Agreement(PROPOSED, "proposed")
        return agreement


def may_be_cut(cut: Side, whole: Side) -> bool:
    """Whether the "C" that reads as a third side may be the beginning of a word: Bristol C, Bristol City."""
    if whole.category or cut.category != "third" or not _ENDS_WITH_C.search(cut.name.raw):
        return False
    words, known = cut.name.folded.split(), whole.name.folded.split()
    return words == known[: len(words)] and len(known) > len(words) and known[len(words)].startswith("c")


def _read_name(printed: str, *, in_brazil: bool) -> TeamName:
    # Elsewhere "(Am)" is the amateurs of an Austrian club; a Brazilian name carries its state.
    return parse_team(_AMAZONAS.sub("-AM", printed) if in_brazil else printed)


def prepare(event: EventToLink, catalogue: Catalogue) -> PreparedEvent:
    """The event's sides with their categories: what the names say, completed by what its league says."""
    league = league_category(event.league_name)
    if event.league_key in catalogue.leagues:
        league = with_league(league, league_category(catalogue.leagues[event.league_key].name))
    in_brazil = catalogue.country_of_league(event.league_key) == "Brazil"
    home, away = (_read_name(name, in_brazil=in_brazil) for name in (event.home, event.away))
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
    """The match as an event is held against it."""
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
