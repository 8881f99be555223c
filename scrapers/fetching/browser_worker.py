"""The process with the browser: `python -m scrapers.fetching.browser_worker`.

What it is told and what it says are lines of JSON; `browser.Worker` is the other end.

first line in    what to open: "chromium", "profile", "user_agent", "headers" (sent with everything), "page",
                 "deadline_s", and "seen" {"api", "names"}: headers to wait for in the page's requests; null:
                 wait until the page has loaded and fallen silent, `SILENT_WITHIN_S` at the longest
first line out   {"headers", "cookies"}, or {"failure": "blocked" | "timeout" | "network", "message"}, the end
lines in         requests to make in the page: "id", "way" ("fetch", "navigate"), "url", "headers", "referrer",
                 "deadline_s", "limit" (bytes of the body)
lines out        for each: {"id", "status", "headers", "cut", "size"} and then `size` bytes of body, decoded;
                 or {"id", "failure", "message"}

When stdin ends, the scraper is done or gone, and so are browser and worker.
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

import orjson
from playwright.async_api import (
    BrowserContext,
    CDPSession,
    Error,
    Page,
    Playwright,
    Request,
    Response,
    Route,
    async_playwright,
)
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from scrapers.fetching.blocking import blocked_reason

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    # One renderer is enough for a page that is looked at for seconds; each further one costs 50 MB and more.
    "--renderer-process-limit=1",
    "--js-flags=--max-old-space-size=256",
    # Nothing is drawn here, and the network needs no process of its own: 15 MB less for each (2026-11-22).
    "--disable-software-rasterizer",
    "--enable-features=NetworkServiceInProcess2",
)

DRIVER_OPTIONS = "--max-semi-space-size=1"
"""For the Node.js of Playwright's driver, whose young generation else grows by 15 MB in a second of work."""

NOT_LOADED = frozenset({"image", "media", "font"})
"""Kinds of resources that no session depends on."""

NO_VALUES = frozenset({"", "null", "undefined", "bearer null", "bearer undefined"})
"""What pages send in a header before they were given anything (lower case)."""

SILENT_WITHIN_S = 10.0
"""Pages that poll never fall silent; what they have by then is taken."""

ALIVE_WITHIN_S = 5.0
"""A page that runs no script for this long has hung up."""

TABS = 2
"""Navigations at once. Each tab renders what it shows."""

FETCH_IN_PAGE = """
async ({url, headers, referrer, limit, ms}) => {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), ms);
  const options = {credentials: "include", redirect: "manual", headers, signal: giveUp.signal};
  if (referrer && new URL(referrer, location).origin === location.origin) options.referrer = referrer;
  try {
    const answer = await fetch(url, options);
    const pieces = [];
    let size = 0, cut = false;
    for (const reader = answer.body && answer.body.getReader(); reader; ) {
      const {done, value} = await reader.read();
      if (done) break;
      cut = size + value.length > limit;
      pieces.push(cut ? value.subarray(0, limit - size) : value);
      size += pieces.at(-1).length;
      if (cut) { giveUp.abort(); break; }
    }
    const text = size === 0 ? "," : await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(new Blob(pieces));
    });
    const moved = answer.type === "opaqueredirect";
    return {
      status: moved ? 302 : answer.status,
      headers: Object.fromEntries(answer.headers),
      cut,
      body: text.slice(text.indexOf(",") + 1),
    };
  } catch (error) {
    return {late: giveUp.signal.aborted, message: String(error)};
  } finally {
    clearTimeout(timer);
  }
}
"""


class _FailedError(Exception):
    def __init__(self, failure: str, message: str) -> None:
        super().__init__(message)
        self.failure = failure


async def main() -> None:
    """Open what the first line says, then do what the further ones say, until there are no more."""
    pipe = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(pipe), sys.stdin)
    order = orjson.loads(await pipe.readline())
    requests: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def listen() -> None:
        while line := await pipe.readline():
            requests.put_nowait(orjson.loads(line))

    both = [asyncio.create_task(listen()), asyncio.create_task(_work(order, requests))]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for task in both:
        task.cancel()
    await asyncio.wait(both)


async def _work(order: Mapping[str, Any], requests: asyncio.Queue[dict[str, Any]]) -> None:
    os.environ["NODE_OPTIONS"] = DRIVER_OPTIONS
    async with async_playwright() as playwright:
        answered = asyncio.Event()
        try:
            async with asyncio.timeout(order["deadline_s"]):
                context = await _launch(playwright, order)
                page = context.pages[0] if context.pages else await context.new_page()
                given = await _open(context, page, order, answered)
        except _FailedError as error:
            _say({"failure": error.failure, "message": str(error)})
            return
        except (TimeoutError, PlaywrightTimeoutError):
            _say(_too_late(order, answered.is_set()))
            return
        except Error as error:
            _say({"failure": "network", "message": _first_line(error)})
            return
        try:
            _say(given)
            await _serve(InPage(context, page), requests)
        finally:
            await context.close()


