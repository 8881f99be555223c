"""Pages over plain HTTP: one client per bookmaker, polite, bounded in time, memory and attempts."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

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
    FetchError,
    FetchTimeoutError,
    FleetError,
    MissingSecretError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching.answers import full_url, named, page_body
from scrapers.fetching.body import ACCEPT_ENCODING, BodyReader, UndecodableBodyError
from scrapers.fetching.conditional import DamagedBodyError, KeptAnswer, KeptAnswers
from scrapers.fetching.pace import Pace, QuietHostError, Rate
from scrapers.fetching.proxy_list import WAY, Proxy
from scrapers.records import Page, PageRequest

if TYPE_CHECKING:
    from scrapers.fetching.proxies import ProxyPool

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""Sent by the plain client and by browser sessions alike: a session may be bound to it."""

BOOKMAKER_HEADER = "X-Fleet-Bookmaker"
"""Tells the simulator which bookmaker asks; brands of one platform share a host. Never sent to a real host."""

MAX_BYTES = 20 * 1024 * 1024
KEPT_BYTES = 256 * 1024
"""How much of an answer that is no page is read and kept for a recording."""

POLITE = Rate(per_s=5.0, burst=3)
"""How a host is asked where nothing else is declared (Bookmaker.requests_per_s)."""

SECRET_VALUE = "***"
"""Stands in place of a secret that a server sent back."""

