"""Requests out of an open page, on the browser's side: part of `browser_worker`, which alone imports this."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Error, Page

ALIVE_WITHIN_S = 5.0
"""A page that runs no script for this long has hung up."""

TABS = 2
"""Navigations at once."""

PIECE = 1_000_000
"""Bytes of a body that are taken at once."""

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
                is_quiet = "failure" not in answer
            finally:
                # Where a navigation failed, the browser's own error page may still come, and would take the
                # place of what the tab is sent to next.
                if is_quiet:
                    self._free.append(tab)
                else:
                    await tab.close()
            return answer, body


class Tab:
    """A tab that goes from address to address and shows none of them.

    What an address answers is taken on its way and the navigation is given up: to show a long JSON document costs
    the browser more than everything else it does here.
    """

    def __init__(self, page: Page, protocol: CDPSession) -> None:
        self._page = page
        self._protocol = protocol
        self._answered: asyncio.Future[dict[str, Any]] | None = None
        protocol.on("Fetch.requestPaused", self._paused)

    @classmethod
    async def opened(cls, context: BrowserContext) -> Tab:
        """A new tab of the browser."""
        page = await context.new_page()
        protocol = await context.new_cdp_session(page)
        wanted = {"urlPattern": "*", "resourceType": "Document", "requestStage": "Response"}
        await protocol.send("Fetch.enable", {"patterns": [wanted]})
        return cls(page, protocol)

    async def go(self, url: str, limit: int) -> tuple[dict[str, Any], bytes]:
        """What is there, at most `limit` bytes of its body."""
        self._answered = asyncio.get_running_loop().create_future()
        going = asyncio.create_task(self._page.goto(url, wait_until="commit", timeout=0))
        try:
            either: list[asyncio.Future[Any]] = [going, self._answered]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not self._answered.done():
                await going  # raises what kept the address from answering
                return {"failure": "network", "message": "the browser gave no answer"}, b""
            paused = self._answered.result()
            headers = {row["name"].lower(): row["value"] for row in paused.get("responseHeaders", ())}
            status = paused["responseStatusCode"]
            body, cut = b"", False
            if not 300 <= status < 400:  # the body of a redirect is not to be had
                body, cut = await self._body(paused["requestId"], limit)
            await self._protocol.send(
                "Fetch.failRequest", {"requestId": paused["requestId"], "errorReason": "Aborted"}
            )
            with suppress(Error):  # aborted, as it was told
                await going
            return {"status": status, "headers": headers, "cut": cut}, body
        finally:
            going.cancel()
            await asyncio.wait([going])

    async def _body(self, request: str, limit: int) -> tuple[bytes, bool]:
        """The decoded body as far as it may go, and whether there was more."""
        stream = (await self._protocol.send("Fetch.takeResponseBodyAsStream", {"requestId": request}))["stream"]
        body = bytearray()
        while len(body) <= limit:
            piece = await self._protocol.send("IO.read", {"handle": stream, "size": PIECE})
            data = piece["data"]
            body += base64.b64decode(data) if piece.get("base64Encoded") else data.encode()
            if piece["eof"]:
                break
        await self._protocol.send("IO.close", {"handle": stream})
        return bytes(body[:limit]), len(body) > limit

    async def close(self) -> None:
        """Close the tab, whatever it is at."""
        with suppress(Error):  # it is gone already
            await self._page.close()

    def _paused(self, event: dict[str, Any]) -> None:
        if self._answered is not None and not self._answered.done() and "responseStatusCode" in event:
            self._answered.set_result(event)
