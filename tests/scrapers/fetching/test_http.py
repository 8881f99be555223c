"""The HTTP fetcher over real loopback connections, and its table of failures against httpx itself."""

from __future__ import annotations

import asyncio
import gzip
import logging
import time
import tracemalloc
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from scrapers.errors import (
    BlockedError,
    DeclarationError,
    FetchError,
    FetchTimeoutError,
    FleetError,
    MissingSecretError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching.http import FAILURES, HttpFetcher, Limits, simulator_rewrite
from scrapers.fetching.pace import Pace, Rate
from scrapers.records import Page, PageRequest

from .web import Answer, Asked, Web, Writer, always, in_turn, response, serving

BODY = b'{"events": [1]}'
QUICK = Limits(backoff_s=0.01, slow_down_s=0.02, deadline_s=5)
FAST = Rate(1000, 1000)


def ask(answer: Answer, limits: Limits = QUICK, **request: object) -> tuple[Page, Web]:
    """Fetch one page from a server that answers so."""

    async def run() -> tuple[Page, Web]:
        async with serving(answer) as web:
            fetcher = HttpFetcher("acme", limits=limits, pace=Pace(FAST))
            try:
                page = await fetcher.fetch(PageRequest("league:x", web.url(), **request))  # type: ignore[arg-type]
                return page, web
            finally:
                await fetcher.aclose()

    return asyncio.run(run())


def refused(
    kind: type[FleetError], answer: Answer, limits: Limits = QUICK, **request: object
) -> tuple[FleetError, int]:
    """The failure that such a server causes, and how often it was asked."""
    asked = 0

    async def counting(seen: Asked, writer: Writer) -> None:
        nonlocal asked
        asked += 1
        await answer(seen, writer)

    with pytest.raises(kind) as caught:
        ask(counting, limits, **request)
    assert type(caught.value) is kind
    return caught.value, asked


def test_a_page_arrives_with_its_time_and_the_request_was_browser_like() -> None:
    before = datetime.now(UTC)
    page, web = ask(
        always(response(body=BODY)),
        params=(("startDate", "2026-01-02 00:00:00"), ("id", "1"), ("id", "2")),
        headers=(("Origin", "https://acme.example"),),
    )
    assert (page.status, page.body) == (200, BODY)
    assert before <= page.fetched_at <= datetime.now(UTC)
    assert page.fetched_at.tzinfo is UTC
    assert 0 < page.elapsed_s < 5
    (asked,) = web.asked
    assert asked.target == "/list?startDate=2026-01-02%2000%3A00%3A00&id=1&id=2"
    assert asked.headers["origin"] == "https://acme.example"
    assert "Mozilla/5.0" in asked.headers["user-agent"]
    assert asked.headers["accept-encoding"] == "gzip, deflate"
    assert "x-fleet-bookmaker" not in asked.headers


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:5]) + gzip.compress(BODY[5:])),
        ("gzip", gzip.compress(BODY) + b"\0" * 8),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("identity", BODY),
    ],
    ids=["gzip", "two files", "padded", "zlib", "bare deflate", "plain"],
)
def test_compressed_pages_are_unpacked(encoding: str, packed: bytes) -> None:
    page, _ = ask(always(response(body=packed, Content_Encoding=encoding)))
    assert page.body == BODY


@pytest.mark.parametrize(
    ("status", "kind", "attempts"),
    [
        (400, BlockedError, 1),
        (401, BlockedError, 1),
        (403, BlockedError, 1),
        (451, BlockedError, 1),
        (404, PayloadShapeError, 1),
        (302, PayloadShapeError, 1),
        (204, PayloadShapeError, 1),
        (408, FetchTimeoutError, 3),
        (429, RateLimitedError, 3),
        (500, NetworkError, 3),
        (503, NetworkError, 3),
        (555, NetworkError, 3),
    ],
)
def test_each_status_is_its_own_failure(status: int, kind: type[FleetError], attempts: int) -> None:
    body = b"" if status == 204 else b"<h1>no</h1>"
    error, asked = refused(kind, always(response(status, body)))
    assert asked == attempts
    assert f"HTTP {status}" in str(error)
    assert "league:x" in str(error)
    assert getattr(error, "body", None) == body


def test_a_declared_empty_status_is_an_empty_page_and_an_empty_200_is_not() -> None:
    page, _ = ask(always(response(404, b"nothing")), empty_status=frozenset({404}))
    assert (page.status, page.body) == (404, b"")
    error, asked = refused(PayloadShapeError, always(response(200, b" \n")))
    assert "empty body" in str(error)
    assert asked == 1


