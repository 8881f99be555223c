"""The structure of payloads, and what of it may vary without anything having changed."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from scrapers.shape import fingerprint, shape_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(0, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=20,
)


def shape(value: Any) -> dict[str, set[str]]:
    return {place: set(types) for place, types in shape_of(orjson.dumps(value)).items()}


def test_places_and_types() -> None:
    page = {"events": [{"id": 1, "name": "a"}, {"id": "2", "odds": [1.5, None]}], "next": None}
    assert shape(page) == {
        "": {"object"},
        ".events": {"list"},
        ".events[]": {"object"},
        ".events[].id": {"number", "text"},
        ".events[].name": {"text"},
        ".events[].odds": {"list"},
        ".events[].odds[]": {"number"},
        ".next": set(),
    }


def test_ids_as_keys_are_no_places() -> None:
    assert shape({"77": {"a": 1}, "78": {"a": 2}}) == shape({"5": {"a": 3}})
    assert shape({f"k{n}": 1 for n in range(50)}) == {"": {"object"}, ".*": {"number"}}


def test_text_records_are_named_by_type_and_key() -> None:
    text = b"F|CL;ID=1;NA=Soccer|EV;FI=7;NA=A v B|PA;OD=1/2;|"
    assert set(shape_of(text)) == {"CL.ID", "CL.NA", "EV.FI", "EV.NA", "PA.OD"}
    assert shape_of(b"") == {}


@given(VALUES, st.integers(0, 5))
def test_more_rows_of_one_kind_are_the_same_shape(row: Any, more: int) -> None:
    assert shape([row] * (3 + more)) == shape([row])


@given(st.sets(st.text(max_size=4), max_size=6))
def test_a_fingerprint_knows_no_order(places: set[str]) -> None:
    assert fingerprint(sorted(places)) == fingerprint(sorted(places, reverse=True))
    assert fingerprint(places) != fingerprint(places | {"one more than four"})
