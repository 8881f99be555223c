"""The process that opens one page in Chromium: `python -m scrapers.fetching.browser_worker`.

One JSON line on stdin says what to open (`browser.BrowserSession` writes it); one JSON line on stdout is
the answer: {"headers", "cookies"}, or {"failure": "blocked" | "timeout" | "network", "message"}. When
stdin ends, the scraper is gone, and so are browser and worker.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Any

import orjson
from playwright.async_api import BrowserContext, Error, Playwright, Request, Response, Route, async_playwright
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
)

NOT_LOADED = frozenset({"image", "media", "font"})
"""Kinds of resources that no session depends on."""

NO_VALUES = frozenset({"", "null", "undefined", "bearer null", "bearer undefined"})
"""What pages send in the header before they were given anything (lower case)."""


class _FailedError(Exception):
    def __init__(self, failure: str, message: str) -> None:
        super().__init__(message)
        self.failure = failure


async def main() -> None:
    """Read the order, do it, answer."""
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    order = orjson.loads(await orders.readline())
    work = asyncio.create_task(_answer(order))
    orphaned = asyncio.create_task(orders.read())
    await asyncio.wait([work, orphaned], return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        work.cancel()
        await asyncio.wait([work])
        return
    orphaned.cancel()
    sys.stdout.buffer.write(orjson.dumps(work.result()) + b"\n")
    sys.stdout.buffer.flush()


async def _answer(order: Mapping[str, Any]) -> dict[str, Any]:
    try:
        async with asyncio.timeout(order["deadline_s"]), async_playwright() as playwright:
            context = await _launch(playwright, order)
            try:
                return await _listen(context, order)
            finally:
                await context.close()
    except _FailedError as error:
        return {"failure": error.failure, "message": str(error)}
    except (TimeoutError, PlaywrightTimeoutError):
        wanted = ", ".join(order["headers"])
        message = f"the page sent no {wanted} to {order['api']} within {order['deadline_s']:.0f} s"
        return {"failure": "blocked", "message": message}
    except Error as error:
        return {"failure": "network", "message": error.message.strip().splitlines()[0]}


async def _launch(playwright: Playwright, order: Mapping[str, Any]) -> BrowserContext:
    async def launch(sandbox: bool) -> BrowserContext:
        return await playwright.chromium.launch_persistent_context(
            order["profile"],
            executable_path=order["chromium"],
            headless=True,
            chromium_sandbox=sandbox,
            args=list(FLAGS),
            user_agent=order["user_agent"],
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


async def _listen(context: BrowserContext, order: Mapping[str, Any]) -> dict[str, Any]:
    seen: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    def on_request(request: Request) -> None:
        if order["api"] not in request.url or seen.done():
            return
        headers = {name: request.headers.get(name, "").strip() for name in order["headers"]}
        if all(value.lower() not in NO_VALUES for value in headers.values()):
            seen.set_result(headers)

    async def on_route(route: Route) -> None:
        if route.request.resource_type in NOT_LOADED:
            await route.abort()
        else:
            await route.continue_()

    context.on("request", on_request)
    await context.route("**/*", on_route)
    page = context.pages[0] if context.pages else await context.new_page()
    visit = asyncio.create_task(_visit(page.goto(order["page"], wait_until="domcontentloaded", timeout=0)))
    either: list[asyncio.Future[Any]] = [visit, seen]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not seen.done():
        await visit
        # Some widgets ask for their list only once they come into view.
        await page.mouse.wheel(0, 600)
    headers = await seen
    visit.cancel()
    await asyncio.wait([visit])
    cookies = [
        {"name": cookie["name"], "value": cookie["value"], "domain": cookie["domain"]}
        for cookie in await context.cookies()
    ]
    return {"headers": headers, "cookies": cookies}


async def _visit(going: Any) -> None:
    """Wait for the page; raises when it refuses, since then it will not ask its API for anything."""
    response: Response | None = await going
    if response is None:
        return
    reason = blocked_reason(response.status, response.headers, await response.body())
    if reason is not None:
        raise _FailedError("blocked", f"the page shows a wall: {reason}")
    if response.status in (401, 403, 429, 451):
        raise _FailedError("blocked", f"the page answered HTTP {response.status}")
    if response.status >= 400:
        raise _FailedError("network", f"the page answered HTTP {response.status}")


if __name__ == "__main__":
    asyncio.run(main())
