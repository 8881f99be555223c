"""What speaks for and against a name being one spelling of a club: figures, each with its meaning, nothing decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import log, log10
from typing import NamedTuple

from rapidfuzz import fuzz

from normalizer.teams import words
from normalizer.teams.cities import Cities, largest
from normalizer.teams.index import Block
from normalizer.teams.reading import Reading, club_letters

FEATURES = {
    "covered": "share of the name's weight that the spelling has, times the share the other way round",
    "left": "the weightiest word of the name that the club has in no spelling",
    "left_there": "the weightiest word of the spelling that the name does not have",
    "best": "the weightiest shared word",
    "margin": "how far the second club is behind",
    "same": "the same letters once club words and spaces are gone",
    "likeness": "edit likeness of the two names as printed",
    "unique": "a shared word belongs to this club alone",
    "exact_word": "how near the weightiest shared word is to being the same letter by letter",
    "first": "the first carrying words are the same",
    "one_word": "the name is a single word",
    "one_word_there": "the spelling is a single word",
    "generic": "only words that many clubs share agree",
    "names_differ": "both sides have a word of their own that the other lacks",
    "club_differs": "the name has a word of its own, and so has another spelling of the club",
    "generic_left": "a word many clubs share is only in the name",
    "generic_left_there": "a word many clubs share is only in the spelling",
    "cities_differ": "both sides name a city, and not the same one",
    "town": "how large the city is that the weightiest shared word names",
    "town_alone": "the same, where the spelling says more than the city",
    "town_added": "the same, where the name says more than the city",
    "town_elsewhere": "how large a city of that name is in another country",
    "form_same": "the club words have the same letters (FC, Football Club)",
    "form_differs": "the club words have other letters",
    "form_differs_town": "the same, where the weightiest shared word is a city: how large it is",
    "form_foreign": "a club word that no club of that country uses",
    "initials": "the name is the spelling's initials",
    "state": "1: the same Brazilian state; -1: only the name has one",
    "clubs": "how many clubs were looked through (logarithm)",
    "spellings": "how many spellings of the club are known (logarithm)",
    "known_words": "every carrying word of the name is in some spelling of the club",
    "cut": "the name is the beginning of the spelling",
}
"""What the figures of `Evidence` mean, in their order."""


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
    """A name that is being looked up: its words, what each says here, its state ('' for none)."""

    reading: Reading
    weights: Sequence[float]
    state: str
    folded: str


class Evidence(NamedTuple):
    """The figures of FEATURES for one club (all but the margin), and what a person wants to see.

    quality   roughly how good it is: which candidate is looked at first
    veto      why it cannot be the club whatever the figures say; '' when it can
    left      printed words of the name that the spelling lacks
    left_there the other way round
    """

    figures: dict[str, float]
    quality: float
    veto: str
    left: tuple[str, ...]
    left_there: tuple[str, ...]


def weigh(
    asked: Asked,
    spelling: Reading,
    club: Club,
    block: Block,
    cities: Cities,
    club_words_of_country: Collection[str],
    by_initials: bool,
) -> Evidence:
    """Hold a name against one spelling of a club."""
    name, weights = asked.reading, asked.weights
    there = block.weights(spelling)
    same = "".join(name.core) == "".join(spelling.core) or "".join(name.printed) == "".join(spelling.printed)
    if same:
        here_shares = dict.fromkeys(range(len(name.core)), 1.0)
        there_shares = dict.fromkeys(range(len(spelling.core)), 1.0)
        left: list[int] = []
        left_there: list[int] = []
    else:
        here_shares, there_shares = _align(name, spelling)
        left = [n for n, word in enumerate(name.core) if n not in here_shares and word not in club.words]
        left_there = [n for n in range(len(spelling.core)) if n not in there_shares]
    covered = sum([weights[n] * share for n, share in here_shares.items()]) / (sum(weights) or 1.0)
    covered_there = sum([there[n] * share for n, share in there_shares.items()]) / (sum(there) or 1.0)
    best, strongest = 0.0, name.core[0]
    unique = exact = 0.0
    generic = 1.0
    for n, share in here_shares.items():
        value = weights[n] * share
        if value > best:
            best, strongest = value, name.core[n]
            exact = max(0.0, (share - _SPELLED_OUT) / (1 - _SPELLED_OUT))
        if words.says(name.carrying[n]) > words.GENERIC_SAYS:
            generic = 0.0
        if (
            share > unique
            and words.says(name.carrying[n]) >= words.GENERIC_SAYS
            and block.clubs_with(name.core[n]) <= 1
        ):
            unique = share
    own = max([_own(name.carrying[n]) for n in left], default=0.0)
    own_there = max([_own(spelling.carrying[n]) for n in left_there], default=0.0)
    club_differs = cities_differ = 0.0
    if left:
        beside = [
            (word, printed)
            for word, printed in club.words.items()
            if word not in name.core
            and not any(words.likeness(word, printed, *pair) for pair in zip(name.core, name.carrying, strict=True))
        ]
        club_differs = min(own, max([_own(printed) for _, printed in beside], default=0.0))
        if any(name.core[n] in cities.people for n in left) and any(word in cities.people for word, _ in beside):
            cities_differ = 1.0
    generic_left = _any_generic(name, left)
    generic_left_there = _any_generic(spelling, left_there)
    form, form_there = club_letters(name), club_letters(spelling)
    form_differs = bool(form and form_there) and not (set(form) <= set(form_there) or set(form_there) <= set(form))
    people = cities.people.get(strongest, 0)
    town = log10(1 + people) / 4
    elsewhere = largest(strongest)
    likeness = fuzz.ratio(" ".join(name.printed), " ".join(spelling.printed)) / 100
    differ = min(own, own_there)
    figures = {
        "covered": covered * covered_there,
        "left": max([weights[n] for n in left], default=0.0),
        "left_there": max([there[n] for n in left_there], default=0.0),
        "best": best,
        "same": float(same),
        "likeness": likeness,
        "unique": unique,
        "exact_word": exact,
        "first": float(name.core[0] == spelling.core[0]),
        "one_word": float(len(name.core) == 1),
        "one_word_there": float(len(spelling.core) == 1),
        "generic": generic,
        "names_differ": differ,
        "club_differs": club_differs,
        "generic_left": float(generic_left),
        "generic_left_there": float(generic_left_there),
        "cities_differ": cities_differ,
        "town": town,
        "town_alone": town if left_there else 0.0,
        "town_added": town if left else 0.0,
        "town_elsewhere": log10(1 + elsewhere) / 4 if elsewhere > 3 * people else 0.0,
        "form_same": float(bool(form) and form == form_there),
        "form_differs": float(form_differs),
        "form_differs_town": town if form_differs else 0.0,
        "form_foreign": float(_foreign(name, club_words_of_country)),
        "initials": float(by_initials),
        "state": (1.0 if asked.state in club.states else -1.0) if asked.state else 0.0,
        "clubs": log(block.size + 1) / 7,
        "spellings": log(club.spellings + 1),
        "known_words": float(all(word in club.words for word in name.core)),
        "cut": float(len(asked.folded) >= _CUT_AT and " ".join(spelling.printed).startswith(asked.folded)),
    }
    quality = 2 * covered * covered_there / (covered + covered_there + 1e-9) + 0.3 * likeness
    quality += 0.2 * unique - 0.3 * differ
    veto = ""
    if generic_left and generic_left_there:
        veto = "both sides have another word of the kind that tells the clubs of one city apart"
    elif (left_there and _any_short(name, left)) or (left and _any_short(spelling, left_there)):
        veto = "an abbreviated word begins nothing on the other side"
    return Evidence(
        figures,
        quality - bool(veto),
        veto,
        tuple([name.carrying[n] for n in left]),
        tuple([spelling.carrying[n] for n in left_there]),
    )


import os

SHORTV = int(os.environ.get("SV", "1"))
_CUT_AT = 12
_SPELLED_OUT = 0.8


def _own(printed: str) -> float:
    """Whether a word could be a name of its own: yes, hardly (two or three letters), no (a number, a letter)."""
    if printed.isdigit() or len(printed) == 1:
        return 0.0
    return 0.5 if len(printed) <= 3 else 1.0


def _any_generic(reading: Reading, numbers: Sequence[int]) -> bool:
    return any(words.says(reading.carrying[n]) == words.GENERIC_SAYS for n in numbers)


def _any_short(reading: Reading, numbers: Sequence[int]) -> bool:
    return any(len(reading.carrying[n]) <= SHORTV and not reading.carrying[n].isdigit() for n in numbers)


def _foreign(name: Reading, known: Collection[str]) -> bool:
    if len(name.printed) == len(name.carrying):
        return False
    return any(len(word) > 2 and word not in known for word in name.printed if word not in name.carrying)


def _align(name: Reading, spelling: Reading) -> tuple[dict[int, float], dict[int, float]]:
    """Which words of the two stand for each other, each word once, the most alike first: number of the word in
    `core` -> how much alike."""
    here: dict[int, float] = {}
    there: dict[int, float] = {}
    for n, word in enumerate(name.core):
        for m, other in enumerate(spelling.core):
            if word == other and m not in there:
                here[n] = there[m] = 1.0
                break
    if len(here) < len(name.core) and len(there) < len(spelling.core):
        pairs = [
            (alike, n, m)
            for n, word in enumerate(name.core)
            if n not in here
            for m, other in enumerate(spelling.core)
            if m not in there and (alike := words.likeness(word, name.carrying[n], other, spelling.carrying[m]))
        ]
        for alike, n, m in sorted(pairs, reverse=True):
            if n not in here and m not in there:
                here[n] = there[m] = alike
    if len(there) < len(spelling.core):
        _spell_out(name, here, spelling, there)
    if len(here) < len(name.core):
        _spell_out(spelling, there, name, here)
    return here, there


def _spell_out(short: Reading, done: dict[int, float], long: Reading, done_there: dict[int, float]) -> None:
    """Words of `short` that are the initials of successive words of `long`: "CD" of "Club Deportivo", "SG" of
    "Saint-Germain"."""
    for word in short.printed:
        width = len(word)
        if not 2 <= width <= 4 or word in long.printed or word.isdigit():
            continue
        number = short.carrying.index(word) if word in short.carrying else -1
        if number in done:
            continue
        for start in range(len(long.printed) - width + 1):
            span = long.printed[start : start + width]
            if "".join([part[0] for part in span]) != word:
                continue
            carried = [n for n, part in enumerate(long.carrying) if part in span and n not in done_there]
            if carried:
                done_there.update(dict.fromkeys(carried, _SPELLED_OUT))
                if number >= 0:
                    done[number] = _SPELLED_OUT
                break
