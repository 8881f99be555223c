"""Which words of a name and of a spelling stand for each other, and what is left on either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from normalizer.teams import words
from normalizer.teams.index import Block
from normalizer.teams.reading import Reading

SPELLED_OUT = 0.8
"""How alike initials and the words behind them are, or a city and its state."""
_LONGEST_SPELLED = 4


class Club(NamedTuple):
    """What is known of a club beside one spelling.

    words      skeleton -> printed form, of every spelling
    states     Brazilian states its spellings name
    spellings  how many there are
    """

    country: str
    words: Mapping[str, str]
    states: frozenset[str]
    spellings: int


class Asked(NamedTuple):
    """A name that is being looked up, and what each of its carrying words says among the clubs looked through."""

    reading: Reading
    weights: Sequence[float]


class Overlap(NamedTuple):
    """What two names share.

    same        the same letters once club words and spaces are gone
    shares      number of a word of the name's core -> how much alike its counterpart is
    left        numbers of the name's words that the club has in no spelling
    left_there  numbers of the spelling's words that the name does not have
    covered     share of the name's weight that the spelling has, times the share the other way round
    heaviest_there weight of the weightiest word of `left_there`
    """

    same: bool
    shares: Mapping[int, float]
    left: Sequence[int]
    left_there: Sequence[int]
    covered: float
    heaviest_there: float


def overlap(asked: Asked, spelling: Reading, club: Club, block: Block) -> Overlap:
    """Lay a name's words and a spelling's side by side."""
    name, weights = asked
    core = name.core
    if (
        core == spelling.core
        or "".join(core) == "".join(spelling.core)
        or "".join(name.printed) == "".join(spelling.printed)
    ):
        share = 1.0 if name.carrying == spelling.carrying else words.SAME_SOUND
        return Overlap(True, dict.fromkeys(range(len(core)), share), (), (), 1.0, 0.0)
    there = block.weights(spelling)
    shares, shares_there = align(name, spelling)
    one_state = bool(name.state) and name.state in club.states
    if one_state and (name.place or spelling.place) and not (name.plain or spelling.plain):
        _match_places(name, shares, spelling, shares_there)
    left = [n for n in range(len(core)) if n not in shares and core[n] not in club.words]
    left_there = [n for n in range(len(there)) if n not in shares_there]
    covered = sum([weights[n] * share for n, share in shares.items()]) / (sum(weights) or 1.0)
    covered *= sum([there[n] * share for n, share in shares_there.items()]) / (sum(there) or 1.0)
    heaviest_there = max([there[n] for n in left_there]) if left_there else 0.0
    return Overlap(False, shares, left, left_there, covered, heaviest_there)


def any_generic(reading: Reading, numbers: Sequence[int]) -> bool:
    """Whether one of these words is of the kind that tells the clubs of one city apart: City, United."""
    return words.GENERIC_SAYS in [words.says(reading.carrying[n]) for n in numbers]


def _match_places(
    name: Reading, shares: dict[int, float], spelling: Reading, shares_there: dict[int, float]
) -> None:
    """A Brazilian city says the same as its state, where the other side gives the state alone or the same city."""
    for reading, done in ((name, shares), (spelling, shares_there)):
        for n, word in enumerate(reading.core):
            if word in reading.place:
                done.setdefault(n, SPELLED_OUT)


def align(name: Reading, spelling: Reading) -> tuple[dict[int, float], dict[int, float]]:
    """Which words of the two stand for each other, each word once, the most alike first: number of the word in
    `core` -> how much alike."""
    here: dict[int, float] = {}
    there: dict[int, float] = {}
    other = spelling.core
    for n, word in enumerate(name.core):
        if word in other:
            m = other.index(word)
            if m not in there:
                here[n] = there[m] = 1.0 if name.carrying[n] == spelling.carrying[m] else words.SAME_SOUND
    if len(here) < len(name.core) and len(there) < len(other):
        pairs = []
        for n, word in enumerate(name.core):
            if n not in here:
                for m, candidate in enumerate(other):
                    if m not in there:
                        alike = words.likeness(word, name.carrying[n], candidate, spelling.carrying[m])
                        if alike:
                            pairs.append((alike, n, m))
        for alike, n, m in sorted(pairs, reverse=True):
            if n not in here and m not in there:
                here[n] = there[m] = alike
    if len(there) < len(other):
        _spell_out(name, here, spelling, there)
    if len(here) < len(name.core):
        _spell_out(spelling, there, name, here)
    return here, there


def _spell_out(short: Reading, done: dict[int, float], long: Reading, done_there: dict[int, float]) -> None:
    """Words of `short` that are the initials of successive words of `long`: "CD" of "Club Deportivo", "SG" of
    "Saint-Germain"."""
    printed = long.printed
    for word in short.printed:
        width = len(word)
        if not 2 <= width <= _LONGEST_SPELLED or width > len(printed) or word in printed or word.isdigit():
            continue
        number = short.carrying.index(word) if word in short.carrying else -1
        if number in done:
            continue
        for start in range(len(printed) - width + 1):
            if printed[start][0] != word[0]:
                continue
            span = printed[start : start + width]
            if "".join([part[0] for part in span]) == word:
                carried = [n for n, part in enumerate(long.carrying) if part in span and n not in done_there]
                if carried:
                    done_there.update(dict.fromkeys(carried, SPELLED_OUT))
                    if number >= 0:
                        done[number] = SPELLED_OUT
                    break
