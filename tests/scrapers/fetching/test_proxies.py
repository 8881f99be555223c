"""Ways out: what is chosen, what counts against a proxy and what does not, and what processes know together."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.errors import (
    BlockedError,
    DeclarationError,
    FetchTimeoutError,
    FleetError,
    MissingSecretError,
    NetworkError,
    NoBrowserError,
    NoProxyError,
    PayloadShapeError,
    RateLimitedError,
    RefusedEverywhereError,
)
from scrapers.fetching.proxies import ALONE_S, ProxyPool, WatchedFetcher
from scrapers.fetching.proxy_list import Proxy, Tier, name_key, parse_proxies
from scrapers.fetching.proxy_scores import FORGIVEN_AFTER_S, LONGEST_S, PROBE_S, Verdict
from scrapers.fetching.proxy_state import ProxyState, StateFile
from scrapers.fetching.proxy_transport import ProxyUnauthorizedError, ProxyUnreachableError
from scrapers.fetching.proxy_verdicts import judged, judged_page
from scrapers.records import Page, PageRequest

ROOT = Path(__file__).resolve().parents[3]
SECRET = "hunter2-hunter2"
TWO = parse_proxies("http://10.0.0.1:8080, http://10.0.0.2:8080")
A, B = TWO
THREE_TIERS = parse_proxies("residential=http://10.0.0.9:7000 http://10.0.0.1:8080 direct")
REQUEST = PageRequest("league:x", "https://acme.example/list")


def caused(kind: type[FleetError], cause: Exception) -> FleetError:
    """A failure as the fetcher raises it for this failure of a connection."""
    error = kind("league:x: acme.example/list")
    error.__cause__ = cause
    return error


UNREACHABLE = caused(NetworkError, ProxyUnreachableError("x"))
UNAUTHORIZED = caused(NetworkError, ProxyUnauthorizedError("x"))
SILENT = caused(FetchTimeoutError, httpx.ReadTimeout("x"))
REFUSED = BlockedError("no", status=403)
CONTENT = PayloadShapeError("not JSON")


class Clock:
    """Wall clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 0.001  # no two moments are one
        return self.now


class World:
    """Pools of several bookmakers on one state file; `sick` says what each proxy does."""

    def __init__(self, folder: Path, proxies: tuple[Proxy, ...]) -> None:
        self.folder = folder
        self.proxies = proxies
        self.clock = Clock()
        self.sick: dict[Proxy, FleetError] = {}
        self.taken: list[Proxy] = []

    def pool(self, key: str = "acme.example", **more: object) -> ProxyPool:
        """A pool as another process would have it."""
        return ProxyPool(self.proxies, file=StateFile(self.folder), key=key, clock=self.clock, **more)  # type: ignore[arg-type]

    async def ask(self, proxy: Proxy) -> str:
        """One request over `proxy`."""
        self.taken.append(proxy)
        if proxy in self.sick:
            raise self.sick[proxy].with_traceback(None)
        return proxy.name

    def go(self, pool: ProxyPool) -> Proxy | FleetError:
        """The way one request took in the end, or its failure."""
        try:
            asyncio.run(pool.carry(self.ask))
        except FleetError as error:
            return error
        return self.taken[-1]

    def state(self) -> ProxyState:
        return StateFile(self.folder).read()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, TWO)


# -- the list ----------------------------------------------------------------------------------------------


