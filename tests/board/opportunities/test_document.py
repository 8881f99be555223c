"""surebets.json: what stands, with stakes and links, and what was turned down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from board.orientation import mirrored
from board.surebets import Settings
from tests.board.opportunities.stage import OVER, SETTINGS, UNDER, Stage
from tests.board.sketch import NOW, offer, schema


def test_an_empty_board_is_a_valid_document() -> None:
    document = Stage().tick()
    assert (document["surebets"], document["refused"]) == ([], {"reasons": {}, "sets": [], "left_out": 0})


def test_a_surebet_is_told_with_everything_that_a_bettor_needs() -> None:
    stage = Stage()
    stage.surebet()
    (one,) = stage.tick()["surebets"]
    assert one["match"]["home"] == "São Paulo"
    assert (one["edge"], one["outlay"], one["worst"]) == (pytest.approx(0.05), 1000.0, 50.0)
    assert one["opened_at"] == "2027-01-15T08:00:02Z"
    assert (one["confirmed_at"], one["sights"], one["gaps"]) == (None, 1, 0)
    legs = {leg["bookmaker"]: leg for leg in one["legs"]}
    assert legs["kto"] == {
        "bookmaker": "kto",
        "family": "kto",
        "market": "totals",
        "line": 2.5,
        "selection": "over",
        "side": "back",
        "rules": "standard",
        "price": 2.1,
        "stake": 500.0,
        "outlay": 500.0,
        "last_seen": "2027-01-15T07:59:50Z",
        "last_changed": "2027-01-15T08:00:00Z",
        "url": "https://kto.example/sao-paulo-fc-x-santos/e%2F1",
    }
    assert [row["profit"] for row in one["profits"]] == [50.0, 50.0]


def test_a_house_that_lists_the_sides_swapped_is_read_in_the_match_s_own_view() -> None:
    stage = Stage()
    home, away = offer("handicap", "home", -0.5), offer("handicap", "away", -0.5)
    stage.put(1, home, 2.1)
    stage.put(2, mirrored(away), 2.1)
    assert stage.tick()["surebets"] == [], "both are bets on who is at home there"
    stage.describe(2, swapped=True)
    (one,) = stage.tick()["surebets"]
    legs = {leg["bookmaker"]: (leg["selection"], leg["line"]) for leg in one["legs"]}
    assert legs == {"kto": ("home", -0.5), "betano": ("away", -0.5)}


def test_the_order_is_by_edge_and_the_hash_is_not_about_clocks() -> None:
    stage = Stage()
    stage.surebet()
    stage.put(1, offer("both_teams_to_score", "yes"), 2.2)
    stage.put(2, offer("both_teams_to_score", "no"), 2.2)
    before = stage.tick()
    edges = [one["edge"] for one in before["surebets"]]
    assert edges == sorted(edges, reverse=True)
    assert len(edges) >= 2
    stage.cycle(1)  # one leg alone read again confirms nothing
    again = stage.tick()
    assert again["content_hash"] == before["content_hash"]
    assert again["surebets"][0]["legs"] != before["surebets"][0]["legs"]


def test_what_is_turned_down_is_counted_and_the_best_of_it_listed() -> None:
    stage = Stage(replace(SETTINGS, min_profit=0.06))
    stage.surebet()
    stage.put(3, offer("match_result", "home", period="second_half"), 9.0)
    document = stage.tick()
    assert document["surebets"] == []
    assert document["refused"]["reasons"] == {"min_profit": 1}
    (refused,) = document["refused"]["sets"]
    assert [leg["bookmaker"] for leg in refused["legs"]] == ["kto", "betano"]
    stage.match(sport="basketball")
    assert stage.tick()["refused"]["reasons"] == {"min_profit": 1, "unclear_contract": 1}


def test_of_many_refused_sets_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("board.opportunities.document.REFUSED_LISTED", 1)
    stage = Stage(replace(SETTINGS, max_edge=0.01))
    stage.surebet()
    for period in ("first_half", "second_half"):
        stage.put(1, OVER._replace(period=period), 2.3)
        stage.put(2, UNDER._replace(period=period), 2.3)
    refused = stage.tick()["refused"]
    assert (len(refused["sets"]), refused["left_out"], refused["reasons"]) == (1, 2, {"edge": 3})
    assert refused["sets"][0]["edge"] == pytest.approx(0.15)


@pytest.mark.parametrize("after_s", [91, 181])
def test_a_leg_that_is_not_seen_again_leaves(after_s: float) -> None:
    stage = Stage()
    stage.surebet()
    stage.seen(2, NOW)
    assert stage.tick()["surebets"]
    stage.cycle(1)
    assert stage.tick(after_s)["surebets"] == []


def test_the_age_limit_counts_in_the_rhythm_of_the_scraper() -> None:
    # Ten times slower than usual, as in sequential mode: three cycles are 900 s.
    stage = Stage(Settings(max_age_s=90, unit=1))
    stage.surebet()
    for house in (1, 2):
        stage.head(house, expected_interval_s=300)
        stage.seen(house, NOW)
    assert stage.tick(890)["surebets"]
    assert stage.tick(20)["surebets"] == []
    assert stage.document()["refused"]["reasons"] == {"age": 1}


def test_the_schema_refuses_what_is_not_the_contract() -> None:
    stage = Stage()
    stage.surebet()
    document = stage.tick()
    one = document["surebets"][0]
    for wrong in ({**one, "legs": one["legs"][:1]}, {**one, "worst": 0}, {**one, "more": 1}):
        assert not schema("surebets").is_valid({**document, "surebets": [wrong]})
