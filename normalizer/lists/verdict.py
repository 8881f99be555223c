"""Whether two events are one match: names, time, leagues and prices together. Every figure has its name here."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from normalizer.chances import PriceEvidence
from normalizer.lists.events import DAY_MIN
from normalizer.lists.sides import NEVER


class Nearness(Enum):
    """How far two kick-offs are apart."""

    SAME = "same"
    """Within a few minutes, or the same date where one of them is only a date."""
    CLOSE = "close"
    """A delay, or what one side has rounded."""
    HOURS = "hours"
    """Another time zone or a moved kick-off; the next date where one of them is only a date."""
    FAR = "far"
    """Up to a day: a postponement."""


class Relation(Enum):
    """What is known of two leagues."""

    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"


SAME_MIN = 5
CLOSE_MIN = 45
HOURS_MIN = 6 * 60
FAR_MIN = 26 * 60

SURE = 0.8
"""A side this alike is most likely the team: "Milan" and "Inter de Milão" are no further apart."""
CLEAR = 0.9
CERTAIN = 0.95
"""The same name, or a spelling that links have taught: such a side lends its certainty to whatever the other is."""

_SHARED_WORD = 0.25
"""Names that share a telling word and contradict one another in the rest: City, United."""
_LATE_PENALTY = {Nearness.SAME: 0.0, Nearness.CLOSE: 0.03, Nearness.HOURS: 0.08, Nearness.FAR: 0.14}
_SWAPPED_PENALTY = 0.05
_LENT_FACTOR = 0.85
"""What a link is worth, for which one side alone speaks."""


class Verdict(NamedTuple):
    """score  0 to 1, for ranking and for the reader
    accepted  the evidence is enough if no other event fits as well
    lent      one side alone speaks for it: right only if nobody else is like it
    """

    score: float
    accepted: bool
    lent: bool = False


REFUSED = Verdict(0.0, False)

_ENOUGH = {
    (Nearness.SAME, Relation.SAME): ((_SHARED_WORD, CERTAIN), (0.5, 0.7)),
    (Nearness.SAME, Relation.UNKNOWN): ((0.55, CLEAR), (0.7, 0.7)),
    (Nearness.SAME, Relation.OTHER): ((CLEAR, 1.0),),
    (Nearness.CLOSE, Relation.SAME): ((0.5, SURE), (0.7, 0.7)),
    (Nearness.CLOSE, Relation.UNKNOWN): ((0.75, SURE),),
    (Nearness.CLOSE, Relation.OTHER): (),
    (Nearness.HOURS, Relation.SAME): ((0.55, CLEAR), (0.7, SURE)),
    (Nearness.HOURS, Relation.UNKNOWN): ((SURE, CLEAR),),
    (Nearness.HOURS, Relation.OTHER): (),
    (Nearness.FAR, Relation.SAME): ((CLEAR, CLEAR),),
    (Nearness.FAR, Relation.UNKNOWN): ((1.0, 1.0),),
    (Nearness.FAR, Relation.OTHER): (),
}
"""(how near, what of the leagues) -> pairs of what the weaker and the stronger side need at least."""


def nearness(at_a: int, dated_a: bool, at_b: int, dated_b: bool) -> tuple[Nearness | None, int]:
    """How near two kick-offs are (None: too far), and how many minutes they differ (whole days for dates)."""
    if dated_a or dated_b:
        days = abs(at_a // DAY_MIN - at_b // DAY_MIN)
        return (Nearness.SAME if days == 0 else Nearness.HOURS if days == 1 else None), days * DAY_MIN
    late = abs(at_a - at_b)
    if late <= SAME_MIN:
        return Nearness.SAME, late
    if late <= CLOSE_MIN:
        return Nearness.CLOSE, late
    if late <= HOURS_MIN:
        return Nearness.HOURS, late
    return (Nearness.FAR if late <= FAR_MIN else None), late


def judge(
    home: float,
    away: float,
    near: Nearness,
    late: int,
    relation: Relation,
    prices: PriceEvidence,
    *,
    swapped: bool,
) -> Verdict:
    """Everything about two events, one way round. `late` in minutes."""
    low, high = (home, away) if home < away else (away, home)
    if low == NEVER or (prices is PriceEvidence.UNLIKE and low < CLEAR):
        return REFUSED
    if prices is PriceEvidence.ALIKE and relation is Relation.UNKNOWN:
        relation = Relation.SAME  # nobody offers the chances of another match at this minute
    score = (low + high) / 2 - _LATE_PENALTY[near] - late / DAY_MIN / 100
    if swapped:
        # Football has a reverse fixture with the same names: only the very same kick-off can be a swap.
        accepted = near is Nearness.SAME and low >= CLEAR and relation is not Relation.OTHER
        return Verdict(score - _SWAPPED_PENALTY, accepted)
    for weaker, stronger in _ENOUGH[near, relation]:
        if low >= weaker and high >= stronger:
            return Verdict(score, True)
    # No team plays twice on one day.
    certain = high >= CERTAIN or (near is Nearness.SAME and high >= SURE and low >= _SHARED_WORD)
    if relation is Relation.SAME and near is not Nearness.FAR and certain:
        return Verdict(_LENT_FACTOR * high - _LATE_PENALTY[near], True, lent=True)
    return REFUSED
