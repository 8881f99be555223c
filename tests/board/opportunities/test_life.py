"""From opening to end: confirmed by a second sight, closed for the right reason, one opportunity through a gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from board.opportunities.life import REOPEN_S, UNWATCHED_S
from board.opportunities.records import Ending, Opportunity
from board.state import Part
from tests.board.opportunities.stage import OVER, SETTINGS, UNDER, Stage
from tests.board.sketch import NOW, offer


def known(stage: Stage) -> Opportunity:
    """The only opportunity that this process knows of."""
    (one,) = stage.maker.life.unrecorded.values()
    return one


def test_every_leg_read_again_confirms_it() -> None:
    stage = Stage()
    stage.surebet()
    stage.tick()
    stage.cycle(1)  # at the moment of the opening, which is no later sight
    stage.tick()
    stage.cycle(1)
    (one,) = stage.tick()["surebets"]
    assert (one["sights"], one["confirmed_at"]) == (1, None), "under was seen once only"
    stage.cycle(2)
    (one,) = stage.tick()["surebets"]
    assert (one["sights"], one["confirmed_at"]) == (2, "2027-01-15T08:00:08Z")
    (one,) = stage.tick()["surebets"]
    assert one["sights"] == 2, "rounds that read nothing new confirm nothing"


def test_houses_take_turns_and_prices_move_in_one_opportunity() -> None:
    stage = Stage()
    stage.surebet()
    (first,) = stage.tick()["surebets"]
    stage.put(3, UNDER, 2.2)
    (second,) = stage.tick()["surebets"]
    stage.withdraw(3, UNDER)
    (third,) = stage.tick()["surebets"]
    assert first["key"] == second["key"] == third["key"]
    assert [leg["bookmaker"] for leg in second["legs"]] == ["kto", "novibet"]
    assert second["edge"] > first["edge"] == third["edge"] == third["first_edge"]
    assert third["best_edge"] == second["edge"]
    assert third["opened_at"] == first["opened_at"]
    assert known(stage).best_sight.legs[1].bookmaker == "novibet"


def withdrawn(stage: Stage) -> None:
    stage.withdraw(2, UNDER)


def moved(stage: Stage) -> None:
    stage.put(2, UNDER, 1.8)


def unlinked(stage: Stage) -> None:
    stage.describe(2, match_id=None)


def merged(stage: Stage) -> None:
    stage.describe(1, match_id=8)
    stage.describe(2, match_id=8)
    stage.board.set_match(7, None)


def event_deleted(stage: Stage) -> None:
    stage.board.set_part(2, Part(scopes=stage.board.parts[2].scopes))


def stopped(stage: Stage) -> None:
    stage.head(2, status="offline")


def unseen(stage: Stage) -> None:
    stage.seen(2, NOW - 1000)


def dismissed(stage: Stage) -> None:
    stage.board.set_heads({number: one for number, one in stage.board.heads.items() if number != 2})


def kicked_off(stage: Stage) -> None:
    stage.match(starts_at=int(NOW) + 3)


def kicked_off_there(stage: Stage) -> None:
    stage.describe(2, starts_at=int(NOW) + 3)


def aged(stage: Stage) -> None:
    stage.seen(2, NOW - 100)


def outdone(stage: Stage) -> None:
    # Of one set a match the best is listed.
    stage.put(3, offer("both_teams_to_score", "yes"), 2.2)
    stage.put(1, offer("both_teams_to_score", "no"), 2.2)


ENDINGS: tuple[tuple[Callable[[Stage], None], Ending, str], ...] = (
    (withdrawn, Ending.LEG_GONE, "betano"),
    (moved, Ending.PRICE_MOVED, "betano"),
    (unlinked, Ending.REVOKED, "betano"),
    (merged, Ending.REVOKED, ""),
    (event_deleted, Ending.REVOKED, "betano"),
    (stopped, Ending.BOOKMAKER_SILENT, "betano"),
    (unseen, Ending.BOOKMAKER_SILENT, "betano"),
    (dismissed, Ending.BOOKMAKER_SILENT, "betano"),
    (kicked_off, Ending.KICKOFF, ""),
    (kicked_off_there, Ending.KICKOFF, "betano"),
    (aged, Ending.DOUBTED, "age,skew"),
    (outdone, Ending.SUPERSEDED, ""),
)


@pytest.mark.parametrize(("happens", "ending", "detail"), ENDINGS, ids=lambda value: getattr(value, "__name__", ""))
def test_it_ends_for_the_reason_that_it_ended_for(
    happens: Callable[[Stage], None], ending: Ending, detail: str
) -> None:
    stage = Stage(replace(SETTINGS, alternatives=1))
    stage.surebet()
    stage.tick()
    (opened,) = stage.maker.life.open()
    happens(stage)
    listed = stage.tick()["surebets"]
    assert opened.key not in {one["key"] for one in listed}
    assert (opened.ending, opened.detail, opened.closed_at) == (ending, detail, NOW + 4)
    assert opened.last_seen_at == NOW + 2


def test_every_ending_is_tried() -> None:
    assert {ending for _, ending, _ in ENDINGS} | {Ending.GENERATOR_STOPPED} == set(Ending)


def test_back_after_a_moment_it_is_the_same_one() -> None:
    stage = Stage()
    stage.surebet()
    stage.tick()
    for _ in range(3):
        stage.withdraw(2, UNDER)
        assert stage.tick()["surebets"] == []
        stage.put(2, UNDER, 2.1)
        (one,) = stage.tick(10)["surebets"]
    assert (one["gaps"], one["opened_at"]) == (3, "2027-01-15T08:00:02Z")
    assert (known(stage).gap_s, known(stage).closed_at, known(stage).ending) == (30.0, None, None)


def test_back_after_long_it_is_another_one() -> None:
    stage = Stage()
    stage.surebet()
    stage.tick()
    stage.withdraw(2, UNDER)
    stage.tick()
    stage.put(2, UNDER, 2.1)
    stage.cycle(1, 2)
    stage.board.now += REOPEN_S
    stage.cycle(1, 2)
    (one,) = stage.tick(1)["surebets"]
    assert (one["gaps"], one["first_edge"], one["opened_at"]) == (0, one["edge"], "2027-01-15T08:03:05Z")
    assert [life.ending for life in stage.maker.life.unrecorded.values()] == [Ending.LEG_GONE, None]


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("away_s", [UNWATCHED_S + 1, REOPEN_S + 1])
def test_what_nobody_watched_closes_when_it_was_last_seen(stands: bool, away_s: float) -> None:
    stage = Stage()
    stage.surebet()
    stage.tick()
    (opened,) = stage.maker.life.open()
    if not stands:
        stage.withdraw(2, UNDER)
    stage.board.now += away_s
    stage.cycle(1, 2)
    listed = stage.tick(0)["surebets"]
    assert len(listed) == stands
    if stands and away_s < REOPEN_S:
        assert (opened.ending, opened.gaps, opened.gap_s) == (None, 1, away_s)
    else:
        assert (opened.ending, opened.closed_at) == (Ending.GENERATOR_STOPPED, NOW + 2)


def rounds(stage: Stage, *steps: Callable[[Stage], Any]) -> list[tuple[int, int]]:
    """(searches, surebets) of a round after each step."""
    found = []
    for step in steps:
        step(stage)
        listed = stage.tick()["surebets"]
        found.append((stage.maker.finder.searches, len(listed)))
    return found


def test_only_a_price_that_could_make_a_difference_is_searched_for() -> None:
    stage = Stage()
    stage.put(1, OVER, 1.9)
    stage.put(2, UNDER, 1.9)
    steps: tuple[Callable[[Stage], Any], ...] = (
        lambda stage: None,
        lambda stage: stage.put(1, OVER, 1.8),  # it fell
        lambda stage: stage.put(3, OVER, 1.9),  # no better than the one there was
        lambda stage: stage.put(3, OVER, 2.2),  # 2.2 and 1.9 together are one
        lambda stage: stage.cycle(1, 2, 3),  # the same again
        lambda stage: stage.put(3, offer("match_result", "home"), 1.5),  # a bet that was not there before
        lambda stage: stage.head(2, status="offline"),
        lambda stage: stage.head(2, status="ok"),
    )
    stage.tick()
    assert rounds(stage, *steps) == [(0, 0), (0, 0), (0, 0), (1, 1), (0, 1), (1, 1), (1, 0), (1, 1)]
