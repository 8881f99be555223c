"""Passes over two lists, one to one: what is clear first, then what follows from it."""

from __future__ import annotations

from collections import defaultdict

from normalizer.chances import compare_chances
from normalizer.events.assigning import Claim, assign
from normalizer.events.judging import DAY_MIN, SURE, KickOffs, Relation, apart, dates_apart, judge
from normalizer.events.sides import SideKey
from normalizer.leagues import are_different, read_league
from normalizer.lists.events import EventList
from normalizer.lists.learning import Lessons
from normalizer.lists.sides import SideScores

_EXACT = 0.999
NOBODY: frozenset[int] = frozenset()


class ListLinker:
    """Links two lists. `lessons` may hold what earlier lists of the same sources taught; it takes in what these do.

    With `learn`, spellings that links agree on are taken for one team by the passes that follow.
    """

    def __init__(self, events_a: EventList, events_b: EventList, lessons: Lessons, *, learn: bool) -> None:
        self._a = events_a
        self._b = events_b
        self._lessons = lessons
        self._learn = learn
        self._sides = SideScores(events_a.sides, events_b.sides)
        self._free_a = dict.fromkeys(range(len(events_a)))
        self._free_b = set(range(len(events_b)))
        self._played_a = _by_side_and_day(events_a)
        self._played_b = _by_side_and_day(events_b)
        # Which sides clear links took for one team: a club is not two of another list.
        self._partners_a: defaultdict[int, set[int]] = defaultdict(set)
        self._partners_b: defaultdict[int, set[int]] = defaultdict(set)

    def run(self) -> list[Claim]:
        """Every pair that is sure enough, by position in list A (`event`); `match` is the position in list B."""
        pairs = self._pass(lending=False)
        while True:
            taught = self._learn and self._teach()
            more = self._pass(lending=True)
            pairs += more
            if not (more or taught):
                return sorted(pairs)

    def _pass(self, *, lending: bool) -> list[Claim]:
        """The pairs among what is still free that nothing else comes near; they are free no more."""
        alike = self._sides.alike()
        relations: dict[tuple[int, int], Relation] = {}
        found: list[Claim] = []
        for a in self._free_a:
            found += (claim for claim in self._claims(a, alike, relations) if lending or not claim.lent)
        chosen = assign(found)
        for claim in chosen:
            del self._free_a[claim.event]
            self._free_b.discard(claim.match)
            self._note(claim)
        return chosen

    def _claims(self, a: int, alike: list[list[int]], relations: dict[tuple[int, int], Relation]) -> list[Claim]:
        events_a, events_b, strength = self._a, self._b, self._sides.score
        home, away = events_a.home[a], events_a.away[a]
        day = events_a.at[a] // DAY_MIN
        beside = {
            b
            for side in (home, away)
            for other in alike[side]
            for near_day in (day - 1, day, day + 1)
            for b in self._played_b.get((other, near_day), ())
        }
        found = []
        for b in beside & self._free_b:
            kickoffs = self._kickoffs(a, b)
            if kickoffs is None:
                continue
            leagues = (events_a.league[a], events_b.league[b])
            relation = relations.get(leagues)
            if relation is None:
                relation = relations[leagues] = self._relation(*leagues)
            for swapped in (False, True):
                first, second = self._sides_of_b(b, swapped)
                one, two = strength(home, first), strength(away, second)
                prices = compare_chances(events_a.chances[a], events_b.chances[b], swapped=swapped)
                verdict = judge(one, two, kickoffs, relation, prices, swapped=swapped)
                if verdict.accepted and not (verdict.lent and self._spoken_for(a, b)):
                    found.append(Claim(a, b, verdict.score, min(one, two) >= _EXACT, swapped, verdict.lent))
                    break
        return found

    def _kickoffs(self, a: int, b: int) -> KickOffs | None:
        at_a, at_b = self._a.at[a], self._b.at[b]
        if self._a.dated[a] or self._b.dated[b]:
            return dates_apart(abs(at_a // DAY_MIN - at_b // DAY_MIN))
        return apart(abs(at_a - at_b))

    def _relation(self, league_a: int, league_b: int) -> Relation:
        """What links have taught of two leagues; where that is nothing, what their names say."""
        name_a, name_b = self._a.leagues[league_a], self._b.leagues[league_b]
        relation = self._lessons.relation(name_a, name_b)
        if relation is Relation.UNKNOWN and are_different(read_league(name_a), read_league(name_b)):
            return Relation.OTHER
        return relation

    def _spoken_for(self, a: int, b: int) -> bool:
        """Whether the side that names say little of is known to be another team: both lists know both of them
        under other names, or one that it is known as plays elsewhere on that day."""
        mine, theirs = self._a.home[a], self._b.home[b]
        if self._sides.score(mine, theirs) >= SURE:
            mine, theirs = self._a.away[a], self._b.away[b]
        partners_a, partners_b = self._partners_a.get(mine, NOBODY), self._partners_b.get(theirs, NOBODY)
        if theirs in partners_a:
            return False
        return (
            bool(partners_a and partners_b)
            or any((partner, self._b.at[b] // DAY_MIN) in self._played_b for partner in partners_a)
            or any((partner, self._a.at[a] // DAY_MIN) in self._played_a for partner in partners_b)
        )

    def _sides_of_b(self, b: int, swapped: bool) -> tuple[int, int]:
        """The sides of list B's event in the order in which list A names them."""
        home, away = self._b.home[b], self._b.away[b]
        return (away, home) if swapped else (home, away)

    def _note(self, pair: Claim) -> None:
        """Take in what a new link teaches."""
        a, b = pair.event, pair.match
        if not pair.lent:
            self._lessons.note_leagues(self._a.leagues[self._a.league[a]], self._b.leagues[self._b.league[b]])
        others = self._sides_of_b(b, pair.swapped)
        for mine, theirs in zip((self._a.home[a], self._a.away[a]), others, strict=True):
            if self._learn:
                day = self._a.at[a] // DAY_MIN
                self._lessons.note_spellings(self._a.sides[mine].key, self._b.sides[theirs].key, day)
            if not pair.lent:
                self._partners_a[mine].add(theirs)
                self._partners_b[theirs].add(mine)

    def _teach(self) -> bool:
        """Take the spellings that links agree on for one team; whether any is new."""
        numbers = _numbers(self._b)
        new = False
        for number, side in enumerate(self._a.sides):
            for key in self._lessons.agreed(side.key):
                if key in numbers:
                    new |= self._sides.teach(number, numbers[key])
        return new


def _numbers(events: EventList) -> dict[SideKey, int]:
    return {side.key: number for number, side in enumerate(events.sides)}


def _by_side_and_day(events: EventList) -> dict[tuple[int, int], list[int]]:
    played: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for event in range(len(events)):
        day = events.at[event] // DAY_MIN
        played[events.home[event], day].append(event)
        played[events.away[event], day].append(event)
    return dict(played)
