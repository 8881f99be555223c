"""Which matches are near an event, found without looking at all of them."""

from __future__ import annotations

from collections.abc import Iterable

WINDOW_S = 3 * 3600
"""Matches further than this from an event's kick-off are never candidates for it."""


class MatchIndex:
    """Numbers of matches by sport, time and block key, so that a look-up costs the same however many there are."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, int, str], set[int]] = {}
        self._places: dict[int, tuple[str, int, frozenset[str]]] = {}

    def add(self, number: int, sport: str, starts_at: int, keys: frozenset[str]) -> None:
        """Put a match in; what was known under its number is replaced."""
        self.remove(number)
        slot = starts_at // WINDOW_S
        self._places[number] = (sport, slot, keys)
        for key in keys:
            self._slots.setdefault((sport, slot, key), set()).add(number)

    def remove(self, number: int) -> None:
        """Take a match out; nothing when it is not there."""
        place = self._places.pop(number, None)
        if place is not None:
            sport, slot, keys = place
            for key in keys:
                held = self._slots[(sport, slot, key)]
                held.discard(number)
                if not held:
                    del self._slots[(sport, slot, key)]

    def near(self, sport: str, starts_at: int, keys: Iterable[str]) -> list[int]:
        """Numbers of matches that share a key and start within about `WINDOW_S` (up to twice that), ascending."""
        slot = starts_at // WINDOW_S
        found: set[int] = set()
        for key in keys:
            for near in (slot - 1, slot, slot + 1):
                found.update(self._slots.get((sport, near, key), ()))
        return sorted(found)
