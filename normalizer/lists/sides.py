"""Which names of two lists can be one team. Each pair of spellings is compared once, however often they play."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from normalizer.events.sides import ALIAS_WORTH, Side, compare_sides
from normalizer.names import block_keys
from normalizer.similarity import NEVER


class SideScores:
    """How far the sides of list A agree with those of list B: NEVER, or 0 (nothing shared) to 1 (the same name).

    `taught` holds pairs of positions that links have shown to be one team.
    """

    def __init__(self, sides_a: Sequence[Side], sides_b: Sequence[Side]) -> None:
        self._a = sides_a
        self._b = sides_b
        self._known: dict[tuple[int, int], float] = {}
        self.taught: set[tuple[int, int]] = set()

    def score(self, a: int, b: int) -> float:
        """The agreement of side `a` of list A with side `b` of list B."""
        pair = (a, b)
        score = self._known.get(pair)
        if score is None:
            score = self._known[pair] = compare_sides(self._a[a], self._b[b]).strength
        return score

    def teach(self, a: int, b: int) -> bool:
        """Take the two for one team from now on; False when they can never be, or were already."""
        if (a, b) in self.taught or self.score(a, b) == NEVER:
            return False
        self.taught.add((a, b))
        self._known[a, b] = max(self._known[a, b], ALIAS_WORTH["taught"])
        return True

    def alike(self) -> list[list[int]]:
        """For each side of list A the sides of list B that it may be by name or by what was taught; ascending."""
        found = [set(each) for each in self._by_name]
        for a, b in self.taught:
            found[a].add(b)
        return [sorted(each) for each in found]

    @cached_property
    def _by_name(self) -> list[set[int]]:
        by_key: dict[str, list[int]] = {}
        for number, side in enumerate(self._b):
            for key in block_keys(side.name):
                by_key.setdefault(key, []).append(number)
        found = []
        for number, side in enumerate(self._a):
            beside = {b for key in block_keys(side.name) for b in by_key.get(key, ())}
            found.append({b for b in beside if self.score(number, b) > 0})
        return found