def test_the_list_is_read_as_it_is_written() -> None:
    text = f"direct, http://u:{SECRET}@10.0.0.1:8080\nresidential=http://user%40x:a%2Cb@gate.example:7000,,https://[::1]:8443"
    direct, plain, home, local = parse_proxies(text)
    assert (direct.name, direct.tier, direct.is_direct) == ("direct", Tier.DIRECT, True)
    assert (plain.tier, plain.server, plain.username, plain.password) == (
        Tier.DATACENTER,
        "http://10.0.0.1:8080",
        "u",
        SECRET,
    )
    assert (home.tier, home.username, home.password) == (Tier.RESIDENTIAL, "user@x", "a,b")
    assert (local.server, local.is_local, plain.is_local, direct.is_local) == (
        "https://[::1]:8443",
        True,
        False,
        False,
    )
    assert parse_proxies(" \n,") == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"direct, u:{SECRET}@10.0.0.1:8080", "entry 2: expected http://"),
        (f"http://u:{SECRET}@10.0.0.1", "entry 1: expected http://"),
        (f"http://u:{SECRET}@10.0.0.1:99999", "entry 1: not a URL"),
        (f"http://u:{SECRET}@[10.0.0.1:80", "entry 1: not a URL"),
        (f"http://u:{SECRET}/x@10.0.0.1:80", "entry 1"),
        (f"http://u:p@10.0.0.1:80/{SECRET}", "entry 1: expected http://"),
        (f"socks5://u:{SECRET}@10.0.0.1:80", "entry 1: SOCKS is not supported"),
        (f"mobile=http://u:{SECRET}@10.0.0.1:80", "entry 1: unknown tier"),
        ("direct=http://10.0.0.1:80", "entry 1: unknown tier"),
        (f"http://u:{SECRET}@h:80,direct,residential=http://u:{SECRET}@h:80", "entry 3 repeats entry 1"),
        ("direct direct", "entry 2 repeats entry 1"),
    ],
)
def test_a_wrong_entry_is_named_by_its_place_and_never_shown(text: str, complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint) as caught:
        parse_proxies(text)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.text(max_size=80) | st.from_regex(r"(residential=)?https?://[^\s,]{0,20}:[^\s,]{1,9}@[^\s,]{0,20}"))
def test_any_text_is_a_list_or_a_clear_refusal(text: str) -> None:
    try:
        proxies = parse_proxies(text)
    except DeclarationError as error:
        said = str(error)
    else:
        said = f"PROXY_LIST: entry {len(proxies)}"
        assert all(proxy.name and proxy.tier in Tier for proxy in proxies)
    assert said.startswith("PROXY_LIST: entry ")


