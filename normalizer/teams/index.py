"""Spellings by their words: who could be meant by a name, found without looking at everybody."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log
from operator import mul

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from normalizer.teams import words
from normalizer.teams.reading import Reading

_SMALL_VOCABULARY = 1500
"""Up to this many words one first letter is enough to look for mistyped words; beyond, two."""
_TYPOS_LOOKED_AT = 5
_WORDS_REMEMBERED = 1024
_LONGEST_INITIALS = 5


class Vocabulary:
    """How many clubs of a sport use a word, over all countries."""

    def __init__(self) -> None:
        self.clubs = 0
        self.frequency: dict[str, int] = {}

    def add(self, club_words: Iterable[str]) -> None:
        """Take in the words of one club, each counted once."""
        self.clubs += 1
        for word in set(club_words):
            self.frequency[word] = self.frequency.get(word, 0) + 1

    def rarity(self, word: str) -> float:
        """What its frequency leaves of a word: 1 when nobody has it, towards 0 when everybody has."""
        frequency = self.frequency.get(word)
        if frequency is None:
            return 1.0
        size = self.clubs + 1.5
        return log(size / (frequency + 0.5)) / log(size / 0.5)


class Block:
    """The spellings among which a name is looked for: those of one sport and category, in one country or in all."""

    def __init__(
        self,
        spellings: Iterable[tuple[int, int]],
        readings: Sequence[Reading],
        everywhere: Vocabulary,
        totals: array[float],
    ) -> None:
        """Index spellings of `readings`.

        Args:
            spellings: numbers of the spelling and its club.
            everywhere: the words of the sport in all countries.
            totals: filled in: by spelling, what all its words say together in this block.
        """
        self.here = Vocabulary()
        self._everywhere = everywhere
        self.totals = totals
        postings: defaultdict[str, list[int]] = defaultdict(list)
        members: defaultdict[int, set[str]] = defaultdict(set)
        numbers = []
        for number, club in spellings:
            numbers.append(number)
            core = readings[number].core
            members[club].update(core)
            for word in set(core):
                postings[word].append(number)
        for club_words in members.values():
            self.here.add(club_words)
        self.size = len(members)
        self.postings: Mapping[str, tuple[int, ...]] = {word: tuple(found) for word, found in postings.items()}
        self._sorted = sorted(self.postings)
        self._width = 1 if len(self._sorted) < _SMALL_VOCABULARY else 2
        self._buckets: dict[str, list[str]] = {}
        for word in self._sorted:
            if len(word) >= words.TYPO_LETTERS and not word.isdigit():
                self._buckets.setdefault(word[: self._width], []).append(word)
        self._rarity = {word: self._rare(word) for word in self._sorted}
        self.alike = lru_cache(maxsize=_WORDS_REMEMBERED)(self._alike)
        """The words of the block that a word (skeleton, printed) can be, each with how near it is."""
        for number in numbers:
            totals[number] = sum(self.weights(readings[number]))

    def weights(self, reading: Reading) -> list[float]:
        """How much each carrying word says here: what it can say, less for how many share it."""
        known, core = self._rarity, reading.core
        try:
            rarities = [known[word] for word in core]
        except KeyError:
            rarities = [known[word] if word in known else self._rare(word) for word in core]
        return list(map(mul, map(words.says, reading.carrying), rarities))

    def clubs_with(self, word: str) -> int:
        """How many clubs of this block use a word."""
        return self.here.frequency.get(word, 0)

    def _alike(self, word: str, printed: str) -> list[tuple[str, float]]:
        found: dict[str, float] = {}
        if word in self.postings:
            found[word] = 1.0
        for reading in words.READINGS.get(printed, ()):
            if reading in self.postings:
                found.setdefault(reading, words.BY_TABLE)
        if len(word) < words.PREFIX_LETTERS or word.isdigit():
            return list(found.items())
        for other in self._beginning_with(word):
            found.setdefault(other, words.nearness(word, other))
        for width in range(words.PREFIX_LETTERS, len(word)):
            start = word[:width]
            if start in self.postings:
                found.setdefault(start, words.nearness(word, start))
        bucket = self._buckets.get(word[: self._width])
        if bucket and len(word) >= words.TYPO_LETTERS:
            for other, share, _ in process.extract(
                word,
                bucket,
                scorer=Levenshtein.normalized_similarity,
                score_cutoff=words.TYPO_SIMILARITY,
                limit=_TYPOS_LOOKED_AT,
            ):
                found.setdefault(other, share * words.TYPO_SAYS)
        return list(found.items())

    def _beginning_with(self, start: str) -> list[str]:
        first = end = bisect_left(self._sorted, start)
        while end < len(self._sorted) and self._sorted[end].startswith(start):
            end += 1
        return self._sorted[first:end]

    def _rare(self, word: str) -> float:
        return (self.here.rarity(word) + self._everywhere.rarity(word)) / 2


class WholeNames:
    """The spellings of one sport and category by their letters without spaces, and by their initials."""

    def __init__(self) -> None:
        self._joined: dict[str, tuple[int, ...]] = {}
        self._initials: dict[str, tuple[int, ...]] = {}

    def add(self, number: int, reading: Reading) -> None:
        """Take in a spelling."""
        joined = {"".join(reading.core), "".join(reading.printed)}
        for keys, table in ((joined, self._joined), (_initials(reading), self._initials)):
            for key in keys:
                table[key] = (*table.get(key, ()), number)

    def joined_like(self, reading: Reading) -> tuple[int, ...]:
        """Spellings of the same letters, club words counted or not: "alahly" is "Al Ahly"."""
        core, printed = "".join(reading.core), "".join(reading.printed)
        found = self._joined.get(core, ())
        return found if core == printed else found + self._joined.get(printed, ())

    def with_initials(self, letters: str) -> tuple[int, ...]:
        """Spellings that begin their words with these letters, club words counted or not."""
        return self._initials.get(letters, ())


def _initials(reading: Reading) -> set[str]:
    return {
        "".join([word[0] for word in chosen])
        for chosen in (reading.printed, reading.carrying)
        if 2 <= len(chosen) <= _LONGEST_INITIALS
    }
