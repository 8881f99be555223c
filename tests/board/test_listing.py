"""The columns of a listing hold what a dictionary would, and a part read anew replaces what was held."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from board.listing import Listing
from board.records import HeldPrice
from board.state import Board, Part
from tests.board.sketch import Sketch, offer

prices = st.builds(
    HeldPrice,
    st.integers(-3, 3),
    st.integers(0, 4),
    st.integers(1, 3),
    st.integers(101, 90_000).map(lambda n: n / 100),
    st.none() | st.just(12.5),
    st.sampled_from([0.0, 0.05]),
    st.floats(1e9, 2e9),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(prices | st.integers(-3, 3), max_size=30), st.randoms())
def test_a_listing_holds_what_a_dictionary_would(steps: list[HeldPrice | int], chance: random.Random) -> None:
    listing, model = Listing(1, 2), dict[int, HeldPrice]()
    for step in steps:
        if isinstance(step, HeldPrice):
            listing.put(step)
            model[step.key] = step
        else:
            assert listing.remove(step) == (model.pop(step, None) is not None)
    assert {listing.at(place).key: listing.at(place) for place in range(len(listing))} == model
    again, held = Listing(1, 2), list(model.values())
    chance.shuffle(held)
    for price in held:
        again.put(price)
    assert again == listing
    if held:
        again.put(held[0]._replace(changed_at=1.0))
        assert again != listing


def edited(board: Board, price: float) -> Part:
    """The first house's part, read anew after somebody gave every price another value."""
    part = Part(seq=1, scopes=board.parts[1].scopes)
    for event_id, listing in board.parts[1].listings.items():
        again = part.listings[event_id] = Listing(1, event_id, listing.description)
        for place in range(len(listing)):
            again.put(listing.at(place)._replace(price=price))
    return part


def test_a_part_read_anew_counts_as_changed_where_it_differs() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.board.take_changes()
    sketch.board.set_part(1, edited(sketch.board, 2.1))
    assert sketch.board.take_changes().matches == {}
    sketch.board.set_part(1, edited(sketch.board, 2.2))
    assert sketch.board.take_changes().matches == {7: None}
    [listing] = sketch.board.parts[1].listings.values()
    assert listing.at(0).price == 2.2
    assert [other.bookmaker_id for other in sketch.board.listed[7]] == [2, 1]
