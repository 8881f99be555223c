"""What speaks for and against a name being one spelling of a club: figures with their meanings, nothing decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import log, log10
from typing import NamedTuple

from rapidfuzz import fuzz

from normalizer.teams import words
from normalizer.teams.alignment import SPELLED_OUT, Asked, Club, Overlap, any_generic, overlap
from normalizer.teams.cities import Cities, largest
from normalizer.teams.index import Block
from normalizer.teams.reading import Reading

FEATURES = {
    "covered": "share of the name's weight that the spelling has, times the share the other way round",
    "left": "the weightiest word of the name that the club has in no spelling",
    "left_there": "the weightiest word of the spelling that the name does not have",
    "best": "the weightiest shared word",
    "same": "the same letters once club words and spaces are gone",
    "likeness": "edit likeness of the two names as printed",
    "unique": "a shared word belongs to this club alone",
    "exact_word": "how near the weightiest shared word is to being the same letter by letter",
    "first": "the first carrying words are the same",
    "one_word": "the name is a single word",
    "one_word_there": "the spelling is a single word",
    "generic": "only words that many clubs share agree, and no state does",
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
    "state": "the same Brazilian state",
    "state_asked": "a Brazilian state that only the name has",
    "state_there": "a Brazilian state that only the club has",
    "clubs": "how many clubs were looked through (logarithm)",
    "spellings": "how many spellings of the club are known (logarithm)",
    "known_words": "every carrying word of the name is in some spelling of the club",
    "cut": "the name is the beginning of the spelling",
    "margin": "how far the next club is behind",
}
"""What the figures mean, in the order in which they stand in `Evidence.figures`; the last is told by the resolver,
which alone sees the other clubs."""

_FEW_CLUBS = 60
"""A catalogue that knows fewer clubs of a country knows too few of them: it must not be surer for that."""
_MANY_CLUBS = 7
"""Logarithm of the most clubs a block has, about: the figure stays near 1."""
_ABBREVIATED = 2
"""Words up to this long are abbreviations, of a name or of a club word that no table has."""
_CUT_AT = 12
_MANY_PEOPLE = 4
"""Decimal digits of the largest cities, in thousands: city sizes become figures up to about 1."""
_ABROAD = 3


class Strongest(NamedTuple):
    """The weightiest shared word, and what kind of words are shared.

    weight, word, near  what it says, its skeleton (the name's first word when none is shared), how alike it is
    unique   how near a shared word is that no other club has
    generic  whether (1.0) all shared words are many clubs'
    """

    weight: float
    word: str
    near: float
    unique: float
    generic: float


class Evidence(NamedTuple):
    """What speaks for and against one club being meant by a name.

    cities      those of the club's country
    known_forms the club words that clubs of its country use
    by_initials the name was found as the spelling's initials
    quality     roughly how good it is: which candidate is looked at first
    veto        why it cannot be the club whatever the figures say; '' when it can
    """

    asked: Asked
    spelling: Reading
    club: Club
    block: Block
    cities: Cities
    known_forms: Collection[str]
    by_initials: bool
    shared: Overlap
    strongest: Strongest
    likeness: float
    names_differ: float
    quality: float
    veto: str

    @property
    def left(self) -> tuple[str, ...]:
        """Printed words of the name that the spelling lacks."""
        return tuple([self.asked.reading.carrying[n] for n in self.shared.left])

    @property
    def left_there(self) -> tuple[str, ...]:
        """Printed words of the spelling that the name lacks."""
        return tuple([self.spelling.carrying[n] for n in self.shared.left_there])

    @property
    def figures(self) -> tuple[float, ...]:
        """Those of FEATURES in their order, all but the last. Only the likeliest club is asked for them."""
        (name, weights), spelling, club, shared = self.asked, self.spelling, self.club, self.shared
        core, left, left_there = name.core, shared.left, shared.left_there
        best, strongest, exact, unique, generic = self.strongest
        club_differs, cities_differ = _contradictions(name, left, club, self.cities) if left else (0.0, 0.0)
        state_agrees = bool(name.state) and name.state in club.states
        form_same = bool(name.form) and name.form == spelling.form
        form_differs = not form_same and _differ(name.form, spelling.form)
        people = self.cities.people.get(strongest, 0)
        town = log10(1 + people) / _MANY_PEOPLE if people else 0.0
        elsewhere = largest(strongest)
        return (
            shared.covered,
            max([weights[n] for n in left]) if left else 0.0,
            shared.heaviest_there,
            best,
            shared.same,
            self.likeness,
            unique,
            max(0.0, (exact - SPELLED_OUT) / (1 - SPELLED_OUT)),
            core[0] == spelling.core[0],
            len(core) == 1,
            len(spelling.core) == 1,
            0.0 if state_agrees else generic,
            self.names_differ,
            club_differs,
            bool(left) and any_generic(name, left),
            bool(left_there) and any_generic(spelling, left_there),
            cities_differ,
            town,
            town if left_there else 0.0,
            town if left else 0.0,
            log10(1 + elsewhere) / _MANY_PEOPLE if elsewhere > _ABROAD * people else 0.0,
            form_same,
            form_differs,
            town if form_differs else 0.0,
            _foreign(name, self.known_forms),
            self.by_initials,
            state_agrees,
            bool(name.state) and not club.states,
            bool(club.states) and not name.state,
            log(max(self.block.size, _FEW_CLUBS) + 1) / _MANY_CLUBS,
            log(club.spellings + 1),
            all(map(club.words.__contains__, core)),
            len(name.text) >= _CUT_AT and spelling.text.startswith(name.text),
        )


def weigh(
    asked: Asked,
    spelling: Reading,
    club: Club,
    block: Block,
    cities: Cities,
    known_forms: Collection[str],
    by_initials: bool,
) -> Evidence:
    """Hold a name against one spelling of a club; the arguments are those of Evidence."""
    name = asked.reading
    shared = overlap(asked, spelling, club, block)
    left, left_there = shared.left, shared.left_there
    strongest = _strongest(asked, shared.shares, block)
    names_differ = _names_differ(name, left, spelling, left_there) if left and left_there else 0.0
    likeness = fuzz.ratio(name.text, spelling.text) / 100
    veto = ""
    if left and left_there and any_generic(name, left) and any_generic(spelling, left_there):
        veto = "both sides have another word of the kind that tells the clubs of one city apart"
    elif (left_there and _any_abbreviated(name, left)) or (left and _any_abbreviated(spelling, left_there)):
        veto = "an abbreviated word begins nothing on the other side"
    quality = shared.covered**0.5 + 0.3 * likeness + 0.2 * strongest.unique - 0.3 * names_differ - bool(veto)
    return Evidence(
        asked,
        spelling,
        club,
        block,
        cities,
        known_forms,
        by_initials,
        shared,
        strongest,
        likeness,
        names_differ,
        quality,
        veto,
    )


def _strongest(asked: Asked, shares: Mapping[int, float], block: Block) -> Strongest:
    name, weights = asked
    best, strongest, exact, unique, generic = 0.0, name.core[0], 0.0, 0.0, 1.0
    for n, share in shares.items():
        value = weights[n] * share
        if value > best:
            best, strongest, exact = value, name.core[n], share
        says = words.says(name.carrying[n])
        if says >= words.GENERIC_SAYS:
            if says > words.GENERIC_SAYS:
                generic = 0.0
            if share > unique and block.clubs_with(name.core[n]) <= 1:
                unique = share
    return Strongest(best, strongest, exact, unique, generic)


def _names_differ(name: Reading, left: Sequence[int], spelling: Reading, left_there: Sequence[int]) -> float:
    """How far a word that only the name has is contradicted by one that only the spelling has."""
    return min(
        max([_own(name.carrying[n]) for n in left]),
        max([_own(spelling.carrying[n]) for n in left_there]),
    )


def _contradictions(name: Reading, left: Sequence[int], club: Club, cities: Cities) -> tuple[float, float]:
    """How far a word that only the name has is contradicted by a word of another spelling of the club; and whether
    (1.0) both are cities."""
    own = max([_own(name.carrying[n]) for n in left])
    if not own:
        return 0.0, 0.0
    people = cities.people
    city_asked = any(name.core[n] in people for n in left)
    differs, cities_differ = 0.0, False
    for word, printed in club.words.items():
        # Whether the name has the word is asked last: it costs most, and few words could change anything.
        telling = _own(printed) > differs and differs < own
        telling_city = city_asked and not cities_differ and word in people
        if (telling or telling_city) and not _may_have(name, word, printed):
            differs = max(differs, _own(printed))
            cities_differ = cities_differ or telling_city
    return min(own, differs), float(cities_differ)


def _differ(form: str, other: str) -> bool:
    """Whether each of two short forms has a letter that the other lacks."""
    return bool(form and other) and not (set(form) <= set(other) or set(other) <= set(form))


def _own(printed: str) -> float:
    """Whether a word could be a name of its own: yes, hardly (two or three letters), no (a number, a letter)."""
    if printed.isdigit() or len(printed) == 1:
        return 0.0
    return 0.5 if len(printed) <= 3 else 1.0


def _may_have(name: Reading, word: str, printed: str) -> bool:
    """Whether a word (skeleton, printed) could be one of the name's."""
    if word in name.core:
        return True
    for own, own_printed in zip(name.core, name.carrying, strict=True):
        if words.likeness(word, printed, own, own_printed):
            return True
    return False


def _any_abbreviated(reading: Reading, numbers: Sequence[int]) -> bool:
    for n in numbers:
        word = reading.carrying[n]
        if len(word) <= _ABBREVIATED and not word.isdigit():
            return True
    return False


def _foreign(name: Reading, known: Collection[str]) -> bool:
    if name.printed is name.carrying:
        return False
    return any(len(word) > 2 and word not in known for word in name.printed if word not in name.carrying)
