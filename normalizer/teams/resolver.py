"""A printed name to a team: an exact spelling first, then the likeliest club, or "not sure"."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from operator import mul
from sys import intern
from typing import Literal, NamedTuple

from rapidfuzz import fuzz

from normalizer.names import TeamName, read_team
from normalizer.teams.agreement import FEATURES, Asked, Club, Evidence, weigh
from normalizer.teams.cities import cities_of, largest
from normalizer.teams.index import Block, Vocabulary, WholeNames
from normalizer.teams.model import Model, Models, fitted_models
from normalizer.teams.reading import Reading, read

LOOKED_AT = 2
"""Clubs that are compared word by word; the rest are behind them already."""
TIE = 0.03
"""Two clubs closer than this in quality decide nothing."""

_REASONS = 6
_JOINED = 0.99
_PRINTED = 0.006
_BY_INITIALS = 0.8
_LONGEST_INITIALS = 5
_NOTHING = 1e-9

Verdict = Literal["exact", "alike", "ambiguous", "unsure", "unknown"]


class Spelling(NamedTuple):
    """One way in which a team's name is printed. `country` in English, as the catalogue has it."""

    team_id: str
    name: str
    country: str
    sport: str


class Candidate(NamedTuple):
    """A team that could be meant, with what speaks for and against it. `sureness` 0 to 1; `margin`: how far the
    next one is behind."""

    team_id: str
    spelling: str
    sureness: float
    margin: float
    evidence: Evidence


class Answer(NamedTuple):
    """What a name means.

    team_id   None unless the verdict is exact or alike
    score     1 for an exact spelling, else the sureness of the best candidate; 0 when there is none
    verdict   exact: a known spelling; alike: sure enough; ambiguous: an exact spelling of several teams;
              unsure: not sure enough; unknown: nobody has a word of it
    candidates the best first; empty for an exact spelling
    """

    team_id: str | None
    score: float
    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()


