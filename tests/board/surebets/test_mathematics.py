"""The engine against its yardstick, which knows only scores and a linear program of somebody else's."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench.surebet_yardstick import best_edge, outlay, profits, quote, result, scores
from board.surebets import Found, MatchPrices, Quote, Surebet, find_surebets
from board.surebets.contracts import Terms, terms_of
from board.surebets.cover import LEAST_EDGE
from board.surebets.outcomes import states_of
from tests.board.surebets.boards import MATHEMATICS, boards, match, quotes

MATCHES = int(os.environ.get("SUREBET_MATCHES", "300"))
"""Random matches compared with the linear program. `bench/surebet_proof.py` compares 2,000."""


def edge_of(found: Found) -> float:
    """The best edge in an answer, believed or not; 0 when there is none."""
    edges = [one.edge for one in found.surebets] + [one.edge for one in found.rejections if one.edge is not None]
    return max(edges, default=0.0)


@settings(max_examples=MATCHES, deadline=None)
@given(boards())
def test_a_surebet_is_found_exactly_where_the_linear_program_has_one_and_with_its_profit(
    board: MatchPrices,
) -> None:
    expected = best_edge(board.quotes)
    assume(not 0 < expected < 1e-6)  # at zero itself a double decides nothing
    assert edge_of(find_surebets(board, MATHEMATICS)) == pytest.approx(max(expected, 0.0), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(boards(4, 16), st.sampled_from((0.01, 0.5, 1.0, 10.0)), st.sampled_from((20.0, 100.0, 1000.0)))
def test_every_score_pays_at_least_the_worst_case_and_stakes_can_be_bet(
    board: MatchPrices, unit: float, most: float
) -> None:
    found = find_surebets(board, replace(MATHEMATICS, alternatives=4, unit=unit, outlay=most))
    for surebet in found.surebets:
        exact = profits(surebet)
        assert float(min(exact)) == surebet.worst > 0
        assert float(max(exact)) == surebet.best
        assert surebet.worst <= surebet.edge * surebet.outlay * (1 + 1e-9)
        stakes = [Fraction(str(leg.stake)) for leg in surebet.legs]
        assert all(stake > 0 and (stake / Fraction(str(unit))).denominator == 1 for stake in stakes)
        costs = [outlay(leg.quote, stake) for leg, stake in zip(surebet.legs, stakes, strict=True)]
        assert [float(cost) for cost in costs] == [leg.outlay for leg in surebet.legs]
        assert float(sum(costs)) == surebet.outlay
        assert sum(costs) <= Fraction(str(most))
        assert sum(leg.share for leg in surebet.legs) == pytest.approx(1)


@settings(max_examples=50, deadline=None)
@given(boards(4, 16))
def test_sets_come_best_first_and_no_two_bet_on_the_same(board: MatchPrices) -> None:
    found = find_surebets(board, replace(MATHEMATICS, alternatives=6))
    edges = [surebet.edge for surebet in found.surebets]
    assert edges == sorted(edges, reverse=True)
    keys = [surebet.key for surebet in found.surebets]
    assert len(set(keys)) == len(keys)


@settings(max_examples=50, deadline=None)
@given(boards(4, 12), st.data())
def test_a_worse_price_changes_nothing(board: MatchPrices, data: st.DataObject) -> None:
    better = data.draw(st.sampled_from(board.quotes))
    factor = data.draw(st.sampled_from((0.9, 0.99)))
    worse = 1 + (better.price - 1) * (factor if better.side == "back" else 1 / factor)
    extended = MatchPrices(1, "football", (*board.quotes, better._replace(price=worse, bookmaker="e")))
    assert find_surebets(extended, MATHEMATICS).surebets == find_surebets(board, MATHEMATICS).surebets


@settings(max_examples=50, deadline=None)
@given(boards(4, 12), st.randoms(use_true_random=False))
def test_the_order_of_the_prices_does_not_matter(board: MatchPrices, chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(board.quotes)
    chance.shuffle(shuffled)
    assert edge_of(find_surebets(MatchPrices(1, "football", tuple(shuffled)), MATHEMATICS)) == pytest.approx(
        edge_of(find_surebets(board, MATHEMATICS)), abs=1e-12
    )


@settings(max_examples=50, deadline=None)
@given(boards(4, 12), st.sampled_from((10.0, 1000.0)))
def test_stakes_scale_with_the_outlay_and_the_unit(board: MatchPrices, scale: float) -> None:
    once = find_surebets(board, replace(MATHEMATICS, outlay=100.0, unit=0.25)).surebets
    larger = find_surebets(board, replace(MATHEMATICS, outlay=100.0 * scale, unit=0.25 * scale)).surebets
    assert [[leg.stake * scale for leg in one.legs] for one in once] == [
        [leg.stake for leg in one.legs] for one in larger
    ]
    assert [one.worst * scale for one in once] == pytest.approx([one.worst for one in larger])


@settings(max_examples=50, deadline=None)
@given(boards(4, 12), st.floats(0, 0.3), st.floats(0, 0.3))
def test_a_higher_commission_never_raises_the_profit(board: MatchPrices, one: float, other: float) -> None:
    low, high = sorted((one, other))

    def edge(commission: float) -> float:
        charged = tuple(price._replace(commission=commission) for price in board.quotes)
        return edge_of(find_surebets(MatchPrices(1, "football", charged), MATHEMATICS))

    assert edge(high) <= edge(low) + LEAST_EDGE


@settings(max_examples=60, deadline=None)
@given(st.lists(quotes(), min_size=1, max_size=10))
def test_the_states_are_exactly_what_scores_can_do_to_the_bets(some: list[Quote]) -> None:
    bets: dict[Terms, Quote] = {}
    for one in some:
        terms = terms_of("football", one.period, one.market, one.selection, one.line)
        assert isinstance(terms, Terms)
        bets[terms] = one
    states = states_of(frozenset(bets))
    by_state = set(zip(*(states.results[terms] for terms in bets), strict=True))
    by_score = {tuple(int(2 * result(bet, *score)) for bet in bets.values()) for score in scores(some)}
    assert by_state == by_score
    assert len(by_state) == len(states.outcomes)


def best(*some: Quote, sport: str = "football", **changes: object) -> Surebet | None:
    found = find_surebets(match(*some, sport=sport), replace(MATHEMATICS, **changes))  # type: ignore[arg-type]
    return found.surebets[0] if found.surebets else None


CLASSICS = {
    "two ways": (
        (quote("totals", "over", 2.1, line=2.5), quote("totals", "under", 2.0, "b", line=2.5)),
        42 / 41 - 1,
    ),
    "three ways": (
        (
            quote("match_result", "home", 3.3),
            quote("match_result", "draw", 3.3, "b"),
            quote("match_result", "away", 3.3, "c"),
        ),
        0.1,
    ),
    "lines with a gap that pays twice": (
        (quote("totals", "over", 2.1, line=1.5), quote("totals", "under", 2.1, "b", line=3.5)),
        0.05,
    ),
    "a quarter line that loses half where the other wins": (
        (quote("totals", "over", 2.2, line=2.25), quote("totals", "under", 2.2, "b", line=2.5)),
        0.1,
    ),
    "a quarter line that wins half where the other loses": (
        # At three goals the over pays 1.8 back, so 1.8 x = 2.3 (1 - x).
        (quote("totals", "over", 2.6, line=2.75), quote("totals", "under", 2.3, "b", line=2.5)),
        1.8 * 2.3 / 4.1 - 1,
    ),
    "draw no bet, the draw, and the other side": (
        # For a payback of 1: 1/2.2 on home, which a draw gives back, the rest of it on the draw, 1/3.4 on away.
        (
            quote("draw_no_bet", "home", 2.2),
            quote("match_result", "draw", 6.0, "b"),
            quote("match_result", "away", 3.4, "c"),
        ),
        1 / (1 / 2.2 + (1 - 1 / 2.2) / 6 + 1 / 3.4) - 1,
    ),
    "double chance and the third result": (
        (quote("double_chance", "home_draw", 1.6), quote("match_result", "away", 3.0, "b")),
        4.8 / 4.6 - 1,
    ),
    "a handicap and what is left of the result": (
        (quote("handicap", "home", 2.1, line=-0.5), quote("double_chance", "draw_away", 2.1, "b")),
        0.05,
    ),
    "both score or not": (
        (quote("both_teams_to_score", "yes", 3.3), quote("both_teams_to_score", "no", 1.5, "b")),
        3.3 * 1.5 / 4.8 - 1,
    ),
    "backed and laid, with commission": (
        # Laid at 2.00, each 1 of liability wins 1 less 5 %.
        (quote("match_result", "home", 2.2), quote("match_result", "home", 2.0, "x", side="lay", commission=0.05)),
        2.2 * 1.95 / (2.2 + 1.95) - 1,
    ),
    "an early payout on all three": (
        (
            quote("match_result", "home", 3.3, rules="early_payout"),
            quote("match_result", "draw", 3.3, "b", rules="early_payout"),
            quote("match_result", "away", 3.3, "c", rules="early_payout"),
        ),
        0.1,
    ),
}


@pytest.mark.parametrize("case", CLASSICS)
def test_classics(case: str) -> None:
    legs, edge = CLASSICS[case]
    assert edge > 0
    surebet = best(*legs)
    assert surebet is not None
    assert surebet.edge == pytest.approx(edge, abs=1e-12)
    assert {leg.quote for leg in surebet.legs} == set(legs)


UNCOVERED = {
    "a gap between the lines": (
        quote("totals", "over", 9.0, line=2.5),
        quote("totals", "under", 9.0, "b", line=1.5),
    ),
    "a side and no draw": (quote("match_result", "home", 9.0), quote("match_result", "away", 9.0, "b")),
    "different periods": (
        quote("totals", "over", 9.0, line=1.5, period="first_half"),
        quote("totals", "under", 9.0, "b", line=1.5),
    ),
    "laid twice": (
        quote("match_result", "home", 1.1, side="lay"),
        quote("match_result", "home", 1.2, "b", side="lay"),
    ),
    "nil-nil is neither": (
        quote("both_teams_to_score", "yes", 9.0),
        quote("totals", "over", 9.0, "b", line=0.5),
    ),
    "nothing at all": (),
}


@pytest.mark.parametrize("case", UNCOVERED)
def test_what_does_not_cover_is_no_surebet(case: str) -> None:
    assert find_surebets(match(*UNCOVERED[case]), MATHEMATICS)[:2] == ((), ())


def test_the_middle_pays_both_and_is_told() -> None:
    surebet = best(
        quote("totals", "over", 2.1, line=1.5), quote("totals", "under", 2.1, "b", line=3.5), outlay=200.0
    )
    assert surebet is not None
    assert [leg.stake for leg in surebet.legs] == [100.0, 100.0]
    told = [(str(one.outcome.total), one.profit) for one in surebet.profits]
    assert sorted(told) == [("0..1", 10.0), ("2..3", 220.0), (">= 4", 10.0)]
    assert (surebet.worst, surebet.best) == (10.0, 220.0)


def test_overtime_makes_the_winner_another_score_than_the_result() -> None:
    winner = quote("moneyline", "home", 3.0)
    away, draw = quote("match_result", "away", 9.0, "b"), quote("match_result", "draw", 9.0, "c")
    handicap = quote("handicap", "away", 3.0, "b", line=0.5)
    assert best(winner, away, draw, sport="basketball") is None
    assert best(winner, away, draw) is None
    covered = best(winner, handicap, sport="basketball")
    assert covered is not None
    assert covered.edge == pytest.approx(0.5)
    # In football a handicap is about regular time.
    assert best(winner, handicap) is None


def test_basketball_lines_are_no_harder_than_goals() -> None:
    lines = [quote("totals", "over", 1.8, line=200.5 + step) for step in range(12)]
    lines += [quote("handicap", "home", 1.8, line=-20.5 + step) for step in range(12)]
    lines += [quote("totals", "under", 2.4, "b", line=204.5), quote("handicap", "away", 2.4, "b", line=-9.5)]
    surebet = best(*lines, sport="basketball")
    assert surebet is not None
    assert surebet.edge == pytest.approx(1.8 * 2.4 / 4.2 - 1)


@settings(max_examples=50, deadline=None)
@given(boards(4, 14))
def test_a_program_that_is_given_its_states_bit_by_bit_ends_with_the_same(board: MatchPrices) -> None:
    at_once = edge_of(find_surebets(board, MATHEMATICS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("board.surebets.cover.AT_ONCE", 3)
        patch.setattr("board.surebets.cover.ADDED", 1)
        assert edge_of(find_surebets(board, MATHEMATICS)) == pytest.approx(at_once, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(boards(6, 14), quotes())
def test_a_price_below_the_ceiling_makes_no_surebet(board: MatchPrices, change: Quote) -> None:
    ceiling = find_surebets(board, MATHEMATICS).ceiling
    proved = [proof for _, proof in ceiling.proofs.values()]
    if proved and proved[0].prices:
        assert all(ceiling.holds(one) for one in board.quotes)
        if ceiling.holds(change):
            changed = MatchPrices(1, "football", (*board.quotes, change))
            assert edge_of(find_surebets(changed, MATHEMATICS)) == 0


def test_the_ceiling_is_where_the_proof_ends() -> None:
    over, under = quote("totals", "over", 1.8, line=2.5), quote("totals", "under", 1.8, "b", line=2.5)
    ceiling = find_surebets(match(over, under), MATHEMATICS).ceiling
    assert ceiling.holds(over._replace(price=1.81))
    assert not ceiling.holds(over._replace(price=2.3))
    # What was not there before has to be searched: nothing is known of it.
    assert not ceiling.holds(over._replace(line=3.5, price=1.01))
    assert not ceiling.holds(over._replace(period="first_half", price=1.01))
    assert not ceiling.holds(over._replace(selection="home"))
    # Nor is there a ceiling where there is a surebet.
    assert not find_surebets(match(over, under._replace(price=2.4)), MATHEMATICS).ceiling.holds(over)
