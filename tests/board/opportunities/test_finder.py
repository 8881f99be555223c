"""What is kept through a sequence of changes is what a new search of the whole board finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from board.opportunities.finder import Finder
from board.state import Board, Changes
from board.surebets import Settings
from tests.board.sketch import LIMITS
from tests.board.test_incremental import Step, busy_board, steps

GATES = replace(Settings(unit=1.0, max_age_s=100, max_skew_s=40), max_edge=9.0, min_families=1)


def held(finder: Finder) -> tuple[Any, ...]:
    """Everything that a finder says of its board."""
    found = [
        (one.surebet.key, one.surebet.edge, [(price.key, price.price) for price in one.prices])
        for one in finder.found()
    ]
    refused = [
        (one.rejection.match_id, one.rejection.reasons, one.rejection.edge, [price.key for price in one.prices])
        for one in finder.refused()
    ]
    return sorted(found), sorted(refused, key=repr), finder.reasons()


def anew(board: Board) -> Finder:
    finder = Finder(LIMITS, GATES)
    finder.update(board, Changes())
    return finder


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(steps, max_size=4), max_size=8))
def test_changes_lead_to_what_a_new_search_finds(rounds: list[list[Step]]) -> None:
    board, finder = busy_board(), Finder(LIMITS, GATES)
    for round_ in [[], *rounds]:
        for step in round_:
            step(board)
        finder.update(board, board.take_changes())
        assert held(finder) == held(anew(board))
