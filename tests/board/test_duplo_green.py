"""Duplo green: the arithmetic against brute force, the legs that are chosen, and the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.changes import Changes
from board.duplo_green import DuploGreenMaker, Settings, find_duplo_green
from board.duplo_green.records import DuploGreen
from board.rows import RowPrice
from board.state import Part
from scrapers.errors import DeclarationError
from standalone.settings import ROOT
from tests.board.sketch import LIMITS, NOW, Sketch, head, offer, schema, written

ANY = Settings(min_return=-0.99, max_return=1000)


def at(bookmaker: str, selection: str, price: float, **changes: Any) -> RowPrice:
    """A leg that may be chosen; early payout unless it is a draw."""
    rules = "standard" if selection == "draw" else "early_payout"
    return RowPrice(1, 1, 1, bookmaker, bookmaker, selection, rules, price)._replace(**changes)


def found(
    homes: Sequence[RowPrice], draws: Sequence[RowPrice], aways: Sequence[RowPrice], settings: Settings = ANY
) -> DuploGreen:
    answer = find_duplo_green(homes, draws, aways, settings)
    assert answer is not None
    return answer


prices = st.integers(105, 3000).map(lambda hundredths: hundredths / 100)
bookmakers = st.sampled_from(["a", "b", "c"])


def some(selection: str) -> st.SearchStrategy[list[RowPrice]]:
    commission = st.sampled_from([0.0, 0.0, 0.045]) if selection == "draw" else st.just(0.0)
    one = st.builds(
        lambda house, price, share: at(house, selection, price, commission=share), bookmakers, prices, commission
    )
    return st.lists(one, max_size=4)


@given(some("home"), some("draw"), some("away"), st.sampled_from([(100.0, 1.0), (50.0, 0.5), (1000.0, 0.01)]))
def test_no_other_legs_or_roundings_are_better(
    homes: list[RowPrice], draws: list[RowPrice], aways: list[RowPrice], stakes: tuple[float, float]
) -> None:
    stake, unit = stakes
    answer = find_duplo_green(
        homes, draws, aways, Settings(stake=stake, unit=unit, min_return=-0.99, max_return=1e6)
    )
    ideal = max(
        (
            1 / sum(1 / leg.net for leg in legs) - 1
            for legs in product(homes, draws, aways)
            if legs[0].bookmaker != legs[2].bookmaker
        ),
        default=None,
    )
    if answer is None:
        assert ideal is None or ideal < -0.5, "only where a leg would be less than a unit"
        return
    assert ideal is not None
    assert answer.home.price.bookmaker != answer.away.price.bookmaker
    legs = [leg.price for leg in answer]
    assert 1 / sum(1 / leg.net for leg in legs) - 1 == pytest.approx(ideal)
    # Equal stakes in fractions: no rounding is better than they are, and each leg is within a unit of them.
    nets = [1 + (Fraction(str(leg.price)) - 1) * (1 - Fraction(str(leg.commission))) for leg in legs]
    whole = sum(1 / net for net in nets)
    for leg, net in zip(answer, nets, strict=True):
        exact = Fraction(str(stake)) / (net * whole)
        amount = Fraction(leg.stake)
        assert (amount / Fraction(str(unit))).denominator == 1
        assert amount > 0
        assert abs(amount - exact) <= Fraction(str(unit))
        assert Fraction(leg.returned) == amount * net
    assert Fraction(answer.outlay) <= Fraction(str(stake))
    assert answer.worst_return <= ideal + 1e-12


@given(some("home"), some("draw"), some("away"))
def test_the_figures_are_what_each_course_of_a_match_pays(
    homes: list[RowPrice], draws: list[RowPrice], aways: list[RowPrice]
) -> None:
    answer = find_duplo_green(homes, draws, aways, ANY)
    if answer is None:
        return
    profits = answer.profits
    for paid, profit in profits.items():
        assert (
            profit == sum(leg.returned for leg in answer if leg.price.selection in paid.split("_")) - answer.outlay
        )
    assert answer.worst == min(profits[name] for name in ("home", "draw", "away"))
    assert answer.both == min(profits[name] for name in ("home_away", "home_draw", "draw_away"))
    share = Fraction(answer.break_even)
    gain = share * Fraction(answer.both) + (1 - share) * Fraction(answer.worst)
    assert gain >= 0 if answer.worst >= 0 else float(gain) == pytest.approx(0, abs=1e-9)


def test_the_sides_are_of_different_bookmakers_and_the_draw_is_anybody_s() -> None:
    homes = [at("a", "home", 2.2), at("b", "home", 2.1)]
    aways = [at("a", "away", 4.0), at("c", "away", 3.2)]
    draws = [at("a", "draw", 3.4), at("b", "draw", 3.6, rules="boosted")]
    answer = found(homes, draws, aways)
    assert [(leg.price.bookmaker, leg.price.price) for leg in answer] == [("b", 2.1), ("b", 3.6), ("a", 4.0)]
    assert find_duplo_green(homes[:1], draws, aways[:1], ANY) is None
    assert find_duplo_green([], draws, aways, ANY) is None
    assert find_duplo_green(homes, [], aways, ANY) is None


def test_a_draw_is_the_one_that_pays_most_after_commission_and_can_be_filled() -> None:
    homes, aways = [at("a", "home", 2.2)], [at("b", "away", 3.6)]
    book, thin = at("c", "draw", 3.5), at("x", "draw", 3.8, commission=0.045, available=5.0)
    assert found(homes, [book, thin], aways).draw.price is book
    deep = thin._replace(available=500.0)
    assert found(homes, [book, deep], aways).draw.price is deep, "3.8 pays 3.674 after commission"
    dear = deep._replace(commission=0.12)
    assert found(homes, [book, dear], aways).draw.price is book, "3.8 pays 3.464 after commission"


def test_what_costs_too_much_is_none() -> None:
    homes, draws, aways = [at("a", "home", 2.0)], [at("a", "draw", 3.2)], [at("b", "away", 3.6)]
    answer = found(homes, draws, aways)
    assert answer.worst_return == pytest.approx(-0.08, abs=0.01)
    just = Settings(min_return=answer.worst_return - 1e-9)
    assert find_duplo_green(homes, draws, aways, just) == answer
    assert find_duplo_green(homes, draws, aways, Settings(min_return=answer.worst_return + 1e-6)) is None
    assert find_duplo_green(homes, draws, aways, Settings()) is None


@pytest.mark.parametrize(
    "wrong", [{"unit": 0}, {"stake": 2.9}, {"min_return": -1}, {"min_return": 0.3}, {"hours": 0}, {"limit": 0}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="duplo green"):
        Settings(**wrong)


def test_the_worked_example_of_the_documentation() -> None:
    text = (ROOT / "docs" / "duplo-green.md").read_text()
    rows = re.findall(r"\| (mandante|empate|visitante) \| \w+ \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|", text)
    table = {name: [float(cell.replace(",", ".")) for cell in cells] for name, *cells in rows}
    names = {"mandante": "home", "empate": "draw", "visitante": "away"}
    assert table.keys() == names.keys()
    legs = [at(name, names[name], price) for name, (price, _, _) in table.items()]
    home, draw, away = legs
    answer = found([home], [draw], [away], Settings())
    assert [[leg.price.price, float(leg.stake), float(leg.returned)] for leg in answer] == list(table.values())
    said = dict(re.findall(r"`(\w+)` = (-?\d+(?:,\d+)?)", text))
    figures = {
        "outlay": float(answer.outlay),
        "cost": float(-answer.worst),
        "return": answer.worst_return,
        "both": float(answer.both),
        "break_even": answer.break_even,
    }
    assert said.keys() == figures.keys()
    for name, figure in figures.items():
        assert float(said[name].replace(",", ".")) == pytest.approx(figure, abs=0.00005), name


def drawn() -> Sketch:
    """Kto pays home early, Betano (swapped) away; a third house has super odds on the draw."""
    sketch = Sketch()
    sketch.board.set_heads(sketch.board.heads | {3: head(3, "novibet", family="")})
    sketch.board.set_part(3, Part(seq=1, scopes={3: NOW - 5}))
    sketch.describe(3, source_id="e3", home="São Paulo", away="Santos")
    early: dict[str, Any] = {"rules": "early_payout"}
    sketch.price(1, offer("match_result", "home", **early), 2.3)
    sketch.price(1, offer("match_result", "home"), 9.0)
    sketch.price(2, offer("match_result", "home", **early), 3.7)  # swapped: away
    sketch.price(3, offer("match_result", "draw", rules="boosted"), 3.6)
    sketch.price(1, offer("match_result", "draw", side="lay"), 9.0)
    sketch.price(1, offer("match_result", "draw", period="first_half"), 9.0)
    return sketch


def document(maker: DuploGreenMaker, sketch: Sketch) -> dict[str, Any]:
    maker.update(sketch.board, sketch.board.take_changes())
    [feed] = maker.feeds(sketch.board)
    answer: dict[str, Any] = orjson.loads(written(feed)[0])
    schema("duplo-green").validate(answer)
    return answer


def test_the_document_lists_what_is_near_and_plausible() -> None:
    sketch, maker = drawn(), DuploGreenMaker(LIMITS, Settings(), simulated=True)
    answer = document(maker, sketch)
    [row] = answer["duplo_greens"]
    assert [(leg["bookmaker"], leg["rules"], leg["price"]) for leg in row["legs"]] == [
        ("kto", "early_payout", 2.3),
        ("novibet", "boosted", 3.6),
        ("betano", "early_payout", 3.7),
    ]
    assert row["legs"][0]["url"] == "https://kto.example/sao-paulo-fc-x-santos/e%2F1"
    assert row["legs"][0]["last_seen"] == "2027-01-15T07:59:50Z"
    assert row["return"] == round(-row["cost"] / row["outlay"], 6)
    assert sum(leg["stake"] for leg in row["legs"]) == row["outlay"] <= 100
    assert row["both"] == min(row["profits"][name] for name in ("home_away", "home_draw", "draw_away"))
    far = DuploGreenMaker(LIMITS, Settings(hours=0.5), simulated=True)
    assert document(far, drawn())["duplo_greens"] == []
    sketch.price(2, offer("match_result", "home", rules="early_payout"), 30.0)
    answer = document(maker, sketch)
    assert (answer["duplo_greens"], answer["found"], answer["implausible"]) == ([], 0, 1)


def test_rounds_follow_prices_kick_off_and_scrapers() -> None:
    sketch, maker = drawn(), DuploGreenMaker(LIMITS, Settings(hours=0.9), simulated=True)
    board = sketch.board
    assert not document(maker, sketch)["duplo_greens"], "an hour away"
    board.now = NOW + 0.1 * 3600
    for number in board.heads:
        sketch.seen(number, board.now)
    assert maker.update(board, board.take_changes()), "time alone brought it near enough"
    assert document(maker, sketch)["found"] == 1
    assert not maker.update(board, Changes())
    sketch.price(1, offer("totals", "over", 2.5), 1.9)
    assert not maker.update(board, board.take_changes()), "no such market"
    sketch.head(3, status="error")
    assert maker.update(board, board.take_changes()), "the draw is not fresh any more"
    assert document(maker, sketch)["found"] == 0
    sketch.head(3, status="ok")
    assert document(maker, sketch)["found"] == 1
    board.now = float(board.matches[7].starts_at)
    assert maker.update(board, Changes())
    assert document(maker, sketch)["found"] == 0
    sketch.board.set_match(7, None)
    assert document(maker, sketch)["found"] == 0
