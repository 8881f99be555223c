"""The simulated exchange: books that hang together, and pages with the oddities of the real ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.records import Side
from simulator.answers import Answer, Request, event_id
from simulator.exchange import best_lay, order_book
from simulator.platforms import matchbook
from simulator.world import World, on_ladder

from .conftest import NOON

HOST = "mexchange-api.betbra.bet.br"
WORLD = World(4)


def ask(path: str = "/api/events", **query: str) -> Answer:
    return matchbook.answer(WORLD, Request(HOST, path, {k.replace("_", "-"): v for k, v in query.items()}, NOON))


def listed(tag: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = ask(tag_url_names=f"{tag},soccer", per_page="100").body["events"]
    return events


@given(st.floats(1.01, 400), st.none() | st.floats(1.01, 60), st.integers(0, 50))
def test_a_book_is_best_at_its_own_offers_and_never_crossed(back: float, opposite: float | None, name: int) -> None:
    best = on_ladder("matchbook", back)
    other = None if opposite is None else on_ladder("matchbook", opposite)
    book = order_book("matchbook", best, other, name)
    prices = {side: [entry.price for entry in book if entry.side is side] for side in Side}
    assert max(prices[Side.BACK]) == best <= min(prices[Side.LAY]) == best_lay("matchbook", best)
    assert all(1 < entry.price <= 1000 and entry.amount > 0 for entry in book)
    assert len(book) == len({(entry.side, entry.price) for entry in book})


def test_books_are_shuffled_and_mirror_the_other_runner() -> None:
    books = [
        [entry for entry in runner["prices"] if entry is not None]
        for event in listed("italy-serie-a")
        for market in event["markets"]
        for runner in market["runners"]
    ]
    backs = [[entry["odds"] for entry in book if entry["side"] == "back"] for book in books]
    assert any(prices != sorted(prices, reverse=True) for prices in backs)
    assert any(Decimal(str(price)).as_tuple().exponent == -5 for prices in backs for price in prices)


def test_american_matches_name_and_number_the_guest_first() -> None:
    event = listed("nba")[0]
    numbers = {str(part["number"]): part["participant-name"] for part in event["event-participants"]}
    assert event["name"] == f"{numbers['1']} em {numbers['2']}"
    fixture = WORLD.fixtures("nba", NOON)[0]
    assert event["id"] == str(event_id(4, "matchbook", fixture))
    assert numbers["2"].startswith(fixture.home.name[:3])


def test_pages_follow_one_another_and_one_event_comes_alone() -> None:
    whole = listed("italy-serie-a")
    pages = [
        ask(tag_url_names="italy-serie-a,soccer", per_page="4", offset=str(offset))
        for offset in range(0, len(whole), 4)
    ]
    assert [event["id"] for page in pages for event in page.body["events"]] == [event["id"] for event in whole]
    assert {page.body["total"] for page in pages} == {len(whole)}
    alone = ask(f"/api/events/{whole[0]['id']}")
    assert (alone.status, alone.body) == (200, whole[0])


@pytest.mark.parametrize(
    ("path", "status"), [("/api/events/5", 404), ("/api/sports", 404), ("/api/events/1/markets", 404)]
)
def test_unknown_places_are_not_found(path: str, status: int) -> None:
    assert ask(path).status == status


def test_a_tag_of_nobody_is_an_honest_empty_list() -> None:
    assert ask(tag_url_names="mars,soccer").body == {"offset": 0, "per-page": 20, "total": 0, "events": []}