# They write whole addresses, with the keys in them, at levels that an application may switch on for all.
for _name in ("httpx", "httpcore", "hpack"):
    logging.getLogger(_name).setLevel(logging.WARNING)

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
                `concurrency` places and for the host's next turn is not, since that depends on other requests.
                A host that wants to be left alone for longer is not asked
    attempts    how often a page is asked for in all
    backoff_s   upper bound of the first random wait, doubled for each further one
    slow_down_s the same after "too many requests" without a wish of its own
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    write_s: float = 5.0
    deadline_s: float = 25.0
    attempts: int = 3
    backoff_s: float = 1.0
    slow_down_s: float = 4.0
    concurrency: int = 3
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

    pace     shared by everything on this machine that asks the same hosts; None: a pace of its own
    kept     answers that the server may be asked about again; None keeps none
    secrets  setting -> value, for the requests that name them (PageRequest.secrets). They are put on the
             address that is sent and on nothing else; where an answer repeats one, stars take its place
    proxies  says which way each attempt takes and learns how it went; needs a `ProxyTransport`. None: directly
    """

    def __init__(
        self,
        bookmaker: str,
        *,
        limits: Limits | None = None,
        rewrite: Callable[[str], str] | None = None,
        pace: Pace | None = None,
        kept: KeptAnswers | None = None,
        secrets: Mapping[str, str] | None = None,
        proxies: ProxyPool | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._rewrite = rewrite
        self._slots = asyncio.Semaphore(self._limits.concurrency)
        self._pace = pace or Pace(POLITE)
        self._kept = kept
        self._secrets = secrets or {}
        self._proxies = proxies
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
            NoProxyError: none of the proxies it may use works; nobody was asked.
            MissingSecretError: the request needs a secret whose setting is empty; nobody was asked.
            DeclarationError: the address is no address.
        """
        secrets = self._secret_parameters(request)
        async with self._slots:
            try:
                async with asyncio.timeout(self._limits.deadline_s) as deadline:
                    page: Page = await self._retrying()(self._attempt, request, secrets, deadline)
                    return page
            except TimeoutError as error:
                raise FetchTimeoutError(
                    f"{named(request)}: no whole answer within {self._limits.deadline_s:g} s"
                ) from error

    @property
    def last_use(self) -> None:
        """No browser is needed here."""
        return None

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

    def _secret_parameters(self, request: PageRequest) -> list[tuple[str, str]]:
        missing = sorted({setting for _, setting in request.secrets if not self._secrets.get(setting)})
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise MissingSecretError(
                f"{named(request)}: {', '.join(missing)} {verb} not set: put it into .env or the environment"
            )
        return [(parameter, self._secrets[setting]) for parameter, setting in request.secrets]

    async def _attempt(
        self, request: PageRequest, secrets: Collection[tuple[str, str]], deadline: asyncio.Timeout
    ) -> Page:
        url = full_url(request)
        host = urlsplit(url).hostname or ""
        await self._wait_for_turn(request, host, deadline)
        if self._rewrite is not None:
            url = self._rewrite(url)
        try:
            with nullcontext() if self._kept is None else self._kept.about(url) as kept:
                if self._proxies is None:
                    return await self._ask(request, url, secrets, kept)
                return await self._proxies.carry(lambda way: self._ask(request, url, secrets, kept, way))
        except RateLimitedError as error:
            wish = error.retry_after_s
            await self._pace.pause(host, self._limits.slow_down_s / 2 if wish is None else wish)
            raise

    async def _ask(
        self,
        request: PageRequest,
        url: str,
        secrets: Collection[tuple[str, str]],
        kept: KeptAnswer | None,
        way: Proxy | None = None,
    ) -> Page:
        """One attempt. Neither its page nor its failure holds a secret."""
        try:
            return await self._answer(request, url, secrets, kept, way)
        except FleetError as error:
            _hide(secrets, error)
            raise

    async def _answer(
        self,
        request: PageRequest,
        url: str,
        secrets: Collection[tuple[str, str]],
        kept: KeptAnswer | None,
        way: Proxy | None,
    ) -> Page:
        headers = [*request.headers, *(kept.validators.conditions if kept is not None else ())]
        address = _with_secrets(url, secrets)
        extensions = None if way is None else {WAY: way}
        started = time.monotonic()
        try:
            async with self._client.stream("GET", address, headers=headers, extensions=extensions) as response:
                body = _without(secrets, await self._read(request, response))
        except UndecodableBodyError as error:
            raise NetworkError(f"{named(request)}: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _translated(request, error) from error
        now = datetime.now(UTC)
        status = response.status_code
        if status == 304 and kept is not None:
            status, body = 200, self._same_as_before(request, url, kept)
        else:
            body = page_body(request, status, response.headers, body, now)
            if self._kept is not None and status == 200:
                self._kept.keep(url, response.headers, body, now)
        return Page(request, status, body, now, time.monotonic() - started)

    def _same_as_before(self, request: PageRequest, url: str, kept: KeptAnswer) -> bytes:
        """The kept body; a damaged one is forgotten, so that the next attempt asks for a whole one."""
        try:
            return kept.read()
        except DamagedBodyError as error:
            assert self._kept is not None
            self._kept.drop(url)
            raise NetworkError(f"{named(request)}: {error}") from error

    async def _wait_for_turn(self, request: PageRequest, host: str, deadline: asyncio.Timeout) -> None:
        end, began = deadline.when(), time.monotonic()
        deadline.reschedule(None)
        try:
            await self._pace.turn(host, self._limits.deadline_s)
        except QuietHostError as error:
            raise RateLimitedError(
                f"{named(request)}: not asked, the host wants to be left alone for another {error.left_s:.0f} s",
                retry_after_s=error.left_s,
            ) from error
        finally:
            deadline.reschedule(None if end is None else end + time.monotonic() - began)

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


def _with_secrets(url: str, secrets: Collection[tuple[str, str]]) -> str:
    if not secrets:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(list(secrets), quote_via=quote)}"


def _hide(secrets: Collection[tuple[str, str]], error: FleetError) -> None:
    """Take the secrets out of what a failure says and carries."""
    if not secrets:
        return
    message = str(error)
    for form in _forms(secrets):
        message = message.replace(form, SECRET_VALUE)
    error.args = (message,)
    if isinstance(error, FetchError | PayloadShapeError):
        error.body = _without(secrets, error.body)


def _without(secrets: Collection[tuple[str, str]], body: bytes) -> bytes:
    for form in _forms(secrets):
        body = body.replace(form.encode(), SECRET_VALUE.encode())
    return body


def _forms(secrets: Collection[tuple[str, str]]) -> set[str]:
    """How the secrets may stand in a text: as they are, and as an address holds them."""
    return {form for _, value in secrets for form in (value, quote(value), quote(value, safe=""))}