class TeamNames:
    """The spellings of a catalogue, ready to be asked."""

    def __init__(self, spellings: Iterable[Spelling], models: Models | None = None) -> None:
        """`models`: how sureness is judged; None takes the fitted ones."""
        self._models = models or fitted_models()
        self._ids: list[str] = []
        self._countries: list[str] = []
        self._sports: list[str] = []
        self._names: list[str] = []
        self._club_of = array("i")
        self._readings: list[Reading] = []
        self._exact: defaultdict[tuple[str, str], dict[str, tuple[int, ...]]] = defaultdict(dict)
        self._whole: defaultdict[tuple[str, str], WholeNames] = defaultdict(WholeNames)
        self._states: defaultdict[int, set[str]] = defaultdict(set)
        self._spellings_of: defaultdict[int, list[int]] = defaultdict(list)
        self._club_words: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._members: defaultdict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
        self._blocks: dict[tuple[str, str, str], Block] = {}
        self._vocabularies: dict[str, Vocabulary] = {}
        self._known: dict[int, Club] = {}
        numbers: dict[str, int] = {}
        for spelling in spellings:
            self._take(spelling, numbers)
        self._count_words()
        # All that can be made ready is, so that the first question costs what the next one does.
        largest("")
        self._totals = (array("f", [0.0]) * len(self._readings), array("f", [0.0]) * len(self._readings))
        for sport, country, category in list(self._members):
            self._block(sport, country, category)

    def resolve(self, name: str, sport: str, country: str = "") -> Answer:
        """The team that a name means, without an event around it; `country` '' is unknown."""
        read_name = read_team(name)
        where = country or read_name.country
        exact = self._known_as(read_name, sport, country)
        if len(exact) == 1:
            return Answer(self._ids[exact[0]], 1.0, "exact")
        if exact:
            return Answer(None, 1.0, "ambiguous")
        candidates = self._candidates(read_name, sport, where)
        if not candidates and not country and where:
            candidates = self._candidates(read_name, sport, "")
        if not candidates:
            return Answer(None, 0.0, "unknown")
        best = candidates[0]
        if best.sureness >= self._model(where).sure:
            return Answer(best.team_id, best.sureness, "alike", candidates)
        return Answer(None, best.sureness, "unsure", candidates)

    def explain(self, name: str, sport: str, country: str = "") -> list[str]:
        """How a name is decided, step by step, for a person."""
        read_name = read_team(name)
        reading = read(read_name, country or read_name.country)
        lines = [
            f"{name!r}: words {' '.join(reading.carrying) or 'none'}"
            f", club words {' '.join([w for w in reading.printed if w not in reading.carrying]) or 'none'}"
            f", category {read_name.category or 'senior men'}, state {read_name.state or 'none'}"
            f", country {country or read_name.country or 'unknown'}"
        ]
        answer = self.resolve(name, sport, country)
        needed = self._model(country or read_name.country)
        for candidate in answer.candidates:
            lines.append(f"  {candidate.team_id} as {candidate.spelling!r}: sureness {candidate.sureness:.3f}")
            evidence = candidate.evidence
            if evidence.left or evidence.left_there:
                lines.append(
                    f"    only in the name: {' '.join(evidence.left) or '-'}"
                    f"; only in the spelling: {' '.join(evidence.left_there) or '-'}"
                )
            if evidence.veto:
                lines.append(f"    vetoed: {evidence.veto}")
            told = sorted(
                zip(
                    map(mul, (*evidence.figures, candidate.margin), needed.weights), FEATURES.values(), strict=True
                ),
                key=lambda pair: -abs(pair[0]),
            )
            lines += [f"    {weight:+.2f} {meaning}" for weight, meaning in told[:_REASONS] if weight]
        lines += self._left_out(read_name, reading, sport, country)
        lines.append(
            f"verdict: {answer.verdict}, {answer.team_id or 'nobody'}, score {answer.score:.3f}"
            + (f", needed {needed.sure:.3f}" if answer.verdict in ("alike", "unsure") else "")
        )
        return lines

    def _left_out(self, name: TeamName, reading: Reading, sport: str, country: str) -> list[str]:
        """Clubs of this very name that were not considered: of another category, or of another Brazilian state."""
        lines = []
        for (known_sport, category), whole in self._whole.items():
            if known_sport != sport:
                continue
            for spelling in self._of_country(whole.joined_like(reading), country):
                club = self._club_of[spelling]
                why = ""
                if category != name.category:
                    why = f"category {category or 'senior men'}"
                elif self._of_another_state(reading, club):
                    why = f"state {', '.join(sorted(self._states[club]))}"
                if why:
                    lines.append(f"  not {self._ids[self._club_of[spelling]]} ({self._names[spelling]!r}): {why}")
        return lines

    def _model(self, country: str) -> Model:
        return self._models.country if country else self._models.anywhere

    def _take(self, spelling: Spelling, numbers: dict[str, int]) -> None:
        club = numbers.setdefault(spelling.team_id, len(numbers))
        if club == len(self._ids):
            self._ids.append(spelling.team_id)
            self._countries.append(spelling.country)
            self._sports.append(spelling.sport)
        name = read_team(spelling.name)
        reading = _shared(read(name, spelling.country))
        if not reading.printed:
            return
        number = len(self._readings)
        self._readings.append(reading)
        self._names.append(spelling.name)
        self._club_of.append(club)
        self._spellings_of[club].append(number)
        if reading.state:
            self._states[club].add(reading.state)
        self._club_words[spelling.sport, spelling.country].update(set(reading.printed) - set(reading.carrying))
        for country in {spelling.country, ""}:
            self._members[spelling.sport, country, name.category].append((number, club))
        self._whole[spelling.sport, name.category].add(number, reading)
        known = self._exact[spelling.sport, name.category]
        # Most spellings are their own words: one string for both.
        folded = reading.text if name.folded == reading.text else name.folded
        if club not in known.get(folded, ()):
            known[folded] = (*known.get(folded, ()), club)

    def _count_words(self) -> None:
        for club, numbers in self._spellings_of.items():
            vocabulary = self._vocabularies.setdefault(self._sports[club], Vocabulary())
            vocabulary.add(word for number in numbers for word in self._readings[number].core)

    def _block(self, sport: str, country: str, category: str) -> Block | None:
        key = (sport, country, category)
        block = self._blocks.get(key)
        if block is None and key in self._members:
            block = self._blocks[key] = Block(
                self._members.pop(key), self._readings, self._vocabularies[sport], self._totals[bool(country)]
            )
        return block

    def _known_as(self, name: TeamName, sport: str, country: str) -> list[int]:
        """Clubs that carry exactly this name; among several, those of the country."""
        known = self._exact.get((sport, name.category))
        found = known.get(name.folded, ()) if known else ()
        return [club for club in found if not country or self._countries[club] == country]

    def _club(self, number: int) -> Club:
        club = self._known.get(number)
        if club is None:
            spelled: dict[str, str] = {}
            for spelling in self._spellings_of[number]:
                reading = self._readings[spelling]
                spelled.update(zip(reading.core, reading.carrying, strict=True))
            club = self._known[number] = Club(
                self._countries[number],
                spelled,
                frozenset(self._states.get(number, ())),
                len(self._spellings_of[number]),
            )
        return club

    def _candidates(self, name: TeamName, sport: str, country: str) -> tuple[Candidate, ...]:
        block = self._block(sport, country, name.category)
        reading = read(name, country)
        if block is None or not reading.core:
            return ()
        weights = block.weights(reading)
        found, by_initials = self._proposed(block, reading, weights, (sport, country, name.category))
        spelled: dict[int, list[tuple[float, int]]] = {}
        for spelling, close in found.items():
            club = self._club_of[spelling]
            if club in spelled:
                spelled[club].append((close, spelling))
            else:
                spelled[club] = [(close, spelling)]
        asked = Asked(reading, weights)
        weighed = []
        clubs = sorted(spelled, key=lambda club: max(spelled[club]), reverse=True) if len(spelled) > 1 else spelled
        for club in clubs:
            if self._of_another_state(reading, club):
                continue
            known = self._club(club)
            cities, forms = cities_of(known.country), self._club_words[sport, known.country]
            tried = []
            for spelling in self._most_like(reading, spelled[club]):
                of_initials = spelling in by_initials
                evidence = weigh(asked, self._readings[spelling], known, block, cities, forms, of_initials)
                tried.append((evidence, club, spelling))
                if not evidence.left:
                    break
            weighed.append(max(tried, key=lambda each: each[0].quality))
            if len(weighed) == LOOKED_AT:
                break
        return self._judged(weighed, self._model(country))

    def _judged(self, weighed: list[tuple[Evidence, int, int]], model: Model) -> tuple[Candidate, ...]:
        """Candidates from (evidence, club, spelling), each beside the next one."""
        weighed.sort(key=lambda each: -each[0].quality)
        candidates = []
        for place, (evidence, club, spelling) in enumerate(weighed):
            rival = weighed[1 if place == 0 else 0][0].quality if len(weighed) > 1 else 0.0
            margin = evidence.quality - rival
            if margin < TIE and not evidence.veto:
                evidence = evidence._replace(veto="another club is as near")
            sureness = 0.0 if evidence.veto else model.sureness(evidence.figures, margin)
            candidates.append(Candidate(self._ids[club], self._names[spelling], sureness, margin, evidence))
        return tuple(candidates)

    def _of_another_state(self, reading: Reading, club: int) -> bool:
        """Whether name and club are of two Brazilian states: never one team."""
        states = self._states.get(club)
        return states is not None and bool(reading.state) and reading.state not in states

    def _of_country(self, spellings: Iterable[int], country: str) -> list[int]:
        return [each for each in spellings if not country or self._countries[self._club_of[each]] == country]

    def _most_like(self, reading: Reading, spellings: list[tuple[float, int]]) -> list[int]:
        """The spellings of a club to hold against the name, at most two: close in words, alike as printed."""
        if len(spellings) == 1:
            return [spellings[0][1]]
        printed = [
            (close + _PRINTED * fuzz.ratio(reading.text, self._readings[spelling].text), spelling)
            for close, spelling in spellings
        ]
        return [spelling for _, spelling in sorted(printed, reverse=True)[:2]]

    def _proposed(
        self, block: Block, reading: Reading, weights: list[float], where: tuple[str, str, str]
    ) -> tuple[dict[int, float], set[int]]:
        """Spellings that a name could be, each with how close it is in words (1: all of them); and which of them
        have the name for initials. `where`: sport, country, category."""
        sport, country, category = where
        whole = self._whole[sport, category]
        found = {
            spelling: _JOINED
            for spelling in self._of_country(whole.joined_like(reading), country)
            if not self._of_another_state(reading, self._club_of[spelling])
        }
        if len({self._club_of[spelling] for spelling in found}) == 1:
            return found, set()
        shared: dict[int, float] = {}
        for word, printed, weight in zip(reading.core, reading.carrying, weights, strict=True):
            for known, near in block.alike(word, printed):
                value = weight * near
                for spelling in block.postings[known]:
                    shared[spelling] = shared.get(spelling, 0.0) + value
        total = sum(weights)
        totals = block.totals
        for spelling, weight in shared.items():
            close = 2 * min(weight, total) / (total + totals[spelling] + _NOTHING)
            if close > found.get(spelling, 0.0):
                found[spelling] = close
        initials: set[int] = set()
        if len(reading.carrying) == 1 and 2 <= len(reading.carrying[0]) <= _LONGEST_INITIALS:
            for spelling in self._of_country(whole.with_initials(reading.carrying[0]), country):
                initials.add(spelling)
                found.setdefault(spelling, _BY_INITIALS)
        return found, initials


def _shared(reading: Reading) -> Reading:
    """The same reading with one string for each word, however many spellings have it."""
    printed = tuple(map(intern, reading.printed))
    carrying = printed if reading.carrying is reading.printed else tuple(map(intern, reading.carrying))
    core = tuple(map(intern, reading.core))
    core = carrying if core == carrying else core
    return reading._replace(printed=printed, carrying=carrying, core=core, form=intern(reading.form))
