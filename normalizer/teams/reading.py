"""A printed name as it is looked up: words that carry it, and the club words around them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from normalizer.names import TeamName
from normalizer.teams.cities import cities_of, state_of_city, state_of_club
from normalizer.teams.words import skeleton
from normalizer.vocabulary import CLUB_WORDS, FORM_WORDS

BRAZIL = "Brazil"
"""Two letters at the end of a name are a state here and something else everywhere else."""

_COMPOUND = re.compile(
    r"\w{3,}?(forening|klubb|klub|club|verein|vereinigung|vereniging|seura|lag|sallskap|egyesulet|kor|felag)(?:en|et)?"
)
_LONGEST_SHORT_FORM = 4
_SPORT = ("sport",)
"""A club word, and before a Brazilian city alone the club's name: "Sport Club do Recife", "Sport Recife"."""
_CITY_WORDS = 4
_NO_PLACE: frozenset[str] = frozenset()


class Reading(NamedTuple):
    """A name's words, folded, without category, state and country tag.

    printed  all of them, in printed order
    carrying those that are no club words; all of them if there are no others
    core     the skeletons of `carrying`, a city under the name that its own country gives it
    text     `printed` with spaces
    form     the letters of its club words: "fc" of "Football Club X" and of "X FC"
    state    Brazilian state in capitals: printed, told by a city at the end ("União Rondonópolis"), or that of the
             club whom everybody means by the bare name ("Fluminense"); '' for none
    place    the skeletons of the words of that city
    plain    the state is only that of the club that the bare name means
    """

    printed: tuple[str, ...]
    carrying: tuple[str, ...]
    core: tuple[str, ...]
    text: str
    form: str
    state: str
    place: frozenset[str]
    plain: bool


def read(name: TeamName, country: str) -> Reading:
    """The words of a name in a country; `country` '' is unknown."""
    printed = name.words
    if name.state and country not in ("", BRAZIL):
        printed = (*printed, name.state.lower())
    # A single letter that comes first abbreviates a name ("A. Wien"); elsewhere it is "and", "of", "the".
    carrying = printed
    if not CLUB_WORDS.isdisjoint(printed):
        carrying = tuple([w for n, w in enumerate(printed) if w not in CLUB_WORDS or (not n and len(w) == 1)])
        if len(carrying) == len(printed) or not carrying or all(map(str.isdigit, carrying)):
            carrying = printed
    if country == BRAZIL and printed[:1] == _SPORT and state_of_city("_".join(carrying)):
        carrying = _SPORT + carrying
    core = tuple(map(skeleton, carrying))
    state, place, plain = name.state, _NO_PLACE, False
    if country == BRAZIL:
        if len(carrying) > 1:
            state, place = _told_by_city(printed, carrying, core, state)
        if not state:
            state = state_of_club("_".join(carrying))
            plain = bool(state)
    elif country:
        state = ""
        called = cities_of(country).called
        core = tuple([called.get(word, word) for word in core])
    form = ""
    if not FORM_WORDS.isdisjoint(printed):
        form = "".join([short_form(word) for word in printed if word in FORM_WORDS])
    return Reading(printed, carrying, core, " ".join(printed), form, state, place, plain)


@lru_cache(maxsize=4096)
def short_form(word: str) -> str:
    """The letters that a club word has in a club's short form: "fc" for itself, "f" for "football", "if" for
    "idrottsforening"."""
    if len(word) <= _LONGEST_SHORT_FORM:
        return word
    compound = _COMPOUND.fullmatch(word)
    return word[0] + compound.group(1)[0] if compound else word[0]


def _told_by_city(
    printed: tuple[str, ...], carrying: tuple[str, ...], core: tuple[str, ...], state: str
) -> tuple[str, frozenset[str]]:
    """The state of a city at the end of a Brazilian name, and the city's words.

    A name that is nothing but a city tells none: many a club bears the name of somebody else's city. Nor does a
    city of another state than the printed one.
    """
    if state_of_city("_".join(printed)):
        return state, _NO_PLACE
    for width in range(min(_CITY_WORDS, len(printed) - 1), 0, -1):
        city = printed[-width:]
        told = state_of_city("_".join(city))
        if told and printed[-width] in carrying and carrying[0] not in city and state in ("", told):
            return told, frozenset([bone for word, bone in zip(carrying, core, strict=True) if word in city])
    return state, _NO_PLACE