@pytest.mark.parametrize("status", [200, 403, 404, 503])
def test_a_challenge_is_blocked_whatever_its_status(status: int) -> None:
    page = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
    error, asked = refused(BlockedError, always(response(status, page)), empty_status=frozenset({404}))
    assert asked == 1
    assert "Cloudflare" in str(error)
    assert isinstance(error, BlockedError)
    assert (error.status, error.body) == (status, page)


def test_a_failure_that_passes_is_retried() -> None:
    page, web = ask(in_turn(response(500), b"garbage\r\n\r\n", response(body=BODY)))
    assert page.body == BODY
    assert len(web.asked) == 3


def test_messages_do_not_hold_the_query() -> None:
    error, _ = refused(BlockedError, always(response(403)), params=(("apiKey", "s3cret"),))
    assert "s3cret" not in str(error)


SECRET = "s3cr&t token/1"
NEEDS_SECRET = PageRequest("league:x", "http://HOST/list", (("sport", "1"),), secrets=(("token", "ACME_TOKEN"),))


def with_secret(answer: Answer, secrets: dict[str, str]) -> tuple[Page | FleetError, Web]:
    """What becomes of a request that needs a secret."""

    async def run() -> tuple[Page | FleetError, Web]:
        async with serving(answer) as web:
            fetcher = HttpFetcher("acme", limits=QUICK, pace=Pace(FAST), secrets=secrets)
            try:
                return await fetcher.fetch(replace(NEEDS_SECRET, url=web.url())), web
            except FleetError as error:
                return error, web
            finally:
                await fetcher.aclose()

    return asyncio.run(run())


def test_a_secret_is_on_the_address_that_is_sent_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page, web = with_secret(
        always(response(body=f'{{"you sent": "{SECRET}"}}'.encode())), {"ACME_TOKEN": SECRET, "OTHER": "x"}
    )
    assert [asked.target for asked in web.asked] == ["/list?sport=1&token=s3cr%26t%20token%2F1"]
    assert isinstance(page, Page)
    assert page.body == b'{"you sent": "***"}'
    assert page.request == replace(NEEDS_SECRET, url=web.url())
    assert not [form for form in (SECRET, "s3cr%26t") if form in f"{caplog.text}{page}"]


@pytest.mark.parametrize(
    ("status", "more"),
    [(403, {}), (404, {}), (500, {}), (302, {"Location": "https://acme.example/s3cr%26t%20token%2F1"})],
)
def test_a_failure_does_not_repeat_the_secret_that_a_server_repeats(status: int, more: dict[str, str]) -> None:
    echo = f"<p>{SECRET} or s3cr%26t%20token%2F1 or s3cr%26t%20token/1 is not valid</p>".encode()
    error, _ = with_secret(always(response(status, echo, **more)), {"ACME_TOKEN": SECRET})
    assert isinstance(error, FetchError | PayloadShapeError)
    assert error.body == b"<p>*** or *** or *** is not valid</p>"
    assert "s3cr" not in f"{error} {error!r}"


@pytest.mark.parametrize("secrets", [{}, {"ACME_TOKEN": ""}])
def test_a_missing_secret_is_told_and_nobody_is_asked(secrets: dict[str, str]) -> None:
    error, web = with_secret(always(response()), secrets)
    assert type(error) is MissingSecretError
    assert error.outcome == "blocked"
    assert "ACME_TOKEN is not set: put it into .env" in str(error)
    assert web.asked == []


class Telling(Pace):
    """Tells when a pause begins."""

    paused: asyncio.Event

    async def pause(self, host: str, seconds: float) -> None:
        await super().pause(host, seconds)
        self.paused.set()


def test_too_many_requests_without_a_wish_are_a_short_pause_for_all_of_the_host() -> None:
    async def run() -> list[float]:
        at: list[float] = []

        async def answer(asked: Asked, writer: Writer) -> None:
            at.append(time.monotonic())
            writer.write(response(429) if len(at) == 1 else response(body=BODY))

        async with serving(answer) as web:
            pace = Telling(FAST)
            paused = pace.paused = asyncio.Event()
            limits = replace(QUICK, slow_down_s=0.6)
            fetchers = [HttpFetcher(name, limits=limits, pace=pace) for name in ("acme", "ajax")]
            first = asyncio.create_task(fetchers[0].fetch(PageRequest("s", web.url())))
            await paused.wait()
            await fetchers[1].fetch(PageRequest("s", web.url()))
            await first
            for fetcher in fetchers:
                await fetcher.aclose()
        return at

    first, *later = asyncio.run(run())
    assert len(later) == 2
    assert min(later) - first >= 0.3


