"""How far two team names agree. Categories are compared elsewhere, for equality; here are words and states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from normalizer import vocabulary as words
from normalizer.names import TeamName, is_generic, variant

GENERIC_WEIGHT = 0.35
"""What a word that many clubs share counts, where a telling one counts 1."""

_PREFIX_LETTERS = 3
_TYPO_LETTERS = 5
_INITIAL_LETTERS = 2
_TYPO_SIMILARITY = 0.8
_BY_INITIALS = 0.72
"""A word and its first letters: enough beside a shared telling word, never enough to be one."""
_SPELLED = "*"
"""Marks a word that was spelled out of initials."""
_SHARED = 0.7
"""A pair of words at least this similar is a shared word."""
_JOINED_SIMILARITY = 0.88
_CONFLICT_FACTOR = 0.6
_BEST_WITHOUT_EXACT = 0.98


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two names agree.

    score  0 (nothing) to 1 (the same folded name, or a confirmed alias)
    why    'exact', 'alias', 'proposed', 'words', 'initials', 'joined', or what speaks against it
    veto   the names cannot be the same team, whatever else agrees
    """

    score: float
    why: str
    veto: bool = False

    @property
    def exact(self) -> bool:
        """Whether nothing fuzzy was needed."""
        return self.why in ("exact", "alias")


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
    words_a = _with_state(left)
    words_b = _with_state(right)
    words_a, words_b = _with_initials_spelled(words_a, words_b), _with_initials_spelled(words_b, words_a)
    pairs = _align(words_a, words_b)
    joined = fuzz.ratio("".join(left.tokens), "".join(right.tokens)) / 100
    if joined >= _JOINED_SIMILARITY and not (left.state or right.state) and _no_number_differs(words_a, words_b):
        return Agreement(_round(min(joined * 0.97, _BEST_WITHOUT_EXACT)), "joined")
    if not _share_a_telling_word(words_a, words_b, pairs):
        if _is_initials_of(left, right) or _is_initials_of(right, left):
            return Agreement(0.85, "initials")
        return Agreement(0.0, "no shared word", veto=True)
    weight_a = sum(map(_weight, words_a))
    weight_b = sum(map(_weight, words_b))
    matched = sum(share * (_weight(words_a[i]) + _weight(words_b[j])) / 2 for i, j, share in pairs)
    dice = 2 * matched / (weight_a + weight_b)
    rest_a = [word for i, word in enumerate(words_a) if i not in {pair[0] for pair in pairs} and not word.isdigit()]
    rest_b = [word for j, word in enumerate(words_b) if j not in {pair[1] for pair in pairs} and not word.isdigit()]
    if rest_a and rest_b:
        return Agreement(_round(_CONFLICT_FACTOR * dice), f"{' '.join(rest_a)} is not {' '.join(rest_b)}")
    contained = min(1.0, matched / min(weight_a, weight_b))
    return Agreement(_round(min((dice + contained) / 2, _BEST_WITHOUT_EXACT)), "words")


def _round(score: float) -> float:
    # Floating sums depend on their order; a score must not depend on which name came first.
    return round(score, 6)


def _with_state(name: TeamName) -> tuple[str, ...]:
    return (*name.tokens, f"~{name.state}") if name.state else name.tokens


def _with_initials_spelled(short: tuple[str, ...], long: tuple[str, ...]) -> tuple[str, ...]:
    """`short` with a word that is the initials of successive words of `long` spelled out: BW Linz, MK Dons."""
    for place, word in enumerate(short):
        width = len(word)
        if not 2 <= width <= 4 or word in long:
            continue
        for start in range(len(long) - width + 1):
            span = long[start : start + width]
            if "".join(part[0] for part in span) == word and not set(span) & set(short):
                return (*short[:place], *(_SPELLED + part for part in span), *short[place + 1 :])
    return short


def _weight(word: str) -> float:
    return GENERIC_WEIGHT if is_generic(word.removeprefix(_SPELLED)) else 1.0


def _align(words_a: tuple[str, ...], words_b: tuple[str, ...]) -> list[tuple[int, int, float]]:
    """The pairs of words that stand for each other, each word once, the most similar first."""
    found = []
    for i, a in enumerate(words_a):
        for j, b in enumerate(words_b):
            share = _similar(a, b)
            if share >= _SHARED:
                low, high = sorted((a, b))
                found.append((-share, low, high, i, j))
    found.sort()
    used_a: set[int] = set()
    used_b: set[int] = set()
    pairs = []
    for share, _, _, i, j in found:
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            pairs.append((i, j, -share))
    return pairs


@lru_cache(maxsize=65536)
def _similar(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if _SPELLED in (a[0], b[0]):
        return _BY_INITIALS if a.removeprefix(_SPELLED) == b.removeprefix(_SPELLED) else 0.0
    # States and numbers (years, districts) are the same or they are not.
    if a[0] == "~" or b[0] == "~" or a.isdigit() or b.isdigit():
        return 0.0
    if variant(a) == variant(b):
        return 0.97
    if _stands_for(a, b) or _stands_for(b, a):
        return 0.95
    short, long = sorted((a, b), key=lambda word: (len(word), word))
    if len(short) >= _PREFIX_LETTERS and long.startswith(short):
        return 0.7 + 0.25 * len(short) / len(long)
    if len(short) <= _INITIAL_LETTERS and not is_generic(short) and long.startswith(short):
        return _BY_INITIALS
    if len(short) >= _TYPO_LETTERS:
        share = float(Levenshtein.normalized_similarity(variant(a), variant(b)))
        if share >= _TYPO_SIMILARITY:
            return share
    return 0.0


def _stands_for(short: str, long: str) -> bool:
    return any(variant(reading) == variant(long) for reading in words.ABBREVIATIONS.get(short, ()))


def _share_a_telling_word(
    words_a: tuple[str, ...], words_b: tuple[str, ...], pairs: list[tuple[int, int, float]]
) -> bool:
    """Whether a shared word can carry the agreement: a telling one, or any for a name that has no other."""
    nothing_else_a = all(map(is_generic, words_a))
    nothing_else_b = all(map(is_generic, words_b))
    return any(
        share > _BY_INITIALS
        and (not (is_generic(words_a[i]) and is_generic(words_b[j])) or nothing_else_a or nothing_else_b)
        for i, j, share in pairs
    )


def _is_initials_of(short: TeamName, long: TeamName) -> bool:
    if len(short.tokens) != 1 or not 3 <= len(short.tokens[0]) <= 5:
        return False
    every = "".join(word[0] for word in long.folded.split())
    telling = "".join(word[0] for word in long.tokens)
    return short.tokens[0] in (every, telling)


def _no_number_differs(words_a: tuple[str, ...], words_b: tuple[str, ...]) -> bool:
    return {word for word in words_a if word.isdigit()} == {word for word in words_b if word.isdigit()}