def _say(message: Mapping[str, Any], body: bytes = b"") -> None:
    # The other end reads all the time; one write keeps line and body together.
    sys.stdout.buffer.write(orjson.dumps(message) + b"\n" + body)
    sys.stdout.buffer.flush()


def _first_line(error: Error) -> str:
    return error.message.strip().splitlines()[0]


def _too_late(order: Mapping[str, Any], page_answered: bool) -> dict[str, Any]:
    within = f"within {order['deadline_s']:g} s"
    if order["seen"] is None or not page_answered:
        return {"failure": "timeout", "message": f"the page did not load {within}"}
    wanted = ", ".join(order["seen"]["names"])
    message = f"the page sent no {wanted} to {order['seen']['api']} {within}"
    return {"failure": "blocked", "message": message}


# -- opening the page --------------------------------------------------------------------------------------


async def _launch(playwright: Playwright, order: Mapping[str, Any]) -> BrowserContext:
    async def launch(sandbox: bool) -> BrowserContext:
        return await playwright.chromium.launch_persistent_context(
            order["profile"],
            executable_path=order["chromium"],
            headless=True,
            chromium_sandbox=sandbox,
            args=list(FLAGS),
            user_agent=order["user_agent"],
            extra_http_headers=order["headers"],
            proxy=order["proxy"],
            locale="pt-BR",
            timezone_id="America/Sao_Paulo",
            viewport={"width": 1280, "height": 800},
            # The worker is ended by its owner, not by signals meant for the owner.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )

    if os.geteuid() == 0:
        return await launch(sandbox=False)  # Chromium refuses its sandbox to root
    try:
        return await launch(sandbox=True)
    except Error as error:
        if "sandbox" not in error.message.lower():
            raise
        # Kernels that forbid user namespaces (Ubuntu 24.04 does) leave no sandbox to an ordinary user.
        return await launch(sandbox=False)


async def _open(
    context: BrowserContext, page: Page, order: Mapping[str, Any], answered: asyncio.Event
) -> dict[str, Any]:
    """Go to the page; what it was given, once that is known. `answered` is set once the page is there."""

    async def on_route(route: Route) -> None:
        if route.request.resource_type in NOT_LOADED:
            await route.abort()
        else:
            await route.continue_()

    await context.route("**/*", on_route)
    going = page.goto(order["page"], wait_until="domcontentloaded", timeout=0)
    headers = {}
    if order["seen"] is None:
        await _visit(going, answered)
        # What the page needs to be let in is set by its scripts, and none of them says when it is done.
        with suppress(PlaywrightTimeoutError):
            await page.wait_for_load_state("networkidle", timeout=SILENT_WITHIN_S * 1000)
    else:
        headers = await _listen(context, page, _visit(going, answered), order["seen"])
    cookies = [
        {name: cookie.get(name) for name in ("name", "value", "domain", "path", "expires")}
        for cookie in await context.cookies()
    ]
    return {"headers": headers, "cookies": cookies}


async def _listen(
    context: BrowserContext, page: Page, visiting: Coroutine[Any, Any, None], wanted: Mapping[str, Any]
) -> dict[str, str]:
    """The first values of the wanted headers that the page sends to its API."""
    seen: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    def on_request(request: Request) -> None:
        if wanted["api"] not in request.url or seen.done():
            return
        headers = {name: request.headers.get(name, "").strip() for name in wanted["names"]}
        if all(value.lower() not in NO_VALUES for value in headers.values()):
            seen.set_result(headers)

    context.on("request", on_request)
    visit = asyncio.create_task(visiting)
    either: list[asyncio.Future[Any]] = [visit, seen]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not seen.done():
        await visit
        # Some widgets ask for their list only once they come into view.
        await page.mouse.wheel(0, 600)
    headers = await seen
    visit.cancel()
    await asyncio.wait([visit])
    return headers


async def _visit(going: Coroutine[Any, Any, Response | None], answered: asyncio.Event) -> None:
    """Wait for the page; raises when it refuses, since then it will not ask its API for anything."""
    response = await going
    answered.set()
    if response is None:
        return
    reason = blocked_reason(response.status, response.headers, await response.body())
    if reason is not None:
        raise _FailedError("blocked", f"the page shows a wall: {reason}")
    if response.status in (401, 403, 429, 451):
        raise _FailedError("blocked", f"the page answered HTTP {response.status}")
    if response.status >= 400:
        raise _FailedError("network", f"the page answered HTTP {response.status}")


# -- asking from inside the page ---------------------------------------------------------------------------


async def _serve(inside: InPage, requests: asyncio.Queue[dict[str, Any]]) -> None:
    """Make the requests as they come, each on its own, while the page lives; the owner says how many at once."""

    async def take() -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(_answer(inside, await requests.get()))

    both = [asyncio.create_task(take()), asyncio.create_task(inside.gone.wait())]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)


