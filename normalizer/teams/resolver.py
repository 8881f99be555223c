"""A printed name to a team: an exact spelling first, then the likeliest club, or "not sure"."""

from __future__ import annotations

from collections.abc import Iterable
from operator import mul
from typing import Literal, NamedTuple

from rapidfuzz import fuzz

from normalizer.names import TeamName, read_team
from normalizer.teams.agreement import FEATURES, Evidence, weigh
from normalizer.teams.alignment import Asked
from normalizer.teams.cities import cities_of
from normalizer.teams.index import Block
from normalizer.teams.model import Model, Models, fitted_models
from normalizer.teams.reading import Reading, read
from normalizer.teams.spellings import Spelling, Spellings

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
        self._known = Spellings(spellings)

    def resolve(self, name: str, sport: str, country: str = "") -> Answer:
        """The team that a name means, without an event around it; `country` '' is unknown."""
        return self.resolve_read(read_team(name), sport, country)

    def resolve_read(self, name: TeamName, sport: str, country: str = "") -> Answer:
        """The same for a name that was read already, and whose category somebody may know better."""
        where = country or name.country
        exact = self._known.known_as(name, sport, country)
        if len(exact) == 1:
            return Answer(self._known.ids[exact[0]], 1.0, "exact")
        if exact:
            return Answer(None, 1.0, "ambiguous")
        candidates = self._candidates(name, sport, where)
        if not candidates and not country and where:
            candidates = self._candidates(name, sport, "")
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
        for (known_sport, category), whole in self._known.whole.items():
            if known_sport != sport:
                continue
            for spelling in self._known.of_country(whole.joined_like(reading), country):
                club = self._known.club_of[spelling]
                why = ""
                if category != name.category:
                    why = f"category {category or 'senior men'}"
                elif self._known.of_another_state(reading, club):
                    why = f"state {', '.join(sorted(self._known.states[club]))}"
                if why:
                    lines.append(f"  not {self._known.ids[club]} ({self._known.names[spelling]!r}): {why}")
        return lines

    def _model(self, country: str) -> Model:
        return self._models.country if country else self._models.anywhere

    def _candidates(self, name: TeamName, sport: str, country: str) -> tuple[Candidate, ...]:
        block = self._known.block(sport, country, name.category)
        reading = read(name, country)
        if block is None or not reading.core:
            return ()
        weights = block.weights(reading)
        found, by_initials = self._proposed(block, reading, weights, (sport, country, name.category))
        if not found:
            return ()
        # The closest spelling first, so that the clubs come by their closest ones.
        closest = sorted([(close, spelling) for spelling, close in found.items()], reverse=True)
        club_of = self._known.club_of
        spelled: dict[int, list[tuple[float, int]]] = {}
        for pair in closest:
            club = club_of[pair[1]]
            if club in spelled:
                spelled[club].append(pair)
            else:
                spelled[club] = [pair]
        asked = Asked(reading, weights)
        weighed = []
        for club in spelled:
            if self._known.of_another_state(reading, club):
                continue
            about = self._known.club(club)
            cities, forms = cities_of(about.country), self._known.club_words[sport, about.country]
            tried = []
            for spelling in self._most_like(reading, spelled[club]):
                of_initials = spelling in by_initials
                evidence = weigh(asked, self._known.readings[spelling], about, block, cities, forms, of_initials)
                tried.append((evidence, club, spelling))
                if not evidence.shared.left:
                    break
            weighed.append(tried[0] if len(tried) == 1 else max(tried, key=lambda each: each[0].quality))
            if len(weighed) == LOOKED_AT:
                break
        return self._judged(weighed, self._model(country))

    def _judged(self, weighed: list[tuple[Evidence, int, int]], model: Model) -> tuple[Candidate, ...]:
        """Candidates from (evidence, club, spelling), each beside the next one."""
        if len(weighed) > 1:
            weighed.sort(key=lambda each: -each[0].quality)
        candidates = []
        for place, (evidence, club, spelling) in enumerate(weighed):
            rival = weighed[1 if place == 0 else 0][0].quality if len(weighed) > 1 else 0.0
            margin = evidence.quality - rival
            if margin < TIE and not evidence.veto:
                evidence = evidence._replace(veto="another club is as near")
            sureness = 0.0 if evidence.veto else model.sureness(evidence.figures, margin)
            candidates.append(
                Candidate(self._known.ids[club], self._known.names[spelling], sureness, margin, evidence)
            )
        return tuple(candidates)

    def _most_like(self, reading: Reading, spellings: list[tuple[float, int]]) -> list[int]:
        """The spellings of a club to hold against the name, at most two: close in words, alike as printed."""
        if len(spellings) == 1:
            return [spellings[0][1]]
        printed = [
            (close + _PRINTED * fuzz.ratio(reading.text, self._known.readings[spelling].text), spelling)
            for close, spelling in spellings
        ]
        return [spelling for _, spelling in sorted(printed, reverse=True)[:2]]

    def _proposed(
        self, block: Block, reading: Reading, weights: list[float], where: tuple[str, str, str]
    ) -> tuple[dict[int, float], set[int]]:
        """Spellings that a name could be, each with how close it is in words (1: all of them); and which of them
        have the name for initials. `where`: sport, country, category."""
        sport, country, category = where
        same = self._known.without_spaces(reading, sport, country, category)
        found = dict.fromkeys(same, _JOINED)
        if same and len(set(same.values())) == 1:
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
            close = 2 * (weight if weight < total else total) / (total + totals[spelling] + _NOTHING)
            if close > found.get(spelling, 0.0):
                found[spelling] = close
        initials: set[int] = set()
        if len(reading.carrying) == 1 and 2 <= len(reading.carrying[0]) <= _LONGEST_INITIALS:
            whole = self._known.whole[sport, category]
            for spelling in self._known.of_country(whole.with_initials(reading.carrying[0]), country):
                initials.add(spelling)
                found.setdefault(spelling, _BY_INITIALS)
        return found, initials
