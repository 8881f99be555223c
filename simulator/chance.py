"""Chance without state: the same parts give the same number, in every process and after every restart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

_Item = TypeVar("_Item")


def number(*parts: object) -> int:
    """A whole number in [0, 2**64) that depends on the parts and nothing else."""
    return int.from_bytes(blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


def unit(*parts: object) -> float:
    """A number in [0, 1)."""
    return (number(*parts) >> 11) / 2**53


def spread(*parts: object) -> float:
    """A number in [-1, 1)."""
    return 2 * unit(*parts) - 1


def pick(items: Sequence[_Item], *parts: object) -> _Item:
    """One of the items; raises IndexError when there is none."""
    return items[number(*parts) % len(items)]


def wander(time: float, period_s: float, *parts: object) -> float:
    """A continuous path within [-1, 1] over time (s), straight between points one period apart."""
    knot, share = divmod(time / period_s, 1)
    return (1 - share) * _knot(*parts, int(knot)) + share * _knot(*parts, int(knot) + 1)


# Everybody who looks at a path at about the same time needs the same two points.
_knot = lru_cache(maxsize=65_536)(spread)
