"""What a league's name says: its country, its category, its own words; and which declared league it is.

A bookmaker's id decides wherever it is known; this is for names alone. A name means a league when nobody else's
competition is called so, or when its country is told too: "Serie A" alone is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from normalizer.names import fold, league_category
from normalizer.vocabulary import DEMONYMS, load_table
from scrapers.records import Sport

_WORDS = load_table("league_words")
_FILLERS = frozenset((*_WORDS["fillers"], *_WORDS["sponsors"]))
_LONGEST_PHRASE = 3


def _phrases() -> dict[str, str]:
    found = {fold(country): country for country in load_table("countries")["countries"]}
    for country, known in load_table("countries")["countries"].items():
        found |= dict.fromkeys(known["names"], country)
    for table in (_WORDS["adjectives"], _WORDS["regions"]):
        found |= {phrase: name for name, phrases in table.items() for phrase in phrases}
    return found


_PHRASES = _phrases()
"""How a country or region is called in a league's name, folded -> its English name."""


class LeagueReading(NamedTuple):
    """A league's name taken apart.

    country   nation or region in English; '' when the name tells none, or several
    category  as a team's (normalizer.names); '' for senior men
    whole     its words without sponsors and fillers, in printed order
    rest      the same without the country or region
    """

    country: str
    category: str
    whole: str
    rest: str


@lru_cache(maxsize=4096)
def read_league(name: str, country: str = "") -> LeagueReading:
    """Take a league's name apart. `country`: as its list tells it apart from the name, '' when it does not."""
    words = [word for word in fold(name).split() if word not in _FILLERS and not _is_season(word)]
    told = _PHRASES.get(fold(country), "")
    countries = set()
    rest = []
    position = 0
    while position < len(words):
        for width in range(min(_LONGEST_PHRASE, len(words) - position), 0, -1):
            known = _PHRASES.get(" ".join(words[position : position + width]))
            if known is not None:
                countries.add(known)
                position += width
                break
        else:
            # "Carioca" tells the country, and is the league's own word all the same.
            if words[position] in DEMONYMS:
                countries.add("Brazil")
            rest.append(words[position])
            position += 1
    if not told and len(countries) == 1:
        (told,) = countries
    return LeagueReading(told, league_category(name), " ".join(words), " ".join(rest))


def are_different(one: LeagueReading, other: LeagueReading) -> bool:
    """Whether two leagues cannot be one: both name their nation, and not the same. A continent says too little: one
    desk's "Europe" is another's "International"."""
    told = {one.country, other.country}
    return len(told) == 2 and not told & {"", *_WORDS["regions"]}


class DeclaredLeague(NamedTuple):
    """A league of the registry."""

    key: str
    name: str
    country: str
    sport: str


class LeagueNames:
    """Finds the declared league that a printed name means."""

    def __init__(self, leagues: Iterable[DeclaredLeague]) -> None:
        self._alone: dict[tuple[str, str], set[str]] = {}
        self._in_country: dict[tuple[str, str, str], set[str]] = {}
        for league in leagues:
            known = _WORDS["leagues"].get(league.key, {"alone": [], "in_country": []})
            for name in known["alone"]:
                self._alone.setdefault((league.sport, read_league(name).whole), set()).add(league.key)
            # Its own name is as good as its country makes it; what nobody else is called stands in the table.
            for name in (league.name, *known["alone"], *known["in_country"]):
                place = (league.sport, league.country, read_league(name).rest)
                self._in_country.setdefault(place, set()).add(league.key)

    def find(self, name: str, sport: Sport, country: str = "") -> str | None:
        """The key of the league; None when the name does not say it surely. Women's, youth and virtual leagues of
        the same name are others."""
        reading = read_league(name, country)
        if reading.category:
            return None
        found = self._alone.get((sport, reading.whole), set())
        if reading.country and reading.rest:
            beside = self._in_country.get((sport, reading.country, reading.rest), set())
            found = beside or found
        return next(iter(found)) if len(found) == 1 else None


def _is_season(word: str) -> bool:
    """A year, or half of a season such as 2025/26."""
    return word.isdigit() and (len(word) == 4 or int(word) > 12)
