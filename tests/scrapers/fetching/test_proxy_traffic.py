"""Requests over real proxies on loopback: what goes where when one dies, refuses, hangs or does not know us."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from loguru import logger
from pydantic import SecretStr

from scrapers.errors import BlockedError, NetworkError, NoProxyError, PayloadShapeError, RefusedEverywhereError
from scrapers.fetching.failures import FailureBodies
from scrapers.fetching.http import HttpFetcher, Limits
from scrapers.fetching.open import open_fetcher
from scrapers.fetching.pace import Pace, Rate
from scrapers.fetching.proxies import ProxyPool
from scrapers.fetching.proxy_list import Tier, name_key, parse_proxies
from scrapers.fetching.proxy_state import ProxyState, StateFile
from scrapers.fetching.proxy_transport import ProxyTransport
from scrapers.records import PageRequest
from tests.support.proxy import Fault, ForwardProxy, proxying

from .test_open import Settings, acme
from .web import Answer, Asked, Web, Writer, always, response, serving

QUICK = Limits(backoff_s=0.01, slow_down_s=0.02, deadline_s=5, connect_s=1, read_s=0.15)
USER, PASSWORD = "account-77", "s3cr:t/p@ss"
SECRETS = (USER, PASSWORD, "s3cr%3At%2Fp%40ss", "YWNjb3VudC03NzpzM2NyOnQvcEBzcw")


class Clock:
    """Seconds since the epoch, that a test may move on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return datetime.now(UTC).timestamp() + self.ahead


@dataclass
class Way:
    """A fetcher that goes out over proxies."""

    folder: Path
    listed: str
    clock: Clock = field(default_factory=Clock)

    def state(self) -> ProxyState:
        return StateFile(self.folder).read()

    def name(self, proxy: ForwardProxy) -> str:
        """The proxy's name in state and messages."""
        proxies = parse_proxies(self.listed, name_key(self.folder))
        return next(one.name for one in proxies if one.name.startswith(f"127.0.0.1:{proxy.port}#"))

    @asynccontextmanager
    async def fetcher(
        self, *, tls: ssl.SSLContext | None = None, bound: bool = False, limits: Limits = QUICK
    ) -> AsyncIterator[HttpFetcher]:
        pool = ProxyPool(
            parse_proxies(self.listed, name_key(self.folder)),
            file=StateFile(self.folder),
            key="acme.example",
            tiers=tuple(Tier),
            bound=bound,
            clock=self.clock,
        )
        transport = ProxyTransport(http2=tls is not None, verify=tls)
        pace = Pace(Rate(per_s=10_000, burst=100))
        fetcher = HttpFetcher("acme", limits=limits, pace=pace, proxies=pool, transport=transport)
        try:
            yield fetcher
        finally:
            await fetcher.aclose()


@asynccontextmanager
async def two_proxies(folder: Path, answer: Answer) -> AsyncIterator[tuple[Web, ForwardProxy, ForwardProxy, Way]]:
    """A site, two proxies that ask for credentials, and a way over both."""
    async with serving(answer) as web, proxying(USER, PASSWORD) as one, proxying(USER, PASSWORD) as two:
        yield web, one, two, Way(folder, f"{one.url}, {two.url}")


def page(web: Web, path: str = "/list") -> PageRequest:
    return PageRequest("league:x", web.url(path))


def test_a_page_comes_over_the_proxy_and_the_site_sees_nothing_of_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with two_proxies(tmp_path, always(response())) as (web, one, two, way), way.fetcher() as fetcher:
            for _ in range(3):
                assert (await fetcher.fetch(page(web))).body == b'{"events": []}'
            assert one.carried == [web.url()] * 3
            assert two.carried == []
            assert not [name for asked in web.asked for name in asked.headers if "proxy" in name]
            assert way.state().sticks == {"acme.example": way.name(one)}

    asyncio.run(run())


