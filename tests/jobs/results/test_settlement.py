"""What a bet paid: by the rules written down, and against counting out what each half of a stake does."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.results.records import Goal, GoalKind
from jobs.results.settlement import Outcome, Result, Settled, Unsettled, led_by, profit, settle
from scrapers.records import MARKETS_WITH_LINE, SELECTIONS, Market, Period, Rules, Selection, Sport

SCORES = st.tuples(st.integers(0, 9), st.integers(0, 9))
LINES = st.integers(-40, 40).map(lambda quarters: Decimal(quarters) / 4)
FOOTBALL = [market for market in Market if market is not Market.MONEYLINE]
W, HW, V, HL, L = Settled.WON, Settled.HALF_WON, Settled.VOID, Settled.HALF_LOST, Settled.LOST


def after(score: tuple[int, int], half: tuple[int, int] = (0, 0), **more: object) -> Result:
    return Result(regular=score, half=half, final=score, **more)  # type: ignore[arg-type]


def settled(selection: str, market: str, line: str | None, result: Result, **more: object) -> Settled | Unsettled:
    period = more.pop("period", Period.MATCH)
    found = settle(
        Selection(selection), Market(market), None if line is None else Decimal(line), period, result, **more
    )  # type: ignore[arg-type]
    return found.settled if isinstance(found, Outcome) else found


@pytest.mark.parametrize(
    ("market", "selection", "line", "score", "expected"),
    [
        ("match_result", "home", None, (2, 1), W),
        ("match_result", "draw", None, (2, 1), L),
        ("double_chance", "draw_away", None, (1, 1), W),
        ("double_chance", "home_away", None, (1, 1), L),
        ("draw_no_bet", "home", None, (1, 1), V),
        ("draw_no_bet", "away", None, (2, 1), L),
        ("both_teams_to_score", "yes", None, (2, 1), W),
        ("both_teams_to_score", "no", None, (2, 0), W),
        ("totals", "over", "2.5", (2, 1), W),
        ("totals", "under", "3", (2, 1), V),
        ("totals", "over", "2.75", (2, 1), HW),
        ("totals", "over", "3.25", (2, 1), HL),
        ("totals", "under", "2.25", (1, 1), HW),
        ("handicap", "home", "-1", (2, 1), V),
        ("handicap", "home", "-0.75", (2, 1), HW),
        ("handicap", "home", "-1.25", (2, 1), HL),
        ("handicap", "away", "-0.25", (1, 1), HW),
        ("handicap", "away", "0.25", (1, 1), HL),
        ("handicap", "home", "0", (1, 1), V),
        ("handicap", "home", "1.5", (0, 2), L),
    ],
)
def test_the_rules(
    market: str, selection: str, line: str | None, score: tuple[int, int], expected: Settled
) -> None:
    assert settled(selection, market, line, after(score)) is expected


def stake_by_stake(selection: Selection, market: Market, line: Decimal | None, score: tuple[int, int]) -> Fraction:
    """What 1 at the price 2 gains, by playing each half of the stake at its own line."""
    home, away = map(Fraction, score)
    quarters = Fraction(line or 0) * 4
    lines = [Fraction(quarters - 1, 4), Fraction(quarters + 1, 4)] if quarters % 2 else [quarters / 4] * 2
    gain = Fraction(0)
    for each in lines:
        sides = {
            Market.MATCH_RESULT: {"home": home - away, "away": away - home, "draw": 1 if home == away else -1},
            Market.DRAW_NO_BET: {"home": home - away, "away": away - home},
            Market.DOUBLE_CHANCE: {
                "home_draw": 1 if home >= away else -1,
                "draw_away": 1 if home <= away else -1,
                "home_away": 1 if home != away else -1,
            },
            Market.BOTH_TEAMS_TO_SCORE: {"yes": 1 if home and away else -1, "no": -1 if home and away else 1},
            Market.TOTALS: {"over": home + away - each, "under": each - home - away},
            Market.HANDICAP: {"home": home + each - away, "away": away - home - each},
        }
        ahead = Fraction(sides[market][selection])
        if ahead == 0 and market is Market.MATCH_RESULT:
            ahead = Fraction(-1)  # a level match is the draw's, and nobody else's
        gain += Fraction(1, 2) * ((ahead > 0) - (ahead < 0))
    return gain


@given(st.sampled_from(FOOTBALL), LINES, SCORES, st.data())
def test_every_settlement_is_that_of_each_half_of_the_stake(
    market: Market, line: Decimal, score: tuple[int, int], data: st.DataObject
) -> None:
    selection = data.draw(st.sampled_from(sorted(SELECTIONS[market])))
    given_line = line if market in MARKETS_WITH_LINE else None
    found = settle(selection, market, given_line, Period.MATCH, after(score))
    assert isinstance(found, Outcome)
    assert found.certain
    assert profit(found.settled, Decimal(2)) == stake_by_stake(selection, market, given_line, score)


@given(LINES, SCORES)
def test_the_two_sides_of_a_line_take_from_each_other(line: Decimal, score: tuple[int, int]) -> None:
    for market, (one, other) in ((Market.TOTALS, ("over", "under")), (Market.HANDICAP, ("home", "away"))):
        gains = [stake_by_stake(Selection(side), market, line, score) for side in (one, other)]
        found = [settled(side, market, str(line), after(score)) for side in (one, other)]
        assert sum(gains) == 0
        assert [profit(each, Decimal(2)) for each in found if isinstance(each, Settled)] == gains


def test_periods_have_their_own_score() -> None:
    result = after((3, 1), half=(0, 1))
    assert settled("away", "match_result", None, result, period=Period.FIRST_HALF) is W
    assert settled("over", "totals", "2.5", result, period=Period.SECOND_HALF) is W
    assert settled("home", "handicap", "-3", result, period=Period.SECOND_HALF) is V
    assert (
        settled("draw", "match_result", None, Result((1, 1)), period=Period.FIRST_HALF) is Unsettled.SCORE_UNKNOWN
    )
    assert settled("home", "moneyline", None, result, period=Period.FIRST_HALF) is Unsettled.UNCLEAR


def test_extra_time_and_shoot_outs_count_for_the_winner_alone() -> None:
    cup = Result(regular=(1, 1), half=(0, 0), final=(2, 1))
    assert settled("draw", "match_result", None, cup) is W
    assert settled("over", "totals", "2.5", cup) is L
    assert settled("home", "moneyline", None, cup) is W
    shot = Result(regular=(1, 1), half=(0, 0), final=(1, 1), penalties=(3, 4))
    assert settled("away", "moneyline", None, shot) is W
    assert settled("home", "moneyline", None, after((1, 1))) is Unsettled.SCORE_UNKNOWN
    assert settled("home", "match_result", None, Result(regular=None, final=(2, 1))) is Unsettled.SCORE_UNKNOWN


def test_basketball_counts_overtime_except_in_the_three_way_result() -> None:
    game = Result(regular=(100, 100), half=(50, 40), final=(110, 105))
    for market, selection, line in (
        ("moneyline", "home", None),
        ("totals", "over", "214.5"),
        ("handicap", "away", "-5.5"),
    ):
        assert settled(selection, market, line, game, sport=Sport.BASKETBALL) is W
    assert settled("draw", "match_result", None, game, sport=Sport.BASKETBALL) is W
    second = {"period": Period.SECOND_HALF, "sport": Sport.BASKETBALL}
    assert settled("over", "totals", "100.5", game, **second) is Unsettled.UNCLEAR


def goals(*told: tuple[str, int] | tuple[str, int, int]) -> tuple[Goal, ...]:
    return tuple(Goal(side, minute, *(added or (0,)), GoalKind.PLAIN, "") for side, minute, *added in told)


def early(result: Result, selection: Selection = Selection.HOME, **more: object) -> object:
    return settle(
        selection,
        Market.MATCH_RESULT,
        None,
        Period.MATCH,
        result,
        rules=Rules.EARLY_PAYOUT,
        **more,  # type: ignore[arg-type]
    )


def test_early_payout_is_due_where_the_goals_tell_a_lead_of_two() -> None:
    led = goals(("home", 5), ("home", 20), ("away", 60), ("away", 80))
    assert early(after((2, 2), goals=led)) == Outcome(W)
    assert early(after((2, 2), goals=led), Selection.AWAY) == Outcome(L)
    never = goals(("home", 5), ("away", 20), ("home", 60), ("away", 80))
    assert early(after((2, 2), goals=never)) == Outcome(L)
    assert early(after((3, 2))) == Outcome(W)


def test_early_payout_is_uncertain_where_nobody_tells_the_goals() -> None:
    assert early(after((2, 2))) == Outcome(L, certain=False)
    assert early(after((1, 2))) == Outcome(L)  # one goal is no lead of two
    assert early(after((2, 2)), Selection.DRAW) == Outcome(W)
    assert early(after((90, 100)), sport=Sport.BASKETBALL) == Outcome(L, certain=False)


@given(st.lists(st.tuples(st.sampled_from(["home", "away"]), st.integers(1, 95)), max_size=7), st.integers(1, 3))
def test_a_lead_is_told_only_where_every_order_of_a_minute_tells_it(
    told: list[tuple[str, int]], margin: int
) -> None:
    from itertools import permutations

    orders = {order for order in permutations(told) if [at for _, at in order] == sorted(at for _, at in order)}
    found = set()
    for order in orders:
        ahead = most = 0
        for side, at in order:
            ahead += (1 if side == "home" else -1) if at <= 90 else 0
            most = max(most, ahead)
        found.add(most >= margin)
    expected = found.pop() if len(found) == 1 else None
    assert led_by(goals(*told), "home", margin) is expected
