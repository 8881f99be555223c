"""One sure side speaks for both, unless the other side's name is known as somebody else's."""

from __future__ import annotations

from normalizer.catalogue import Catalogue
from normalizer.matches.candidates import Candidate
from normalizer.matches.known_teams import SAME_DAY_S
from normalizer.matches.sides import PreparedEvent, as_printed


def is_somebody_else(one: PreparedEvent, candidate: Candidate, catalogue: Catalogue) -> bool:
    """Whether the weak side's name is that of another team. One that shares a word with the side it should be may
    be the same club made twice under two names, as long as it has no match of its own on this day."""
    known_home, known_away = as_printed(candidate.target, candidate.swapped)
    weak, meant, agreement = one.home, known_home, candidate.home
    if candidate.home.score > candidate.away.score:
        weak, meant, agreement = one.away, known_away, candidate.away
    known = catalogue.known_as(one.event.sport, *weak.key)
    others = [team_id for team_id in known if team_id != meant.team_id]
    if not agreement.score:
        return bool(others)
    return any(catalogue.plays_near(team_id, one.at, SAME_DAY_S) for team_id in others)
