"""When a session is obtained, used, kept and given up."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrapers.errors import BlockedError, NetworkError
from scrapers.fetching.session import Cookie, Session, SessionFetcher, SessionFile
from scrapers.records import Page, PageRequest

PAGE = "https://acme.example/esportes"
REQUEST = PageRequest("league:x", "https://api.example/list", headers=(("Origin", "https://acme.example"),))


def session(token: str, page: str = PAGE) -> Session:
    """A session that carries `token`."""
    return Session(page=page, headers={"authorization": token}, obtained_at=datetime.now(UTC))


class Api:
    """An API that refuses requests whose `authorization` is not among `valid`; None is no header."""

    def __init__(self, *valid: str | None, status: int = 403) -> None:
        self.valid: set[str | None] = set(valid)
        self.status = status
        self.asked: list[str | None] = []
        self.closed = False

    async def fetch(self, request: PageRequest) -> Page:
        token = dict(request.headers).get("authorization")
        self.asked.append(token)
        await asyncio.sleep(0)
        if token not in self.valid:
            raise BlockedError(f"HTTP {self.status}", body=b"no", status=self.status)
        return Page(request, 200, b"{}", datetime.now(UTC), 0.1)

    async def aclose(self) -> None:
        self.closed = True


class Brand:
    """A brand's page that hands out tokens in turn; an exception in the list is raised."""

    def __init__(self, *tokens: str | Exception) -> None:
        self.tokens = list(tokens)
        self.opened = 0

    async def __call__(self) -> Session:
        self.opened += 1
        await asyncio.sleep(0.01)
        token = self.tokens.pop(0)
        if isinstance(token, Exception):
            raise token
        return session(token)


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> SessionFile:
    return SessionFile(tmp_path / "sessions" / "acme.json")


def opened(api: Api, brand: Callable[[], Awaitable[Session]], file: SessionFile, clock: Clock) -> SessionFetcher:
    """A session fetcher with a 30-second interval and a 300-second cool-down."""
    return SessionFetcher(api, brand, page=PAGE, file=file, interval_s=30, cool_down_s=300, clock=clock)


def test_nothing_is_opened_while_plain_requests_do(file: SessionFile) -> None:
    api, brand = Api(None), Brand()

    async def run() -> None:
        fetcher = opened(api, brand, file, Clock())
        page = await fetcher.fetch(REQUEST)
        assert page.request is REQUEST
        await fetcher.aclose()

    asyncio.run(run())
    assert (api.asked, brand.opened, api.closed) == ([None], 0, True)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_obtains_one_session_for_all_that_wait(file: SessionFile, status: int) -> None:
    api, brand = Api("t1", status=status), Brand("t1")

    async def run() -> None:
        fetcher = opened(api, brand, file, Clock())
        pages = await asyncio.gather(*(fetcher.fetch(REQUEST) for _ in range(4)))
        assert all(page.request is REQUEST for page in pages)
        await fetcher.fetch(REQUEST)
        await fetcher.aclose()

    asyncio.run(run())
    assert brand.opened == 1
    assert api.asked == [None] * 4 + ["t1"] * 5


def test_other_refusals_open_no_browser(file: SessionFile) -> None:
    brand = Brand()
    fetcher = opened(Api("t1", status=451), brand, file, Clock())
    with pytest.raises(BlockedError, match="HTTP 451"):
        asyncio.run(fetcher.fetch(REQUEST))
    assert brand.opened == 0


def test_a_session_outlives_a_restart_and_only_its_owner_reads_it(file: SessionFile) -> None:
    asyncio.run(opened(Api("t1"), Brand("t1"), file, Clock()).fetch(REQUEST))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["acme.json"]

    api, brand = Api("t1"), Brand()
    asyncio.run(opened(api, brand, file, Clock()).fetch(REQUEST))
    assert (api.asked, brand.opened) == (["t1"], 0)


