"""A value that a brand's page prints, read without a browser."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import BlockedError, FleetError, NetworkError, PayloadShapeError
from scrapers.fetching.printed import PrintedSession
from scrapers.fetching.recipes import RECIPES, PrintedValue
from scrapers.fetching.session_file import Session
from scrapers.records import Page, PageRequest

GRANT = RECIPES["entain_cds"].grant
CONFIG = b'<script>window.clientConfig = {"msPage": {"lang": "pt-br"}, %s};</script>'


def read(body: bytes | FleetError) -> Session:
    """The session from a page with this body."""

    class Site:
        last_use = None

        async def fetch(self, request: PageRequest) -> Page:
            assert request.url == "https://acme.example/pt-br/sports"
            if isinstance(body, FleetError):
                raise body
            return Page(request, 200, body, datetime.now(UTC), 0.1)

        async def aclose(self) -> None:
            """Nothing is held."""

    assert isinstance(GRANT, PrintedValue)
    session = PrintedSession(Site(), "https://acme.example/pt-br/sports", GRANT, site="https://acme.example")
    return asyncio.run(session())


@pytest.mark.parametrize("printed", [b'"publicAccessId":"NTE5+/zg1ZA=="', b'"publicAccessId" : "NTE5+/zg1ZA=="'])
def test_the_value_goes_into_the_query(printed: bytes) -> None:
    session = read(CONFIG % printed)
    assert session.params == {"x-bwin-accessid": "NTE5+/zg1ZA=="}
    assert (session.headers, session.cookies, session.site) == ({}, (), "https://acme.example")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (CONFIG % b'"other": 1', "does not print x-bwin-accessid"),
        (CONFIG % b'"publicAccessId": ""', "does not print"),
        (CONFIG % b'"publicAccessId": null', "does not print"),
        (b" " * 3_000_000 + CONFIG % b'"publicAccessId": "NTE5OTg1ZA=="', "does not print"),
        (PayloadShapeError("HTTP 404"), "page that prints x-bwin-accessid: HTTP 404"),
    ],
    ids=["absent", "empty", "null", "too-far-down", "no-page"],
)
def test_a_page_without_it_gives_no_session(body: bytes | FleetError, says: str) -> None:
    with pytest.raises(BlockedError, match=says):
        read(body)


def test_a_page_that_cannot_be_reached_is_a_failure_of_its_own_kind() -> None:
    with pytest.raises(NetworkError, match="it is down"):
        read(NetworkError("it is down"))


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_no_page_gives_anything_but_a_value_or_a_refusal(before: bytes, value: bytes) -> None:
    try:
        session = read(before + b'"publicAccessId":"' + value + b'"')
    except BlockedError:
        return
    assert session.params["x-bwin-accessid"].isascii()
    assert not {'"', "<", " ", "&"} & set(session.params["x-bwin-accessid"])
