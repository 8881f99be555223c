"""Pages beyond the lists: whose turn it is, and what happens to those that no list leads to any more."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from scrapers.records import PageRequest
from standalone.cycle.details import TURNS, DetailRota
from standalone.cycle.state import CommittedState, Held, closed_details

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def pages(count: int) -> list[PageRequest]:
    return [PageRequest(f"event:{number}", "https://v.example/") for number in range(count)]


@given(wanted=st.integers(0, 60), per_cycle=st.integers(0, 10))
def test_the_soonest_come_round_within_their_turns_and_the_rest_is_left_alone(wanted: int, per_cycle: int) -> None:
    rota = DetailRota(per_cycle)
    rounds = [rota.choose(pages(wanted)) for _ in range(2 * TURNS)]
    assert all(len(chosen) == min(per_cycle, wanted) for chosen in rounds)
    kept = {page.scope for page in pages(wanted)[: per_cycle * TURNS]}
    for start in range(TURNS + 1):
        asked = {page.scope for chosen in rounds[start : start + TURNS] for page in chosen}
        assert asked == kept


def test_a_page_that_comes_closer_is_asked_at_once() -> None:
    rota = DetailRota(2)
    for _ in range(TURNS):
        rota.choose(pages(8))
    newcomer = PageRequest("event:new", "https://v.example/")
    assert newcomer in rota.choose([newcomer, *pages(8)])


def test_details_that_no_list_leads_to_are_closed_unless_a_list_is_missing() -> None:
    state = CommittedState(
        selections={
            1: Held(2.0, "open", None, "event:1"),
            2: Held(2.0, "open", None, "event:2"),
            3: Held(2.0, "open", None, "events:a/0"),
            4: Held(2.0, "open", None, "league:a"),
        }
    )
    closed = closed_details(state, frozenset({"event:1"}), NOW)
    assert [(part.scope, list(part.events)) for part in closed] == [("event:2", []), ("events:a/0", [])]
    assert closed_details(state, None, NOW) == []
