"""Sessions from a real Chromium; whatever happens, nothing of it stays."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scrapers.errors import BlockedError, FetchError, FetchTimeoutError, NetworkError
from scrapers.fetching.browser import Bounds, Browsers, BrowserSession
from scrapers.fetching.chromium import reap_orphans
from scrapers.fetching.http import USER_AGENT
from scrapers.fetching.recipes import SeenHeaders
from scrapers.fetching.session_file import Session

from .browsing import brand, browsers, silent, until
from .web import Answer, Asked, Writer, always, response, serving

ROOT = Path(__file__).resolve().parents[3]
SEEN = SeenHeaders("/api/widget/", ("authorization",))

ASKS_AT_ONCE = """
fetch('/api/widget/Anonymous');
fetch('/api/widget/Null', {headers: {authorization: 'null'}});
fetch('/other', {headers: {authorization: 'not-this'}});
fetch('/api/widget/GetEvents', {headers: {authorization: 'tok-1'}});
"""
ASKS_WHEN_SEEN = """
document.documentElement.style.height = '5000px';
addEventListener('scroll', () => fetch('/api/widget/GetEvents', {headers: {authorization: 'tok-2'}}));
"""


def obtain(
    answer: Answer,
    folder: Path,
    bounds: Bounds | None = None,
    *,
    path: str = "/esportes",
    seen: SeenHeaders | None = SEEN,
) -> tuple[Session, Browsers, list[Asked]]:
    """A session from a page that a server with `answer` serves."""

    async def run() -> tuple[Session, Browsers, list[Asked]]:
        async with serving(answer) as web:
            browsers = Browsers(folder=folder, bounds=bounds)
            session = await BrowserSession(browsers, web.url(path), site="acme", seen=seen)()
            return session, browsers, web.asked

    return asyncio.run(run())


def test_the_page_gives_the_token_and_its_cookies(folder: Path) -> None:
    session, browsers, asked = obtain(brand(ASKS_AT_ONCE), folder)
    assert session.headers == {"authorization": "tok-1"}
    assert [(cookie.name, cookie.value, cookie.domain) for cookie in session.cookies] == [("s", "1", "127.0.0.1")]
    assert session.site == "acme"
    assert {one.headers["user-agent"] for one in asked} == {USER_AGENT}
    assert "/logo.png" not in [one.target for one in asked]
    assert browsers.last_use is not None
    assert 0 < browsers.last_use.seconds < 30
    assert 50 < browsers.last_use.peak_mb < 900


def test_a_widget_that_wakes_when_seen_is_woken(folder: Path) -> None:
    session, _, _ = obtain(brand(ASKS_WHEN_SEEN), folder)
    assert session.headers == {"authorization": "tok-2"}


SETS_A_COOKIE_LATE = """
fetch('/slow').then(() => { document.cookie = 'late=1; path=/'; });
"""


def test_cookies_are_taken_once_the_page_has_fallen_silent(folder: Path) -> None:
    page = brand(SETS_A_COOKIE_LATE)

    async def answer(asked: Asked, writer: Writer) -> None:
        if asked.target == "/slow":
            await asyncio.sleep(0.4)
        await page(asked, writer)

    session, _, _ = obtain(answer, folder, seen=None)
    assert session.headers == {}
    assert sorted(cookie.name for cookie in session.cookies) == ["late", "s"]


def test_a_page_that_leaves_nothing_gives_no_session(folder: Path) -> None:
    with pytest.raises(BlockedError, match="left nothing in the browser"):
        obtain(always(response(200, b"<h1>hi</h1>", Content_Type="text/html")), folder, seen=None)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (brand("1"), BlockedError, "sent no authorization to /api/widget/"),
        (
            always(response(200, b"<title>Just a moment...</title>", Content_Type="text/html")),
            BlockedError,
            "Cloudflare",
        ),
        (always(response(403, b"<h1>no</h1>", Content_Type="text/html")), BlockedError, "HTTP 403"),
        (always(response(502, b"<h1>no</h1>", Content_Type="text/html")), NetworkError, "HTTP 502"),
        (always(b""), NetworkError, "ERR_EMPTY_RESPONSE"),
        (silent, FetchTimeoutError, "did not load within"),
    ],
    ids=["no-token", "challenge", "refusal", "server-error", "no-answer", "silence"],
)
def test_a_page_that_gives_no_token_is_a_failure_with_a_reason(
    folder: Path, answer: Answer, kind: type[FetchError], says: str
) -> None:
    started = time.monotonic()
    with pytest.raises(kind, match=says) as caught:
        obtain(answer, folder, Bounds(deadline_s=1.5 if "sent no" in says or "load" in says else 60))
    assert type(caught.value) is kind
    # A refusal is known at once; nothing waits for the deadline then.
    assert time.monotonic() - started < 30


def test_the_rest_of_the_cycle_does_not_open_a_page_again_that_just_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with serving(always(response(403, b"no"))) as web:
            browsers = Browsers(folder=folder)
            session = BrowserSession(browsers, web.url("/esportes"), site="acme", seen=SEEN)
            for _ in range(2):
                with pytest.raises(BlockedError, match="the page answered HTTP 403"):
                    await session()
            assert [one.target for one in web.asked].count("/esportes") == 1
            monkeypatch.setattr("scrapers.fetching.browser.AGAIN_AFTER_S", 0.0)
            with pytest.raises(BlockedError):
                await session()
            assert [one.target for one in web.asked].count("/esportes") == 2

    asyncio.run(run())


def test_the_deadline_ends_a_browser_that_does_not_end_itself(folder: Path) -> None:
    with pytest.raises(FetchTimeoutError, match=r"no word from the browser"):
        obtain(silent, folder, Bounds(deadline_s=0.1, grace_s=0.2))


def test_a_browser_that_grows_too_large_is_ended(folder: Path) -> None:
    with pytest.raises(BlockedError, match="allowed are 60"):
        obtain(silent, folder, Bounds(deadline_s=20, max_mb=60))


def test_a_program_that_is_no_browser_is_a_failure(folder: Path, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.write_text("#!/bin/sh\necho no display >&2\nexit 7\n")
    fake.chmod(0o755)

    async def run() -> None:
        async with Browsers(folder=folder, find=lambda: fake, bounds=Bounds(deadline_s=20)).open(
            "http://127.0.0.1:1/"
        ):
            raise AssertionError("not reached")

    with pytest.raises(NetworkError):
        asyncio.run(run())


def test_being_cancelled_closes_the_browser(folder: Path) -> None:
    async def run() -> None:
        async with serving(silent) as web:
            session = BrowserSession(Browsers(folder=folder), web.url(), site="acme", seen=SEEN)
            task: asyncio.Task[Session] = asyncio.ensure_future(session())
            await until(lambda: web.asked)
            assert browsers(folder)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())


OWNER = """
import asyncio, sys
from pathlib import Path
from scrapers.fetching.browser import Browsers
async def main():
    async with Browsers(folder=Path(sys.argv[2])).open(sys.argv[1]):
        pass
asyncio.run(main())
"""


def test_when_its_owner_is_killed_the_browser_ends_and_the_next_one_clears_up(folder: Path) -> None:
    async def run() -> None:
        async with serving(silent) as web:
            owner = await asyncio.create_subprocess_exec(
                sys.executable, "-c", OWNER, web.url(), str(folder), cwd=ROOT, stderr=subprocess.DEVNULL
            )
            await until(lambda: web.asked)
            assert browsers(folder)
            owner.kill()
            await owner.wait()
            await until(lambda: not browsers(folder))

    asyncio.run(run())
    assert len(list(folder.glob("browser-*"))) == 1
    reap_orphans(folder)
