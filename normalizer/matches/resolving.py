"""Every event of a bookmaker decided: candidates, one to one, and new matches for what nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from normalizer.catalogue import Catalogue
from normalizer.chances import Chances
from normalizer.events.assigning import assign
from normalizer.matches.candidates import OPPONENT, Candidate, beside, candidates_of
from normalizer.matches.creating import create
from normalizer.matches.deciding import matched, undecided, unmatched
from normalizer.matches.known_teams import Called
from normalizer.matches.lending import is_somebody_else
from normalizer.matches.links import EventToLink, Link
from normalizer.matches.platforms import with_platform_link
from normalizer.matches.sides import PreparedEvent, Sides, prepare


def resolve_events(
    events: Iterable[EventToLink],
    catalogue: Catalogue,
    platform_links: Mapping[str, Mapping[str, Any]],
    *,
    bookmaker_platform: str = "",
    chances: Mapping[int, Chances] | None = None,
) -> list[Link]:
    """Decide every event of one bookmaker. Deterministic, and independent of the events' order.

    Args:
        events: not linked yet, each source id once.
        catalogue: teams, leagues and matches known now; not changed.
        platform_links: answer of the SQL function platform_links: source event id -> the link that another
            brand of the same platform has. Strong evidence, still checked.
        bookmaker_platform: name of that platform, for the link's method.
        chances: what the prices of matches mean, by match id; those that `doubtful_matches` names are enough.

    Returns:
        One link per event, ordered by source event id. No two name the same match.
    """
    prepared = sorted((prepare(event, catalogue) for event in events), key=lambda one: one.event.source_event_id)
    decided: dict[str, Link] = {}
    candidates: dict[str, list[Candidate]] = {}
    sides = Sides(catalogue, chances or {})
    for one in prepared:
        if not (one.home.name.folded and one.away.name.folded):
            decided[one.event.source_event_id] = unmatched(one, "unnamed", ())
            continue
        found = candidates_of(one, catalogue, sides)
        link = platform_links.get(one.event.source_event_id)
        if link is not None:
            found = with_platform_link(one, link, found, catalogue, sides, bookmaker_platform)
        candidates[one.event.source_event_id] = found

    chosen = _chosen(prepared, candidates, catalogue)
    taken = {candidate.target.match_id for candidate in chosen.values()}
    new = []
    near: dict[str, list[Candidate]] = {}
    for one in prepared:
        number = one.event.source_event_id
        if number in decided:
            continue
        if number in chosen:
            decided[number] = matched(one, chosen[number])
        elif candidates[number]:
            decided[number] = undecided(one, candidates[number], taken)
        elif any(each.near for each in near.setdefault(number, beside(one, catalogue, sides))):
            decided[number] = unmatched(one, "uncertain", near[number])
        else:
            new.append(one)
    called = Called(
        (one, chosen[one.event.source_event_id]) for one in prepared if one.event.source_event_id in chosen
    )
    for made in create(new, catalogue, sides, called):
        number = made.event.source_event_id
        told = tuple(each.as_json() for each in near[number]) if made.decision == "create" else made.candidates
        decided[number] = replace(made, candidates=told)
    return [decided[one.event.source_event_id] for one in prepared]


def _chosen(
    prepared: Sequence[PreparedEvent], candidates: Mapping[str, Sequence[Candidate]], catalogue: Catalogue
) -> dict[str, Candidate]:
    """Which event takes which match, one to one, by source event id."""
    by_key = {}
    claims = []
    for one in prepared:
        number = one.event.source_event_id
        for candidate in candidates.get(number, ()):
            by_key[number, candidate.target.match_id] = candidate
            may_be_lent = candidate.verdict.lent and not is_somebody_else(one, candidate, catalogue)
            claims.append(candidate.claim(number, may_be_lent=may_be_lent))
    # Bookmakers do list a match twice.
    return {claim.event: by_key[claim.event, claim.match] for claim in assign(claims, repeats=True)}


def doubtful_matches(links: Iterable[Link]) -> list[int]:
    """The matches whose prices could change or confirm what was decided: candidates of the undecided and of new
    matches, and what one sure side alone speaks for. Ascending."""
    found = set()
    for link in links:
        if link.event.chances is None:
            continue
        if link.match_id is not None and link.method == OPPONENT:
            found.add(link.match_id)
        found.update(each["match_id"] for each in link.candidates if each["match_id"] is not None)
    return sorted(found)
