"""One to one: which event takes which match, the clearest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

MARGIN = 0.05
"""Two claims closer than this are ambiguous, unless only one of them has both names exactly."""


class Claim(NamedTuple):
    """An event (by any key) may be a match (by any key); keys of one kind can be put in order.

    score     0 to 1
    exact     both names are the very same, or known for the teams
    lent      one side alone speaks for it
    accepted  the evidence is enough; what is not accepted only stands in the way of others
    """

    event: Any
    match: Any
    score: float
    exact: bool
    swapped: bool = False
    lent: bool = False
    accepted: bool = True

    def rank(self) -> tuple[bool, float, bool, Any, Any]:
        """Best first: two sides before one, then the score."""
        return self.lent, -self.score, self.swapped, self.event, self.match

    def outdoes(self, other: Claim) -> bool:
        """Whether this one stands out from another claim on its event or match. One sure side never does: it speaks
        for both only where nobody else comes near."""
        if self.lent:
            return False
        if self.exact != other.exact:
            return self.exact or self.score - other.score >= MARGIN
        return (other.lent and other.accepted) or self.score - other.score >= MARGIN


def assign(claims: Iterable[Claim], *, repeats: bool = False) -> list[Claim]:
    """The claims that win, no event and no match in two of them; what another claim comes near to waits.

    repeats: one match may be listed twice, as bookmakers do. Of exact claims on a match the first one takes it.
    """
    ordered = sorted(claims, key=Claim.rank)
    of_event: defaultdict[Any, list[Claim]] = defaultdict(list)
    of_match: defaultdict[Any, list[Claim]] = defaultdict(list)
    for claim in ordered:
        of_event[claim.event].append(claim)
        of_match[claim.match].append(claim)
    won: list[Claim] = []
    given: set[Any] = set()
    taken: set[Any] = set()

    def stands_out(claim: Claim) -> bool:
        for other in of_event[claim.event]:
            if other is not claim and other.match not in taken and not claim.outdoes(other):
                return False
        for other in of_match[claim.match]:
            if other is not claim and other.event not in given and not claim.outdoes(other):
                listed_again = repeats and claim.exact and other.exact and claim.rank() < other.rank()
                if not listed_again:
                    return False
        return True

    while True:
        # What was taken may have been all that stood in somebody's way.
        found = len(won)
        for claim in ordered:
            if (
                claim.accepted
                and claim.event not in given
                and claim.match not in taken
                and not (claim.lent and len(won) > found)
                and stands_out(claim)
            ):
                won.append(claim)
                given.add(claim.event)
                taken.add(claim.match)
        if len(won) == found:
            return won
