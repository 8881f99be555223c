"""How far two printed names agree without a catalogue around them. Categories are compared elsewhere, for equality.

Words are read, laid side by side and found alike as the resolver of names does it (normalizer.teams); only what a
catalogue alone can tell, how rare a word is, is missing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from normalizer.names import TeamName
from normalizer.teams import words
from normalizer.teams.alignment import align, any_generic
from normalizer.teams.reading import Reading, read
from normalizer.vocabulary import CLUB_WORDS

NEVER = -1.0
"""The strength of two names that no event makes one team."""

_GENERIC_WEIGHT = 0.35
"""What a word that many clubs share counts, where a telling one counts 1: less than among the clubs of one country,
for an event's opponent and minute tell those apart."""
_JOINED_SIMILARITY = 0.88
_JOINED_FACTOR = 0.97
_BY_INITIALS = 0.85
_SHORTEST_INITIALS, _LONGEST_INITIALS = 3, 5
_CONFLICT_FACTOR = 0.6
_TWINS_FACTOR = 0.3
"""Both sides have another word of the kind that tells the clubs of one city apart: City, United."""
_BEST_WITHOUT_EXACT = 0.98
_STATE_UNTOLD = 0.93
"""The same words, and one of them tells a Brazilian state."""
_STATE_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two names agree.

    score  0 (nothing) to 1 (the same folded name, or a confirmed alias)
    why    'exact', 'alias', 'proposed', 'words', 'initials', 'joined', or what speaks against it
    veto   the names cannot be the same team, whatever else an event says
    """

    score: float
    why: str
    veto: bool = False

    @property
    def exact(self) -> bool:
        """Whether nothing fuzzy was needed."""
        return self.why in ("exact", "alias")

    @property
    def strength(self) -> float:
        """The score, or NEVER."""
        return NEVER if self.veto else self.score


def compare_names(left: TeamName, right: TeamName) -> Agreement:
    """Compare words and states of two names; symmetric. The categories are the caller's business."""
    if not left.folded or not right.folded:
        return Agreement(0.0, "no name", veto=True)
    if left.state and right.state and left.state != right.state:
        return Agreement(
            0.0, f"states {min(left.state, right.state)} and {max(left.state, right.state)}", veto=True
        )
    if left.folded == right.folded:
        return Agreement(1.0, "exact")
    a, b = _beside(left, right), _beside(right, left)
    joined_a, joined_b = "".join(a.core), "".join(b.core)
    if joined_a == joined_b or "".join(a.printed) == "".join(b.printed):
        return Agreement(_BEST_WITHOUT_EXACT if a.state == b.state else _STATE_UNTOLD, "joined")
    alike = fuzz.ratio(joined_a, joined_b) / 100
    if alike >= _JOINED_SIMILARITY and not (a.state or b.state) and _numbers(a) == _numbers(b):
        return Agreement(_round(min(alike * _JOINED_FACTOR, _BEST_WITHOUT_EXACT)), "joined")
    return _by_words(a, b)


def _by_words(a: Reading, b: Reading) -> Agreement:
    shares_a, shares_b = align(a, b)
    if not _share_a_telling_word(a, shares_a, b, shares_b):
        if _is_initials_of(a, b) or _is_initials_of(b, a):
            return Agreement(_BY_INITIALS, "initials")
        return Agreement(0.0, "no shared word")
    one_state = _STATE_WEIGHT if a.state and a.state == b.state else 0.0
    weight_a, weight_b = _weight(a), _weight(b)
    shared_a = one_state + sum([_word_weight(a.carrying[n]) * share for n, share in shares_a.items()])
    shared_b = one_state + sum([_word_weight(b.carrying[n]) * share for n, share in shares_b.items()])
    dice = (shared_a + shared_b) / (weight_a + weight_b)
    left_a, left_b = _left(a, shares_a), _left(b, shares_b)
    if left_a and left_b:
        factor = _TWINS_FACTOR if any_generic(a, left_a) and any_generic(b, left_b) else _CONFLICT_FACTOR
        return Agreement(_round(factor * dice), f"{_printed(a, left_a)} is not {_printed(b, left_b)}")
    contained = min(1.0, max(shared_a / weight_a, shared_b / weight_b))
    return Agreement(_round(min((dice + contained) / 2, _BEST_WITHOUT_EXACT)), "words")


def _share_a_telling_word(
    a: Reading, shares_a: Mapping[int, float], b: Reading, shares_b: Mapping[int, float]
) -> bool:
    """Whether a shared word can carry the agreement: a telling one, or any for a name that has no other. Club words
    that happen to be the initials of the other name ("CP", Casa Pia) are no word of their own."""
    only_generic = all(map(_is_generic, a.carrying)) or all(map(_is_generic, b.carrying))
    shared_a, shared_b = (
        [reading.carrying[n] for n, share in shares.items() if share > words.BY_LETTERS]
        for reading, shares in ((a, shares_a), (b, shares_b))
    )
    if not (shared_a and shared_b):
        return False
    return only_generic or not all(map(_is_generic, shared_a + shared_b))


def _beside(name: TeamName, other: TeamName) -> Reading:
    """The name as it is held against the other one. Where that is nothing but club words ("Sport"), the club words
    of this one carry it too ("Sport Recife")."""
    reading = _reading(name)
    if reading.carrying is not reading.printed and CLUB_WORDS.issuperset(_reading(other).carrying):
        return reading._replace(carrying=reading.printed, core=tuple(map(words.skeleton, reading.printed)))
    return reading


@lru_cache(maxsize=4096)
def _reading(name: TeamName) -> Reading:
    """The name as it is read where no country is known: an event's league need not tell it."""
    return read(name, "")


def _round(score: float) -> float:
    # Floating sums depend on their order; a score must not depend on which name came first.
    return round(score, 6)


def _numbers(reading: Reading) -> set[str]:
    return {word for word in reading.core if word.isdigit()}


def _left(reading: Reading, shares: Mapping[int, float]) -> Sequence[int]:
    """Numbers of the words that the other name lacks; a number contradicts nobody."""
    return [n for n, word in enumerate(reading.carrying) if n not in shares and not word.isdigit()]


def _printed(reading: Reading, numbers: Sequence[int]) -> str:
    return " ".join([reading.carrying[n] for n in numbers])


def _is_generic(word: str) -> bool:
    return words.says(word) <= words.GENERIC_SAYS


@lru_cache(maxsize=8192)
def _word_weight(word: str) -> float:
    says = words.says(word)
    return _GENERIC_WEIGHT if says == words.GENERIC_SAYS else says


def _weight(reading: Reading) -> float:
    return sum(map(_word_weight, reading.carrying)) + (_STATE_WEIGHT if reading.state else 0.0)


def _is_initials_of(short: Reading, long: Reading) -> bool:
    if len(short.carrying) != 1 or not _SHORTEST_INITIALS <= len(short.carrying[0]) <= _LONGEST_INITIALS:
        return False
    return short.carrying[0] in ("".join([word[0] for word in chosen]) for chosen in (long.printed, long.carrying))
