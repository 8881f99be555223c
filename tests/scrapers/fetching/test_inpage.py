"""Asking from inside a bookmaker's page: when, how, and what is left of the browser afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scrapers.errors import (
    BlockedError,
    FetchError,
    FetchTimeoutError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching import BrowserUse
from scrapers.fetching.browser import Bounds, Browsers
from scrapers.fetching.courier import NoPageError, PageCourier, PageLimits
from scrapers.fetching.inpage import InPageFetcher
from scrapers.fetching.pace import Pace, Rate
from scrapers.fetching.recipes import Way
from scrapers.fetching.ways import WayFile
from scrapers.records import Page, PageRequest

from .browsing import browsers, silent, until
from .web import Answer, Asked, Web, Writer, response, serving

BODY = b'{"name": "Gr\xeamio"}'
"""Not UTF-8: what arrives must be the bytes that were sent."""

HOME = "<!doctype html><title>Acme</title><script>document.cookie = 's=1; path=/'</script>"

BOTH_WAYS = pytest.mark.parametrize("way", list(Way))


QUICK = Rate(per_s=1000, burst=100)


# -- with a real browser -----------------------------------------------------------------------------------


async def bookmaker(asked: Asked, writer: Writer) -> None:
    """Answers data to whom its page let in, each path in its own manner."""
    path = asked.target.partition("?")[0]
    if path == "/":
        writer.write(response(body=HOME.encode(), Content_Type="text/html"))
    elif "s=1" not in asked.headers.get("cookie", ""):
        writer.write(response(401, b"who are you"))
    elif path == "/never":
        await asyncio.sleep(60)
    else:
        writer.write(ANSWERS[path])


ANSWERS = {
    "/list": response(body=BODY, Content_Type="application/json", X_Kind="list"),
    "/gone": response(404, b"{}"),
    "/off": response(622, b"{}"),
    "/later": response(429, b"{}", Retry_After="0"),
    "/wall": response(403, b"<title>Just a moment...</title>", Content_Type="text/html"),
    "/moved": response(302, b"", Location="https://elsewhere.example/"),
    "/large": response(body=b'{"x": "' + b"y" * 400_000 + b'"}', Content_Type="application/json"),
}


@asynccontextmanager
async def courier(
    answer: Answer, folder: Path, *, limits: PageLimits | None = None, bounds: Bounds | None = None
) -> AsyncIterator[tuple[PageCourier, Web]]:
    """A courier to a page that a server with `answer` serves."""
    async with serving(answer) as web:
        own = PageCourier(
            Browsers(folder=folder, bounds=bounds),
            web.url("/"),
            limits=limits or PageLimits(request_s=1, linger_s=0.25, max_bytes=300_000),
            pace=Pace(QUICK),
        )
        try:
            yield own, web
        finally:
            await own.aclose()


@BOTH_WAYS
def test_every_answer_is_judged_as_a_plain_one_is_and_one_browser_does(folder: Path, way: Way) -> None:
    failures = {
        "/gone": PayloadShapeError,
        "/later": RateLimitedError,
        "/wall": BlockedError,
        "/moved": PayloadShapeError,
        "/large": PayloadShapeError,
        "/never": FetchTimeoutError,
    }

    async def run() -> tuple[Web, BrowserUse | None]:
        async with courier(bookmaker, folder) as (own, web):

            def ask(path: str, **more: Any) -> Awaitable[Page]:
                return own.fetch(PageRequest("league:x", web.url(path), **more), way)

            headers = (("X-Mine", "1"), ("Referer", web.url("/odds")), ("Origin", "https://acme.example"))
            good, off, *bad = await asyncio.gather(
                ask("/list", params=(("q", "São Paulo"),), headers=headers),
                ask("/off", empty_status=frozenset({622})),
                *(ask(path) for path in failures),
                return_exceptions=True,
            )
            assert isinstance(good, Page)
            assert (good.status, good.body) == (200, BODY)
            assert isinstance(off, Page)
            assert (off.status, off.body) == (622, b"")
            assert {path: type(one) for path, one in zip(failures, bad, strict=True)} == failures
            return web, own.last_use

    web, use = asyncio.run(run())
    assert [one.target for one in web.asked].count("/") == 1
    (listed,) = [one for one in web.asked if one.target.startswith("/list")]
    assert listed.target == "/list?q=S%C3%A3o%20Paulo"
    if way is Way.FETCH:
        assert (listed.headers["sec-fetch-mode"], listed.headers["sec-fetch-site"]) == ("cors", "same-origin")
        assert (listed.headers["x-mine"], listed.headers["referer"]) == ("1", web.url("/odds"))
    else:
        assert (listed.headers["sec-fetch-mode"], listed.headers["sec-fetch-dest"]) == ("navigate", "document")
    assert use is not None
    assert use.seconds > 0
    assert 50 < use.peak_mb < 900


def test_a_page_that_never_answers_is_ended_in_time_and_the_next_one_is_not_hindered(folder: Path) -> None:
    async def run() -> None:
        async with courier(silent, folder, bounds=Bounds(deadline_s=1)) as (own, web):
            with pytest.raises(
                NoPageError, match=r"did not load within 1 s|no word from the browser in 1 s"
            ) as caught:
                await own.fetch(PageRequest("league:x", web.url("/list")), Way.FETCH)
            assert isinstance(caught.value.reason, FetchTimeoutError)
            assert browsers(folder) == []
        async with courier(bookmaker, folder) as (own, web):
            assert (await own.fetch(PageRequest("league:x", web.url("/list")), Way.FETCH)).body == BODY

    asyncio.run(run())


def test_an_api_on_another_host_that_forbids_fetching_is_navigated_to(folder: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with courier(bookmaker, folder) as (own, web), serving(bookmaker) as api:
            plain = Plain()
            fetcher = InPageFetcher(
                plain,
                own,
                ways=(Way.FETCH, Way.NAVIGATE),
                lifted={403},
                memory=WayFile(tmp_path / "ways.json"),
            )
            request = PageRequest("league:x", api.url("/list"))
            assert (await fetcher.fetch(request)).body == BODY
            assert [one.headers["sec-fetch-mode"] for one in api.asked] == ["cors", "navigate"]
            assert (await fetcher.fetch(request)).body == BODY
            assert [one.headers["sec-fetch-mode"] for one in api.asked] == ["cors", "navigate", "navigate"]
            assert plain.asked == ["league:x"]
            assert [one.target for one in web.asked].count("/") == 1

    asyncio.run(run())


def test_a_browser_that_dies_under_a_request_fails_it_and_the_next_one_is_another(folder: Path) -> None:
    async def run() -> None:
        async with courier(bookmaker, folder) as (own, web):
            hanging = asyncio.ensure_future(own.fetch(PageRequest("s", web.url("/never")), Way.FETCH))
            await until(lambda: any(one.target == "/never" for one in web.asked))
            for process in browsers(folder):
                process.kill()
            with pytest.raises(FetchError):
                await hanging
            assert (await own.fetch(PageRequest("s", web.url("/list")), Way.FETCH)).body == BODY

    asyncio.run(run())


# -- how long a browser is open ----------------------------------------------------------------------------

Said = tuple[dict[str, Any], bytes]


class FakeBrowsers:
    """Browsers that cost nothing, one at a time: `answer` says what the page answers, None keeps it waiting.

    ready            a page opens once this is set
    failure          or does not open
    opening, closed  set with the last browser
    """

    last_use = None

    def __init__(self, answer: Callable[[Mapping[str, Any]], Said | None]) -> None:
        self.answer = answer
        self.ready = asyncio.Event()
        self.ready.set()
        self.failure: FetchError | None = None
        self.opened = 0
        self.opening, self.closed = asyncio.Event(), asyncio.Event()
        self._place = asyncio.Lock()

    @asynccontextmanager
    async def open(self, page: str, seen: object = None) -> AsyncIterator[FakeWorker]:
        async with self._place:
            self.opened += 1
            self.closed.clear()
            self.opening.set()
            try:
                await self.ready.wait()
                if self.failure is not None:
                    raise self.failure
                yield FakeWorker(self)
            finally:
                self.opening.clear()
                self.closed.set()


class FakeWorker:
    """The process of a browser that costs nothing."""

    def __init__(self, browsers: FakeBrowsers) -> None:
        self._browsers = browsers
        self._words: asyncio.Queue[Said] = asyncio.Queue()

    def tell(self, order: Mapping[str, Any]) -> None:
        said = self._browsers.answer(order)
        if said is not None:
            self._words.put_nowait(({"id": order["id"], **said[0]}, said[1]))

    async def hear(self) -> Said:
        return await self._words.get()


def ok(order: Mapping[str, Any]) -> Said:
    """Everything is answered."""
    return {"status": 200, "headers": {}, "cut": False}, BODY


def nothing(order: Mapping[str, Any]) -> None:
    """Nothing is answered."""


REQUEST = PageRequest("league:x", "https://acme.example/api/list")


def fake_courier(browsers: FakeBrowsers, **limits: float) -> PageCourier:
    """A courier over fake browsers; it lingers for a quarter of a second."""
    own = PageLimits(**{"linger_s": 0.25, **limits})  # type: ignore[arg-type]
    return PageCourier(browsers, "https://acme.example/", limits=own, pace=Pace(QUICK))  # type: ignore[arg-type]


def test_the_browser_waits_for_the_next_requests_and_then_closes() -> None:
    async def run() -> None:
        browsers = FakeBrowsers(ok)
        own = fake_courier(browsers)
        await asyncio.gather(own.fetch(REQUEST, Way.FETCH), own.fetch(REQUEST, Way.NAVIGATE))
        await own.fetch(REQUEST, Way.FETCH)
        assert browsers.opened == 1
        await browsers.closed.wait()
        await own.fetch(REQUEST, Way.FETCH)
        assert browsers.opened == 2
        await own.aclose()
        assert browsers.closed.is_set()

    asyncio.run(run())


def test_what_the_page_was_given_may_run_out_under_way() -> None:
    """A refusal where the same was answered before opens the page anew, for all that were refused; only once."""
    given_up_to = 1

    def answer(order: Mapping[str, Any]) -> Said:
        is_good = browsers.opened >= given_up_to and "list" in order["url"]
        return {"status": 200 if is_good else 403, "headers": {}, "cut": False}, BODY

    async def run() -> None:
        nonlocal given_up_to, browsers
        browsers = FakeBrowsers(answer)
        own = fake_courier(browsers)
        await own.fetch(REQUEST, Way.FETCH)
        with pytest.raises(BlockedError):  # never answered: another page would not help
            await own.fetch(PageRequest("event:1", "https://acme.example/other"), Way.FETCH)
        assert browsers.opened == 1
        given_up_to = 2
        pages = await asyncio.gather(*(own.fetch(REQUEST, Way.FETCH) for _ in range(3)))
        assert [page.body for page in pages] == [BODY] * 3
        assert browsers.opened == 2
        given_up_to = 9
        with pytest.raises(BlockedError):
            await own.fetch(REQUEST, Way.FETCH)
        assert browsers.opened == 3
        await own.aclose()

    browsers: FakeBrowsers
    asyncio.run(run())


def test_after_a_page_that_could_not_be_opened_another_is_tried() -> None:
    async def run() -> None:
        browsers = FakeBrowsers(ok)
        own = fake_courier(browsers)
        browsers.failure = NetworkError("it broke down")
        with pytest.raises(NoPageError, match="it broke down"):
            await own.fetch(REQUEST, Way.FETCH)
        browsers.failure = None
        assert (await own.fetch(REQUEST, Way.FETCH)).body == BODY
        await own.aclose()

    asyncio.run(run())


def test_a_browser_is_not_open_for_longer_than_its_life() -> None:
    async def run() -> None:
        browsers = FakeBrowsers(nothing)
        own = fake_courier(browsers, life_s=0.1)
        with pytest.raises(NetworkError, match=r"took more than 0\.1 s"):
            await own.fetch(REQUEST, Way.FETCH)
        assert browsers.closed.is_set()
        browsers.ready.clear()
        with pytest.raises(NoPageError, match=r"took more than 0\.1 s"):
            await own.fetch(REQUEST, Way.FETCH)

    asyncio.run(run())


def test_when_everybody_has_given_up_nobody_waits_for_the_page() -> None:
    async def run() -> None:
        browsers = FakeBrowsers(ok)
        browsers.ready.clear()
        own = fake_courier(browsers)
        asking = asyncio.ensure_future(own.fetch(REQUEST, Way.FETCH))
        other = asyncio.ensure_future(own.fetch(REQUEST, Way.FETCH))
        await asyncio.sleep(0)
        asking.cancel()
        browsers.ready.set()
        assert (await other).body == BODY
        browsers.ready.clear()
        await browsers.closed.wait()
        last = asyncio.ensure_future(own.fetch(REQUEST, Way.FETCH))
        await browsers.opening.wait()
        last.cancel()
        await browsers.closed.wait()
        assert browsers.opened == 2

    asyncio.run(run())


def test_the_hosts_wish_to_be_left_alone_is_kept_in_the_page_too() -> None:
    async def run() -> None:
        browsers = FakeBrowsers(lambda _: ({"status": 429, "headers": {"Retry-After": "600"}, "cut": False}, b"{}"))
        own = fake_courier(browsers)
        with pytest.raises(RateLimitedError, match="HTTP 429"):
            await own.fetch(REQUEST, Way.FETCH)
        browsers.answer = ok
        with pytest.raises(RateLimitedError, match="not asked, the host wants to be left alone"):
            await own.fetch(REQUEST, Way.FETCH)
        await own.aclose()

    asyncio.run(run())


# -- when the page is asked --------------------------------------------------------------------------------

LIST = PageRequest("league:x", "https://acme.example/api/list")
OTHER = PageRequest("event:1", "https://acme.example/api/odds")


class Plain:
    """Plain HTTP (and a session): answers the scopes in `open_to`, refuses the others."""

    last_use = None

    def __init__(self, *open_to: str, status: int = 403) -> None:
        self.open_to = set(open_to)
        self.status = status
        self.asked: list[str] = []

    async def fetch(self, request: PageRequest) -> Page:
        self.asked.append(request.scope)
        await asyncio.sleep(0)
        if request.scope not in self.open_to:
            raise BlockedError(f"HTTP {self.status}", body=b"no", status=self.status)
        return Page(request, 200, b"plain", datetime.now(UTC), 0.1)

    async def aclose(self) -> None:
        self.open_to.clear()


class InPage:
    """The page: answers the ways in `answers`, with these failures for the others."""

    last_use = BrowserUse(3.0, 300.0)

    def __init__(self, *answers: Way, failure: Exception | None = None) -> None:
        self.answers = set(answers)
        self.failure = failure or BlockedError("HTTP 403 in the page", status=403)
        self.asked: list[tuple[str, Way]] = []

    async def fetch(self, request: PageRequest, way: Way) -> Page:
        self.asked.append((request.scope, way))
        await asyncio.sleep(0)
        if way not in self.answers:
            raise self.failure
        return Page(request, 200, b"in page", datetime.now(UTC), 0.1)

    async def aclose(self) -> None:
        self.answers.clear()


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class World:
    """A fetcher between stubs; `again` is the same after a restart."""

    def __init__(self, path: Path, plain: Plain, page: InPage, *ways: Way) -> None:
        self.path, self.plain, self.page, self.ways = path, plain, page, ways
        self.clock = Clock()
        self.way_out = "one"
        self.again()

    def again(self) -> None:
        self.fetcher = InPageFetcher(
            self.plain,
            self.page,  # type: ignore[arg-type]
            ways=self.ways,
            lifted={401, 403},
            memory=WayFile(self.path / "sessions" / "acme.ways.json", kept_s=3600, clock=self.clock),
            way_out=lambda: self.way_out,
            clock=self.clock,
        )

    def fetch(self, *requests: PageRequest) -> list[bytes | str]:
        """What comes of these requests, made together: a body, or the words of the failure."""

        async def run() -> list[bytes | str]:
            results = await asyncio.gather(*map(self.fetcher.fetch, requests), return_exceptions=True)
            return [one.body if isinstance(one, Page) else str(one) for one in results]

        return asyncio.run(run())


MakeWorld = Callable[..., World]


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    def make(plain: Plain, page: InPage, *ways: Way) -> World:
        return World(tmp_path, plain, page, *(ways or (Way.FETCH,)))

    return make


def test_what_plain_http_is_answered_opens_no_page(world: MakeWorld) -> None:
    one = world(Plain("league:x"), InPage())
    assert one.fetch(LIST, LIST) == [b"plain", b"plain"]
    assert one.page.asked == []


def test_a_refused_class_is_asked_in_the_page_and_plain_http_once_in_a_while(world: MakeWorld) -> None:
    one = world(Plain("event:1"), InPage(Way.FETCH))
    assert one.fetch(LIST, LIST, LIST, OTHER) == [b"in page"] * 3 + [b"plain"]
    assert one.plain.asked.count("league:x") == 1
    one.again()
    one.clock.now += 3599
    assert one.fetch(LIST, LIST) == [b"in page"] * 2
    assert one.plain.asked.count("league:x") == 1
    one.clock.now += 2
    assert one.fetch(LIST, LIST, LIST) == [b"in page"] * 3
    assert one.plain.asked.count("league:x") == 2
    one.clock.now += 3601
    one.plain.open_to.add("league:x")
    assert one.fetch(LIST, LIST) == [b"plain"] * 2


def test_what_was_learnt_is_not_believed_from_a_future_nor_from_a_broken_file(world: MakeWorld) -> None:
    one = world(Plain(), InPage(Way.FETCH))
    one.fetch(LIST)
    one.clock.now -= 10_000
    one.fetch(LIST)
    assert len(one.plain.asked) == 2
    one.path.joinpath("sessions", "acme.ways.json").write_text('{"half')
    one.again()
    one.fetch(LIST)
    assert len(one.plain.asked) == 3


@pytest.mark.parametrize("failure", [BlockedError("HTTP 403", status=403), NetworkError("Failed to fetch")])
def test_the_next_way_is_tried_and_remembered(world: MakeWorld, failure: Exception) -> None:
    one = world(Plain(), InPage(Way.NAVIGATE, failure=failure), Way.FETCH, Way.NAVIGATE)
    assert one.fetch(LIST, LIST) == [b"in page"] * 2
    scope = LIST.scope
    assert one.page.asked == [(scope, Way.FETCH), (scope, Way.NAVIGATE), (scope, Way.NAVIGATE)]


def test_a_refusal_that_nothing_lifts_stands(world: MakeWorld) -> None:
    one = world(Plain(status=451), InPage(Way.FETCH))
    assert one.fetch(LIST) == ["HTTP 451"]
    assert one.page.asked == []


def test_a_class_that_is_refused_in_the_page_too_is_left_alone_for_a_while(world: MakeWorld) -> None:
    one = world(Plain("event:1"), InPage())
    first, second = one.fetch(LIST, LIST)
    assert first == "HTTP 403; in the page: HTTP 403 in the page"
    assert str(second).startswith("HTTP 403; in the page: HTTP 403 in the page; next try in 300 s")
    assert len(one.page.asked) == 1
    assert one.fetch(OTHER) == [b"plain"]
    one.clock.now += 301
    one.page.answers.add(Way.FETCH)
    assert one.fetch(LIST) == [b"in page"]


def test_who_was_refused_at_one_address_asks_again_from_another(world: MakeWorld) -> None:
    one = world(Plain(), InPage())
    assert one.fetch(LIST) == ["HTTP 403; in the page: HTTP 403 in the page"]
    one.page.answers.add(Way.FETCH)
    one.way_out = ""
    assert "next try in 300 s" in str(one.fetch(LIST)[0])
    one.way_out = "two"
    assert one.fetch(LIST) == [b"in page"]


@pytest.mark.parametrize(
    ("reason", "rest_s"), [(BlockedError("no Chromium on this machine"), 300), (NetworkError("it broke down"), 10)]
)
def test_a_page_that_cannot_be_opened_is_left_alone(world: MakeWorld, reason: FetchError, rest_s: int) -> None:
    one = world(Plain(), InPage(failure=NoPageError(reason)))
    assert one.fetch(LIST) == [f"HTTP 403; in the page: {reason}"]
    assert one.fetch(OTHER) == [f"HTTP 403; in the page: {reason}; next try in {rest_s} s"]
    assert len(one.page.asked) == 1
    one.clock.now += rest_s + 1
    one.page.answers.add(Way.FETCH)
    assert one.fetch(LIST, OTHER) == [b"in page"] * 2


def test_a_known_class_names_the_pages_own_failure(world: MakeWorld) -> None:
    one = world(Plain(), InPage(Way.FETCH))
    one.fetch(LIST)
    one.page.answers.clear()
    one.page.failure = NoPageError(FetchTimeoutError("no place for a browser"))

    async def run() -> None:
        with pytest.raises(FetchTimeoutError, match="answers in the page only: no place for a browser"):
            await one.fetcher.fetch(LIST)

    asyncio.run(run())


def test_it_says_what_the_browser_cost_and_closes_both(world: MakeWorld) -> None:
    one = world(Plain("league:x"), InPage(Way.FETCH))
    assert one.fetcher.last_use == BrowserUse(3.0, 300.0)
    asyncio.run(one.fetcher.aclose())
    assert (one.plain.open_to, one.page.answers) == (set(), set())
