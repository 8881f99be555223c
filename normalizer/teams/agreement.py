"""What speaks for and against a name being one spelling of a club: figures with their meanings, nothing decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import log, log10
from typing import NamedTuple

from rapidfuzz import fuzz

from normalizer.teams import words
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
_SPELLED_OUT = 0.8
_LONGEST_SPELLED = 4
_MANY_PEOPLE = 4
"""Decimal digits of the largest cities, in thousands: city sizes become figures up to about 1."""
_ABROAD = 3


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


class Evidence(NamedTuple):
    """What speaks for and against one club.

    figures   those of FEATURES in their order, all but the last
    quality   roughly how good it is: which candidate is looked at first
    veto      why it cannot be the club whatever the figures say; '' when it can
    left      printed words of the name that the spelling lacks
    left_there the other way round
    """

    figures: tuple[float, ...]
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
    known_forms: Collection[str],
    by_initials: bool,
) -> Evidence:
    """Hold a name against one spelling of a club.

    Args:
        cities: those of the club's country.
        known_forms: the club words that clubs of its country use.
        by_initials: the name was found as the spelling's initials.
    """
    name, weights = asked
    state_agrees = bool(name.state) and name.state in club.states
    core = name.core
    if (
        core == spelling.core
        or "".join(core) == "".join(spelling.core)
        or "".join(name.printed) == "".join(spelling.printed)
    ):
        share = 1.0 if name.carrying == spelling.carrying else words.SAME_SOUND
        same, shares, left, left_there = 1.0, dict.fromkeys(range(len(core)), share), [], []
        covered, heaviest_there = 1.0, 0.0
    else:
        same = 0.0
        there = block.weights(spelling)
        shares, shares_there = _align(name, spelling)
        if state_agrees and (name.place or spelling.place) and not (name.plain or spelling.plain):
            _match_places(name, shares, spelling, shares_there)
        left = [n for n in range(len(core)) if n not in shares and core[n] not in club.words]
        left_there = [n for n in range(len(there)) if n not in shares_there]
        covered = sum([weights[n] * share for n, share in shares.items()]) / (sum(weights) or 1.0)
        covered_there = sum([there[n] * share for n, share in shares_there.items()]) / (sum(there) or 1.0)
        heaviest_there = max([there[n] for n in left_there]) if left_there else 0.0
        covered *= covered_there
    best, strongest, exact, unique, generic = 0.0, core[0], 0.0, 0.0, 1.0
    for n, share in shares.items():
        value = weights[n] * share
        if value > best:
            best, strongest, exact = value, core[n], share
        says = words.says(name.carrying[n])
        if says >= words.GENERIC_SAYS:
            if says > words.GENERIC_SAYS:
                generic = 0.0
            if share > unique and block.clubs_with(core[n]) <= 1:
                unique = share
    club_differs = cities_differ = names_differ = 0.0
    generic_left = generic_left_there = False
    if left_there:
        generic_left_there = _any_generic(spelling, left_there)
    if left:
        own = max([_own(name.carrying[n]) for n in left])
        generic_left = _any_generic(name, left)
        if left_there:
            names_differ = min(own, max([_own(spelling.carrying[n]) for n in left_there]))
        beside = _other_words(name, club) if own else []
        if beside:
            club_differs = min(own, max([_own(printed) for _, printed in beside]))
            if any(core[n] in cities.people for n in left) and any(word in cities.people for word, _ in beside):
                cities_differ = 1.0
    form_same = bool(name.form) and name.form == spelling.form
    form_differs = not form_same and _differ(name.form, spelling.form)
    people = cities.people.get(strongest, 0)
    town = log10(1 + people) / _MANY_PEOPLE if people else 0.0
    elsewhere = largest(strongest)
    likeness = fuzz.ratio(name.text, spelling.text) / 100
    figures = (
        covered,
        max([weights[n] for n in left]) if left else 0.0,
        heaviest_there,
        best,
        same,
        likeness,
        unique,
        max(0.0, (exact - _SPELLED_OUT) / (1 - _SPELLED_OUT)),
        core[0] == spelling.core[0],
        len(core) == 1,
        len(spelling.core) == 1,
        0.0 if state_agrees else generic,
        names_differ,
        club_differs,
        generic_left,
        generic_left_there,
        cities_differ,
        town,
        town if left_there else 0.0,
        town if left else 0.0,
        log10(1 + elsewhere) / _MANY_PEOPLE if elsewhere > _ABROAD * people else 0.0,
        form_same,
        form_differs,
        town if form_differs else 0.0,
        _foreign(name, known_forms),
        by_initials,
        state_agrees,
        bool(name.state) and not club.states,
        bool(club.states) and not name.state,
        log(max(block.size, _FEW_CLUBS) + 1) / _MANY_CLUBS,
        log(club.spellings + 1),
        all(word in club.words for word in core),
        len(name.text) >= _CUT_AT and spelling.text.startswith(name.text),
    )
    veto = ""
    if generic_left and generic_left_there:
        veto = "both sides have another word of the kind that tells the clubs of one city apart"
    elif (left_there and _any_abbreviated(name, left)) or (left and _any_abbreviated(spelling, left_there)):
        veto = "an abbreviated word begins nothing on the other side"
    quality = covered**0.5 + 0.3 * likeness + 0.2 * unique - 0.3 * names_differ - bool(veto)
    return Evidence(
        figures,
        quality,
        veto,
        tuple([name.carrying[n] for n in left]),
        tuple([spelling.carrying[n] for n in left_there]),
    )


def _differ(form: str, other: str) -> bool:
    """Whether each of two short forms has a letter that the other lacks."""
    return bool(form and other) and not (set(form) <= set(other) or set(other) <= set(form))


def _own(printed: str) -> float:
    """Whether a word could be a name of its own: yes, hardly (two or three letters), no (a number, a letter)."""
    if printed.isdigit() or len(printed) == 1:
        return 0.0
    return 0.5 if len(printed) <= 3 else 1.0


def _other_words(name: Reading, club: Club) -> list[tuple[str, str]]:
    """Words of the club's spellings (skeleton, printed) that no word of the name can be."""
    return [
        (word, printed)
        for word, printed in club.words.items()
        if word not in name.core
        and not any(words.likeness(word, printed, *pair) for pair in zip(name.core, name.carrying, strict=True))
    ]


def _any_generic(reading: Reading, numbers: Sequence[int]) -> bool:
    return any(words.says(reading.carrying[n]) == words.GENERIC_SAYS for n in numbers)


def _any_abbreviated(reading: Reading, numbers: Sequence[int]) -> bool:
    return any(len(reading.carrying[n]) <= _ABBREVIATED and not reading.carrying[n].isdigit() for n in numbers)


def _foreign(name: Reading, known: Collection[str]) -> bool:
    if name.printed is name.carrying:
        return False
    return any(len(word) > 2 and word not in known for word in name.printed if word not in name.carrying)


def _match_places(
    name: Reading, shares: dict[int, float], spelling: Reading, shares_there: dict[int, float]
) -> None:
    """A Brazilian city says the same as its state, where the other side gives the state alone or the same city."""
    for reading, done in ((name, shares), (spelling, shares_there)):
        for n, word in enumerate(reading.core):
            if word in reading.place:
                done.setdefault(n, _SPELLED_OUT)


def _align(name: Reading, spelling: Reading) -> tuple[dict[int, float], dict[int, float]]:
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
                    done_there.update(dict.fromkeys(carried, _SPELLED_OUT))
                    if number >= 0:
                        done[number] = _SPELLED_OUT
                    break
