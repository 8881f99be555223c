"""Obtaining a session by opening a bookmaker's page in Chromium, for a moment and within bounds.

The browser is run by a process of its own (`browser_worker`), so that the scraper, which lives for
months, never loads Playwright, and so that deadline and memory are enforced by ending that process and
everything below it. No captcha is solved and nobody logs in: a page that asks for either is a failure.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from loguru import logger

from scrapers.errors import BlockedError, FetchError, FetchTimeoutError, NetworkError
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
from scrapers.fetching.session import Session

_ROOT = Path(__file__).resolve().parents[2]
_MEASURE_EVERY_S = 0.25

FAILURES: dict[str, type[FetchError]] = {
    "blocked": BlockedError,
    "timeout": FetchTimeoutError,
    "network": NetworkError,
}
"""Kinds of failure in the worker's answer."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a platform's session is seen in the traffic of a brand's page.

    api      part of the address of the requests that carry it
    headers  their names, lower case; all must be there
    """

    api: str
    headers: tuple[str, ...]


RECIPES: dict[str, Recipe] = {
    "altenar": Recipe(api="biahosted.com/api/", headers=("authorization",)),
}
"""Platform -> recipe. A bookmaker with transport "browser" needs one."""


@dataclass(frozen=True, slots=True)
class BrowserUse:
    """What one session cost: seconds with the browser open, and the highest memory of its whole process tree."""

    seconds: float
    peak_mb: float


class BrowserSession:
    """Opens `page` and listens for the recipe's headers. Call it to obtain a session.

    folder      shared by every browser of this machine: places, profiles, owner marks
    at_once     how many browsers may be open on this machine
    deadline_s  for the browser to bring the session
    grace_s     for its orderly end after that, and then it is killed
    wait_s      for one of the places
    max_mb      of the whole process tree (proportional set size); measured peaks: 360-520
    """

    def __init__(
        self,
        page: str,
        recipe: Recipe,
        *,
        folder: Path,
        find: Callable[[], Path | None] = find_chromium,
        at_once: int = 1,
        deadline_s: float = 60.0,
        grace_s: float = 5.0,
        wait_s: float = 300.0,
        max_mb: float = 900.0,
    ) -> None:
        self._page = page
        self._recipe = recipe
        self._folder = folder.resolve()  # a profile's path must be the same wherever it is named
        self._find = find
        self._at_once = at_once
        self._deadline_s = deadline_s
        self._grace_s = grace_s
        self._wait_s = wait_s
        self._max_mb = max_mb
        self.last_use: BrowserUse | None = None
        """What the last browser cost, whether it brought a session or not; None before the first."""

    async def __call__(self) -> Session:
        """The session that the page was given.

        Raises:
            BlockedError: no Chromium on this machine (says how to install it), the page refused or
                challenged the browser, or never sent the headers; or the browser outgrew `max_mb`.
            FetchTimeoutError: no place, or no answer within the deadline.
            NetworkError: the page could not be reached, or the browser broke down.
        """
        chromium = self._find()
        if chromium is None:
            raise BlockedError(f"no Chromium on this machine to obtain a session with: {HOW_TO_INSTALL}")
        try:
            async with browser_place(self._folder, self._at_once, self._wait_s):
                reaped = reap_orphans(self._folder)
                if reaped:
                    logger.warning("ended {} processes of browsers whose owner died", len(reaped))
                with browser_folder(self._folder) as mine:
                    return await self._open(chromium, mine)
        except TimeoutError as error:
            raise FetchTimeoutError(str(error)) from error

    async def _open(self, chromium: Path, mine: Path) -> Session:
        order = {
            "chromium": str(chromium),
            "profile": str(mine / "profile"),
            "page": self._page,
            "api": self._recipe.api,
            "headers": self._recipe.headers,
            "user_agent": USER_AGENT,
            "deadline_s": self._deadline_s,
        }
        loop = asyncio.get_running_loop()
        started = loop.time()
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "scrapers.fetching.browser_worker",
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self.last_use = BrowserUse(0.0, 0.0)
        gauge = asyncio.create_task(self._measure(worker))
        try:
            async with asyncio.timeout(self._deadline_s + self._grace_s):
                assert worker.stdin is not None
                # Left open: its end tells the worker that this process is gone.
                worker.stdin.write(orjson.dumps(order) + b"\n")
                assert worker.stdout is not None
                assert worker.stderr is not None
                said, complaints = await asyncio.gather(worker.stdout.readline(), worker.stderr.read())
        except TimeoutError as error:
            raise FetchTimeoutError(f"{self._page}: no word from the browser in {self._deadline_s:g} s") from error
        finally:
            gauge.cancel()
            # Whatever happened, nothing of the browser outlives this line. The kernel's work is short.
            if worker.returncode is None:
                end_tree(worker.pid)
            end_processes(mine)
            await asyncio.shield(worker.wait())
            # The exit may be known before the pipes' ends are; asyncio offers no public way to close them.
            worker._transport.close()  # type: ignore[attr-defined]
            self.last_use = BrowserUse(loop.time() - started, self.last_use.peak_mb)
            logger.info(
                "browser for {} closed after {:.1f} s, peak {:.0f} MB",
                self._page,
                self.last_use.seconds,
                self.last_use.peak_mb,
            )
        if self.last_use.peak_mb > self._max_mb:
            raise BlockedError(
                f"{self._page}: the browser used {self.last_use.peak_mb:.0f} MB, allowed are {self._max_mb:.0f}"
            )
        return self._session(said, complaints)

    async def _measure(self, worker: asyncio.subprocess.Process) -> None:
        """Note the peak; end the tree when it outgrows its bound."""
        while True:
            now_mb = await asyncio.to_thread(tree_mb, worker.pid)
            assert self.last_use is not None
            if now_mb > self.last_use.peak_mb:
                self.last_use = BrowserUse(0.0, now_mb)
            if now_mb > self._max_mb:
                end_tree(worker.pid)
                return
            await asyncio.sleep(_MEASURE_EVERY_S)

    def _session(self, said: bytes, complaints: bytes) -> Session:
        try:
            answer = orjson.loads(said)
        except orjson.JSONDecodeError as error:
            last = complaints.decode(errors="replace").strip().splitlines()[-1:] or ["nothing said"]
            raise NetworkError(f"{self._page}: the browser broke down: {last[0]}") from error
        if "failure" in answer:
            kind = FAILURES[answer["failure"]]
            raise kind(f"{self._page}: {answer['message']}")
        return Session(
            page=self._page,
            headers=answer["headers"],
            cookies=answer["cookies"],
            obtained_at=datetime.now(UTC),
        )