def test_waiting_for_a_turn_costs_nothing_of_the_deadline() -> None:
    async def run() -> float:
        async with serving(always(response(body=BODY))) as web:
            fetcher = HttpFetcher("acme", limits=replace(QUICK, deadline_s=0.8), pace=Pace(Rate(5)))
            started = time.monotonic()
            await asyncio.gather(*(fetcher.fetch(PageRequest(f"league:{n}", web.url())) for n in range(6)))
            await fetcher.aclose()
        return time.monotonic() - started

    assert asyncio.run(run()) >= 1


def test_retry_after_in_seconds_is_waited_for_when_it_fits() -> None:
    started = time.monotonic()
    page, web = ask(in_turn(response(429, Retry_After="1"), response(body=BODY)))
    assert page.body == BODY
    assert len(web.asked) == 2
    assert time.monotonic() - started >= 1


def test_retry_after_as_a_date_is_understood_and_raised_when_it_does_not_fit() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    error, asked = refused(RateLimitedError, always(response(503, Retry_After=later)))
    assert asked == 1
    assert isinstance(error, RateLimitedError)
    assert error.retry_after_s == pytest.approx(120, abs=5)


def test_a_host_that_asked_for_a_long_pause_is_not_asked_again() -> None:
    async def run() -> int:
        async with serving(always(response(429, Retry_After="600"))) as web:
            fetcher = HttpFetcher("acme", limits=QUICK)
            for _ in range(3):
                with pytest.raises(RateLimitedError) as caught:
                    await fetcher.fetch(PageRequest("league:x", web.url()))
                assert caught.value.retry_after_s == pytest.approx(600, abs=5)
            await fetcher.aclose()
            return len(web.asked)

    assert asyncio.run(run()) == 1


async def _nothing(asked: Asked, writer: Writer) -> None:
    await asyncio.sleep(20)


