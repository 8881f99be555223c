"""What was decided, as a link: the match with the spellings it teaches, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from normalizer.matches.candidates import Candidate
from normalizer.matches.links import Link
from normalizer.matches.sides import PreparedEvent, as_printed

CANDIDATES_SHOWN = 3


def matched(one: PreparedEvent, candidate: Candidate) -> Link:
    """The event is the candidate's match; spellings that are not its teams' own names are evidence."""
    target = candidate.target
    known = as_printed(target, candidate.swapped)
    aliases = []
    for side, team in zip((one.home, one.away), known, strict=True):
        if team.team_id is not None and side.key != team.key:
            aliases.append(
                {
                    "team_id": team.team_id,
                    "alias": side.name.raw,
                    "folded": side.name.folded,
                    "category": side.category,
                }
            )
    return Link(
        one.event,
        "match",
        match_id=target.match_id,
        swapped=candidate.swapped,
        method=candidate.method,
        score=round(candidate.verdict.score, 4),
        aliases=tuple(aliases),
    )


def undecided(one: PreparedEvent, found: Sequence[Candidate], taken: set[int | None]) -> Link:
    """None of the candidates stands out, or the one that does is taken: why, and the best of them."""
    fitting = [each for each in found if each.fits]
    if not fitting:
        reason = "uncertain"
    elif fitting[0].target.match_id in taken:
        reason = "duplicate"
    else:
        reason = "ambiguous"
    return unmatched(one, reason, found)


def unmatched(one: PreparedEvent, reason: str, found: Sequence[Candidate]) -> Link:
    """No match, for this reason; the best candidates for a person to look at."""
    shown = tuple(each.as_json() for each in found[:CANDIDATES_SHOWN])
    return Link(one.event, "unmatched", reason=reason, candidates=shown)
