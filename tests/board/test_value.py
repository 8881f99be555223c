"""Value: margins taken out as the literature does, the consensus of the others, and the document."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.changes import Changes
from board.freshness import fresh_prices
from board.state import Part
from board.value import METHODS, Settings, Value, ValueMaker, find_values, multiplicative, power, shin
from board.value.consensus import Opinion, Panel
from scrapers.errors import DeclarationError
from standalone.settings import ROOT
from tests.board.sketch import LIMITS, NOW, Sketch, head, offer, schema, written

Method = Callable[[Sequence[float]], tuple[float, ...]]
markets = st.lists(st.floats(1.01, 1001), min_size=2, max_size=4).filter(lambda row: overround(row) < 2)
RESULT = ("away", "draw", "home")


def overround(prices: Sequence[float]) -> float:
    return sum(1 / price for price in prices)


@pytest.mark.parametrize("method", METHODS.values())
@given(prices=markets)
def test_chances_add_up_to_one_and_a_higher_price_is_a_lower_chance(method: Method, prices: list[float]) -> None:
    chances = method(prices)
    assert math.fsum(chances) == pytest.approx(1, abs=1e-12)
    assert all(0 < chance < 1 for chance in chances)
    ordered = [chance for _, chance in sorted(zip(prices, chances, strict=True))]
    assert all(before >= after - 1e-12 for before, after in pairwise(ordered))


@pytest.mark.parametrize("method", METHODS.values())
@given(parts=st.lists(st.floats(0.01, 1), min_size=2, max_size=4))
def test_without_a_margin_every_method_answers_what_the_prices_say(method: Method, parts: list[float]) -> None:
    chances = [part / sum(parts) for part in parts]
    assert method([1 / chance for chance in chances]) == pytest.approx(chances, abs=1e-6)


@pytest.mark.parametrize("method", METHODS.values())
def test_below_one_chances_are_scaled_up_in_proportion(method: Method) -> None:
    prices = [2.2, 2.1]
    assert overround(prices) < 1
    assert method(prices) == pytest.approx(multiplicative(prices))


@given(markets.filter(lambda row: overround(row) > 1.0001))
def test_power_is_one_exponent_for_all(prices: list[float]) -> None:
    exponents = [-math.log(chance) / math.log(price) for price, chance in zip(prices, power(prices), strict=True)]
    assert exponents == pytest.approx([exponents[0]] * len(prices), rel=1e-6)
    assert exponents[0] > 1


@given(markets.filter(lambda row: overround(row) > 1.0001))
def test_shin_s_prices_follow_from_its_chances(prices: list[float]) -> None:
    """Shin 1993: with a share z of insiders, 1 / price is in proportion to sqrt(z p + (1 - z) p^2)."""
    chances, implied = shin(prices), [1 / price for price in prices]

    def off(share: float) -> float:
        roots = [math.sqrt(share * p + (1 - share) * p * p) for p in chances]
        return sum(roots) - math.sqrt(sum(implied))

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if off(middle) < 0 else (low, middle)
    roots = [math.sqrt(low * p + (1 - low) * p * p) for p in chances]
    assert [root * sum(roots) for root in roots] == pytest.approx(implied, rel=1e-5)


def test_worked_examples_of_others() -> None:
    """The README of the package `shin` (PyPI, 0.2.1); the introduction of the R package `implied` (CRAN, 0.5)."""
    assert shin([2.6, 2.4, 4.3]) == pytest.approx(
        (0.37299406033208965, 0.4047794109200184, 0.2222265287474275), abs=1e-9
    )
    odds = (4.20, 3.70, 1.95)
    assert multiplicative(odds) == pytest.approx((0.2331556, 0.2646631, 0.5021813), abs=1e-7)
    assert power(odds) == pytest.approx((0.2311414, 0.2630644, 0.5057942), abs=1e-6)


def test_an_outsider_bears_more_of_the_margin_than_a_favourite() -> None:
    prices = [1.25, 6.0, 11.0]
    plain = multiplicative(prices)
    for method in (power, shin):
        chances = method(prices)
        assert chances[0] > plain[0]
        assert chances[2] < plain[2]


chances = st.tuples(*[st.floats(0.01, 1)] * 3).map(lambda row: tuple(part / sum(row) for part in row))
opinions = st.lists(
    st.builds(Opinion, st.text("abcdef", min_size=1, max_size=3), st.sampled_from("VWXYZ"), chances), max_size=9
)


@given(opinions, st.sampled_from("VWXYZ?"))
def test_a_consensus_is_the_median_of_the_other_families(panel: list[Opinion], family: str) -> None:
    by_family: dict[str, list[tuple[float, ...]]] = {}
    for opinion in panel:
        by_family.setdefault(opinion.family, []).append(opinion.chances)
    voices = [
        [math.fsum(part) / len(inside) for part in zip(*inside, strict=True)]
        for name, inside in by_family.items()
        if name != family
    ]
    consensus = Panel(panel).without(family)
    if consensus is None:
        assert not voices
        return
    middle = [median(column) for column in zip(*voices, strict=True)]
    assert consensus.chances == pytest.approx([part / sum(middle) for part in middle])
    assert consensus.families == len(voices)
    assert consensus.bookmakers == sum(1 for opinion in panel if opinion.family != family)
    if len(by_family) > 1:
        ceilings = Panel(panel).ceilings()
        assert all(part <= most + 1e-12 for part, most in zip(consensus.chances, ceilings, strict=True))


@given(
    opinions,
    st.lists(st.tuples(st.sampled_from("VWXYZ"), st.none() | chances), max_size=2),
    st.sampled_from("VWXYZ?"),
)
def test_no_consensus_exceeds_the_ceilings_whatever_a_few_families_come_to_think(
    panel: list[Opinion], altered: list[tuple[str, tuple[float, ...] | None]], family: str
) -> None:
    after = [opinion for opinion in panel if opinion.family not in {name for name, _ in altered}]
    after += [Opinion("new", name, row) for name, row in dict(altered).items() if row is not None]
    consensus = Panel(after).without(family)
    if consensus is not None and panel:
        ceilings = Panel(panel).ceilings(altered=2)
        assert all(part <= most + 1e-12 for part, most in zip(consensus.chances, ceilings, strict=True))


class Houses(Sketch):
    """As many houses as are asked for, each a family of its own unless said otherwise."""

    def house(self, number: int, prices: Sequence[float], rules: str = "standard", **about: Any) -> None:
        """A house with a result market: home, draw, away."""
        known = head(number, f"casa_{number}", **{"family": "", **about})
        self.board.set_heads({**self.board.heads, number: known})
        if number not in self.board.parts:
            self.board.set_part(number, Part(seq=1, scopes={number: NOW - 5}))
        self.describe(number, source_id=f"e{number}", home="São Paulo", away="Santos", swapped=False)
        for selection, price in zip(("home", "draw", "away"), prices, strict=True):
            self.price(number, offer("match_result", selection, rules=rules), price)

    def values(self, settings: Settings | None = None) -> list[Value]:
        """What the pure search finds among all prices of the result market that may be judged."""
        prices = [
            price
            for price in fresh_prices(self.board, now=NOW, limits=LIMITS)
            if price.offer.side == "back" and price.offer.rules != "early_payout"
        ]
        return find_values(prices, RESULT, settings or Settings()).values


USUAL = (2.1, 3.3, 3.6)


def houses(*others: Sequence[float]) -> Houses:
    """House 1 with a good home price, houses 2 to 4 with usual ones, and the others."""
    sketch = Houses()
    for number, prices in enumerate(((2.4, 3.0, 3.2), USUAL, USUAL, USUAL, *others), start=1):
        sketch.house(number, prices)
    return sketch


def test_a_price_is_judged_by_all_families_but_its_own() -> None:
    [value] = houses().values()
    probability = shin(USUAL)[0]
    assert (value.price.bookmaker, value.price.selection, value.price.price) == ("casa_1", "home", 2.4)
    assert value.probability == pytest.approx(probability)
    assert value.edge == pytest.approx(2.4 * probability - 1)
    assert (value.families, value.bookmakers) == (3, 3)
    plain = houses().values(Settings(method="multiplicative"))
    assert plain[0].probability == pytest.approx(multiplicative(USUAL)[0])


def test_brands_of_one_family_are_one_voice_and_never_their_own_witness() -> None:
    sketch = houses()
    for number in (5, 6, 7):  # three brands that copy house 1
        sketch.house(number, (2.4, 3.0, 3.2), family="casa_1")
    found = sketch.values()
    assert {value.price.bookmaker for value in found} == {"casa_1", "casa_5", "casa_6", "casa_7"}
    assert {(value.families, value.bookmakers) for value in found} == {(3, 3)}
    for number in (2, 3, 4):
        sketch.head(number, family="mesa")
    assert sketch.values() == [], "one family is no consensus"
    found = sketch.values(Settings(min_families=1))
    assert [value.families for value in found if value.price.selection == "home"] == [1, 1, 1, 1]


def test_one_wrong_voice_does_not_move_the_consensus() -> None:
    [value] = [value for value in houses(USUAL, (9.0, 1.4, 6.0)).values() if value.price.bookmaker == "casa_1"]
    assert value.probability == pytest.approx(shin(USUAL)[0], abs=0.01)


def test_a_market_that_is_not_whole_or_too_dear_is_no_opinion() -> None:
    sketch = houses()
    sketch.house(4, (1.5, 2.2, 2.2))  # a second price of each: the higher one counts
    assert len(sketch.values()) == 1
    thin = Houses()
    for number, prices in enumerate(((2.4, 3.0, 3.2), USUAL, USUAL, (1.7, 2.6, 2.9)), start=1):
        thin.house(number, prices)
    assert thin.values() == [], "the fourth one's margin is above a fifth"
    assert len(thin.values(Settings(max_overround=2))) == 1


def test_super_odds_are_judged_and_have_no_opinion_and_early_payout_is_left_out() -> None:
    sketch = houses()
    sketch.house(5, (2.6, 3.6, 4.0), rules="boosted")
    found = {(value.price.bookmaker, value.price.selection): value for value in sketch.values()}
    assert ("casa_5", "home") in found
    assert found["casa_1", "home"].families == 3, "the promotional market says nothing"
    sketch.house(6, (3.9, 3.6, 4.0), rules="early_payout")
    maker = ValueMaker(LIMITS, Settings(max_edge=9), simulated=True)
    assert {row["bookmaker"] for row in document(maker, sketch)["values"]} == {"casa_1", "casa_5"}


def test_a_commission_is_taken_from_what_is_won() -> None:
    sketch = houses()
    exchange = {"available": 100.0, "commission": 0.5}
    sketch.house(5, USUAL)
    sketch.price(5, offer("match_result", "home"), 2.5, **exchange)
    sketch.price(5, offer("match_result", "home", side="lay"), 9.0, **exchange)
    assert {value.price.bookmaker for value in sketch.values()} == {"casa_1"}, "2.5 is 1.75 after commission"


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "guess"},
        {"min_families": 0},
        {"max_overround": 1},
        {"min_edge": 0.5, "max_edge": 0.2},
        {"limit": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="value"):
        Settings(**wrong)


def document(maker: ValueMaker, sketch: Sketch) -> dict[str, Any]:
    maker.update(sketch.board, sketch.board.take_changes())
    [feed] = maker.feeds(sketch.board)
    answer: dict[str, Any] = orjson.loads(written(feed)[0])
    schema("value").validate(answer)
    return answer


def test_the_document_lists_what_is_found_and_plausible() -> None:
    sketch, maker = houses(), ValueMaker(LIMITS, Settings(), simulated=True)
    for number in (1, 2, 3, 4):  # another market, another line, nobody to compare with
        sketch.price(number, offer("totals", "over", 1.5 + number), 9.0)
        sketch.price(number, offer("double_chance", "home_draw"), 1.2 + number)
    answer = document(maker, sketch)
    [row] = answer["values"]
    assert (row["bookmaker"], row["market"], row["line"], row["selection"]) == (
        "casa_1",
        "match_result",
        None,
        "home",
    )
    assert (row["families"], row["bookmakers"], answer["found"], answer["implausible"]) == (3, 3, 1, 0)
    assert row["url"] == "https://casa_1.example/sao-paulo-x-santos/e1"
    assert row["edge"] == pytest.approx(row["price"] / row["fair_price"] - 1, abs=1e-3)
    sketch.price(1, offer("match_result", "away"), 40.0)
    answer = document(maker, sketch)
    assert (answer["found"], answer["implausible"]) == (1, 1), "the error takes nothing from the others"


def test_a_calm_market_is_looked_at_again_in_time() -> None:
    sketch, maker = Houses(), ValueMaker(LIMITS, Settings(), simulated=True)
    for number in range(1, 10):
        sketch.house(number, USUAL)
    assert document(maker, sketch)["found"] == 0
    for number, home in ((1, 2.12), (2, 2.13), (3, 2.14)):  # two may change without a look, the third one may not
        sketch.price(number, offer("match_result", "home"), home)
        assert document(maker, sketch)["found"] == 0
    sketch.price(4, offer("match_result", "home"), 2.5)
    assert document(maker, sketch)["found"] == 1


def test_the_list_is_cut_off_at_the_greatest_edges() -> None:
    sketch = houses(USUAL, (2.3, 3.0, 3.2))
    answer = document(ValueMaker(LIMITS, Settings(limit=1), simulated=True), sketch)
    assert [row["price"] for row in answer["values"]] == [2.4]
    assert answer["found"] == 2


def test_rounds_follow_prices_and_the_freshness_of_opinions() -> None:
    sketch, maker = houses(), ValueMaker(LIMITS, Settings(), simulated=True)
    board = sketch.board
    assert document(maker, sketch)["found"] == 1
    assert not maker.update(board, Changes())
    sketch.price(1, offer("double_chance", "home_draw"), 1.2)
    assert not maker.update(board, board.take_changes()), "no such market"
    sketch.seen(4, NOW - 1000)
    assert maker.update(board, board.take_changes()), "the third opinion is not fresh any more"
    assert document(maker, sketch)["found"] == 0
    sketch.seen(4, NOW)
    assert document(maker, sketch)["found"] == 1
    sketch.board.set_heads({**board.heads, 4: head(4, "casa_4", family="casa_3")})
    assert document(maker, sketch)["found"] == 0, "two of them turned out to be one family"
    board.now = float(board.matches[7].starts_at)
    assert document(maker, sketch)["found"] == 0


def test_the_worked_example_of_the_documentation() -> None:
    text = (ROOT / "docs" / "value.md").read_text().replace(",", ".")
    rows = re.findall(r"\| ([abc]) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", text)
    assert len(rows) == 3
    panel = []
    for bookmaker, *cells, said in rows:
        panel.append(Opinion(bookmaker, bookmaker, shin([float(cell) for cell in cells])))
        assert panel[-1].chances[0] == pytest.approx(float(said), abs=0.00005)
    consensus = Panel(panel).without("")
    assert consensus is not None
    probability = consensus.chances[0]
    figures = {"probability": probability, "fair_price": 1 / probability, "edge": 2.35 * probability - 1}
    told = dict(re.findall(r"`(\w+)` = (\d+\.\d+)", text))
    assert {name: float(told[name]) for name in figures} == pytest.approx(figures, abs=0.0001)
