"""One sure side speaks for both: no team plays two matches at one minute, so its match here is its match there.

That holds for a whole list, not for a pair of events alone: nothing else may claim the event or the match, and the
other side must not be known as somebody who plays elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from normalizer.catalogue import Catalogue
from normalizer.matches.judging import Candidate
from normalizer.matches.sides import PreparedEvent, as_printed

SAME_DAY_S = 18 * 3600
"""A team that plays within this of a kick-off has its match; it is not the unknown side of another."""


def lend(
    prepared: Sequence[PreparedEvent],
    candidates: Mapping[str, Sequence[Candidate]],
    chosen: Mapping[str, Candidate],
    catalogue: Catalogue,
) -> dict[str, Candidate]:
    """Candidates for events that `chosen` leaves open, taken because of their sure side; by source event id."""
    taken = {candidate.target.match_id for candidate in chosen.values()}
    open_ones: dict[str, list[Candidate]] = {}
    for one in prepared:
        number = one.event.source_event_id
        if number not in chosen:
            open_ones[number] = [each for each in candidates.get(number, ()) if each.target.match_id not in taken]
    claims = Counter(each.target.match_id for found in open_ones.values() for each in found)
    lent = {}
    for one in prepared:
        found = open_ones.get(one.event.source_event_id, [])
        if len(found) != 1 or not found[0].lends or claims[found[0].target.match_id] != 1:
            continue
        if not _is_somebody_else(one, found[0], catalogue):
            lent[one.event.source_event_id] = found[0].by_opponent()
    return lent


def _is_somebody_else(one: PreparedEvent, candidate: Candidate, catalogue: Catalogue) -> bool:
    """Whether the weak side's name is that of another team. One that shares a word with the side it should be may
    be the same club made twice under two names, as long as it has no match of its own on this day."""
    known_home, known_away = as_printed(candidate.target, candidate.swapped)
    weak, meant, agreement = one.home, known_home, candidate.home
    if candidate.home.score > candidate.away.score:
        weak, meant, agreement = one.away, known_away, candidate.away
    known = catalogue.known_as(one.event.sport, weak.name.folded, weak.category)
    others = [team_id for team_id in known if team_id != meant.team_id]
    if agreement.veto:
        return bool(others)
    return any(catalogue.plays_near(team_id, one.at, SAME_DAY_S) for team_id in others)
