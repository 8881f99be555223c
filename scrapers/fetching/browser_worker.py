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
import os
import sys
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

import orjson
from playwright.async_api import (
    BrowserContext,
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
from scrapers.fetching.inside import InPage

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
    "--in-process-gpu",
    "--enable-features=NetworkServiceInProcess2",
)

WITHOUT_SANDBOX = ("--no-zygote",)
"""Zygotes start sandboxed processes; where there is no sandbox, two of 13 to 16 MB each serve nobody."""

DRIVER_OPTIONS = "--max-semi-space-size=1"
"""For the Node.js of Playwright's driver, whose young generation else grows by 15 MB in a second of work."""

NOT_LOADED = frozenset({"image", "media", "font"})
"""Kinds of resources that no session depends on."""

NO_VALUES = frozenset({"", "null", "undefined", "bearer null", "bearer undefined"})
"""What pages send in a header before they were given anything (lower case)."""

SILENT_WITHIN_S = 10.0
"""Pages that poll never fall silent; what they have by then is taken."""


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
            args=[*FLAGS, *(() if sandbox else WITHOUT_SANDBOX)],
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


if __name__ == "__main__":
    asyncio.run(main())
