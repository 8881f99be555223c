"""What is kept through a sequence of changes is what a new search of the whole board finds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from board.changes import Changes
from board.opportunities.finder import Finder
from board.records import Description, HeldPrice, Match
from board.state import Board, Part
from board.surebets import Settings
from tests.board.sketch import LIMITS, NOW, head, offer
from tests.board.surebets.boards import FAIR
from tests.board.test_incremental import Step, busy_board, steps

GATES = replace(Settings(unit=1.0, max_age_s=100, max_skew_s=40), max_edge=9.0, min_families=1)


def held(finder: Finder) -> tuple[Any, ...]:
    """Everything that a finder says of its board. Edges to 1e-12: a program of other bets is rounded otherwise."""
    found = [
        (one.surebet.key, round(one.surebet.edge, 12), [(price.key, price.price) for price in one.prices])
        for one in finder.found()
    ]
    refused = [
        (
            one.rejection.match_id,
            one.rejection.reasons,
            None if one.rejection.edge is None else round(one.rejection.edge, 12),
            [price.key for price in one.prices],
        )
        for one in finder.refused()
    ]
    return sorted(found), sorted(refused, key=repr), finder.reasons()


def anew(board: Board, gates: Settings = GATES) -> Finder:
    finder = Finder(LIMITS, gates)
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


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(steps, max_size=4), max_size=8))
def test_what_waits_is_found_later_and_nothing_else_is_said_meanwhile(rounds: list[list[Step]]) -> None:
    board, finder = busy_board(), Finder(LIMITS, GATES, budget_s=0)  # a match a round, of those that may wait
    for round_ in [[], *rounds]:
        for step in round_:
            step(board)
        finder.update(board, board.take_changes())
        found, refused, _ = held(finder)
        true, truly_refused, _ = held(anew(board))
        assert all(one in true for one in found)
        assert all(one in truly_refused for one in refused)
    while len(finder.backlog):
        finder.update(board, board.take_changes())
    assert held(finder) == held(anew(board))


DESKS = (1, 2, 3, 4)
BETS = (
    *(offer("totals", selection, line) for line in (1.5, 2.5, 2.75) for selection in ("over", "under")),
    *(offer("handicap", selection, line) for line in (-0.5, 0.0, 0.25) for selection in ("home", "away")),
    *(offer("match_result", selection) for selection in ("home", "draw", "away")),
    *(offer("double_chance", selection) for selection in ("home_draw", "draw_away")),
    *(offer("both_teams_to_score", selection) for selection in ("yes", "no")),
    offer("match_result", "home", side="lay"),
    offer("match_result", "away", rules="boosted"),
    offer("totals", "over", 2.5, rules="early_payout"),
)
STRETCHES = st.one_of(st.integers(700, 1120), st.integers(700, 1120), st.integers(1120, 2500))
"""Of net odds, in thousandths: most below what is fair, some beyond all reason."""
changes = st.tuples(st.sampled_from(DESKS), st.integers(0, len(BETS) - 1), st.none() | STRETCHES)
Prices = list[tuple[int, int, int | None]]


def put(board: Board, prices: Prices) -> None:
    """House, bet, and how far its price is stretched; None: it is withdrawn."""
    for house, number, stretch in prices:
        bet, key = BETS[number], house * 100 + number
        offered = board.offers.number(bet)
        if stretch is None:
            board.remove(house, house, key, offered)
        else:
            price = round(1 + (FAIR.get(bet.market, 2.0) - 1) * stretch / 1000, 3)  # type: ignore[call-overload]
            board.put(house, house, HeldPrice(key, offered, house, price, None, 0.0, NOW - 60))


# The same examples every time: of two sets that are equally good arithmetic chooses, and other bets change it.
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(changes, min_size=20, max_size=60),
    st.lists(st.lists(changes, min_size=1, max_size=3), max_size=10),
    st.sampled_from([{}, {"min_families": 2}, {"max_edge": 0.05}, {"alternatives": 1}]),
)
def test_prices_that_move_in_a_match_full_of_surebets_lead_to_what_a_new_search_finds(
    first: Prices, rounds: list[Prices], gates: dict[str, Any]
) -> None:
    settings = replace(Settings(unit=0.01, max_edge=9.0, min_families=1), **gates)
    board = Board(now=NOW)
    board.set_match(7, Match(7, "football", None, "", "", "A", "B", int(NOW) + 3600))
    for house in DESKS:
        slug = f"casa_{house}"
        board.heads[house] = head(house, slug, family=slug)
        board.set_part(house, Part(1, scopes={house: NOW - house}))
        board.describe(house, house, Description(slug, 7, False, "A", "B", int(NOW) + 3600))
    put(board, first)
    finder = Finder(LIMITS, settings)
    for moved in ([], *rounds):
        put(board, moved)
        finder.update(board, board.take_changes())
        assert held(finder) == held(anew(board, settings))
