"""A printed name as it is looked up: words that carry it, and the club words around them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from normalizer.names import TeamName
from normalizer.teams.cities import cities_of
from normalizer.teams.words import skeleton
from normalizer.vocabulary import CLUB_WORDS, GENERIC

BRAZIL = "Brazil"
"""Two letters at the end of a name are a state here and something else everywhere else."""

_COMPOUND = re.compile(
    r"\w{3,}?(forening|klubb|klub|club|verein|vereinigung|vereniging|seura|lag|sallskap|egyesulet|kor|felag)(?:en|et)?"
)
_LONGEST_SHORT_FORM = 4


class Reading(NamedTuple):
    """A name's words, folded, without category, state and country tag.

    printed  all of them, in printed order
    carrying those that are no club words; all of them if there are no others
    core     the skeletons of `carrying`, a city under the name that its own country gives it
    """

    printed: tuple[str, ...]
    carrying: tuple[str, ...]
    core: tuple[str, ...]


def read(name: TeamName, country: str) -> Reading:
    """The words of a name in a country; `country` '' is unknown."""
    printed = name.words
    if name.state and country not in ("", BRAZIL):
        printed = (*printed, name.state.lower())
    # A single letter that comes first abbreviates a name ("A. Wien"); elsewhere it is "and", "of", "the".
    carrying = tuple([w for n, w in enumerate(printed) if w not in CLUB_WORDS or (not n and len(w) == 1)])
    if len(carrying) == len(printed) or not carrying or all(map(str.isdigit, carrying)):
        carrying = printed
    core = tuple(map(skeleton, carrying))
    if country:
        called = cities_of(country).called
        core = tuple([called.get(word, word) for word in core])
    return Reading(printed, carrying, core)


@lru_cache(maxsize=4096)
def short_form(word: str) -> str:
    """The letters that a club word has in a club's short form: "fc" for itself, "f" for "football", "if" for
    "idrottsforening"."""
    if len(word) <= _LONGEST_SHORT_FORM:
        return word
    compound = _COMPOUND.fullmatch(word)
    return word[0] + compound.group(1)[0] if compound else word[0]


def club_letters(reading: Reading) -> str:
    """The short forms of a name's club words, in printed order: "fc" of "Football Club X" and of "X FC"."""
    return "".join(
        [
            short_form(word)
            for word in reading.printed
            if (word in CLUB_WORDS and word not in _LITTLE) or (word in GENERIC and word in _SPORT)
        ]
    )


_LITTLE = frozenset(
    "de do da dos das del della di du des the of e y i and la el los las le les al ul o os a as d".split()
)
_SPORT = frozenset("sport sports sporting sportivo deportivo deportiva desportivo atletico athletic union".split())
"""Words that are a club's own name in one place and a letter of its short form in another."""