def test_a_name_tells_credentials_apart_and_gives_none_away(tmp_path: Path) -> None:
    key = name_key(tmp_path)
    assert key == name_key(tmp_path)
    assert (tmp_path / "name-key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "name-key").write_bytes(b"")
    assert name_key(tmp_path) not in (key, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["name-key"]
    one, two = parse_proxies(f"http://u-session1:{SECRET}@h:80 http://u-session2:{SECRET}@h:80", key)
    assert one.name != two.name
    assert one.name.startswith("h:80#")
    assert len(one.name) == len("h:80#") + 8
    assert parse_proxies(f"http://u-session1:{SECRET}@h:80", b"other")[0].name != one.name
    assert SECRET not in repr(one)
    assert "session1" not in repr(one)


# -- choosing ----------------------------------------------------------------------------------------------


def test_a_bookmaker_keeps_its_way_and_the_next_one_gets_another(world: World) -> None:
    first, second = world.pool("one.example"), world.pool("two.example")
    assert [world.go(first) for _ in range(3)] == [A, A, A]
    assert [world.go(second) for _ in range(3)] == [B, B, B]
    assert world.go(world.pool("two.example")) == B, "a restart keeps it too"


def test_success_after_success_writes_nothing(world: World) -> None:
    pool = world.pool()
    world.go(pool)
    before = (world.folder / "state.json").stat()
    for _ in range(5):
        world.go(pool)
    after = (world.folder / "state.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_tiers_are_tried_in_the_declared_order(tmp_path: Path) -> None:
    world = World(tmp_path, THREE_TIERS)
    home, center, direct = THREE_TIERS
    assert world.go(world.pool("a")) == direct
    assert world.go(world.pool("b", tiers=("residential", "datacenter"))) == home
    pool = world.pool("c")
    world.sick = {direct: REFUSED, center: UNREACHABLE}
    taken = [world.go(pool) for _ in range(5)]
    assert taken[2:] == [UNREACHABLE, home, home]
    assert world.taken[2:] == [direct, direct, direct, center, home, home]


def test_without_a_session_it_returns_to_an_earlier_tier_that_works_again(tmp_path: Path) -> None:
    for bound in (False, True):
        world = World(tmp_path / str(bound), THREE_TIERS)
        home, center, _ = THREE_TIERS
        pool = world.pool(tiers=("datacenter", "residential"), bound=bound)
        world.sick = {center: UNREACHABLE}
        world.go(pool)
        assert world.go(pool) == home
        world.sick = {}
        world.clock.now += 20
        assert [world.go(pool) for _ in range(3)] == ([home] * 3 if bound else [center] * 3)


def test_a_way_that_may_not_be_taken_is_never_taken(tmp_path: Path) -> None:
    """Least of all the machine's own address."""
    world = World(tmp_path, THREE_TIERS)
    pool = world.pool(tiers=("datacenter",))
    world.sick = {THREE_TIERS[1]: UNREACHABLE}
    world.go(pool)
    failure = world.go(pool)
    assert isinstance(failure, NoProxyError)
    assert str(failure).startswith("acme.example: every proxy it may use is set aside: 10.0.0.1:8080#")
    assert "cannot be reached, tried again in 15 s" in str(failure)
    assert set(world.taken) == {THREE_TIERS[1]}
    nothing = World(tmp_path / "two", TWO).go(World(tmp_path / "two", TWO).pool(tiers=("residential",)))
    assert isinstance(nothing, NoProxyError)
    assert "may go out over residential, and PROXY_LIST has nothing of that" in str(nothing)


# -- scoring -----------------------------------------------------------------------------------------------

JUDGEMENTS = [
    (UNREACHABLE, Verdict.UNREACHABLE),
    (UNAUTHORIZED, Verdict.UNAUTHORIZED),
    (SILENT, Verdict.FAILED),
    (caused(NetworkError, httpx.ReadError("reset")), Verdict.FAILED),
    (caused(NetworkError, httpx.ConnectError("TLS")), Verdict.FAILED),
    (caused(NetworkError, httpx.ProxyError("502")), Verdict.FAILED),
    (caused(NetworkError, httpx.RemoteProtocolError("closed")), Verdict.FAILED),
    (REFUSED, Verdict.REFUSED),
    (BlockedError("wall", status=200), Verdict.REFUSED),
    (BlockedError("law", status=451), Verdict.REFUSED),
    (RateLimitedError("slow", status=429), Verdict.REFUSED),
    (BlockedError("token", status=401), None),
    (BlockedError("token", status=400), None),
    (RateLimitedError("not asked"), None),
    (MissingSecretError("not asked"), None),
    (DeclarationError("no address"), None),
    (CONTENT, Verdict.WORKED),
    (NetworkError("server error", status=500), Verdict.WORKED),
    (RateLimitedError("maintenance", status=503), Verdict.WORKED),
    (FetchTimeoutError("the server gave up", status=408), Verdict.WORKED),
]


@pytest.mark.parametrize(("error", "verdict"), JUDGEMENTS)
def test_what_each_failure_says_about_the_way(error: FleetError, verdict: Verdict | None) -> None:
    said, reason = judged(error)
    assert said is verdict
    assert bool(reason) == (verdict not in (None, Verdict.WORKED))


@pytest.mark.parametrize("error", [error for error, verdict in JUDGEMENTS if verdict in (None, Verdict.WORKED)])
def test_content_and_sessions_never_count(world: World, error: FleetError) -> None:
    pool = world.pool()
    world.sick = dict.fromkeys(TWO, error)
    assert [world.go(pool) for _ in range(20)] == [error] * 20
    assert set(world.taken) == {A}
    assert world.state().own(A.name).score == 1


@pytest.mark.parametrize(("error", "asked"), [(UNREACHABLE, 1), (UNAUTHORIZED, 1), (SILENT, 2)])
def test_a_way_that_fails_gives_way_to_the_other(world: World, error: FleetError, asked: int) -> None:
    pool = world.pool()
    world.sick = {A: error}
    assert [world.go(pool) for _ in range(asked)] == [error] * asked
    assert world.go(pool) == B


def test_a_refusal_counts_for_one_bookmaker_and_the_last_is_asked_again_elsewhere(world: World) -> None:
    pool = world.pool()
    world.sick = {A: REFUSED}
    assert [world.go(pool) for _ in range(3)] == [REFUSED, REFUSED, B]
    assert world.taken == [A, A, A, B]
    world.sick = {}
    assert world.go(world.pool("another.example")) == A, "which likes it as before"


def test_with_a_session_a_refusal_is_left_to_whoever_renews_it(world: World) -> None:
    pool = world.pool(bound=True)
    world.sick = {A: REFUSED}
    assert [world.go(pool) for _ in range(4)] == [REFUSED, REFUSED, REFUSED, B]


def test_success_heals(world: World) -> None:
    pool = world.pool()
    for _ in range(10):
        world.sick = {A: REFUSED}
        assert world.go(pool) is REFUSED
        world.sick = {}
        assert [world.go(pool) for _ in range(2)] == [A, A]
    world.sick = {A: SILENT}
    assert world.go(pool) is SILENT
    world.sick = {}
    assert [world.go(pool) for _ in range(9)] == [A] * 9
    assert world.state().of("acme.example", A.name).score == 1


def test_refused_everywhere_is_a_refusal(world: World) -> None:
    pool = world.pool()
    world.sick = dict.fromkeys(TWO, REFUSED)
    for _ in range(6):
        world.go(pool)
    failure = world.go(pool)
    assert type(failure) is RefusedEverywhereError
    assert failure.outcome == "blocked"
    assert "every proxy it may use is set aside" in str(failure)
    assert "is refused (HTTP 403)" in str(failure)
    assert len(world.taken) == 6


def test_the_cool_down_grows_and_ends_with_one_probe(world: World) -> None:
    pool = world.pool()
    world.sick = {A: UNREACHABLE}
    assert world.go(pool) is UNREACHABLE
    rests = []
    for _ in range(9):
        rest = world.state().own(A.name).rest_s(world.clock.now)
        rests.append(round(rest))
        world.clock.now += rest - 1
        asked = len(world.taken)
        assert [world.go(pool), world.taken[asked:]] == [B, [B]], "not before its time"
        world.clock.now += 2
        assert [world.go(pool), world.taken[asked + 1 :]] == [B, [A, B]], "once"
    assert rests == [15, 30, 60, 120, 240, 480, 600, 600, 600]


def test_an_outage_of_our_own_network_is_over_a_minute_after_it(world: World) -> None:
    pool = world.pool()
    for round_trip in (UNREACHABLE, SILENT):
        world.sick = dict.fromkeys(TWO, round_trip)
        for _ in range(400):
            failure = world.go(pool)
            assert isinstance(failure, NoProxyError | NetworkError | FetchTimeoutError)
            world.clock.now += 10
        world.sick = {}
        world.clock.now += ALONE_S
        assert isinstance(world.go(pool), Proxy)
        asked_per_hour = len(world.taken) / (400 * 10 / 3600)
        assert asked_per_hour < 2 * 2 * 3600 / ALONE_S
        world.taken.clear()


def test_refusals_and_wrong_passwords_do_not_pass_by_themselves(world: World) -> None:
    for error in (REFUSED, UNAUTHORIZED):
        world.sick = dict.fromkeys(TWO, error)
        pool = world.pool(f"{error.outcome}.example")
        for _ in range(300):
            world.go(pool)
            world.clock.now += 10
        asked = len(world.taken)
        assert asked < 40
        world.taken.clear()
        world.sick = {}
        world.clock.now += LONGEST_S


def test_a_way_that_worked_for_long_is_forgiven(tmp_path: Path) -> None:
    world = World(tmp_path, (A,))
    pool = world.pool()

    def fall_and_return() -> int:
        world.sick = {A: UNREACHABLE}
        world.go(pool)
        rest = world.state().own(A.name).rest_s(world.clock.now)
        world.sick = {}
        world.clock.now += rest + 1
        assert [world.go(pool) for _ in range(4)] == [A] * 4
        return round(rest)

    assert [fall_and_return() for _ in range(3)] == [15, 30, 60]
    world.clock.now += FORGIVEN_AFTER_S
    assert fall_and_return() == 15


def test_one_request_tries_and_the_others_wait_for_it(tmp_path: Path) -> None:
    async def run(comes_back: bool) -> tuple[int, list[object]]:
        world = World(tmp_path / str(comes_back), (A,))
        pool, another = world.pool(), world.pool("another.example")
        world.sick = {A: UNREACHABLE}
        with pytest.raises(NetworkError):
            await pool.carry(world.ask)
        world.clock.now += 20
        began, end = asyncio.Event(), asyncio.Event()

        async def slow(proxy: Proxy) -> str:
            began.set()
            await end.wait()
            return await world.ask(proxy)

        if comes_back:
            world.sick = {}
        probe = asyncio.create_task(pool.carry(slow))
        await began.wait()
        others = [asyncio.create_task(one.carry(world.ask)) for one in (pool, another, pool)]
        await asyncio.sleep(0)
        asked = len(world.taken)
        end.set()
        results = await asyncio.gather(probe, *others, return_exceptions=True)
        return asked, list(results)

    asked, results = asyncio.run(run(comes_back=True))
    assert asked == 1, "the failure before; nobody else went"
    assert results == [A.name] * 4
    asked, results = asyncio.run(run(comes_back=False))
    assert results[0] is UNREACHABLE
    assert [type(result) for result in results[1:]] == [NoProxyError] * 3


def test_a_probe_that_was_given_up_lets_the_next_one_go(tmp_path: Path) -> None:
    world = World(tmp_path, (A,))
    pool = world.pool()
    world.sick = {A: UNREACHABLE}
    world.go(pool)
    world.sick = {}
    world.clock.now += 20

    async def cancelled() -> None:
        began = asyncio.Event()

        async def never(proxy: Proxy) -> None:
            began.set()
            await asyncio.Event().wait()

        probe = asyncio.create_task(pool.carry(never))
        await began.wait()
        probe.cancel()
        await asyncio.wait([probe])

    asyncio.run(cancelled())
    assert world.go(pool) == A


def test_a_probe_whose_process_died_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    world = World(tmp_path, (A,))
    pool = world.pool()
    world.sick = {A: UNREACHABLE}
    world.go(pool)
    world.clock.now += 20
    with StateFile(tmp_path).changing(world.clock.now) as state:
        state.ways[A.name].probe_until = world.clock.now + PROBE_S
    world.sick = {}
    world.clock.now += PROBE_S + 1
    assert world.go(pool) == A


def test_a_dead_proxy_is_tried_again_although_nobody_needs_it(world: World) -> None:
    """By a request without a session, which is asked again elsewhere when that fails."""
    pool = world.pool()
    world.sick = {A: UNREACHABLE}
    assert [world.go(pool), world.go(pool)] == [UNREACHABLE, B]
    world.clock.now += 20
    assert world.go(pool) == B
    assert world.taken[-2:] == [A, B]
    world.sick = {A: REFUSED}
    world.clock.now += 40
    assert world.go(pool) == B
    assert world.taken[-2:] == [A, B]
    world.sick = {}
    assert [world.go(pool), world.go(pool)] == [B, B], "it works again, and its bookmaker has another now"
    assert world.state().own(A.name).score > 0


def test_requests_that_fail_together_count_once(world: World) -> None:
    async def run() -> None:
        pool = world.pool()
        together = asyncio.Barrier(5)

        async def refused(proxy: Proxy) -> None:
            await together.wait()
            raise BlockedError("no", status=403)

        await asyncio.gather(*(pool.carry(refused) for _ in range(5)), return_exceptions=True)

    asyncio.run(run())
    assert world.state().of("acme.example", A.name).score == pytest.approx(0.66)


def test_an_answer_that_never_ends_counts(world: World) -> None:
    pool = world.pool(attempt_s=0.01)

    async def trickle(proxy: Proxy) -> None:
        await asyncio.Event().wait()

    for _ in range(2):
        with pytest.raises(FetchTimeoutError, match=r"no whole answer over 10\.0\.0\.1:8080#\w+ within 0\.01 s"):
            asyncio.run(pool.carry(trickle))
    assert world.go(pool) == B


def test_this_machines_own_address_is_judged_by_each_bookmaker_alone(tmp_path: Path) -> None:
    world = World(tmp_path, parse_proxies("direct http://10.0.0.1:8080"))
    direct, proxy = world.proxies
    world.sick = {direct: SILENT}
    pool = world.pool()
    assert [world.go(pool) for _ in range(3)] == [SILENT, SILENT, proxy]
    assert world.state().own(direct.name).score == 1


class Inner:
    """A fetcher that answers what it is told."""

    last_use = None

    def __init__(self, pool: ProxyPool) -> None:
        self.pool = pool
        self.refusal: BlockedError | None = None

    async def fetch(self, request: PageRequest) -> Page:
        async def ask(proxy: Proxy) -> None:
            if self.refusal is not None:
                raise self.refusal

        await self.pool.carry(ask)
        return Page(request, 200, b"{}", None, 0.1)  # type: ignore[arg-type]

    async def aclose(self) -> None:
        return None


def test_a_refusal_that_a_session_lifts_counts_once_the_session_has_failed(world: World) -> None:
    pool = world.pool(bound=True, lifted={401, 403})
    world.sick = {A: REFUSED}
    assert [world.go(pool) for _ in range(5)] == [REFUSED] * 5
    assert set(world.taken) == {A}
    inner = Inner(pool)
    watched = WatchedFetcher(inner, pool)
    inner.refusal = REFUSED
    for _ in range(3):
        with pytest.raises(BlockedError):
            asyncio.run(watched.fetch(REQUEST))
    assert world.go(pool) == B
    inner.refusal = NoBrowserError("no Chromium on this machine", status=403)
    for _ in range(5):
        with pytest.raises(BlockedError, match="no Chromium"):
            asyncio.run(watched.fetch(REQUEST))
    inner.refusal = None
    assert asyncio.run(watched.fetch(REQUEST)).status == 200
    assert world.go(pool) == B


def test_the_next_way_is_the_one_that_is_taken_next(world: World) -> None:
    pool = world.pool(bound=True)
    assert pool.next_way() == A.name
    world.go(pool)
    world.sick = {A: UNREACHABLE, B: UNREACHABLE}
    world.go(pool)
    assert pool.next_way() == B.name
    world.go(pool)
    assert pool.next_way() == ""


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (NetworkError("p: Page.goto: net::ERR_PROXY_CONNECTION_FAILED at https://p"), Verdict.UNREACHABLE),
        (NetworkError("p: Page.goto: net::ERR_TUNNEL_CONNECTION_FAILED at https://p"), Verdict.FAILED),
        (NetworkError("p: net::ERR_INVALID_AUTH_CREDENTIALS"), Verdict.UNAUTHORIZED),
        (NetworkError("p: the page answered HTTP 407"), Verdict.UNAUTHORIZED),
        (BlockedError("p: the page answered HTTP 403"), Verdict.WALLED),
        (BlockedError("p: the page shows a wall: Cloudflare challenge"), Verdict.WALLED),
        (NetworkError("p: the page answered HTTP 500"), None),
        (NetworkError("p: the browser broke down: no memory"), None),
        (BlockedError("p: the page sent no authorization to /api within 60 s"), None),
        (BlockedError("no Chromium on this machine"), None),
        (FetchTimeoutError("no word from the browser"), None),
        (FetchTimeoutError("p: the page did not load within 60 s"), Verdict.FAILED),
    ],
)
def test_what_a_browser_says_about_the_way(world: World, error: FleetError, verdict: Verdict | None) -> None:
    assert judged_page(error)[0] is verdict
    pool = world.pool(bound=True)

    async def browse() -> Proxy:
        async with pool.browsing() as way:
            if way == A:
                raise error
            return way

    for _ in range(3):
        with contextlib.suppress(type(error)):
            asyncio.run(browse())
    falls = verdict is not None
    assert (pool.next_way() == B.name) == falls
    if falls:
        assert asyncio.run(browse()) == B


ERRORS = st.sampled_from([None, UNREACHABLE, UNAUTHORIZED, SILENT, REFUSED, CONTENT])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), st.dictionaries(st.sampled_from(THREE_TIERS), ERRORS), st.floats(0, 700)
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.booleans())
def test_whatever_happens_the_rules_hold_and_it_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, dict[Proxy, FleetError | None], float]],
    bound: bool,
) -> None:
    world = World(tmp_path_factory.mktemp("world"), THREE_TIERS)
    pools = {key: world.pool(key, tiers=("datacenter", "residential"), bound=bound) for key in "ab"}
    for key, sick, pause in steps:
        world.sick = {proxy: error for proxy, error in sick.items() if error is not None}
        before = world.state()
        at = world.clock.now
        asked = len(world.taken)
        world.go(pools[key])
        for proxy in world.taken[asked:]:
            assert not proxy.is_direct
            for record in (before.own(proxy.name), before.of(key, proxy.name)):
                rests = record.rest_s(at + 1) > 0
                assert not rests or at + 1 - record.failed_at >= ALONE_S, "a way that rests is left alone"
        assert len(set(world.taken[asked:])) == len(world.taken[asked:]), "no way twice for one request"
        for records in (world.state().ways, *world.state().bookmakers.values()):
            assert all(0 <= record.score <= 1 for record in records.values())
        world.clock.now += pause
    world.sick = {}
    world.clock.now += LONGEST_S
    assert isinstance(world.go(pools["a"]), Proxy)


