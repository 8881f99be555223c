"""When a session is obtained, used, kept and given up."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrapers.errors import BlockedError, NetworkError
from scrapers.fetching.session import SessionFetcher
from scrapers.fetching.session_file import Cookie, Session, SessionFile
from scrapers.records import Page, PageRequest

SITE = "https://acme.example"
REQUEST = PageRequest("league:x", "https://api.example/list", headers=(("Origin", "https://acme.example"),))


OTHER_CLASS = PageRequest("event:1", "https://api.example/detail")


def session(token: str, site: str = SITE) -> Session:
    """A session that carries `token`."""
    return Session(site=site, headers={"authorization": token}, obtained_at=datetime.now(UTC))


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
    return SessionFile(tmp_path / "sessions" / "acme.json", SITE)


def opened(api: Api, brand: Callable[[], Awaitable[Session]], file: SessionFile, clock: Clock) -> SessionFetcher:
    """A session fetcher with a 30-second interval and a 300-second cool-down."""
    lifted = {400, 401, 403}
    return SessionFetcher(api, brand, file=file, interval_s=30, lifted=lifted, cool_down_s=300, clock=clock)


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
    # One went ahead; the others waited for what became of it.
    assert api.asked == [None] + ["t1"] * 5


def test_other_refusals_open_no_browser(file: SessionFile) -> None:
    brand = Brand()
    fetcher = opened(Api("t1", status=451), brand, file, Clock())
    with pytest.raises(BlockedError, match="HTTP 451"):
        asyncio.run(fetcher.fetch(REQUEST))
    assert brand.opened == 0


def test_a_session_outlives_a_restart_and_only_its_owner_reads_it(file: SessionFile) -> None:
    asyncio.run(opened(Api("t1"), Brand("t1"), file, Clock()).fetch(REQUEST))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert sorted(path.name for path in file.path.parent.iterdir()) == ["acme.json", "acme.lock"]

    api, brand = Api("t1"), Brand()
    asyncio.run(opened(api, brand, file, Clock()).fetch(REQUEST))
    assert (api.asked, brand.opened) == (["t1"], 0)


def test_a_session_of_another_site_or_an_unreadable_one_is_not_used(file: SessionFile) -> None:
    file.save(session("t1", site="http://127.0.0.1:8787/acme.example"))
    assert file.load() is None
    file.path.write_text("{half")
    assert file.load() is None
    file.save(session("t2"))
    kept = file.load()
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
    assert api.asked == ["old"] + ["new"] * 3
    kept = file.load()
    assert kept is not None
    assert kept.headers["authorization"] == "new"


def test_a_session_refused_on_its_first_use_is_given_up_for_the_cool_down(file: SessionFile) -> None:
    api, brand, clock = Api("good"), Brand("bad", "good"), Clock()

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        with pytest.raises(BlockedError, match="just obtained is refused too"):
            await fetcher.fetch(REQUEST)
        clock.now += 299
        with pytest.raises(BlockedError, match="refused on its first use; next try in 1 s") as caught:
            await fetcher.fetch(REQUEST)
        assert (caught.value.status, caught.value.body) == (403, b"no")
        assert brand.opened == 1
        clock.now += 2
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert brand.opened == 2


def test_a_page_that_refuses_is_left_alone_for_the_cool_down(file: SessionFile) -> None:
    api, brand, clock = Api("t1"), Brand(BlockedError("the page shows a wall"), "t1"), Clock()

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        for _ in range(3):
            with pytest.raises(BlockedError, match="no session: the page shows a wall; next try in 300 s"):
                await fetcher.fetch(REQUEST)
        assert brand.opened == 1
        clock.now += 301
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert brand.opened == 2


def test_a_page_that_cannot_be_reached_is_tried_in_the_next_cycle_then_after_growing_rests(
    file: SessionFile,
) -> None:
    down = [NetworkError("the page is down") for _ in range(7)]
    api, brand, clock = Api("t1"), Brand(*down, "t1"), Clock()
    rests = []

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        for _ in down:
            before = brand.opened
            began = clock.now
            while brand.opened == before:
                with pytest.raises(BlockedError, match="no session: the page is down"):
                    await fetcher.fetch(REQUEST)
                clock.now += 1
            rests.append(clock.now - began)
        clock.now += 301
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert rests == [1, 10, 20, 40, 80, 160, 300]


def test_a_session_that_runs_out_within_the_cycle_is_renewed_in_it_once(file: SessionFile) -> None:
    api, brand, clock = Api("t1"), Brand("t1", "t2", "t3"), Clock()

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        await fetcher.fetch(REQUEST)
        for valid in ("t2", "t3"):
            api.valid = {valid}
            clock.now += 5
            if valid == "t2":
                await fetcher.fetch(REQUEST)
        with pytest.raises(BlockedError, match="2 were obtained within 30 s and are refused already"):
            await fetcher.fetch(REQUEST)
        clock.now += 25
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert brand.opened == 3


class Picky(Api):
    """An API that answers one class of pages to whom it knows, and the other to nobody."""

    async def fetch(self, request: PageRequest) -> Page:
        if request.scope == OTHER_CLASS.scope:
            raise BlockedError("HTTP 403", body=b"no", status=403)
        return await super().fetch(request)


@pytest.mark.parametrize("refused_first", [False, True])
def test_a_session_that_does_not_lift_every_refusal_stays_in_use(file: SessionFile, refused_first: bool) -> None:
    api, brand, clock = Picky("t1"), Brand("t1", "t2"), Clock()

    async def run() -> None:
        fetcher = opened(api, brand, file, clock)
        requests = [OTHER_CLASS, REQUEST] if refused_first else [REQUEST, OTHER_CLASS]
        results = await asyncio.gather(*(fetcher.fetch(one) for one in requests), return_exceptions=True)
        refused = results[requests.index(OTHER_CLASS)]
        assert isinstance(refused, BlockedError)
        assert "just obtained is refused too" in str(refused)
        assert isinstance(results[requests.index(REQUEST)], Page)
        await fetcher.fetch(REQUEST)
        with pytest.raises(BlockedError):
            await fetcher.fetch(OTHER_CLASS)
        await fetcher.fetch(REQUEST)

    asyncio.run(run())
    assert brand.opened == 1
    assert file.load() is not None


def test_bookmakers_of_one_brand_share_one_session_and_its_renewal(file: SessionFile) -> None:
    api, brand, clock = Api("t1"), Brand("t1", "t2"), Clock()

    async def run() -> None:
        football, basketball = (opened(api, brand, file, clock) for _ in range(2))
        await asyncio.gather(football.fetch(REQUEST), basketball.fetch(REQUEST))
        assert brand.opened == 1
        api.valid = {"t2"}
        await asyncio.gather(football.fetch(REQUEST), basketball.fetch(REQUEST))
        assert brand.opened == 2
        await football.fetch(REQUEST)
        await basketball.fetch(REQUEST)

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


def test_headers_parameters_and_cookies_go_where_they_belong() -> None:
    def cookie(name: str, domain: str, **more: object) -> Cookie:
        return Cookie.model_validate({"name": name, "value": name.upper(), "domain": domain, **more})

    cookies = (
        cookie("below", ".example"),
        cookie("host", "api.example"),
        cookie("above", "example"),
        cookie("neighbour", "pi.example"),
        cookie("folder", "api.example", path="/x"),
        cookie("elsewhere", "api.example", path="/xy"),
        cookie("over", ".example", expires=1_000_000_000.0),
        cookie("lasting", ".example", expires=4_000_000_000.0),
    )
    given = session("t1").model_copy(update={"cookies": cookies, "params": {"id": "new"}})
    request = PageRequest(
        "s",
        "https://api.example/x/1",
        headers=(("Authorization", "own"), ("Origin", "o"), ("Cookie", "lang=pt")),
        params=(("id", "old"), ("page", "2")),
    )
    applied = given.applied_to(request)
    assert dict(applied.headers) == {
        "Origin": "o",
        "authorization": "t1",
        "cookie": "lang=pt; below=BELOW; host=HOST; folder=FOLDER; lasting=LASTING",
    }
    assert applied.params == (("page", "2"), ("id", "new"))
    elsewhere = PageRequest("s", "https://other.test/x")
    assert dict(given.applied_to(elsewhere).headers) == {"authorization": "t1"}
    assert (
        "host=HOST" in dict(given.applied_to(elsewhere, "http://api.example:8787/other.test/x").headers)["cookie"]
    )


class WaysOut:
    """The way out that requests take now, and a brand that gives each its own token."""

    def __init__(self, now: str) -> None:
        self.now = now
        self.opened: list[str] = []

    def __call__(self) -> str:
        return self.now

    async def brand(self) -> Session:
        self.opened.append(self.now)
        return session(f"token for {self.now}").model_copy(update={"way": self.now})


def over(ways: WaysOut, api: Api, file: SessionFile, clock: Clock) -> SessionFetcher:
    return SessionFetcher(
        api, ways.brand, file=file, interval_s=30, lifted={403}, way=ways, cool_down_s=300, clock=clock
    )


def test_a_session_is_given_up_unused_when_the_way_out_changes(file: SessionFile) -> None:
    api, ways, clock = Api("token for one", "token for two"), WaysOut("one"), Clock()

    async def run() -> None:
        fetcher = over(ways, api, file, clock)
        await fetcher.fetch(REQUEST)
        ways.now = ""
        await fetcher.fetch(REQUEST)
        ways.now = "two"
        await fetcher.fetch(REQUEST)
        await fetcher.fetch(REQUEST)
        await fetcher.aclose()
        # A restart, and another bookmaker of the brand, find it; after the next change neither uses it.
        await over(ways, api, file, clock).fetch(REQUEST)
        ways.now = "one"
        await over(ways, api, file, clock).fetch(REQUEST)

    asyncio.run(run())
    assert ways.opened == ["one", "two", "one"]
    first, second = "token for one", "token for two"
    assert api.asked == [None, first, first, None, second, second, second, None, first]


def test_what_was_refused_at_one_address_is_asked_for_at_another(file: SessionFile) -> None:
    api, ways, clock = Api("token for two"), WaysOut("one"), Clock()

    async def run() -> None:
        fetcher = over(ways, api, file, clock)
        for reason in ("just obtained is refused too", "refused on its first use"):
            with pytest.raises(BlockedError, match=reason):
                await fetcher.fetch(REQUEST)
        assert ways.opened == ["one"]
        ways.now = "two"
        assert (await fetcher.fetch(REQUEST)).status == 200
        await fetcher.aclose()

    asyncio.run(run())
    assert ways.opened == ["one", "two"]
