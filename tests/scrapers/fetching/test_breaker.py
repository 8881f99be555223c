"""The breaker: when it opens, for how long, who may try, and what a restart remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import (
    BlockedError,
    FetchTimeoutError,
    FleetError,
    MissingSecretError,
    NetworkError,
    NoProxyError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching.breaker import COOL_DOWNS, OPENS_AFTER, SETTLED_AFTER, BreakerFetcher, BreakerFile
from scrapers.records import Outcome, Page, PageRequest

REQUEST = PageRequest("league:x", "https://acme.example/list")
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def blocked() -> FleetError:
    return BlockedError("league:x: acme.example/list: HTTP 403: refused", status=403)


class Bookmaker:
    """A bookmaker, its clock, and the file that its breaker lives in. `says` is its answer; None: a page."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "breakers" / "acme.json"
        self.now = START
        self.says: Callable[[], FleetError] | None = None
        self.asked = 0
        self.closed = 0
        self.gate: asyncio.Event | None = None
        self.jitter = 0.0
        self.fetcher = self.restarted()

    def restarted(self, source: str = "live", at_once: int = 3) -> BreakerFetcher:
        self.fetcher = BreakerFetcher(
            self,
            slug="acme",
            source=source,
            file=BreakerFile(self.path),
            at_once=at_once,
            clock=lambda: self.now,
            chance=lambda: self.jitter,
        )
        return self.fetcher

    async def fetch(self, request: PageRequest) -> Page:
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.says is not None:
            raise self.says()
        return Page(request, 200, b"{}", self.now, 0.0)

    async def aclose(self) -> None:
        self.closed += 1

    async def ask(self) -> FleetError | None:
        """One request; what it failed with, None for a page."""
        try:
            await self.fetcher.fetch(REQUEST)
        except FleetError as error:
            return error
        return None

    async def trip(self, says: Callable[[], FleetError] = blocked) -> None:
        """Fail until it opens."""
        self.says = says
        for _ in range(OPENS_AFTER):
            await self.ask()

    async def is_open(self) -> bool:
        """Whether a request is turned away; one that is let through fails and opens it again."""
        asked = self.asked
        await self.ask()
        return self.asked == asked

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def acme(tmp_path: Path) -> Bookmaker:
    return Bookmaker(tmp_path)


KINDS: dict[Outcome, Callable[[], FleetError]] = {
    Outcome.BLOCKED: blocked,
    Outcome.RATE_LIMITED: lambda: RateLimitedError("league:x: HTTP 429"),
    Outcome.NETWORK: lambda: NetworkError("league:x: ConnectError"),
    Outcome.TIMEOUT: lambda: FetchTimeoutError("league:x: no whole answer"),
}


def test_every_kind_that_opens_it_is_tried() -> None:
    assert KINDS.keys() == COOL_DOWNS.keys()


@pytest.mark.parametrize("outcome", KINDS)
def test_a_run_of_failures_opens_it_with_an_error_of_their_kind(acme: Bookmaker, outcome: Outcome) -> None:
    async def run() -> None:
        await acme.trip(KINDS[outcome])
        assert acme.asked == OPENS_AFTER
        error = await acme.ask()
        assert acme.asked == OPENS_AFTER
        assert type(error) is type(KINDS[outcome]())
        assert error.outcome == outcome
        until = acme.now + timedelta(seconds=COOL_DOWNS[outcome].first_s * 0.75)
        said = str(KINDS[outcome]()).removeprefix("league:x: ")
        assert str(error) == f"league:x: not asked until {until:%H:%M:%S} UTC, after {said}"
        assert acme.path.exists()

    asyncio.run(run())


def test_failures_that_are_no_run_or_none_of_its_business_leave_it_closed(acme: Bookmaker) -> None:
    async def run() -> None:
        for _ in range(3):
            acme.says = blocked
            for _ in range(OPENS_AFTER - 1):
                await acme.ask()
            acme.says = None
            await acme.ask()
        for kind in (
            PayloadShapeError("league:x: no JSON"),
            MissingSecretError("not set"),
            NoProxyError("none works"),
            FleetError("a bug"),
        ):
            await acme.trip(lambda kind=kind: kind)  # type: ignore[misc]
            assert await acme.ask() is kind
        acme.says = blocked
        for _ in range(OPENS_AFTER - 1):
            await acme.ask()
        # The bookmaker answered, if not with what it used to.
        acme.says = lambda: PayloadShapeError("league:x: no JSON")
        await acme.ask()
        acme.says = blocked
        await acme.ask()
        assert not await acme.is_open()
        assert not acme.path.exists()

    asyncio.run(run())