# -- what processes know together --------------------------------------------------------------------------


def in_another_process(folder: Path, program: str) -> subprocess.Popen[bytes]:
    """Run `program` with a pool of the two proxies on the same folder."""
    setup = f"""
import asyncio
from pathlib import Path
from scrapers.errors import BlockedError, NetworkError
from scrapers.fetching.proxies import ProxyPool
from scrapers.fetching.proxy_list import parse_proxies
from scrapers.fetching.proxy_state import StateFile
from scrapers.fetching.proxy_transport import ProxyUnreachableError
proxies = parse_proxies("http://10.0.0.1:8080, http://10.0.0.2:8080")
def pool(key): return ProxyPool(proxies, file=StateFile(Path({str(folder)!r})), key=key)
async def fine(proxy): return proxy.name
async def refused(proxy): raise BlockedError("no", status=403)
"""
    return subprocess.Popen([sys.executable, "-c", setup + program], cwd=ROOT, stdout=subprocess.PIPE)


def test_two_processes_count_together(tmp_path: Path) -> None:
    program = """
for n in range(20):
    one = pool(f"{PREFIX}{n}")
    asyncio.run(one.carry(fine))
    try: asyncio.run(one.carry(refused))
    except BlockedError: pass
"""
    others = [in_another_process(tmp_path, f"PREFIX = {prefix!r}\n{program}") for prefix in "xy"]
    for other in others:
        out, _ = other.communicate(timeout=30)
        assert other.returncode == 0, out
    state = StateFile(tmp_path).read()
    assert set(state.sticks) == {f"{prefix}{n}" for prefix in "xy" for n in range(20)}
    assert len(state.bookmakers) == 40
    ways = list(state.sticks.values())
    assert ways.count(A.name) == ways.count(B.name) == 20, "and share the proxies out evenly"