async def _answer(inside: InPage, request: Mapping[str, Any]) -> None:
    make = inside.navigate if request["way"] == "navigate" else inside.fetch
    try:
        async with asyncio.timeout(request["deadline_s"]):
            message, body = await make(request)
    except (TimeoutError, PlaywrightTimeoutError):
        message, body = {"failure": "timeout", "message": "no whole answer in time"}, b""
    except Error as error:
        if not await inside.is_alive():
            inside.gone.set()  # without an answer: the end of this process says it for all that wait
            return
        message, body = {"failure": "network", "message": _first_line(error)}, b""
    _say({"id": request["id"], "size": len(body), **message}, body)


class InPage:
    """Requests out of an open page, with everything that the page has been given. `gone`: it is no more."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.gone = asyncio.Event()
        context.on("close", lambda _: self.gone.set())
        self._context = context
        self._page = page
        self._free: list[Tab] = []
        self._places = asyncio.Semaphore(TABS)

    async def is_alive(self) -> bool:
        """Whether the page still runs scripts."""
        try:
            async with asyncio.timeout(ALIVE_WITHIN_S):
                await self._page.evaluate("1")
        except (TimeoutError, Error):
            return False
        return True

    async def fetch(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """As a script of the page asks."""
        order = {name: request[name] for name in ("url", "headers", "referrer", "limit")}
        answer = await self._page.evaluate(FETCH_IN_PAGE, order | {"ms": request["deadline_s"] * 1000})
        if "body" in answer:
            return answer, base64.b64decode(answer.pop("body"))
        return {"failure": "timeout" if answer["late"] else "network", "message": answer["message"]}, b""

    async def navigate(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """As a person who types the address into a tab."""
        async with self._places:
            tab = self._free.pop() if self._free else await Tab.opened(self._context)
            is_quiet = False
            try:
                answer, body = await tab.go(request["url"], request["limit"])
                is_quiet = not answer.get("cut", True)
            finally:
                # Where a navigation failed or was stopped, the browser's own error page may still come, and
                # would take the place of what the tab is sent to next.
                if is_quiet:
                    self._free.append(tab)
                else:
                    await tab.close()
            return answer, body


class Tab:
    """A tab that goes from address to address. A body that grows past its limit is stopped on its way."""

    def __init__(self, page: Page, protocol: CDPSession) -> None:
        self._page = page
        self._protocol = protocol
        self._left = 0
        self._is_full = asyncio.Event()
        protocol.on("Network.dataReceived", self._received)

    @classmethod
    async def opened(cls, context: BrowserContext) -> Tab:
        """A new tab of the browser."""
        page = await context.new_page()
        protocol = await context.new_cdp_session(page)
        await protocol.send("Network.enable")
        return cls(page, protocol)

    async def go(self, url: str, limit: int) -> tuple[dict[str, Any], bytes]:
        """What is there, at most `limit` bytes of its body; nothing of a body that is longer."""
        self._left = limit
        self._is_full.clear()
        response = await self._page.goto(url, wait_until="commit", timeout=0)
        if response is None:
            return {"failure": "network", "message": "the browser gave no answer"}, b""
        answer: dict[str, Any] = {"status": response.status, "headers": response.headers, "cut": False}
        whole = asyncio.create_task(response.body())
        full = asyncio.create_task(self._is_full.wait())
        try:
            await asyncio.wait([whole, full], return_when=asyncio.FIRST_COMPLETED)
            if not self._is_full.is_set():
                return answer, await whole
        finally:
            for task in (whole, full):
                task.cancel()
            await asyncio.wait([whole, full])
        await self._protocol.send("Page.stopLoading")
        return answer | {"cut": True}, b""

    async def close(self) -> None:
        """Close the tab, whatever it is at."""
        with suppress(Error):  # it is gone already
            await self._page.close()

    def _received(self, event: Mapping[str, Any]) -> None:
        self._left -= event["dataLength"]
        if self._left < 0:
            self._is_full.set()


if __name__ == "__main__":
    asyncio.run(main())
