"""The difference of a cycle: applied over and over, it always ends where the bookmaker is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from scrapers.records import Event, LeagueName, Market, Price, PriceStatus, Selection, Sport
from standalone.cycle.state import CommittedState, SeenScope, apply, difference
from store.keys import selection_key

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

prices = st.builds(
    lambda line, selection, cents, open_: Price(
        Market.TOTALS,
        selection,
        value=Decimal(cents) / 100 if open_ or cents % 2 else None,
        line=Decimal(line) / 4,
        status=PriceStatus.OPEN if open_ else PriceStatus.SUSPENDED,
    ),
    st.integers(1, 6),
    st.sampled_from([Selection.OVER, Selection.UNDER]),
    st.integers(101, 300),
    st.booleans(),
)


def event(source_id: str, listed: list[Price], hours: int = 5) -> Event:
    return Event(
        source_id,
        Sport.FOOTBALL,
        LeagueName("2936", "Premier League"),
        f"Home {source_id}",
        "Away",
        NOW + timedelta(hours=hours),
        prices=tuple(listed),
    )


events = st.builds(
    event,
    st.sampled_from(["1", "2", "3"]),
    st.lists(prices, max_size=5, unique_by=lambda p: (p.line, p.selection)),
    st.integers(1, 3),
)
rounds = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.lists(events, max_size=3, unique_by=lambda e: e.source_id)),
    max_size=6,
)


def seen(offer: dict[str, list[Event]]) -> list[SeenScope]:
    return [SeenScope(scope, NOW, listed) for scope, listed in offer.items()]


def shown(offer: dict[str, list[Event]]) -> dict[int, tuple[float | None, str, str]]:
    """What a reader of the pages would write down, first page first."""
    result: dict[int, tuple[float | None, str, str]] = {}
    for scope, listed in offer.items():
        for one in listed:
            for price in one.prices:
                value = None if price.value is None else float(price.value)
                key = selection_key("acme", one.source_id, price)
                result.setdefault(key, (value, price.status.value, scope))
    return result


@given(rounds)
def test_state_follows_what_is_shown(offers: list[dict[str, list[Event]]]) -> None:
    state = CommittedState()
    for offer in offers:
        before = dict(state.selections)
        diff = difference(state, seen(offer), bookmaker="acme", league_key=lambda _: None)
        apply(state, diff)
        page = shown(offer)
        assert diff.listed == len(page)
        for key, (value, status, scope) in page.items():
            held = state.selections[key]
            assert held.status == status
            assert held.scope == scope
            # A price that is hidden while suspended stays the last one shown.
            last = before[key].price if value is None and key in before else value
            assert held.price == last
        for key, held in before.items():
            if key not in page:
                assert (key in state.selections) == (held.scope not in offer)
        again = difference(state, seen(offer), bookmaker="acme", league_key=lambda _: None)
        assert [again.new, again.changed, again.moved, again.gone, again.events] == [[]] * 5


def test_an_unanswered_scope_is_neither_seen_nor_gone() -> None:
    state = CommittedState()
    price = Price(Market.TOTALS, Selection.OVER, value=Decimal("1.9"), line=Decimal("2.5"))
    full = seen({"a": [event("1", [price])], "b": [event("2", [price])]})
    apply(state, difference(state, full, bookmaker="acme", league_key=lambda _: None))
    diff = difference(state, seen({"a": []}), bookmaker="acme", league_key=lambda _: None)
    assert [key for key, _ in diff.gone] == [selection_key("acme", "1", price)]
    apply(state, diff)
    assert set(state.selections) == {selection_key("acme", "2", price)}


def test_an_empty_round_of_answers_changes_nothing() -> None:
    state = CommittedState(seq=4)
    diff = difference(state, [], bookmaker="acme", league_key=lambda _: None)
    apply(state, diff)
    assert (diff.changes, state.seq) == (0, 4)


def test_a_renamed_event_is_described_again_once() -> None:
    state = CommittedState()
    apply(state, difference(state, seen({"a": [event("1", [])]}), bookmaker="acme", league_key=lambda _: None))
    later = seen({"a": [event("1", [], hours=9)]})
    diff = difference(state, later, bookmaker="acme", league_key=lambda key: f"key-of-{key}")
    assert [(row[0], row[4]) for row in diff.events] == [("1", "key-of-2936")]
    apply(state, diff)
    assert not difference(state, later, bookmaker="acme", league_key=lambda _: None).events