async def _drip(asked: Asked, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _cut_off(asked: Asked, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


async def _hang_up(asked: Asked, writer: Writer) -> None:
    writer.transport.abort()


def test_a_silent_server_times_out_and_is_asked_again() -> None:
    error, asked = refused(FetchTimeoutError, _nothing, replace(QUICK, read_s=0.1))
    assert asked == 3
    assert "ReadTimeout" in str(error)


def test_a_server_that_drips_meets_the_deadline() -> None:
    started = time.monotonic()
    error, asked = refused(FetchTimeoutError, _drip, replace(QUICK, deadline_s=0.3))
    assert time.monotonic() - started < 20
    assert asked == 1
    assert "0.3 s" in str(error)


@pytest.mark.parametrize("answer", [_cut_off, _hang_up])
def test_a_broken_connection_is_the_network(answer: Answer) -> None:
    _, asked = refused(NetworkError, answer)
    assert asked == 3


def test_a_gzip_body_that_ends_too_soon_is_the_network_and_one_in_another_encoding_is_a_change() -> None:
    short = gzip.compress(BODY * 100)[:-12]
    refused(NetworkError, always(response(body=short, Content_Encoding="gzip")))
    refused(NetworkError, always(response(body=b"not gzip", Content_Encoding="gzip")))
    error, asked = refused(PayloadShapeError, always(response(body=b"??", Content_Encoding="br")))
    assert asked == 1
    assert "'br'" in str(error)


def test_an_answer_to_nobody_is_the_network() -> None:
    async def run() -> None:
        async with serving(always(b"")) as web:
            port = web.port
        fetcher = HttpFetcher("acme", limits=QUICK)
        with pytest.raises(NetworkError, match="ConnectError"):
            await fetcher.fetch(PageRequest("league:x", f"http://127.0.0.1:{port}/"))
        for wrong in ("gopher://acme.example/", "https://"):
            with pytest.raises(DeclarationError):
                await fetcher.fetch(PageRequest("league:x", wrong))
        await fetcher.aclose()

    asyncio.run(run())


GIANT = 50 * 1024 * 1024


async def _giant(asked: Asked, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(GIANT // 65536):
        writer.write(b"x" * 65536)
        await writer.drain()


async def _giant_error(asked: Asked, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 404 No\r\n\r\n")
    for _ in range(GIANT // 65536):
        writer.write(b"x" * 65536)
        await writer.drain()


@pytest.mark.parametrize(
    "answer",
    [
        _giant,
        _giant_error,
        always(response(body=gzip.compress(bytes(GIANT), 9), Content_Encoding="gzip")),
        always(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n{"),
    ],
    ids=["streamed", "error-page", "gzip-bomb", "announced"],
)
def test_a_giant_body_is_refused_in_bounded_memory(answer: Answer) -> None:
    tracemalloc.start()
    try:
        error, asked = refused(PayloadShapeError, answer, replace(QUICK, max_bytes=2 * 1024 * 1024))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert asked == 1
    assert isinstance(error, PayloadShapeError)
    assert len(error.body) <= 256 * 1024
    assert peak < 12 * 1024 * 1024


def test_at_most_three_at_once_and_spaced_out() -> None:
    async def run() -> tuple[int, float]:
        at_once = most = 0

        async def answer(asked: Asked, writer: Writer) -> None:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.1)
            at_once -= 1
            writer.write(response(body=BODY))

        async with serving(answer) as web:
            fetcher = HttpFetcher("acme", pace=Pace(Rate(50)))
            started = time.monotonic()
            await asyncio.gather(*(fetcher.fetch(PageRequest(f"league:{n}", web.url())) for n in range(9)))
            took = time.monotonic() - started
            await fetcher.aclose()
        return most, took

    most, took = asyncio.run(run())
    assert most == 3
    assert took >= 0.3


def test_requests_to_one_host_keep_their_distance() -> None:
    async def run() -> float:
        async with serving(always(response(body=BODY))) as web:
            fetcher = HttpFetcher("acme", pace=Pace(Rate(10)))
            started = time.monotonic()
            await asyncio.gather(*(fetcher.fetch(PageRequest(f"league:{n}", web.url())) for n in range(4)))
            took = time.monotonic() - started
            await fetcher.aclose()
        return took

    assert asyncio.run(run()) >= 0.3


def test_the_simulator_is_told_who_asks_and_for_which_host() -> None:
    async def run() -> list[Asked]:
        async with serving(always(response(body=BODY))) as web:
            fetcher = HttpFetcher("acme", limits=QUICK, rewrite=simulator_rewrite(web.port))
            await fetcher.fetch(PageRequest("league:x", "https://api.acme.example/v1/list", (("id", "1"),)))
            await fetcher.aclose()
            return web.asked

    (asked,) = asyncio.run(run())
    assert asked.target == "/api.acme.example/v1/list?id=1"
    assert asked.headers["x-fleet-bookmaker"] == "acme"


def _family(root: type[BaseException]) -> list[type[BaseException]]:
    return [root, *(sub for child in root.__subclasses__() for sub in _family(child))]


FETCHING = [
    kind
    for kind in [*_family(httpx.RequestError), httpx.InvalidURL]
    if kind.__module__ == "httpx" and kind is not httpx.RequestError
]


def test_httpx_has_the_exceptions_we_think_it_has() -> None:
    assert len(FETCHING) > 15
    # Programming errors of ours, which must surface as such; and what only raise_for_status raises.
    ours = {*_family(httpx.StreamError), httpx.CookieConflict, httpx.HTTPStatusError}
    every = {
        thing for thing in vars(httpx).values() if isinstance(thing, type) and issubclass(thing, Exception)
    } - {httpx.HTTPError, httpx.RequestError}
    assert every == ours | set(FETCHING)


@pytest.mark.parametrize("kind", FETCHING, ids=lambda kind: kind.__name__)
def test_every_exception_of_httpx_is_one_of_ours(kind: type[Exception]) -> None:
    def raise_it(request: httpx.Request) -> httpx.Response:
        raise kind("as told")

    async def run() -> None:
        fetcher = HttpFetcher("acme", limits=QUICK, pace=Pace(FAST), transport=httpx.MockTransport(raise_it))
        try:
            await fetcher.fetch(PageRequest("league:x", "https://acme.example/list"))
        finally:
            await fetcher.aclose()

    expected = next(ours for theirs, ours in FAILURES if issubclass(kind, theirs))
    with pytest.raises(expected, match=kind.__name__) as caught:
        asyncio.run(run())
    assert isinstance(caught.value.__cause__, kind)
    is_timeout = issubclass(kind, httpx.TimeoutException)
    assert (expected is FetchTimeoutError) == is_timeout
