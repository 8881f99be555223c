"""The opinion of the others on one market. Pure.

Brands of one family copy from one another, so a family has one voice: the mean of its bookmakers' chances. The
consensus is the median of the voices for each selection, scaled to add up to 1; whoever is judged by it is left out
with the whole family.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_Chances = tuple[float, ...]


class Opinion(NamedTuple):
    """What one bookmaker makes of a market: the chance of each selection, in the order of the market."""

    bookmaker: str
    family: str
    chances: _Chances


class Consensus(NamedTuple):
    """What the others make of it. families, bookmakers: how many they are."""

    chances: _Chances
    families: int
    bookmakers: int


class Panel:
    """Everybody who has an opinion on one market."""

    def __init__(self, opinions: Iterable[Opinion]) -> None:
        by_family: dict[str, list[_Chances]] = {}
        for opinion in opinions:
            by_family.setdefault(opinion.family, []).append(opinion.chances)
        self._sizes = {family: len(inside) for family, inside in by_family.items()}
        self._voices = {
            family: inside[0]
            if len(inside) == 1
            else tuple(sum(part) / len(inside) for part in zip(*inside, strict=True))
            for family, inside in by_family.items()
        }

    @property
    def families(self) -> int:
        """How many families have a voice."""
        return len(self._voices)

    def without(self, family: str) -> Consensus | None:
        """The consensus of all other families; None where there is none."""
        voices = [voice for name, voice in self._voices.items() if name != family]
        if not voices:
            return None
        medians = [_median(sorted(column)) for column in zip(*voices, strict=True)]
        whole = sum(medians)
        bookmakers = sum(self._sizes.values()) - self._sizes.get(family, 0)
        return Consensus(tuple(chance / whole for chance in medians), len(voices), bookmakers)

    def ceilings(self, altered: int = 0) -> _Chances:
        """For each selection a chance that no consensus exceeds, whoever is left out, and whatever so many of the
        families come to think, or whether they have an opinion at all.

        A median without one value lies between those without the highest and without the lowest; values that may be
        anything are at worst beyond all others. 1 where there are too few others.
        """
        columns = [sorted(column) for column in zip(*self._voices.values(), strict=True)]
        size = len(self._voices)
        if size - 1 <= 2 * altered:
            return (1.0,) * len(columns)
        highest = [_median([*column[1 + altered :], *[math.inf] * altered]) for column in columns]
        lowest = [_median([*[0.0] * altered, *column[: size - 1 - altered]]) for column in columns]
        rest = sum(lowest)
        return tuple(high / (high + rest - low) for high, low in zip(highest, lowest, strict=True))


def _median(ordered: Sequence[float]) -> float:
    """The median of values in rising order."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
