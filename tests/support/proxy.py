"""A small real forward proxy on loopback: absolute addresses and CONNECT, credentials, faults to switch on.

async with proxying("user", "secret") as proxy:
    proxy.fault = "hang"
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit

Fault = Literal["", "hang", "reset", "no tunnel"]


@dataclass
class ForwardProxy:
    """The running proxy.

    carried  the targets it was asked for, in order: "http://host:port/path", or "host:port" for a tunnel
             (The site knows by the header Via: 1.1 PORT.)
    fault    "hang" answers nothing, "reset" closes without an answer, "no tunnel" answers CONNECT with 502
    """

    username: str = ""
    password: str = ""
    port: int = 0
    fault: Fault = ""
    carried: list[str] = field(default_factory=list)
    refused: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _at_work: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its entry in PROXY_LIST."""
        who = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@" if self.username else ""
        return f"http://{who}127.0.0.1:{self.port}"

    async def live(self) -> None:
        """Listen, on the port it had before if it had one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()
        if self._at_work:
            await asyncio.wait(self._at_work)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        with self._held(writer), suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)  # either side may go away, which some tests are about

    @contextmanager
    def _held(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        method, target, version = first.split(" ")
        headers = [tuple(line.split(": ", 1)) for line in lines]
        if not self._knows({name.lower(): value for name, value in headers}):
            self.refused += 1
            writer.write(_plain(407, "Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="p"'))
            await writer.drain()
            return
        self.carried.append(target)
        if self.fault == "hang":
            await reader.read()
            return
        if self.fault == "reset":
            writer.transport.abort()
            return
        if method == "CONNECT":
            await self._tunnel(target, reader, writer)
            return
        parts = urlsplit(target)
        path = parts._replace(scheme="", netloc="").geturl() or "/"
        kept = [f"{name}: {value}" for name, value in headers if not name.lower().startswith("proxy-")]
        kept = [line for line in kept if not line.lower().startswith("connection:")]
        request = "\r\n".join(
            [f"{method} {path} {version}", *kept, f"Via: 1.1 {self.port}", "Connection: close", "", ""]
        )
        try:
            theirs, up = await asyncio.open_connection(parts.hostname, parts.port or 80)
        except OSError:
            writer.write(_plain(502, "Bad Gateway"))
            await writer.drain()
            return
        with self._held(up):
            up.write(request.encode("latin-1"))
            await _pour(theirs, writer)

    async def _tunnel(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = target.rpartition(":")
        try:
            if self.fault == "no tunnel":
                raise ConnectionRefusedError
            theirs, up = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.write(_plain(502, "Bad Gateway"))
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with self._held(up):
            await asyncio.gather(_pour(reader, up), _pour(theirs, writer))

    def _knows(self, headers: dict[str, str]) -> bool:
        wanted = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return not self.username or headers.get("proxy-authorization") == f"Basic {wanted}"


@asynccontextmanager
async def proxying(username: str = "", password: str = "") -> AsyncIterator[ForwardProxy]:
    """A proxy on a free port until the block ends."""
    proxy = ForwardProxy(username, password)
    await proxy.live()
    try:
        yield proxy
    finally:
        await proxy.die()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await source.read(65_536):
            target.write(piece)
            await target.drain()
    target.close()


def _plain(status: int, words: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} {words}", "Content-Length: 0", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode()
