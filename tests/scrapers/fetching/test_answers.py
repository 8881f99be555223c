"""The pure parts of fetching: Retry-After and addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fetching.answers import full_url, named, retry_after_s, shown_url
from scrapers.fetching.http import simulator_rewrite
from scrapers.records import PageRequest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 09:02:00 -0300", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("9" * 400, 999_999_999),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds


@given(st.text(max_size=40))
def test_no_retry_after_breaks_or_is_negative(value: str) -> None:
    seconds = retry_after_s(value, NOW)
    assert seconds is None or seconds >= 0


def test_secrets_are_neither_named_nor_shown() -> None:
    request = PageRequest("scope", "https://api.example/v3/odds?sport=1", (("apiKey", "s3cret"), ("q", "a b")))
    assert full_url(request) == "https://api.example/v3/odds?sport=1&apiKey=s3cret&q=a%20b"
    assert shown_url(request) == "https://api.example/v3/odds?sport=1&apiKey=***&q=a%20b"
    assert named(request) == "scope: api.example/v3/odds"


def test_addresses_lead_to_the_simulator() -> None:
    rewrite = simulator_rewrite(8787)
    assert rewrite("https://api.example/v1/list?a=b%20c") == "http://127.0.0.1:8787/api.example/v1/list?a=b%20c"
