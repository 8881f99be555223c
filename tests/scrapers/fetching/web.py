"""A small web server on loopback whose answers a test writes itself, byte by byte where it wants to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Writer = asyncio.StreamWriter


@dataclass
class Asked:
    """One request as it came in."""

    target: str
    headers: dict[str, str]


@dataclass
class Web:
    """The running server; `asked` grows with every request."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str = "/list") -> str:
        """An address of this server."""
        return f"http://127.0.0.1:{self.port}{path}"


Answer = Callable[[Asked, Writer], Awaitable[None]]


def response(status: int = 200, body: bytes = b'{"events": []}', **headers: str) -> bytes:
    """A whole HTTP/1.1 response; header names are written with underscores."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(raw: bytes) -> Answer:
    """The same answer to everything."""

    async def answer(asked: Asked, writer: Writer) -> None:
        writer.write(raw)

    return answer


def in_turn(*raws: bytes) -> Answer:
    """One answer after the other."""
    rest = list(raws)

    async def answer(asked: Asked, writer: Writer) -> None:
        writer.write(rest.pop(0))

    return answer


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Web]:
    """Serve `answer` on a free port until the block ends, one request per connection."""
    web = Web()

    async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            asked = Asked(first.split(" ")[1], headers)
            web.asked.append(asked)
            await answer(asked, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client went away, which some tests are about
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
