"""Words of team names as they are looked up and weighed: one skeleton for the ways a word is transliterated, the
distance between two words, and how much a word can say before any catalogue is seen."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from normalizer import vocabulary as tables

GENERIC_SAYS = 0.45
"""What a word that many clubs share can say, where a name of its own says 1."""
NUMBER_SAYS = 0.3
YEAR_SAYS = 0.12
"""A founding year: printed or not as it pleases."""
LETTER_SAYS = 0.12
"""A single letter: the beginning of a word that did not fit."""
SHORT_SAYS = 0.6
"""Two or three letters that no table knows: mostly another short form for "club"."""

_SOUNDS_WITHOUT_H = tuple([pair for pair in tables.SOUNDS if "h" not in pair[0]])
"""What can change in a word without an "h", which no change brings in: most words, and half of the table."""

_YEARS = range(1840, 2031)

_DOUBLED = re.compile(r"(.)(?=\1)")
"""All of a run of one letter but its last."""

SOUND_LETTERS = 4
"""Shorter words are mostly somebody's initials: AAB is not AB, FAC is not FAK."""

TYPO_LETTERS = 4
"""Shorter words must agree letter by letter: one letter of three is another word."""
TYPO_SIMILARITY = 0.72
TYPO_SAYS = 0.95
SAME_SOUND = 0.97
"""Another romanisation of a word, or a word that happens to sound the same."""
BY_TABLE = 0.93
BY_LETTERS = 0.6
BY_CONTRACTION = 0.75
LONGEST_CONTRACTION = 4
PREFIX_LETTERS = 3
INFLECTED = 0.97
"""A longer word and the same with an ending: "Trelleborg" and "Trelleborgs", "Kecskemét" and "Kecskeméti"."""
INFLECTED_LETTERS = 5
ENDING_LETTERS = 2


_CLUB_WORD = "spor"
"""Turkish clubs write "sport" at the end of their city: Bursaspor."""
_WITH_CLUB_WORD = 8


@lru_cache(maxsize=8192)
def skeleton(word: str) -> str:
    """The word without what transliterations and languages change; never empty for a word. Numbers stay."""
    word = tables.VARIANTS.get(word, word)
    if not word.isascii() or word.isdigit() or len(word) < SOUND_LETTERS:
        return word
    changed = word
    for letters, sound in tables.SOUNDS if "h" in word else _SOUNDS_WITHOUT_H:
        changed = changed.replace(letters, sound)
    changed = _DOUBLED.sub("", changed)
    if len(changed) >= _WITH_CLUB_WORD and changed.endswith(_CLUB_WORD):
        changed = changed[: -len(_CLUB_WORD)]
    if len(changed) > 3 and changed[-1] == "h":
        changed = changed[:-1]
    return changed


@lru_cache(maxsize=8192)
def says(word: str) -> float:
    """How much a folded word can say about whose name it is in, 0 to 1, before its frequency is known."""
    if word.isdigit():
        return YEAR_SAYS if len(word) == 4 and int(word) in _YEARS else NUMBER_SAYS
    if word in tables.GENERIC or word in tables.ABBREVIATIONS:
        return GENERIC_SAYS
    if len(word) == 1:
        return LETTER_SAYS
    return SHORT_SAYS if len(word) <= 3 else 1.0


READINGS = {short: tuple(map(skeleton, spelled)) for short, spelled in tables.ABBREVIATIONS.items()}
"""Skeletons of what a short form can stand for."""


def nearness(left: str, right: str) -> float:
    """How far two skeletons are the same word, 0 to 1: equal, cut short, or mistyped. Symmetric.

    Numbers are equal or they are not."""
    if left == right:
        return 1.0
    if left.isdigit() or right.isdigit():
        return 0.0
    short, long = (left, right) if len(left) < len(right) else (right, left)
    if long.startswith(short):
        if len(short) >= INFLECTED_LETTERS and len(long) - len(short) <= (
            2 if len(short) > INFLECTED_LETTERS else 1
        ):
            return INFLECTED
        return 0.6 + 0.35 * len(short) / len(long) if len(short) >= PREFIX_LETTERS else 0.0
    if len(short) >= TYPO_LETTERS:
        share = Levenshtein.normalized_similarity(left, right, score_cutoff=TYPO_SIMILARITY)
        return share * TYPO_SAYS
    return 0.0


def likeness(left: str, printed_left: str, right: str, printed_right: str) -> float:
    """How far two words of two names are the same word: their skeletons, the table of abbreviations, then what a
    full column does to a word ("Utd", "A."). 0 to 1, symmetric."""
    table = 0.0
    if right in READINGS.get(printed_left, ()) or left in READINGS.get(printed_right, ()):
        table = BY_TABLE
    if left[0] != right[0]:
        # A contraction keeps the letters that a skeleton changes: "PHX" of "Phoenix".
        short, long = sorted((printed_left, printed_right), key=len)
        return max(table, BY_CONTRACTION if _is_contraction(short, long) else 0.0)
    near = max(nearness(left, right), table)
    if near:
        return near
    short, long = (left, right) if len(left) < len(right) else (right, left)
    if short.isdigit() or long.isdigit():
        return 0.0
    if len(short) < PREFIX_LETTERS and long.startswith(short):
        return BY_LETTERS
    if _is_contraction(short, long):
        return BY_CONTRACTION
    return 0.0


def _is_contraction(short: str, long: str) -> bool:
    """Whether letters were left out of the middle: "utd" of "united"."""
    if short[0] != long[0] or short[-1] != long[-1] or not 2 <= len(short) <= LONGEST_CONTRACTION < len(long):
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)