def test_an_https_page_comes_through_a_tunnel(tmp_path: Path) -> None:
    async def run() -> None:
        server_tls, client_tls = certificates(tmp_path)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(response())
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_tls)
        port = server.sockets[0].getsockname()[1]
        async with proxying(USER, PASSWORD) as proxy:
            way = Way(tmp_path / "proxies", proxy.url)
            async with way.fetcher(tls=client_tls) as fetcher:
                got = await fetcher.fetch(PageRequest("league:x", f"https://127.0.0.1:{port}/list"))
            assert got.body == b'{"events": []}'
            assert proxy.carried == [f"127.0.0.1:{port}"]
        server.close()

    asyncio.run(run())


def test_a_proxy_that_dies_is_left_within_the_request_and_revived_by_a_probe(tmp_path: Path) -> None:
    async def run() -> None:
        async with two_proxies(tmp_path, always(response())) as (web, one, two, way), way.fetcher() as fetcher:
            await fetcher.fetch(page(web))
            await one.die()
            pages = await asyncio.gather(*(fetcher.fetch(page(web, f"/{n}")) for n in range(3)))
            assert [got.status for got in pages] == [200] * 3
            assert len(two.carried) == 3
            assert way.state().own(way.name(one)).reason == "cannot be reached"
            assert way.state().sticks == {"acme.example": way.name(two)}

            await one.live()
            one.carried.clear()
            await fetcher.fetch(page(web))
            assert one.carried == [], "it rests"
            way.clock.ahead += 20
            await fetcher.fetch(page(web))
            assert len(one.carried) == 1, "one request goes"
            assert way.state().own(way.name(one)).score > 0
            await two.die()
            await fetcher.fetch(page(web))
            assert len(one.carried) == 2

    asyncio.run(run())


def test_a_proxy_that_is_silent_or_cuts_is_left_within_the_request(tmp_path: Path) -> None:
    async def run() -> None:
        faults: tuple[Fault, ...] = ("hang", "reset")
        for fault in faults:
            async with two_proxies(tmp_path / fault, always(response())) as (web, one, two, way):
                async with way.fetcher() as fetcher:
                    await fetcher.fetch(page(web))
                    one.fault = fault
                    assert (await fetcher.fetch(page(web))).status == 200
                assert [len(one.carried), len(two.carried)] == [3, 1]

    asyncio.run(run())


def test_a_site_that_refuses_the_address_is_asked_from_another_one(tmp_path: Path) -> None:
    async def run() -> None:
        async with two_proxies(tmp_path, always(response(403, b"no"))) as (web, one, two, way):
            async with way.fetcher() as fetcher:
                for _ in range(5):
                    with pytest.raises(BlockedError, match="HTTP 403"):
                        await fetcher.fetch(page(web))
                with pytest.raises(RefusedEverywhereError, match="every proxy it may use is set aside"):
                    await fetcher.fetch(page(web))
            assert len(one.carried) == len(two.carried) == 3
            assert way.state().own(way.name(one)).score == 1, "other bookmakers go on using it"
            assert len(web.asked) == 6

    asyncio.run(run())


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (response(200, b""), PayloadShapeError),
        (response(404, b"gone"), PayloadShapeError),
        (response(500, b"oops"), NetworkError),
        (response(401, b"token"), BlockedError),
        (response(200, b"x", Content_Encoding="br"), PayloadShapeError),
    ],
)
def test_what_is_wrong_with_the_content_is_not_the_proxys_fault(
    tmp_path: Path, raw: bytes, kind: type[Exception]
) -> None:
    async def run() -> None:
        async with two_proxies(tmp_path, always(raw)) as (web, one, two, way), way.fetcher() as fetcher:
            for _ in range(4):
                with pytest.raises(kind):
                    await fetcher.fetch(page(web))
            assert two.carried == []
            assert len(one.carried) == len(web.asked)
            assert way.state().ways == {}

    asyncio.run(run())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_wrong_credentials_are_a_clear_failure(tmp_path: Path, scheme: str) -> None:
    async def run() -> None:
        async with serving(always(response())) as web, proxying(USER, PASSWORD) as proxy:
            way = Way(tmp_path, f"http://{USER}:wrong@127.0.0.1:{proxy.port}")
            request = PageRequest("league:x", web.url().replace("http", scheme, 1))
            async with way.fetcher(limits=Limits(backoff_s=0.01, attempts=1)) as fetcher:
                with pytest.raises(NetworkError) as first:
                    await fetcher.fetch(request)
                with pytest.raises(NoProxyError) as later:
                    await fetcher.fetch(request)
            assert f"proxy {way.name(proxy)} refuses its credentials (HTTP 407): correct PROXY_LIST" in str(
                first.value
            )
            assert f"{way.name(proxy)} refuses its credentials (HTTP 407; correct PROXY_LIST)" in str(later.value)
            assert "tried again in 300 s" in str(later.value)
            assert proxy.refused == 1
            assert web.asked == []

    asyncio.run(run())


