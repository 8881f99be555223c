"""What is turned down, with which reason, and what is found instead."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.surebet_yardstick import best_edge, quote
from board.surebets import Found, MatchPrices, Quote, Reason, Settings, find_surebets
from board.surebets.search import MAX_IMPLAUSIBLE
from scrapers.errors import DeclarationError
from scrapers.records import Market, Period, Rules, Selection, Side, Sport
from tests.board.surebets.boards import MATHEMATICS, boards, match

OVER = quote("totals", "over", 2.1, "a", line=2.5, age_s=10.0)
UNDER = quote("totals", "under", 2.1, "b", line=2.5, age_s=10.0)
PLAIN = Settings(unit=1.0)


def names(found: Found) -> list[set[str]]:
    """The bookmakers of each surebet."""
    return [{leg.quote.bookmaker for leg in surebet.legs} for surebet in found.surebets]


def reasons(found: Found) -> list[tuple[Reason, ...]]:
    return [one.reasons for one in found.rejections]


def test_a_believed_set_has_no_rejection() -> None:
    found = find_surebets(match(OVER, UNDER), PLAIN)
    assert names(found) == [{"a", "b"}]
    assert found.rejections == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"age_s": 90.1}, Reason.AGE),
        ({"age_s": 70.1}, Reason.SKEW),
        ({"suspended": True}, Reason.SUSPENDED),
        ({"rules": Rules.EARLY_PAYOUT}, Reason.RULES),
        ({"price": 2.9}, Reason.EDGE),
        ({"bookmaker": "b"}, Reason.FAMILY),
        ({"available": 0.5}, Reason.ROUNDING),
        ({"max_stake": 0.5}, Reason.ROUNDING),
        ({"price": 1.92}, Reason.MIN_PROFIT),
    ],
)
def test_each_gate_keeps_what_it_turns_down_and_lets_the_next_best_through(
    change: dict[str, object], reason: Reason
) -> None:
    strict = replace(PLAIN, min_profit=0.005)
    changed = OVER._replace(**change)  # type: ignore[arg-type]
    alone = find_surebets(match(changed, UNDER), strict)
    assert alone.surebets == ()
    (rejection,) = alone.rejections
    assert reason in rejection.reasons
    assert set(rejection.legs) == {changed, UNDER}
    assert rejection.edge == pytest.approx(best_edge(rejection.legs))
    # Beside it the unchanged price at a third bookmaker: a set of the two is found, if worse or equal.
    spare = OVER._replace(bookmaker="c", price=2.05)
    if reason not in (Reason.MIN_PROFIT, Reason.EDGE):
        found = find_surebets(match(changed, UNDER, spare), strict)
        assert {"b", "c"} in names(found)
        assert reason in {one for rejection in found.rejections for one in rejection.reasons}


def test_every_reason_is_told() -> None:
    found = find_surebets(match(OVER._replace(age_s=500.0, suspended=True, price=4.0), UNDER), PLAIN)
    assert reasons(found) == [(Reason.SUSPENDED, Reason.AGE, Reason.EDGE, Reason.SKEW)]


def test_a_boosted_price_is_a_standard_contract_and_an_early_payout_is_not() -> None:
    assert names(find_surebets(match(OVER._replace(rules=Rules.BOOSTED), UNDER), PLAIN)) == [{"a", "b"}]
    three = [
        quote("match_result", selection, 3.3, bookmaker, rules=Rules.EARLY_PAYOUT)
        for selection, bookmaker in (("home", "a"), ("draw", "b"), ("away", "c"))
    ]
    mixed = [*three[:2], three[2]._replace(rules=Rules.STANDARD)]
    assert len(find_surebets(match(*three), PLAIN).surebets) == 1
    assert find_surebets(match(*mixed), PLAIN).surebets == ()
    together = replace(PLAIN, rule_groups=(frozenset({Rules.STANDARD, Rules.EARLY_PAYOUT}),))
    assert len(find_surebets(match(*mixed), together).surebets) == 1


def test_an_early_payout_and_a_standard_price_for_the_same_are_two_opportunities() -> None:
    sides = [("home", "a"), ("draw", "b"), ("away", "c")]
    standard = [quote("match_result", selection, 3.2, bookmaker) for selection, bookmaker in sides]
    early = [one._replace(rules=Rules.EARLY_PAYOUT, price=3.3) for one in standard]
    found = find_surebets(match(*standard, *early), PLAIN)
    assert [{leg.quote.rules for leg in surebet.legs} for surebet in found.surebets] == [
        {Rules.EARLY_PAYOUT},
        {Rules.STANDARD},
    ]
    assert found.rejections == ()


def test_an_early_payout_cannot_be_laid_in_a_set() -> None:
    laid = quote("match_result", "home", 2.0, "x", side=Side.LAY, rules=Rules.EARLY_PAYOUT)
    backed = quote("match_result", "home", 2.5, rules=Rules.EARLY_PAYOUT)
    found = find_surebets(match(laid, backed), PLAIN)
    assert found.surebets == ()
    assert [(one.reasons, one.legs) for one in found.rejections] == [((Reason.UNCLEAR_CONTRACT,), (laid,))]


def test_a_price_far_above_the_others_is_an_error_and_brands_of_one_desk_are_one_voice() -> None:
    usual = [
        quote("totals", "over", price, name, line=2.5) for name, price in (("c", 1.8), ("d", 1.85), ("e", 1.75))
    ]
    wrong = OVER._replace(price=2.9)
    gate = replace(PLAIN, max_edge=1.0)
    found = find_surebets(match(wrong, UNDER, *usual), gate)
    assert found.surebets == ()
    assert reasons(found) == [(Reason.OUTLIER,)]
    # Two of the three share a desk: too few voices to overrule anybody.
    family = [one._replace(family="desk" if one.bookmaker in "cd" else "") for one in usual]
    assert names(find_surebets(match(wrong, UNDER, *family), gate)) == [{"a", "b"}]
    # Nor does a price count that nobody could bet on.
    stale = [one._replace(age_s=1000.0) if one.bookmaker == "e" else one for one in usual]
    assert names(find_surebets(match(wrong, UNDER, *stale), gate)) == [{"a", "b"}]


def test_a_lay_price_far_below_the_others_is_an_error() -> None:
    usual = [quote("match_result", "home", 3.0, name, side="lay") for name in "cde"]
    wrong = quote("match_result", "home", 1.8, "x", side="lay")
    backed = quote("match_result", "home", 2.0)
    found = find_surebets(match(wrong, backed, *usual), PLAIN)
    assert found.surebets == ()
    assert reasons(found) == [(Reason.OUTLIER,)]


def test_brands_of_one_family_make_no_surebet_of_their_own() -> None:
    brands = [OVER._replace(family="desk"), UNDER._replace(family="desk")]
    other = UNDER._replace(bookmaker="c", price=2.0)
    found = find_surebets(match(*brands, other), PLAIN)
    assert names(found)[0] == {"a", "c"}
    assert reasons(found) == [(Reason.FAMILY,)]
    assert names(find_surebets(match(*brands), replace(PLAIN, min_families=1))) == [{"a", "b"}]


def test_a_leg_of_an_implausible_set_does_not_pass_in_poorer_company() -> None:
    wrong = OVER._replace(price=3.0)
    poorer = UNDER._replace(bookmaker="c", price=1.7)  # 8 % with the wrong price: plausible by itself
    found = find_surebets(match(wrong, UNDER, poorer), PLAIN)
    assert found.surebets == ()
    assert reasons(found) == [(Reason.EDGE,)]


def test_a_match_full_of_implausible_sets_is_given_up() -> None:
    pairs = []
    for place in range(MAX_IMPLAUSIBLE):
        pairs += [OVER._replace(bookmaker=f"o{place}", price=9.0), UNDER._replace(bookmaker=f"u{place}", price=9.0)]
    assert len(find_surebets(match(*pairs[2:], OVER, UNDER), PLAIN).surebets) == 1
    found = find_surebets(match(*pairs, OVER, UNDER), PLAIN)
    assert found.surebets == ()
    assert reasons(found) == [(Reason.EDGE,)] * MAX_IMPLAUSIBLE


def test_limits_scale_the_whole_set() -> None:
    lay = quote("match_result", "home", 4.0, "x", side="lay", available=10.0)
    back = quote("match_result", "home", 4.4)
    (surebet,) = find_surebets(match(lay, back), replace(PLAIN, unit=0.01)).surebets
    stakes = {leg.quote.bookmaker: (leg.stake, leg.outlay) for leg in surebet.legs}
    assert stakes["x"] == (10.0, 30.0)
    assert stakes["a"][0] == pytest.approx(10 * 4 / 4.4, abs=0.01)
    (limited,) = find_surebets(match(lay, back), replace(PLAIN, unit=0.01, max_stake=5.0)).surebets
    assert 4.9 < max(leg.stake for leg in limited.legs) <= 5.0


def test_a_thin_price_makes_room_for_a_deeper_one() -> None:
    thin = OVER._replace(available=0.2)
    deep = OVER._replace(bookmaker="c", price=2.05, available=500.0)
    found = find_surebets(match(thin, deep, UNDER), PLAIN)
    assert names(found) == [{"b", "c"}]
    assert reasons(found) == [(Reason.ROUNDING,)]


def test_the_search_says_when_it_ends_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("board.surebets.search.MAX_PROGRAMS", 1)
    found = find_surebets(match(OVER, UNDER), PLAIN)
    assert found.surebets == ()
    assert [(one.reasons, one.legs) for one in found.rejections] == [((Reason.SEARCH_LIMIT,), ())]


@settings(max_examples=25, deadline=None)
@given(boards(3, 8), st.sampled_from((0.0, 5.0, 15.0)))
def test_with_a_skew_allowed_the_best_set_that_obeys_it_is_found(board: MatchPrices, skew: float) -> None:
    found = find_surebets(board, replace(MATHEMATICS, max_skew_s=skew))
    assert all(surebet.skew_s <= skew for surebet in found.surebets)
    windows = {
        tuple(one for one in board.quotes if first.age_s <= one.age_s <= first.age_s + skew)
        for first in board.quotes
    }
    expected = max(best_edge(window) for window in windows)
    got = max((surebet.edge for surebet in found.surebets), default=0.0)
    if expected > 1e-4:  # enough to survive rounding to cents
        assert got == pytest.approx(expected, abs=1e-9)


@given(boards(4, 14))
@settings(max_examples=60, deadline=None)
def test_what_is_found_obeys_every_gate(board: MatchPrices) -> None:
    gates = Settings(max_age_s=40, max_skew_s=20, max_edge=0.5, min_profit=0.01)
    for surebet in find_surebets(board, gates).surebets:
        assert surebet.age_s <= 40
        assert surebet.skew_s <= 20
        assert surebet.edge <= 0.5
        assert surebet.worst >= 0.01 * surebet.outlay
        assert any(one.quote.desk != other.quote.desk for one, other in combinations(surebet.legs, 2))


@pytest.mark.parametrize(
    "change",
    [
        {"price": 1.0},
        {"price": math.nan},
        {"price": 1001.5},
        {"commission": 1.0},
        {"commission": math.nan},
        {"age_s": -1.0},
        {"age_s": math.inf},
        {"line": None},
        {"line": 2.6},
        {"line": math.nan},
        {"line": 1e9},
        {"line": -0.5},
        {"selection": "home"},
        {"market": "corners"},
        {"side": "both"},
        {"rules": "unheard_of"},
        {"available": math.nan},
        {"max_stake": -1.0},
    ],
)
def test_what_cannot_be_is_named_malformed(change: dict[str, object]) -> None:
    wrong = OVER._replace(**change)  # type: ignore[arg-type]
    found = find_surebets(match(wrong, UNDER), PLAIN)
    assert found.surebets == ()
    assert [(one.reasons, one.legs[0] is wrong) for one in found.rejections] == [((Reason.MALFORMED,), True)]


@pytest.mark.parametrize(
    ("sport", "market", "selection", "period"),
    [
        (Sport.BASKETBALL, Market.MONEYLINE, Selection.HOME, Period.FIRST_HALF),
        (Sport.BASKETBALL, Market.MATCH_RESULT, Selection.HOME, Period.SECOND_HALF),
        (Sport.BASKETBALL, Market.BOTH_TEAMS_TO_SCORE, Selection.YES, Period.MATCH),
        (Sport.FOOTBALL, Market.MONEYLINE, Selection.HOME, Period.FIRST_HALF),
        ("curling", Market.MATCH_RESULT, Selection.HOME, Period.MATCH),
        (Sport.FOOTBALL, Market.MATCH_RESULT, Selection.HOME, "second_quarter"),
    ],
)
def test_what_bookmakers_settle_differently_takes_no_part(
    sport: str, market: str, selection: str, period: str
) -> None:
    found = find_surebets(match(quote(market, selection, 2.0, period=period), sport=sport), PLAIN)
    assert reasons(found) == [(Reason.UNCLEAR_CONTRACT,)]


WORDS = st.sampled_from([*Market, *Selection, *Side, *Rules, *Period, "", "?"])
NUMBERS = st.floats() | st.sampled_from([0.5, 2.0, 2.5])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            Quote,
            bookmaker=WORDS,
            market=WORDS,
            selection=WORDS,
            price=NUMBERS,
            line=st.none() | NUMBERS,
            period=WORDS,
            side=WORDS,
            rules=WORDS,
            commission=NUMBERS,
            age_s=NUMBERS,
            available=st.none() | NUMBERS,
            max_stake=st.none() | NUMBERS,
        ),
        max_size=8,
    ),
    st.sampled_from([*Sport, "?"]),
)
def test_nothing_crashes_it_and_nothing_unreadable_is_swallowed(some: list[Quote], sport: str) -> None:
    found = find_surebets(match(*some, sport=sport), PLAIN)
    unusable = [one for one in found.rejections if one.edge is None]
    for one in some:
        known = one.market in set(Market) and one.price > 1
        assert known or any(one is leg for rejection in unusable for leg in rejection.legs)


@pytest.mark.parametrize(
    "change",
    [
        {"max_age_s": -1},
        {"max_edge": math.nan},
        {"outlier_ratio": 0.9},
        {"unit": 0},
        {"outlay": math.inf},
        {"max_stake": math.nan},
        {"alternatives": 0},
        {"min_families": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(DeclarationError, match=next(iter(change))):
        Settings(**change)  # type: ignore[arg-type]
