"""One to one: which event takes which match, the clearest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from normalizer.matches.judging import MARGIN, Candidate


def assign(candidates: Mapping[str, Sequence[Candidate]]) -> dict[str, Candidate]:
    """One to one, the clearest first. An event that two matches fit waits; so do two events for one match, unless
    one of them is exact where the other is not, or both are (a bookmaker that lists a match twice)."""
    chosen: dict[str, Candidate] = {}
    taken: set[int | None] = set()
    while True:
        claims: dict[int | None, list[tuple[str, Candidate]]] = {}
        for number, found in candidates.items():
            if number not in chosen:
                best = _clear_best([each for each in found if each.target.match_id not in taken])
                if best is not None:
                    claims.setdefault(best.target.match_id, []).append((number, best))
        won = {match_id: winner for match_id, rivals in claims.items() if (winner := _winner(rivals)) is not None}
        if not won:
            return chosen
        for match_id, (number, candidate) in won.items():
            chosen[number] = candidate
            taken.add(match_id)


def _clear_best(found: Sequence[Candidate]) -> Candidate | None:
    """The accepted candidate that stands out, None when there is none or another comes too close."""
    accepted = [each for each in found if each.accepted]
    if not accepted:
        return None
    best = min(accepted, key=_stands_out)
    for other in found:
        if other is not best and not _outdoes(best, other):
            return None
    return best


def _winner(rivals: list[tuple[str, Candidate]]) -> tuple[str, Candidate] | None:
    rivals = sorted(rivals, key=lambda rival: (*_stands_out(rival[1]), rival[0]))
    if len(rivals) == 1 or _outdoes(rivals[0][1], rivals[1][1]):
        return rivals[0]
    first, second = rivals[0][1], rivals[1][1]
    if first.swapped != second.swapped or (_is_sure(first) and _is_sure(second)):
        return rivals[0]
    return None


def _stands_out(candidate: Candidate) -> tuple[bool, bool, float, int]:
    return (not _is_sure(candidate), candidate.swapped, *candidate.rank())


def _is_sure(candidate: Candidate) -> bool:
    return candidate.accepted and (candidate.exact or candidate.method.startswith("platform"))


def _outdoes(best: Candidate, other: Candidate) -> bool:
    if _is_sure(best) and not _is_sure(other):
        return True
    return best.total - other.total >= MARGIN
