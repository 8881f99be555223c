"""A browser that is opened for a moment, within bounds, and the session that a bookmaker's page hands out in it.

The browser is run by a process of its own (`browser_worker`), so that the scraper, which lives for
months, never loads Playwright, and so that deadline and memory are enforced by ending that process and
everything below it. No captcha is solved and nobody logs in: a page that asks for either is a failure.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from loguru import logger

from scrapers.errors import BlockedError, FetchError, FetchTimeoutError, NetworkError, NoBrowserError
from scrapers.fetching import BrowserUse
from scrapers.fetching.chromium import (
    HOW_TO_INSTALL,
    browser_folder,
    browser_place,
    end_processes,
    end_tree,
    find_chromium,
    reap_orphans,
    tree_mb,
)
from scrapers.fetching.http import USER_AGENT
from scrapers.fetching.proxy_list import DIRECT, Proxy
from scrapers.fetching.recipes import SeenHeaders
from scrapers.fetching.session_file import Cookie, Session

if TYPE_CHECKING:
    from scrapers.fetching.proxies import ProxyPool

_ROOT = Path(__file__).resolve().parents[2]
_MEASURE_EVERY_S = 0.25

AGAIN_AFTER_S = 10.0
"""A page that could not be opened is left alone for so long: the rest of the cycle would meet the same."""

_LONGEST_LINE = 2**20
_COMPLAINT_BYTES = 2000

FAILURES: dict[str, type[FetchError]] = {
    "blocked": BlockedError,
    "timeout": FetchTimeoutError,
    "network": NetworkError,
}
"""Kinds of failure in the worker's words."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of one browser; seconds and MB.

    at_once     how many browsers may be open on this machine
    wait_s      for one of the places
    deadline_s  for the page to give what is waited for
    grace_s     for the word about that after the deadline; then the browser is killed
    max_mb      of the whole process tree (proportional set size); measured peaks: 235-460 at simulated pages
                (2026-11-22), 360-520 at larger ones
    """

    at_once: int = 1
    wait_s: float = 300.0
    deadline_s: float = 60.0
    grace_s: float = 5.0
    max_mb: float = 900.0


class Browsers:
    """How browsers of one bookmaker are opened.

    folder   shared by every browser of this machine: places, profiles, owner marks
    find     gives the Chromium to use, None when there is none
    headers  sent with everything, in the simulator only
    proxies  the bookmaker's ways out; None: directly
    """

    def __init__(
        self,
        *,
        folder: Path,
        find: Callable[[], Path | None] = find_chromium,
        bounds: Bounds | None = None,
        headers: Mapping[str, str] | None = None,
        proxies: ProxyPool | None = None,
    ) -> None:
        self._folder = folder.resolve()  # a profile's path must be the same wherever it is named
        self._find = find
        self._bounds = bounds or Bounds()
        self._headers = dict(headers or {})
        self._proxies = proxies
        self.last_use: BrowserUse | None = None
        """What the last browser cost, or the open one so far; None before the first."""
        self._failed: _Failed | None = None

    @asynccontextmanager
    async def open(self, page: str, seen: SeenHeaders | None = None) -> AsyncIterator[Worker]:
        """A browser at `page`, until the block ends; nothing of it outlives the block, whatever happens.

        Args:
            seen: wait for these in the page's requests; None: until the page has fallen silent.

        Raises:
            NoBrowserError: no Chromium on this machine; says how to install it.
            BlockedError: the page refused or challenged the browser, or never sent the headers; or the browser
                outgrew `max_mb`.
            FetchTimeoutError: no place, or no word within the deadline.
            NetworkError: the page could not be reached, or the browser broke down.
            NoProxyError: there is no way out now.
            A failure of the page's is raised again for `AGAIN_AFTER_S`, without a browser, unless there is
            another way out by now.
        """
        if self._failed is not None and self._failed.holds(self._next_way()):
            raise type(self._failed.error)(str(self._failed.error))
        chromium = self._find()
        if chromium is None:
            raise NoBrowserError(f"no Chromium on this machine: {HOW_TO_INSTALL}")
        async with AsyncExitStack() as stack:
            try:
                place = browser_place(self._folder, self._bounds.at_once, self._bounds.wait_s)
                await stack.enter_async_context(place)
            except TimeoutError as error:
                raise FetchTimeoutError(str(error)) from error
            reaped = reap_orphans(self._folder)
            if reaped:
                logger.warning("ended {} processes of browsers whose owner died", len(reaped))
            mine = stack.enter_context(browser_folder(self._folder))
            async with nullcontext(DIRECT) if self._proxies is None else self._proxies.browsing() as way:
                worker = await stack.enter_async_context(self._process(page, mine, way))
                order = {
                    "chromium": str(chromium),
                    "profile": str(mine / "profile"),
                    "page": page,
                    "seen": None if seen is None else {"api": seen.api, "names": seen.names},
                    "user_agent": USER_AGENT,
                    "headers": self._headers,
                    "proxy": None if way.is_direct else _for_playwright(way),
                    "deadline_s": self._bounds.deadline_s,
                }
                try:
                    await self._opened(worker, order)
                except FetchError as error:
                    self._failed = _Failed(error, way.name, time.monotonic())
                    raise
                self._failed = None
            yield worker

    def _next_way(self) -> str:
        return DIRECT.name if self._proxies is None else self._proxies.next_way()

    @asynccontextmanager
    async def _process(self, page: str, mine: Path, way: Proxy) -> AsyncIterator[Worker]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "scrapers.fetching.browser_worker",
                cwd=_ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_LONGEST_LINE,
            )
        except OSError as error:  # no memory or no processes left
            raise NetworkError(f"{page}: the browser could not be started: {error}") from error
        worker = Worker(page, process, self._bounds.max_mb, way.name)
        gauge = asyncio.create_task(self._measure(worker, started))
        try:
            yield worker
            # One that was open for a second may have grown since it was last measured.
            worker.peak_mb = max(worker.peak_mb, await asyncio.to_thread(tree_mb, worker.pid))
        finally:
            gauge.cancel()
            # Whatever happened, nothing of the browser outlives this line. The kernel's work is short.
            if process.returncode is None:
                end_tree(process.pid)
            end_processes(mine)
            await asyncio.shield(process.wait())
            worker.close()
            self.last_use = BrowserUse(loop.time() - started, worker.peak_mb)
            logger.info(
                "browser for {} closed after {:.1f} s, peak {:.0f} MB",
                page,
                self.last_use.seconds,
                self.last_use.peak_mb,
            )

    async def _opened(self, worker: Worker, order: Mapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._bounds.deadline_s + self._bounds.grace_s):
                worker.tell(order)
                said, _ = await worker.hear()
        except TimeoutError as error:
            raise FetchTimeoutError(
                f"{worker.page}: no word from the browser in {self._bounds.deadline_s:g} s"
            ) from error
        if "failure" in said:
            raise FAILURES[said["failure"]](f"{worker.page}: {said['message']}")
        worker.given = Given(said["headers"], tuple(Cookie.model_validate(row) for row in said["cookies"]))

    async def _measure(self, worker: Worker, started: float) -> None:
        """Note the peak; end the tree when it outgrows its bound."""
        loop = asyncio.get_running_loop()
        while True:
            now_mb = await asyncio.to_thread(tree_mb, worker.pid)
            worker.peak_mb = max(worker.peak_mb, now_mb)
            self.last_use = BrowserUse(loop.time() - started, worker.peak_mb)
            if now_mb > self._bounds.max_mb:
                end_tree(worker.pid)
                return
            await asyncio.sleep(_MEASURE_EVERY_S)


@dataclass(frozen=True, slots=True)
class _Failed:
    """A page that could not be opened, over which way out, and when (monotonic s)."""

    error: FetchError
    way: str
    at: float

    def holds(self, way: str) -> bool:
        """Whether the next one over `way` would end like it."""
        return way == self.way and time.monotonic() - self.at < AGAIN_AFTER_S


@dataclass(frozen=True, slots=True)
class Given:
    """What the page was given: the headers that were waited for, and every cookie."""

    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[Cookie, ...] = ()


class Worker:
    """The process with the browser, as its owner talks to it.

    peak_mb  the highest memory of its tree so far
    way      name of its way out
    """

    def __init__(self, page: str, process: asyncio.subprocess.Process, max_mb: float, way: str) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.page = page
        self.way = way
        self.pid = process.pid
        self.given = Given()
        self.peak_mb = 0.0
        self._max_mb = max_mb
        self._process = process
        # Left open: its end tells the worker that this process is gone.
        self._orders = process.stdin
        self._words = process.stdout
        self._complaints = asyncio.create_task(_end_of(process.stderr))

    def tell(self, order: Mapping[str, Any]) -> None:
        """Send a line. A worker that has died meanwhile is noticed by `hear`."""
        self._orders.write(orjson.dumps(order) + b"\n")

    async def hear(self) -> tuple[dict[str, Any], bytes]:
        """The next message, and the body that belongs to it.

        Raises BlockedError when the browser outgrew its bound, NetworkError when it broke down.
        """
        try:
            line = await self._words.readline()
            said: dict[str, Any] = orjson.loads(line)
            body = await self._words.readexactly(said.get("size", 0))
        except (orjson.JSONDecodeError, asyncio.IncompleteReadError, ConnectionError) as error:
            if self.peak_mb > self._max_mb:
                raise BlockedError(
                    f"{self.page}: the browser used {self.peak_mb:.0f} MB, allowed are {self._max_mb:.0f}"
                ) from error
            complaints = await self._complaints
            raise NetworkError(f"{self.page}: the browser broke down: {complaints}") from error
        return said, body

    def close(self) -> None:
        """Give the pipes back, once the process has ended."""
        self._complaints.cancel()
        # The exit may be known before the pipes' ends are; asyncio offers no public way to close them.
        self._process._transport.close()  # type: ignore[attr-defined]


async def _end_of(stream: asyncio.StreamReader) -> str:
    """The last line of what was said, once there is no more."""
    end = b""
    while piece := await stream.read(_COMPLAINT_BYTES):
        end = (end + piece)[-_COMPLAINT_BYTES:]
    lines = end.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "nothing said"


def _for_playwright(way: Proxy) -> dict[str, str]:
    """The way with its credentials. They go to the worker's stdin: a command line could be read by anybody."""
    who = {"username": way.username, "password": way.password} if way.username else {}
    return {"server": way.server, **who}


class BrowserSession:
    """Opens a brand's page for what it hands out. Call it to obtain a session; raises what `Browsers.open` does."""

    def __init__(self, browsers: Browsers, page: str, *, site: str, seen: SeenHeaders | None) -> None:
        self._browsers = browsers
        self._page = page
        self._site = site
        self._seen = seen

    async def __call__(self) -> Session:
        """The session that the page was given; a BlockedError when that is nothing at all."""
        async with self._browsers.open(self._page, self._seen) as worker:
            given = worker.given
        if not given.headers and not given.cookies:
            raise BlockedError(f"{self._page}: the page left nothing in the browser")
        return Session(
            site=self._site,
            headers=given.headers,
            cookies=given.cookies,
            obtained_at=datetime.now(UTC),
            way=worker.way,
        )
