"""One round of requests: what fails alone, what names the whole, and what is never left behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from pydantic import BaseModel

from scrapers.errors import (
    BlockedError,
    FetchTimeoutError,
    FleetError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.records import (
    Event,
    LeagueName,
    Market,
    Outcome,
    Page,
    PageRequest,
    ParsedPage,
    Phase,
    Price,
    Rejected,
    Selection,
    Sport,
)
from scrapers.registry import load_registry
from standalone.cycle.collect import CUT_ANSWER, Collected, collect

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOKMAKER = load_registry().bookmaker("kto")

Answer = bytes | Exception | Callable[[], Any]


def event(source_id: str, *, hours: float = 2, phase: Phase = Phase.PREMATCH) -> Event:
    price = Price(Market.MATCH_RESULT, Selection.HOME, Decimal("2.1"))
    names = ("Flamengo", "Santos")
    return Event(
        source_id,
        Sport.FOOTBALL,
        LeagueName("1", "L"),
        *names,
        NOW + timedelta(hours=hours),
        phase=phase,
        prices=(price,),
    )


class NoOptions(BaseModel):
    pass


class Vendor:
    """A platform and a fetcher whose pages the test gives: scope -> body, exception, or what to await."""

    name = "vendor"

    def __init__(self, pages: dict[str, Answer], parsed: dict[bytes, ParsedPage | Exception] | None = None) -> None:
        self.pages = pages
        self.parsed = parsed or {}
        self.unfinished = 0

    def options(self, declared: Any) -> BaseModel:
        return NoOptions()

    def details(self, bookmaker: Any, events: Sequence[Event]) -> list[PageRequest]:
        return []

    def requests(self, bookmaker: Any, leagues: Sequence[Any]) -> list[PageRequest]:
        return [PageRequest(scope, f"https://v.example/{scope}", kinds=frozenset({"list"})) for scope in self.pages]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Any = None) -> ParsedPage:
        page = self.parsed.get(body, ParsedPage(kind="list", events=(event(body.decode()),)))
        if isinstance(page, Exception):
            raise page
        return page

    async def fetch(self, request: PageRequest) -> Page:
        answer = self.pages[request.scope]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            self.unfinished += 1
            try:
                await answer()
            finally:
                await asyncio.sleep(0)  # letting go of a connection takes a moment too
                self.unfinished -= 1
        return Page(request, 200, answer if isinstance(answer, bytes) else b"late", NOW, 0.1)

    async def aclose(self) -> None:
        return None


def collected(vendor: Vendor, budget_s: float = 5) -> Collected:
    return asyncio.run(collect(BOOKMAKER, vendor, vendor, (), budget_s=budget_s))


class Listener(Vendor):
    """A vendor whose list leads to one page, and who hears what each page is read with."""

    def __init__(self) -> None:
        super().__init__({"league:a": b"1"})
        self.heard: list[Any] = []

    def details(self, bookmaker: Any, events: Sequence[Event]) -> list[PageRequest]:
        self.pages["event:1"] = b"1"
        return [PageRequest("event:1", "https://v.example/1", kinds=frozenset({"list"}), events=("1",))]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Any = None) -> ParsedPage:
        self.heard.append(context)
        return super().parse(body, fetched_at=fetched_at, context=context)


def test_a_cycle_never_reads_a_page_as_a_saved_file() -> None:
    vendor = Listener()
    assert collected(vendor).outcome() is Outcome.OK
    assert [context.saved for context in vendor.heard] == [False, False]
    assert list(vendor.heard[1].events) == ["1"]


FAILURES: tuple[FleetError, ...] = (
    PayloadShapeError("other keys", body=b"<html>"),
    BlockedError("a wall"),
    RateLimitedError("slow down"),
    NetworkError("HTTP 500"),
    FetchTimeoutError("too late"),
    FleetError("a bug"),
)
"""From the failure that says most to the one that says least."""


@pytest.mark.parametrize(("loud", "quiet"), [(a, b) for i, a in enumerate(FAILURES) for b in FAILURES[i:]])
def test_the_failure_that_says_most_names_the_cycle(loud: FleetError, quiet: FleetError) -> None:
    for first, second in permutations((loud, quiet)):
        found = collected(Vendor({"league:a": first, "league:b": second}))
        assert found.outcome() is loud.outcome
        assert str(loud) in (found.error() or "")
        assert "(+1 more pages)" in (found.error() or "")


def test_one_answered_page_makes_it_partial() -> None:
    found = collected(Vendor({"league:a": BlockedError("a wall"), "league:b": b"e1"}))
    assert found.outcome() is Outcome.PARTIAL
    assert found.error() == "league:a: a wall"
    assert [part.scope for part in found.seen] == ["league:b"]
    assert (found.events, found.prices) == (1, 1)


def test_a_scope_is_named_once() -> None:
    found = collected(Vendor({"league:a": NetworkError("league:a: v.example/a: HTTP 500: server error")}))
    assert found.error() == "league:a: v.example/a: HTTP 500: server error"


def test_every_page_and_no_price_is_empty_and_no_page_is_not() -> None:
    nothing = ParsedPage(kind="list", events=())
    assert collected(Vendor({"a": b"-"}, {b"-": nothing})).outcome() is Outcome.EMPTY
    assert collected(Vendor({"a": b""})).outcome() is Outcome.EMPTY
    assert collected(Vendor({"a": NetworkError("x")})).outcome() is Outcome.NETWORK


def test_a_payload_of_another_kind_is_a_failure_with_its_body() -> None:
    menu = ParsedPage(kind="menu", events=())
    found = collected(Vendor({"a": b"menu", "b": b"e1"}, {b"menu": menu}))
    (failure,) = found.failures
    assert failure.error.outcome is Outcome.SCHEMA_CHANGED
    assert failure.body == b"menu"
    assert "asked for list, a menu payload came" in (found.error() or "")
    assert [part.scope for part in found.seen] == ["b"]


def test_what_a_cut_answer_leaves_out_is_not_gone() -> None:
    cut = ParsedPage(kind="list", events=(event("e1"),), rejected=(Rejected("p", CUT_ANSWER, "1 of 2"),))
    found = collected(Vendor({"a": b"cut"}, {b"cut": cut}))
    assert found.seen == []
    assert found.outcome() is Outcome.SCHEMA_CHANGED


def test_a_bug_in_one_page_leaves_the_others_alone() -> None:
    found = collected(Vendor({"a": b"x", "b": KeyError("y"), "c": b"e1"}, {b"x": ZeroDivisionError("x")}))
    assert found.outcome() is Outcome.PARTIAL
    assert [failure.error.outcome for failure in found.failures] == [Outcome.BUG, Outcome.BUG]
    assert [part.scope for part in found.seen] == ["c"]


def test_live_and_started_events_are_counted_and_left_out() -> None:
    page = ParsedPage(
        kind="list",
        events=(
            event("a"),
            event("b", hours=-1),
            event("c", phase=Phase.LIVE),
        ),
    )
    found = collected(Vendor({"a": b"x"}, {b"x": page}))
    assert (found.events, found.prices, found.started) == (1, 1, 2)


def test_a_page_that_does_not_come_is_given_up_and_the_others_count() -> None:
    vendor = Vendor({"a": asyncio.Event().wait, "b": b"e1"})
    begin = time.monotonic()
    found = collected(vendor, budget_s=0.1)
    assert time.monotonic() - begin < 20
    assert found.outcome() is Outcome.PARTIAL
    assert found.failures[0].error.outcome is Outcome.TIMEOUT
    assert vendor.unfinished == 0


def test_whoever_gives_up_the_round_leaves_no_request_behind() -> None:
    vendor = Vendor({scope: asyncio.Event().wait for scope in "abc"})

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await collect(BOOKMAKER, vendor, vendor, (), budget_s=60)
        assert vendor.unfinished == 0

    asyncio.run(main())


def test_a_page_about_another_league_than_asked_is_a_failure_and_single_events_of_one_are_left_out() -> None:
    first, second = (load_registry().leagues[key] for key in ("la_liga", "serie_a"))

    def of(league: str, number: str) -> Event:
        return replace(event(number), league=LeagueName(league, league))

    class Asking(Vendor):
        name = "kambi"

        def requests(self, bookmaker: Any, leagues: Sequence[Any]) -> list[PageRequest]:
            return [replace(request, league="la_liga") for request in super().requests(bookmaker, leagues)]

    mixed = ParsedPage("list", (of(first.ids["kambi"], "1"), of(second.ids["kambi"], "2"), of("a stage", "3")))
    other = ParsedPage("list", (of(second.ids["kambi"], "4"),))
    vendor = Asking({"a": b"mixed", "b": b"other"}, {b"mixed": mixed, b"other": other})
    collected = asyncio.run(collect(BOOKMAKER, vendor, vendor, (first, second), budget_s=5))
    assert [one.source_id for part in collected.seen for one in part.events] == ["1", "3"]
    assert collected.rejected["other_league"] == 1
    (failure,) = collected.failures
    assert "asked for la_liga, the page is about league" in str(failure.error)
    assert failure.error.outcome is Outcome.SCHEMA_CHANGED


def test_lists_lead_to_details_within_the_declared_number_and_details_may_speak_of_their_event_only() -> None:
    class Leading(Vendor):
        def requests(self, bookmaker: Any, leagues: Sequence[Any]) -> list[PageRequest]:
            return [PageRequest("list", "https://v.example/", kinds=frozenset({"list"}))]

        def details(self, bookmaker: Any, events: Sequence[Event]) -> list[PageRequest]:
            ids = [event.source_id for event in events]
            return [
                PageRequest(f"event:{i}", "https://v.example/", kinds=frozenset({"list"}), events=(i,)) for i in ids
            ]

    listed = ParsedPage("list", tuple(event(str(number), hours=number) for number in (3, 1, 2)))
    own = ParsedPage("list", (event("1"),))
    foreign = ParsedPage("list", (event("2"), event("9")))
    pages: dict[str, Answer] = {"list": b"l", "event:1": b"1", "event:2": b"2"}
    vendor = Leading(pages, {b"l": listed, b"1": own, b"2": foreign})
    bookmaker = BOOKMAKER.model_copy(update={"details_per_cycle": 2})
    collected = asyncio.run(collect(bookmaker, vendor, vendor, (), budget_s=5))
    assert [part.scope for part in collected.seen] == ["list", "event:1", "event:2"]
    assert collected.detail_scopes == {"event:1", "event:2", "event:3"}
    assert collected.rejected["other_event"] == 1
    assert collected.outcome() is Outcome.OK
