"""What links teach: which leagues of the two sources correspond, and which spellings are one team's."""

from __future__ import annotations

from collections import Counter, defaultdict

from normalizer.events.judging import Relation
from normalizer.events.sides import SideKey

LEAGUE_LINKS = 3
"""So many links make two leagues correspond."""
LEAGUE_SHARE = 0.05
"""And so large a part of what the smaller of the two has."""
STRANGER_LINKS = 12
"""Two leagues with so many links each, and none with one another, are different."""
SPELLING_LINKS = 2
"""On so many dates two spellings must have stood for one another."""
SPELLING_SHARE = 0.6
"""And so often, of all the times that either was linked."""


class Lessons:
    """Kept between runs over the same two sources, so that what came earlier helps what comes later."""

    def __init__(self) -> None:
        self._leagues: Counter[tuple[str, str]] = Counter()
        self._of_league_a: Counter[str] = Counter()
        self._of_league_b: Counter[str] = Counter()
        self._dates: defaultdict[SideKey, dict[SideKey, set[int]]] = defaultdict(dict)
        self._links_of_a: Counter[SideKey] = Counter()
        self._links_of_b: Counter[SideKey] = Counter()
        self._links: Counter[tuple[SideKey, SideKey]] = Counter()

    def note_leagues(self, league_a: str, league_b: str) -> None:
        """A link whose two sides speak for themselves is of these leagues."""
        self._leagues[league_a, league_b] += 1
        self._of_league_a[league_a] += 1
        self._of_league_b[league_b] += 1

    def note_spellings(self, side_a: SideKey, side_b: SideKey, day: int) -> None:
        """A link takes these two for one team on this day."""
        self._dates[side_a].setdefault(side_b, set()).add(day)
        self._links[side_a, side_b] += 1
        self._links_of_a[side_a] += 1
        self._links_of_b[side_b] += 1

    def relation(self, league_a: str, league_b: str) -> Relation:
        """What the links so far say of two leagues."""
        together = self._leagues[league_a, league_b]
        fewer = min(self._of_league_a[league_a], self._of_league_b[league_b])
        if together >= LEAGUE_LINKS and together >= LEAGUE_SHARE * fewer:
            return Relation.SAME
        if not together and fewer >= STRANGER_LINKS:
            return Relation.OTHER
        return Relation.UNKNOWN

    def agreed(self, side_a: SideKey) -> list[SideKey]:
        """The spellings of list B that enough links agree are this one's team."""
        return [
            side_b
            for side_b, dates in self._dates.get(side_a, {}).items()
            if len(dates) >= SPELLING_LINKS
            and self._links[side_a, side_b]
            >= SPELLING_SHARE * min(self._links_of_a[side_a], self._links_of_b[side_b])
        ]
