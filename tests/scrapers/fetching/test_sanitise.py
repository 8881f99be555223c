"""Answers that are kept: nothing of whoever asked, everything of the offer."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fetching.sanitise import sanitised

SECRETS = ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl", "maria@example.com", "200.147.3.9")


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_token_or_an_address_goes(secret: str) -> None:
    page = {"events": [{"id": 7, "note": f"for {secret} only", "odd": 1.85}]}
    clean = orjson.loads(sanitised(orjson.dumps(page)))
    assert clean == {"events": [{"id": 7, "note": "for *** only", "odd": 1.85}]}
    assert secret.encode() not in sanitised(f"<html>{secret}</html>".encode())


def test_values_under_secret_keys_go_and_numbers_stay() -> None:
    page = {"sessionId": "abc", "publicAccessId": "xyz", "user": {"Email": "m"}, "clientIp": "", "tokenCount": 3}
    assert orjson.loads(sanitised(orjson.dumps(page))) == {
        "sessionId": "***",
        "publicAccessId": "***",
        "user": {"Email": "***"},
        "clientIp": "",
        "tokenCount": 3,
    }


@given(
    st.recursive(
        st.integers(-(2**40), 2**40) | st.sampled_from(["Flamengo", "1", "2.5"]),
        lambda inner: st.lists(inner),
        max_leaves=9,
    )
)
def test_an_offer_without_secrets_keeps_its_very_bytes(rows: object) -> None:
    body = orjson.dumps({"odds": rows}, option=orjson.OPT_INDENT_2)
    assert sanitised(body) == body
