"""What is made of changes, one after the other, is byte for byte what is made of the whole board at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.changes import Changes
from board.feed import FeedBuilder
from board.listing import Listing
from board.records import Description, HeldPrice, League, Match
from board.state import Board, Part
from tests.board.sketch import LIMITS, MAX_AGE_S, NOW, built, head, offer, written

OFFERS = (
    offer("match_result", "home"),
    offer("match_result", "draw"),
    offer("match_result", "away"),
    offer("match_result", "home", rules="early_payout"),
    offer("match_result", "home", side="lay"),
    offer("handicap", "home", -0.5),
    offer("handicap", "away", 0.5),
    offer("totals", "over", 2.5),
)
HOUSES, EVENTS, SCOPES, MATCHES = (1, 2), (1, 2, 3), (1, 2), (7, 8)

Step = Callable[[Board], None]
houses = st.sampled_from(HOUSES)
times = st.integers(-60, 400).map(lambda half_seconds: NOW + half_seconds / 2)


def scope_of(house: int, scope: int) -> int:
    return house * 10 + scope


def put(
    house: int, event: int, scope: int, number: int, price: int, changed_at: float, available: float | None = None
) -> Step:
    def step(board: Board) -> None:
        if house in board.parts:
            board.put(
                house,
                house * 100 + event,
                HeldPrice(
                    house * 10_000 + event * 100 + number,
                    board.offers.number(OFFERS[number]),
                    scope_of(house, scope),
                    price / 100,
                    available,
                    0.0 if available is None else 0.05,
                    changed_at,
                ),
            )

    return step


def remove(house: int, event: int, number: int) -> Step:
    def step(board: Board) -> None:
        if house in board.parts:
            key = house * 10_000 + event * 100 + number
            board.remove(house, house * 100 + event, key, board.offers.number(OFFERS[number]))

    return step


def describe(house: int, event: int, match_id: int | None, swapped: bool, starts_at: float) -> Step:
    def step(board: Board) -> None:
        if house in board.parts:
            what = Description(f"e{event}", match_id, swapped, f"Mandante {event}", "Visitante", int(starts_at))
            board.describe(house, house * 100 + event, what)

    return step


def seen(house: int, moments: dict[int, float]) -> Step:
    def step(board: Board) -> None:
        if house in board.parts:
            board.set_scopes(house, {scope_of(house, scope): at for scope, at in moments.items()})

    return step


def stands(house: int, changes: dict[str, Any]) -> Step:
    def step(board: Board) -> None:
        board.set_heads(board.heads | {house: head(house, f"casa_{house}")._replace(**changes)})
        if house not in board.parts:
            board.set_part(house, Part())

    return step


def leaves(house: int) -> Step:
    return lambda board: board.set_heads({key: row for key, row in board.heads.items() if key != house})


def read_anew(house: int, without: int | None, edited: bool) -> Step:
    """A part read from the start, in another order; meanwhile somebody deleted an event or edited a price."""

    def step(board: Board) -> None:
        if house not in board.parts:
            return
        before = board.parts[house]
        part = Part(before.seq, scopes=before.scopes)
        for event_id, listing in reversed(before.listings.items()):
            if event_id != (without and house * 100 + without):
                again = part.listings[event_id] = Listing(house, event_id, listing.description)
                for place in reversed(range(len(listing))):
                    held = listing.at(place)
                    again.put(held._replace(price=held.price + 0.25) if edited and place == 0 else held)
        board.set_part(house, part)

    return step


def catalogue(match_id: int, starts_at: float | None, league: str | None) -> Step:
    def step(board: Board) -> None:
        match = None
        if starts_at is not None:
            match = Match(match_id, "football", league, "Liga", "", "A", f"B{match_id}", int(starts_at))
        board.set_match(match_id, match)

    return step


def passes(now: float) -> Step:
    def step(board: Board) -> None:
        board.now = now

    return step


events, numbers = st.sampled_from(EVENTS), st.integers(0, len(OFFERS) - 1)
kickoffs = st.sampled_from([NOW + 3600, NOW + 60, NOW + 20, NOW - 5])
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        put,
        houses,
        events,
        st.sampled_from(SCOPES),
        numbers,
        st.integers(101, 900),
        times,
        st.none() | st.just(9.5),
    ),
    st.builds(remove, houses, events, numbers),
    st.builds(describe, houses, events, st.sampled_from((*MATCHES, None)), st.booleans(), kickoffs),
    st.builds(seen, houses, st.dictionaries(st.sampled_from(SCOPES), times)),
    st.builds(
        stands,
        houses,
        st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from(["ok", "warning", "error"]),
                "slug": st.sampled_from(["outra_casa", "mais_uma"]),
                "event_url": st.just("https://x.example/{event_id}"),
                "expected_interval_s": st.sampled_from([30, 300]),
                "last_success": times,
            },
        ),
    ),
    st.builds(leaves, houses),
    st.builds(read_anew, houses, st.none() | events, st.booleans()),
    st.builds(catalogue, st.sampled_from(MATCHES), st.none() | kickoffs, st.sampled_from(["liga", "copa", None])),
    st.builds(passes, times),
)


def busy_board() -> Board:
    """Every house lists every match, with every offer."""
    board = Board(now=NOW, leagues={"liga": League("liga", "Liga", "", "football")})
    for house in HOUSES:
        stands(house, {})(board)
        seen(house, dict.fromkeys(SCOPES, NOW - 10))(board)
        for event, match_id in zip(EVENTS, MATCHES, strict=False):
            catalogue(match_id, NOW + 3600, "liga")(board)
            describe(house, event, match_id, house == 2, NOW + 3600)(board)
            for number in range(len(OFFERS)):
                put(house, event, SCOPES[number % 2], number, 200 + number, NOW - 60)(board)
    return board


def documents(feeds: list[Any]) -> dict[str, tuple[bytes, bytes]]:
    return {feed.name: written(feed) for feed in feeds}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(steps, max_size=4), max_size=8))
def test_changes_make_the_same_documents_as_a_new_beginning(rounds: list[list[Step]]) -> None:
    board, builder = busy_board(), FeedBuilder(LIMITS, simulated=True)
    before = None
    for round_ in [[], *rounds]:
        for step in round_:
            step(board)
        different = builder.update(board, board.take_changes())
        made, anew = builder.feeds(board), built(board)
        assert [feed.content_hash for feed in made] == [feed.content_hash for feed in anew]
        assert documents(made) == documents(anew)
        hashes = {feed.name: feed.content_hash for feed in made}
        assert different or hashes == before
        before = hashes


def test_an_idle_round_and_one_of_mere_sight_say_nothing_new() -> None:
    board, builder = busy_board(), FeedBuilder(LIMITS, simulated=True)
    assert builder.update(board, board.take_changes())
    assert not builder.update(board, board.take_changes())
    seen(1, dict.fromkeys(SCOPES, NOW + 20))(board)
    board.now += 30
    assert not builder.update(board, board.take_changes())
    document = orjson.loads(documents(builder.feeds(board))["odds.json"][0])
    assert document["last_seen"] == {
        "11": "2027-01-15T08:00:20Z",
        "12": "2027-01-15T08:00:20Z",
        "21": "2027-01-15T07:59:50Z",
        "22": "2027-01-15T07:59:50Z",
    }


def test_the_clock_alone_takes_prices_out() -> None:
    board, builder = busy_board(), FeedBuilder(LIMITS, simulated=True)
    builder.update(board, board.take_changes())
    prices = []
    for now in (NOW + MAX_AGE_S - 10, NOW + MAX_AGE_S - 9):
        board.now = now
        builder.update(board, Changes())
        prices.append(builder.feeds(board)[0].prices)
    assert prices == [4 * len(OFFERS), 0]
    board.now = NOW
    assert builder.update(board, Changes()), "a clock set back brings them back"
    assert builder.feeds(board)[0].prices == 4 * len(OFFERS)


def test_kick_off_takes_prices_out_until_the_clock_is_set_back() -> None:
    board, builder = busy_board(), FeedBuilder(LIMITS, simulated=True)
    describe(1, 1, 7, False, NOW + 30)(board)
    catalogue(8, NOW + 60, "liga")(board)
    prices = []
    for after in (0, 29, 30, 60, 29):
        board.now = NOW + after
        builder.update(board, board.take_changes())
        prices.append(builder.feeds(board)[0].prices // len(OFFERS))
    assert prices == [4, 4, 3, 1, 4]


def test_only_the_offer_that_changed_is_written_anew_and_only_its_match_packed_anew() -> None:
    board, builder = busy_board(), FeedBuilder(LIMITS, simulated=True)
    builder.update(board, board.take_changes())
    texts = builder.feeds(board)[0].texts or ()
    before = [(text.packed, list(text.pieces)) for text in texts]
    put(1, 1, 1, 0, 777, NOW)(board)
    builder.update(board, board.take_changes())
    again = builder.feeds(board)[0].texts or ()
    assert [text.packed is packed for text, (packed, _) in zip(again, before, strict=True)] == [False, True]
    changed = [piece for piece in again[0].pieces if not any(piece is old for old in before[0][1])]
    assert [piece.count(b"7.77") for piece in changed] == [1, 1], "its rows, and what stands before them: the best"


@pytest.mark.parametrize("status", ["error", "ok"])
def test_a_house_that_falls_silent_leaves_the_others_prices_as_they_are(status: str) -> None:
    board, builder = busy_board(), FeedBuilder(LIMITS, simulated=True)
    builder.update(board, board.take_changes())
    rows = {row for text in builder.feeds(board)[0].texts or () for row in text.pieces[2::2]}
    stands(1, {"status": "error"})(board)
    builder.update(board, board.take_changes())
    stands(1, {"status": status})(board)
    builder.update(board, board.take_changes())
    again = {row for text in builder.feeds(board)[0].texts or () for row in text.pieces[2::2]}
    assert (again == rows) == (status == "ok")
    assert documents(builder.feeds(board)) == documents(built(board))
