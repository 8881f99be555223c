"""Whether two events are one match: names, kick-offs, leagues and prices together. Every figure stands here."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from normalizer.chances import PriceEvidence
from normalizer.similarity import NEVER

DAY_MIN = 24 * 60


class Nearness(Enum):
    """How far two kick-offs are apart."""

    SAME = "same"
    """Within a few minutes, or the same date where one of them is only a date."""
    CLOSE = "close"
    """A delay, or what one desk has rounded."""
    HOURS = "hours"
    """Another time zone or a moved kick-off; the next date where one of them is only a date."""
    FAR = "far"
    """Up to a day: a postponement."""


class Relation(Enum):
    """What is known of two leagues."""

    SAME = "same"
    UNKNOWN = "unknown"
    OTHER = "other"


class KickOffs(NamedTuple):
    """Two kick-offs beside one another. `late`: how many minutes they differ (whole days for dates)."""

    near: Nearness
    late: int


class Verdict(NamedTuple):
    """What is thought of two events, one way round.

    score     0 to 1, for ranking and for the reader
    accepted  the evidence is enough if nothing else fits as well
    lent      one side alone speaks for it: right only if nobody else comes near it
    """

    score: float
    accepted: bool
    lent: bool = False


_LIMITS_MIN = ((5, Nearness.SAME), (45, Nearness.CLOSE), (6 * 60, Nearness.HOURS), (26 * 60, Nearness.FAR))
"""Up to so many minutes kick-offs are that near."""

SURE = 0.8
"""A side this alike is most likely the team: "Milan" and "Inter de Milão" are no further apart."""
CLEAR = 0.9
"""A side this alike is the team, with an opponent that does not contradict it."""
CERTAIN = 0.95
"""The same name but for a form or an accent, or a spelling that links have taught: such a side lends its certainty
to whatever the other is."""
SHARED_WORD = 0.25
"""Names that share a telling word and contradict one another in the rest ("Rukh Vynnyky", "Rukh Lviv"); City and
United are further apart than this."""

_ENOUGH: dict[tuple[Nearness, Relation], tuple[tuple[float, float], ...]] = {
    (Nearness.SAME, Relation.SAME): ((0.55, CLEAR), (0.7, 0.7)),
    (Nearness.SAME, Relation.UNKNOWN): ((0.65, CLEAR), (0.75, 0.75)),
    (Nearness.SAME, Relation.OTHER): ((CLEAR, 1.0),),
    (Nearness.CLOSE, Relation.SAME): ((SURE, SURE),),
    (Nearness.CLOSE, Relation.UNKNOWN): ((0.85, 0.85),),
    (Nearness.HOURS, Relation.SAME): ((SURE, SURE),),
    (Nearness.HOURS, Relation.UNKNOWN): ((CLEAR, CLEAR),),
    (Nearness.FAR, Relation.SAME): ((CLEAR, CLEAR),),
    (Nearness.FAR, Relation.UNKNOWN): ((1.0, 1.0),),
}
"""(how near, what of the leagues) -> pairs of what the weaker and the stronger side need at least; nothing is
enough for what is not here."""

_MAY_BE_SWAPPED = {
    (Nearness.SAME, Relation.SAME),
    (Nearness.SAME, Relation.UNKNOWN),
    (Nearness.CLOSE, Relation.SAME),
}
"""Where two clear names the other way round are one match. Not hours apart: a reverse fixture has the same names,
and a tournament may have it on one day."""

_LATE_PENALTY = {Nearness.SAME: 0.0, Nearness.CLOSE: 0.03, Nearness.HOURS: 0.08, Nearness.FAR: 0.14}
_PENALTY_OF_A_DAY = 0.01
_SWAPPED_PENALTY = 0.05
_LENT_FACTOR = 0.85
"""What a link is worth, for which one side alone speaks."""


def apart(minutes: int) -> KickOffs | None:
    """Two kick-offs that differ by so many minutes, 0 or more; None: too far for one match."""
    return next((KickOffs(near, minutes) for limit, near in _LIMITS_MIN if minutes <= limit), None)


def dates_apart(days: int) -> KickOffs | None:
    """The same where one of them is a date alone; `days` 0 or more."""
    if days > 1:
        return None
    return KickOffs(Nearness.HOURS if days else Nearness.SAME, days * DAY_MIN)


def judge(
    home: float, away: float, kickoffs: KickOffs, relation: Relation, prices: PriceEvidence, *, swapped: bool
) -> Verdict:
    """Everything about two events, one way round. `home`, `away`: the strength of the sides' agreements."""
    near, late = kickoffs
    low, high = (home, away) if home < away else (away, home)
    score = (max(low, 0.0) + max(high, 0.0)) / 2 - _LATE_PENALTY[near] - _PENALTY_OF_A_DAY * late / DAY_MIN
    if swapped:
        score -= _SWAPPED_PENALTY
    if low == NEVER or (prices is PriceEvidence.UNLIKE and low < CLEAR):
        return Verdict(score, False)
    if prices is PriceEvidence.ALIKE and relation is Relation.UNKNOWN:
        relation = Relation.SAME  # nobody offers the chances of another match at this minute
    if swapped:
        return Verdict(score, low >= CLEAR and (near, relation) in _MAY_BE_SWAPPED)
    for weaker, stronger in _ENOUGH.get((near, relation), ()):
        if low >= weaker and high >= stronger:
            return Verdict(score, True)
    # No team plays two matches at one minute.
    if near is Nearness.SAME and relation is Relation.SAME and _speaks_for_both(low, high, prices):
        return Verdict(_LENT_FACTOR * high, True, lent=True)
    return Verdict(score, False)


def _speaks_for_both(low: float, high: float, prices: PriceEvidence) -> bool:
    """Whether the stronger side is sure enough. Not a clear one alone: Inter de Milão is that near to Milan, who
    may play at that minute."""
    if high >= CERTAIN or (high >= SURE and low >= SHARED_WORD):
        return True
    return high >= CLEAR and prices is PriceEvidence.ALIKE
