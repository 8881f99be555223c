"""Pages over plain HTTP: one client per bookmaker, polite, bounded in time, memory and attempts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from scrapers.errors import (
    DeclarationError,
    FetchTimeoutError,
    FleetError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching.answers import full_url, named, page_body
from scrapers.fetching.body import ACCEPT_ENCODING, BodyReader, UndecodableBodyError
from scrapers.fetching.pace import Pace
from scrapers.records import Page, PageRequest

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""Sent by the plain client and by browser sessions alike: a session may be bound to it."""

BOOKMAKER_HEADER = "X-Fleet-Bookmaker"
"""Tells the simulator which bookmaker asks; brands of one platform share a host. Never sent to a real host."""

MAX_BYTES = 20 * 1024 * 1024
KEPT_BYTES = 256 * 1024
"""How much of an answer that is no page is read and kept for a recording."""

LONGEST_PAUSE_S = 900.0
"""A longer Retry-After is not believed to the end: the host is asked again after this."""

FAILURES: tuple[tuple[type[Exception], type[FleetError]], ...] = (
    # First match wins, so the special stands before the general.
    (httpx.TimeoutException, FetchTimeoutError),
    (httpx.UnsupportedProtocol, DeclarationError),
    (httpx.InvalidURL, DeclarationError),
    (httpx.TooManyRedirects, PayloadShapeError),
    (httpx.DecodingError, NetworkError),
    (httpx.TransportError, NetworkError),
)
"""What each exception of httpx is in the fleet's error tree."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request; seconds and bytes.

    deadline_s  the whole request, its retries and the waits between them included; waiting for one of the
                `concurrency` places is not, since that depends on the other requests of the cycle
    attempts    how often a page is asked for in all
    backoff_s   upper bound of the first random wait, doubled for each further one
    slow_down_s the same after "too many requests" without a wish of its own
    spacing_s   between two requests to one host
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    write_s: float = 5.0
    deadline_s: float = 25.0
    attempts: int = 3
    backoff_s: float = 1.0
    slow_down_s: float = 4.0
    concurrency: int = 3
    spacing_s: float = 0.1
    max_bytes: int = MAX_BYTES


def simulator_rewrite(port: int) -> Callable[[str], str]:
    """How addresses lead to the simulator: `https://HOST/PATH?Q` -> `http://127.0.0.1:PORT/HOST/PATH?Q`."""

    def rewrite(url: str) -> str:
        return f"http://127.0.0.1:{port}/{url.partition('://')[2]}"

    return rewrite


class HttpFetcher:
    """Fetches pages of one bookmaker. Satisfies `Fetcher`.

    A page is asked for at most `limits.attempts` times, and again only after a failure whose class says
    that it may help. Redirects are not followed: an address that moved is a change worth knowing. Proxy
    variables of the environment are not read.
    """

    def __init__(
        self,
        bookmaker: str,
        *,
        limits: Limits | None = None,
        rewrite: Callable[[str], str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._rewrite = rewrite
        self._slots = asyncio.Semaphore(self._limits.concurrency)
        self._pace = Pace(self._limits.spacing_s)
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json, text/plain, */*",
            "Accept-Language": "pt-BR,pt;q=0.9,en;q=0.8",
            "Accept-Encoding": ACCEPT_ENCODING,
        }
        if rewrite is not None:
            headers[BOOKMAKER_HEADER] = bookmaker
        self._client = httpx.AsyncClient(
            http2=rewrite is None,
            headers=headers,
            timeout=httpx.Timeout(
                connect=self._limits.connect_s,
                read=self._limits.read_s,
                write=self._limits.write_s,
                pool=self._limits.deadline_s,
            ),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def fetch(self, request: PageRequest) -> Page:
        """The page; its `elapsed_s` is the time of the attempt that was answered.

        Raises:
            BlockedError, RateLimitedError, FetchTimeoutError, NetworkError: as `answers.page_body` says, or
                as `FAILURES` maps what the connection did. A host that asked to be left alone for longer
                than the deadline is not asked: RateLimitedError at once.
            PayloadShapeError: an answer that is neither page nor refusal, without a body, longer than
                `limits.max_bytes`, or in an encoding that was not asked for.
            DeclarationError: the address is no address.
        """
        async with self._slots:
            try:
                async with asyncio.timeout(self._limits.deadline_s):
                    return await self._retrying()(self._attempt, request)
            except TimeoutError as error:
                raise FetchTimeoutError(
                    f"{named(request)}: no whole answer within {self._limits.deadline_s:g} s"
                ) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _retrying(self) -> AsyncRetrying:
        return AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, FleetError) and error.retryable),
            stop=stop_after_attempt(self._limits.attempts) | stop_before_delay(self._limits.deadline_s),
            wait=self._wait_s,
            sleep=asyncio.sleep,
            reraise=True,
        )

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, RateLimitedError):
            if error.retry_after_s is not None:
                return error.retry_after_s
            # A host that slows us down gets at least half the wait; jitter alone may be next to nothing.
            half = self._limits.slow_down_s / 2
            return half + wait_random_exponential(multiplier=half)(state)
        return wait_random_exponential(multiplier=self._limits.backoff_s)(state)

    async def _attempt(self, request: PageRequest) -> Page:
        url = full_url(request)
        host = urlsplit(url).hostname or ""
        await self._wait_for_turn(request, host)
        if self._rewrite is not None:
            url = self._rewrite(url)
        started = time.monotonic()
        try:
            async with self._client.stream("GET", url, headers=list(request.headers)) as response:
                body = await self._read(request, response)
        except UndecodableBodyError as error:
            raise NetworkError(f"{named(request)}: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _translated(request, error) from error
        now = datetime.now(UTC)
        try:
            body = page_body(request, response.status_code, response.headers, body, now)
        except RateLimitedError as error:
            if error.retry_after_s is not None:
                self._pace.pause(host, min(error.retry_after_s, LONGEST_PAUSE_S))
            raise
        return Page(request, response.status_code, body, now, time.monotonic() - started)

    async def _wait_for_turn(self, request: PageRequest, host: str) -> None:
        pause = self._pace.paused_s(host)
        if pause > self._limits.deadline_s:
            raise RateLimitedError(
                f"{named(request)}: not asked, the host wants to be left alone for another {pause:.0f} s",
                retry_after_s=pause,
            )
        delay = self._pace.take_turn(host)
        if delay > 0:
            await asyncio.sleep(delay)

    async def _read(self, request: PageRequest, response: httpx.Response) -> bytes:
        is_page = response.status_code == 200
        limit = self._limits.max_bytes if is_page else KEPT_BYTES
        encoding = response.headers.get("content-encoding", "")
        try:
            reader = BodyReader(encoding, limit, min(limit, KEPT_BYTES))
        except UndecodableBodyError as error:
            raise PayloadShapeError(f"{named(request)}: {error}") from error
        declared = response.headers.get("content-length", "")
        if is_page and not encoding and declared.isdigit() and int(declared) > limit:
            raise PayloadShapeError(f"{named(request)}: {declared} bytes announced, at most {limit} are read")
        body = await reader.read(response.aiter_raw())
        if is_page and reader.cut:
            raise PayloadShapeError(
                f"{named(request)}: more than {limit} bytes, at most that many are read", body=body
            )
        return body


def _translated(request: PageRequest, error: Exception) -> FleetError:
    for theirs, ours in FAILURES:
        if isinstance(error, theirs):
            detail = str(error) or "no detail"
            return ours(f"{named(request)}: {type(error).__name__}: {detail}")
    raise error
