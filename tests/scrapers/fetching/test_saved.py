"""Envelopes come off saved responses; everything else stays as it is."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fetching.saved import unwrap


def test_a_recorders_envelope_comes_off():
    answer = {"betOffers": [], "events": [{"name": "Mjøndalen - Molde", "odds": 1.8334}]}
    for marks in ({"provider": "KAMBI"}, {"requestType": "EVENT"}, {"provider": "X", "bookmaker": "Y"}):
        assert orjson.loads(unwrap(orjson.dumps({**marks, "data": answer}))) == answer


def test_a_body_kept_as_text_is_given_back_as_it_was():
    assert unwrap(orjson.dumps({"provider": "X", "data": "<html>não</html>"})) == "<html>não</html>".encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"data":[1]}',
        b'{"data":{"events":[]},"error":null}',
        b'{"provider":"KAMBI","events":[]}',
        b'{"provider":"KAMBI","data":{"events":[',
        b'[{"provider":"KAMBI","data":1}]',
    ],
)
def test_a_bookmakers_own_answer_is_left_alone(body):
    assert unwrap(body) is body


@given(st.binary(max_size=80))
def test_no_body_is_too_strange(body):
    assert unwrap(body) == body