def test_what_one_process_learnt_the_other_knows(world: World) -> None:
    world.clock.now = time.time()
    assert world.go(world.pool()) == A
    other = in_another_process(
        world.folder,
        """
async def dead(proxy): raise NetworkError(proxy.name) from ProxyUnreachableError("x")
try: asyncio.run(pool("other.example").carry(dead))
except NetworkError as error: print(error)
""",
    )
    out, _ = other.communicate(timeout=30)
    assert out.decode().strip() == B.name, "the one that nobody kept"
    world.clock.now = time.time()
    world.sick = {A: UNREACHABLE}
    assert world.go(world.pool()) is UNREACHABLE
    assert isinstance(world.go(world.pool()), NoProxyError), "B is known to be down, and has not been asked here"
    assert B not in world.taken


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("{"),
        lambda path: path.write_text('{"version": 2}'),
        lambda path: path.write_text('{"ways": {"x": {"score": NaN}}}'),
        lambda path: path.write_text('{"ways": {"x": {"score": 7}}}'),
        lambda path: path.write_bytes(b"\xff\x00" * 100),
        lambda path: path.unlink(),
    ],
)
def test_a_spoilt_state_is_replaced(world: World, spoil: Callable[[Path], object]) -> None:
    pool = world.pool()
    world.go(pool)
    spoil(world.folder / "state.json")
    assert world.go(pool) == A
    assert orjson.loads((world.folder / "state.json").read_bytes())["sticks"] == {"acme.example": A.name}


def test_a_disk_that_refuses_costs_the_sharing_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    world = World(tmp_path / "file" / "proxies", TWO)
    pool = world.pool()
    world.sick = {A: UNREACHABLE}
    assert [world.go(pool), world.go(pool), world.go(pool)] == [UNREACHABLE, B, B]


def test_a_clock_that_is_set_back_keeps_no_way_down(tmp_path: Path) -> None:
    world = World(tmp_path, (A,))
    pool = world.pool()
    world.sick = {A: UNREACHABLE}
    world.go(pool)
    world.sick = {}
    world.clock.now -= 86_400
    assert world.go(pool) == A


def test_a_stopped_holder_of_the_lock_stops_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.fetching.proxy_state.LOCK_WAIT_S", 0.02)
    with open(world.folder / "state.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert world.go(world.pool()) == A
    assert world.state().sticks == {"acme.example": A.name}
