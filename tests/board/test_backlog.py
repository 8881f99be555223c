"""What may wait waits for its turn; what is listed never does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from board.backlog import Backlog


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(
    backlog: Backlog, touched: Mapping[int, set[int] | None], listed: Collection[int] = (), *, clock: Clock
) -> list[tuple[int, set[int] | None]]:
    """A round in which each match takes a second."""
    matches = []
    for match in backlog.turn(touched, listed):
        matches.append(match)
        clock.now += 1
    return matches


def test_the_rest_has_its_turn_later_oldest_first_and_whole() -> None:
    clock = Clock()
    backlog = Backlog(2.0, clock)
    assert taken(backlog, {1: {5}, 2: {6}, 3: {7}, 4: {8}}, clock=clock) == [(1, {5}), (2, {6})]
    assert len(backlog) == 2
    assert taken(backlog, {9: {5}, 3: {9}}, clock=clock) == [(3, None), (4, None)], "3 changed twice"
    assert taken(backlog, {}, clock=clock) == [(9, None)]
    assert taken(backlog, {}, clock=clock) == []


def test_what_is_listed_comes_first_and_leaves_the_others_their_time() -> None:
    clock = Clock()
    backlog = Backlog(1.0, clock)
    touched: dict[int, set[int] | None] = {1: {1}, 2: {2}, 3: {3}, 4: None}
    assert taken(backlog, touched, {4, 2, 8}, clock=clock) == [(2, {2}), (4, None), (1, {1})]
    assert taken(backlog, {5: {1}}, {3}, clock=clock) == [(3, None), (5, {1})], "by now something is listed of 3"


def test_without_a_budget_nothing_waits() -> None:
    backlog, clock = Backlog(inf), Clock()
    assert [number for number, _ in taken(backlog, dict.fromkeys(range(9)), clock=clock)] == list(range(9))
    assert len(backlog) == 0