def test_a_site_without_tls_or_out_of_reach_is_not_the_proxys_fault_alone(tmp_path: Path) -> None:
    """The proxy took the connection. It counts for this bookmaker, and only a little for the proxy."""

    async def speaks_no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-x\r\n")
        await reader.read()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(speaks_no_tls, "127.0.0.1", 0)
        request = PageRequest("league:x", f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/list")
        async with proxying(USER, PASSWORD) as one, proxying(USER, PASSWORD) as two:
            way = Way(tmp_path, f"{one.url}, {two.url}")
            one.fault = "no tunnel"
            async with way.fetcher(limits=Limits(attempts=1)) as fetcher:
                with pytest.raises(NetworkError, match=rf"proxy {way.name(one)} opens no tunnel: 502"):
                    await fetcher.fetch(request)
                one.fault = ""
                with pytest.raises(NetworkError, match="ConnectError"):
                    await fetcher.fetch(request)
            state = way.state()
            assert state.own(way.name(one)).score == 0.5
            assert state.of("acme.example", way.name(one)).score == 0
            assert two.carried == []
        server.close()

    asyncio.run(run())


def test_nothing_goes_out_directly_unless_that_is_listed(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving(always(response())) as web, proxying() as proxy:
            await proxy.die()
            way = Way(tmp_path / "no", proxy.url)
            async with way.fetcher() as fetcher:
                with pytest.raises(NoProxyError, match="every proxy it may use is set aside"):
                    await fetcher.fetch(page(web))
            assert web.asked == []
            way = Way(tmp_path / "yes", f"{proxy.url} direct")
            async with way.fetcher() as fetcher:
                assert (await fetcher.fetch(page(web))).status == 200

    asyncio.run(run())


def test_browser_and_requests_go_the_same_way_and_another_way_is_another_session(
    tmp_path: Path, chromium: Path
) -> None:
    """The whole way: refusal, page, token, odds; the proxy dies; page, token and odds over the other one."""
    api = "/sb2frontend.biahosted.com/api/widget/GetEvents"
    command_lines: list[str] = []

    async def answer(asked: Asked, writer: Writer) -> None:
        # The address is part of the token, as on the real one.
        token = f"token-for-{asked.headers.get('via', 'nobody')}"
        if asked.target == "/www.acme.example/esportes":
            for process in psutil.process_iter():
                with contextlib.suppress(psutil.Error):
                    command_lines.append(" ".join(process.cmdline()))
            script = f"fetch('{api}', {{headers: {{authorization: '{token}'}}}})"
            body = f"<!doctype html><title>Acme</title><script>{script}</script>".encode()
            writer.write(response(body=body, Content_Type="text/html"))
        elif asked.headers.get("authorization") == token:
            writer.write(response(body=b'{"events": [1]}'))
        else:
            writer.write(response(401, b"token"))

    async def run() -> None:
        async with two_proxies(tmp_path, answer) as (web, one, two, way):
            settings = Settings("simulator", tmp_path, web.port, chromium, proxy_list=SecretStr(way.listed))
            browser = acme(transport="browser", options={"session_page": "/esportes"}, proxy_tiers=("datacenter",))
            request = PageRequest("s", f"https:/{api}")
            fetcher = open_fetcher(browser, settings=settings)
            assert (await fetcher.fetch(request)).body == b'{"events": [1]}'
            await one.die()
            first = len(web.asked)
            assert (await fetcher.fetch(request)).body == b'{"events": [1]}'
            await fetcher.aclose()
            assert {asked.headers.get("via") for asked in web.asked[:first]} == {f"1.1 {one.port}"}
            assert {asked.headers.get("via") for asked in web.asked[first:]} == {f"1.1 {two.port}"}
            assert f"token-for-1.1 {two.port}" in (tmp_path / "sessions" / "www.acme.example.json").read_text()

    asyncio.run(run())
    assert any("--user-data-dir" in line for line in command_lines)
    assert not [line for line in command_lines if any(secret in line for secret in SECRETS)]


def test_the_simulator_is_only_asked_over_proxies_of_this_machine(tmp_path: Path) -> None:
    async def run() -> None:
        async with two_proxies(tmp_path, always(response())) as (web, one, _, way):
            request = PageRequest("s", "https://api.example/list")
            for listed, carried in (("http://192.0.2.1:8080", 0), (f"http://192.0.2.1:8080 {way.listed}", 1)):
                settings = Settings("simulator", tmp_path, web.port, proxy_list=SecretStr(listed))
                fetcher = open_fetcher(acme(), settings=settings)
                assert (await fetcher.fetch(request)).status == 200
                await fetcher.aclose()
                assert len(one.carried) == carried

    asyncio.run(run())


def test_a_bookmaker_that_must_not_be_asked_directly_is_not(tmp_path: Path) -> None:
    """Neither without a list nor with one that has nothing for it."""

    async def run() -> None:
        for listed in (None, SecretStr("direct"), SecretStr("http://192.0.2.1:8080")):
            settings = Settings("live", tmp_path, proxy_list=listed)
            fetcher = open_fetcher(acme(proxy_tiers=("residential",)), settings=settings)
            with pytest.raises(NoProxyError, match=r"acme\.example may go out over residential"):
                await fetcher.fetch(PageRequest("s", "https://192.0.2.1/list"))
            await fetcher.aclose()

    asyncio.run(run())


# -- secrets -----------------------------------------------------------------------------------------------


@pytest.fixture
def said() -> Iterator[list[str]]:
    """Every log line at every level, of loguru and of the libraries below, tracebacks with values included."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name} {record.getMessage()} {record.__dict__}")

    number = logger.add(lambda message: lines.append(str(message)), level=0, backtrace=True, diagnose=True)
    handler, root = Keep(level=0), logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", "httpx", "httpcore", "asyncio")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(1)
    yield lines
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    root.removeHandler(handler)
    logger.remove(number)


def test_credentials_are_written_nowhere(tmp_path: Path, said: list[str]) -> None:
    async def run() -> None:
        async with two_proxies(tmp_path / "proxies", always(response(403, b"no"))) as (web, one, two, way):
            wrong = f"http://{USER}:{PASSWORD[:4]}x@127.0.0.1:{one.port}"
            way.listed = f"{way.listed}, {wrong}, residential=http://{USER}:{PASSWORD[:4]}@127.0.0.1:1"
            bodies = FailureBodies(tmp_path / "failures", 10_000)
            async with way.fetcher() as fetcher:
                for target in [page(web)] * 8 + [PageRequest("s", web.url().replace("http", "https", 1))] * 8:
                    try:
                        await fetcher.fetch(target)
                    except (BlockedError, NetworkError, NoProxyError) as error:
                        logger.exception("failed: {}", error)
                        bodies.keep("acme", target, error)
                        said.append("".join(traceback.format_exception(error)))
                        said.append(repr(error) + repr(error.__dict__))
                    one.fault = "no tunnel"
                await two.die()
                way.clock.ahead += 3600
                said.extend(repr(proxy) for proxy in parse_proxies(way.listed))

    asyncio.run(run())
    assert any("refuses its credentials" in line for line in said)
    assert any("cannot be reached" in line for line in said)
    assert any("httpcore" in line for line in said)
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in written} >= {"state.json", "blocked.body", "blocked.json"}
    for secret in (*SECRETS, PASSWORD[:4]):
        assert not [line for line in said if secret in line], secret
        assert not [path for path, content in written.items() if secret.encode() in content], secret


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + secret)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