def test_a_session_of_another_page_or_an_unreadable_one_is_not_used(file: SessionFile) -> None:
    file.save(session("t1", page="http://127.0.0.1:8787/acme.example/esportes"))
    assert file.load(PAGE) is None
    file.path.write_text("{half")
    assert file.load(PAGE) is None
    file.save(session("t2"))
    kept = file.load(PAGE)
    assert kept is not None
    assert kept.headers == {"authorization": "t2"}


def test_a_stale_session_is_replaced_once(file: SessionFile) -> None:
    file.save(session("old"))
    api, brand = Api("new"), Brand("new")

    async def run() -> None:
        fetcher = opened(api, brand, file, Clock())
        await asyncio.gather(*(fetcher.fetch(REQUEST) for _ in range(3)))

    asyncio.run(run())
    assert brand.opened == 1
    assert api.asked == ["old"] * 3 + ["new"] * 3
    kept = file.load(PAGE)
    assert kept is not None
    assert kept.headers["authorization"] == "new"


def test_a_session_refused_on_its_first_use_is_given_up_for_the_cool_down(file: SessionFile) -> None:
    api, brand, clock = Api("good"), Brand("bad", "good"), Clock()

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        with pytest.raises(BlockedError, match="just obtained is refused too"):
            await fetcher.fetch(REQUEST)
        assert not file.path.exists()
        clock.now += 299
        with pytest.raises(BlockedError, match="refused on its first use; next try in 1 s") as caught:
            await fetcher.fetch(REQUEST)
        assert (caught.value.status, caught.value.body) == (403, b"no")
        assert brand.opened == 1
        clock.now += 2
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert brand.opened == 2


def test_a_page_that_gives_none_is_left_alone_for_the_cool_down(file: SessionFile) -> None:
    api, brand, clock = Api("t1"), Brand(NetworkError("the page is down"), "t1"), Clock()

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        for _ in range(3):
            with pytest.raises(BlockedError, match="no session: the page is down"):
                await fetcher.fetch(REQUEST)
        assert brand.opened == 1
        clock.now += 301
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert brand.opened == 2


def test_a_proven_session_that_expires_within_the_cycle_is_not_renewed_in_it(file: SessionFile) -> None:
    api, brand, clock = Api("t1"), Brand("t1", "t2"), Clock()

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        await fetcher.fetch(REQUEST)
        api.valid = {"t2"}
        clock.now += 10
        with pytest.raises(BlockedError, match="refused already"):
            await fetcher.fetch(REQUEST)
        clock.now += 25
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert brand.opened == 2


def test_a_cycle_that_is_given_up_leaves_the_browser_at_work(file: SessionFile) -> None:
    api, brand = Api("t1"), Brand("t1")

    async def run() -> None:
        fetcher = opened(api, brand, file, Clock())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await fetcher.fetch(REQUEST)
        await fetcher.fetch(REQUEST)
        await fetcher.aclose()

    asyncio.run(run())
    assert brand.opened == 1


def test_closing_stops_a_browser_at_work(file: SessionFile) -> None:
    ended = asyncio.Event()

    async def slow() -> Session:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        raise AssertionError("not reached")

    async def run() -> None:
        fetcher = opened(Api("t1"), slow, file, Clock())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await fetcher.fetch(REQUEST)
        assert not ended.is_set()
        await fetcher.aclose()
        assert ended.is_set()

    asyncio.run(run())


def test_headers_and_cookies_go_where_they_belong() -> None:
    cookies = (
        Cookie(name="a", value="1", domain=".example"),
        Cookie(name="b", value="2", domain="api.example"),
        Cookie(name="c", value="3", domain="pi.example"),
    )
    given = session("t1").model_copy(update={"cookies": cookies})
    request = PageRequest("s", "https://api.example/x", headers=(("Authorization", "own"), ("Origin", "o")))
    assert dict(given.applied_to(request).headers) == {"Origin": "o", "authorization": "t1", "cookie": "a=1; b=2"}
    elsewhere = PageRequest("s", "https://other.test/x")
    assert dict(given.applied_to(elsewhere).headers) == {"authorization": "t1"}
