"""The spellings of a catalogue as they are looked up: by exact form, by words, without spaces, by initials."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from sys import intern
from typing import NamedTuple

from normalizer.names import TeamName, read_team
from normalizer.teams.alignment import Club
from normalizer.teams.cities import largest
from normalizer.teams.index import Block, Vocabulary, WholeNames
from normalizer.teams.reading import Reading, read


class Spelling(NamedTuple):
    """One way in which a team's name is printed. `country` in English, as the catalogue has it; `category` None:
    what the name says."""

    team_id: str
    name: str
    country: str
    sport: str
    category: str | None = None


class Spellings:
    """What is known of every spelling and club, both by number.

    ids, names  the id of a club, the printed form of a spelling
    club_of     the club of a spelling
    readings    a spelling as it is looked up
    states      Brazilian states that a club's spellings tell
    club_words  the club words that the clubs of a (sport, country) use
    whole       spellings by (sport, category), without spaces and by initials
    """

    def __init__(self, spellings: Iterable[Spelling]) -> None:
        # All that can be made ready is, so that the first question costs what the next one does. The cities before
        # the names, whose words are better remembered.
        largest("")
        self.ids: list[str] = []
        self._countries: list[str] = []
        self._sports: list[str] = []
        self.names: list[str] = []
        self.club_of = array("i")
        self.readings: list[Reading] = []
        self._exact: defaultdict[tuple[str, str], dict[str, tuple[int, ...]]] = defaultdict(dict)
        self.whole: defaultdict[tuple[str, str], WholeNames] = defaultdict(WholeNames)
        self.states: defaultdict[int, set[str]] = defaultdict(set)
        self._spellings_of: defaultdict[int, list[int]] = defaultdict(list)
        self.club_words: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._known: dict[int, Club] = {}
        numbers: dict[str, int] = {}
        members: defaultdict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
        for spelling in spellings:
            category = self._take(spelling, numbers)
            if category is not None:
                for country in {spelling.country, ""}:
                    members[spelling.sport, country, category].append((len(self.readings) - 1, self.club_of[-1]))
        vocabularies = self._vocabularies()
        totals = (array("f", [0.0]) * len(self.readings), array("f", [0.0]) * len(self.readings))
        self._blocks = {
            (sport, country, category): Block(found, self.readings, vocabularies[sport], totals[bool(country)])
            for (sport, country, category), found in members.items()
        }

    def block(self, sport: str, country: str, category: str) -> Block | None:
        """The spellings of a sport and category in a country ('' for all); None when there are none."""
        return self._blocks.get((sport, country, category))

    def known_as(self, name: TeamName, sport: str, country: str) -> list[int]:
        """Clubs that carry exactly this name; among several, those of the country."""
        known = self._exact.get((sport, name.category))
        found = known.get(name.folded) if known else None
        if not found:
            return []
        return [club for club in found if not country or self._countries[club] == country]

    def club(self, number: int) -> Club:
        """What is known of a club beside one spelling."""
        club = self._known.get(number)
        if club is None:
            spelled: dict[str, str] = {}
            for spelling in self._spellings_of[number]:
                reading = self.readings[spelling]
                spelled.update(zip(reading.core, reading.carrying, strict=True))
            club = self._known[number] = Club(
                self._countries[number],
                spelled,
                frozenset(self.states.get(number, ())),
                len(self._spellings_of[number]),
            )
        return club

    def of_another_state(self, reading: Reading, club: int) -> bool:
        """Whether name and club are of two Brazilian states: never one team."""
        if not reading.state:
            return False
        states = self.states.get(club)
        return states is not None and reading.state not in states

    def without_spaces(self, reading: Reading, sport: str, country: str, category: str) -> dict[int, int]:
        """Spellings of a name's very letters and their clubs, which may be of any country for '' but of no other
        Brazilian state."""
        found = {}
        for spelling in self.whole[sport, category].joined_like(reading):
            club = self.club_of[spelling]
            if (not country or self._countries[club] == country) and not self.of_another_state(reading, club):
                found[spelling] = club
        return found

    def of_country(self, spellings: Iterable[int], country: str) -> list[int]:
        """Those of clubs of a country; all of them for ''."""
        return [each for each in spellings if not country or self._countries[self.club_of[each]] == country]

    def _take(self, spelling: Spelling, numbers: dict[str, int]) -> str | None:
        """Note a spelling; its category, or None when it has no letter. `numbers`: clubs by their ids."""
        club = numbers.setdefault(spelling.team_id, len(numbers))
        if club == len(self.ids):
            self.ids.append(spelling.team_id)
            self._countries.append(spelling.country)
            self._sports.append(spelling.sport)
        name = read_team(spelling.name)
        if spelling.category is not None:
            name = name._replace(category=spelling.category)
        reading = _shared(read(name, spelling.country))
        if not reading.printed:
            return None
        number = len(self.readings)
        self.readings.append(reading)
        self.names.append(spelling.name)
        self.club_of.append(club)
        self._spellings_of[club].append(number)
        if reading.state:
            self.states[club].add(reading.state)
        self.club_words[spelling.sport, spelling.country].update(set(reading.printed) - set(reading.carrying))
        self.whole[spelling.sport, name.category].add(number, reading)
        known = self._exact[spelling.sport, name.category]
        # Most spellings are their own words: one string for both.
        folded = reading.text if name.folded == reading.text else name.folded
        if club not in known.get(folded, ()):
            known[folded] = (*known.get(folded, ()), club)
        return name.category

    def _vocabularies(self) -> dict[str, Vocabulary]:
        """The words of every sport."""
        vocabularies: defaultdict[str, Vocabulary] = defaultdict(Vocabulary)
        for club, numbers in self._spellings_of.items():
            club_words = (word for number in numbers for word in self.readings[number].core)
            vocabularies[self._sports[club]].add(club_words)
        return vocabularies


def _shared(reading: Reading) -> Reading:
    """The same reading with one string for each word, however many spellings have it."""
    printed = tuple(map(intern, reading.printed))
    carrying = printed if reading.carrying is reading.printed else tuple(map(intern, reading.carrying))
    core = tuple(map(intern, reading.core))
    core = carrying if core == carrying else core
    return reading._replace(printed=printed, carrying=carrying, core=core, form=intern(reading.form))