def test_the_cool_down_doubles_up_to_its_bound_and_begins_anew_once_settled(acme: Bookmaker) -> None:
    async def cool_down() -> float:
        """Let the cool-down pass; how long it was, in tenths of a second."""
        begin = acme.now
        while await acme.is_open():
            acme.wait(0.1)
            acme.jitter = 0.9
        return (acme.now - begin).total_seconds()

    async def run() -> None:
        acme.jitter = 0.9
        await acme.trip(KINDS[Outcome.NETWORK])
        lengths = [await cool_down() for _ in range(7)]
        factor = 0.75 + 0.25 * 0.9
        assert lengths == pytest.approx([min(60, 2 * 2**n) * factor for n in range(7)], abs=0.2)
        acme.wait(100)
        acme.says = None
        for _ in range(SETTLED_AFTER - 1):
            assert await acme.ask() is None
        await acme.trip(KINDS[Outcome.NETWORK])
        assert await cool_down() > 50, "it had answered, but not settled"
        acme.wait(100)
        acme.says = None
        for _ in range(SETTLED_AFTER):
            assert await acme.ask() is None
        assert not acme.path.exists()
        await acme.trip(KINDS[Outcome.NETWORK])
        assert await cool_down() < 2.1

    asyncio.run(run())


def test_a_wish_of_the_bookmaker_is_the_least_it_waits(acme: Bookmaker) -> None:
    async def run() -> None:
        await acme.trip(lambda: RateLimitedError("slow down", retry_after_s=300))
        acme.wait(299)
        error = await acme.ask()
        assert isinstance(error, RateLimitedError)
        assert error.retry_after_s == pytest.approx(1)
        acme.wait(2)
        assert not await acme.is_open()

    asyncio.run(run())


@pytest.mark.parametrize("heals", [True, False])
def test_half_open_one_request_tries_and_the_others_wait_for_it(acme: Bookmaker, heals: bool) -> None:
    async def run() -> None:
        await acme.trip()
        acme.wait(60)
        acme.gate, before = asyncio.Event(), acme.asked
        waiting = [asyncio.create_task(acme.ask()) for _ in range(9)]
        await asyncio.sleep(0.01)
        assert acme.asked == before + 1
        if heals:
            acme.says = None
        acme.gate.set()
        results = await asyncio.gather(*waiting)
        if heals:
            assert results == [None] * 9
            assert acme.asked == before + 9
        else:
            assert {type(result) for result in results} == {BlockedError}
            assert acme.asked == before + 1
            assert sum("not asked until" in str(result) for result in results) == 8

    asyncio.run(run())


def test_a_trial_that_is_given_up_leaves_its_place_to_the_next(acme: Bookmaker) -> None:
    async def run() -> None:
        await acme.trip()
        acme.wait(60)
        acme.gate, before = asyncio.Event(), acme.asked
        first, second = asyncio.create_task(acme.ask()), asyncio.create_task(acme.ask())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        acme.says = None
        acme.gate.set()
        assert await second is None
        assert acme.asked == before + 2

    asyncio.run(run())


def test_what_had_not_gone_out_when_it_opened_does_not_go_out(acme: Bookmaker) -> None:
    async def run() -> None:
        acme.says = blocked
        results = await asyncio.gather(*(acme.ask() for _ in range(40)))
        assert None not in results
        assert OPENS_AFTER <= acme.asked < OPENS_AFTER + 3
        first = acme.path.read_bytes()
        assert b'"opened":1' in first, "stragglers of the same run do not lengthen it"

    asyncio.run(run())


def test_a_restart_remembers_and_other_odds_do_not_concern_it(acme: Bookmaker) -> None:
    async def run() -> None:
        await acme.trip()
        acme.restarted()
        error = await acme.ask()
        assert isinstance(error, BlockedError)
        assert "HTTP 403: refused" in str(error)
        acme.restarted(source="simulator")
        acme.says = None
        assert await acme.ask() is None
        acme.restarted()
        acme.wait(60)
        assert await acme.ask() is None

    asyncio.run(run())


def test_a_clock_that_was_set_back_does_not_lengthen_it(acme: Bookmaker) -> None:
    async def run() -> None:
        await acme.trip()
        acme.wait(-86_400)
        assert not await acme.is_open()

    asyncio.run(run())


def test_a_disk_that_refuses_costs_the_memory_only(tmp_path: Path) -> None:
    (tmp_path / "breakers").write_bytes(b"a file in its place")

    async def run() -> None:
        acme = Bookmaker(tmp_path)
        await acme.trip()
        assert await acme.is_open()

    asyncio.run(run())


def test_closing_closes_what_is_behind_it(acme: Bookmaker) -> None:
    asyncio.run(acme.fetcher.aclose())
    assert acme.closed == 1


@given(st.binary(max_size=200))
def test_no_content_of_its_file_breaks_it(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    acme = Bookmaker(tmp_path_factory.getbasetemp() / "breaker-content")
    acme.path.parent.mkdir(parents=True, exist_ok=True)
    acme.path.write_bytes(content)
    acme.restarted()
    assert asyncio.run(acme.ask()) is None
