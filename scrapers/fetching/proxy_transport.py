"""One connection pool per way out, below one httpx client: each request says which way it takes."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

from scrapers.fetching.proxy_list import WAY, Proxy

CONNECTING = "connection.connect_tcp"
"""The stage of httpcore in which the proxy itself is connected to (httpcore 1.0)."""


class ProxyUnreachableError(httpx.ProxyError):
    """The proxy takes no connection."""


class ProxyUnauthorizedError(httpx.ProxyError):
    """The proxy answers 407."""


def is_silence(error: BaseException) -> bool:
    """Whether this failure of a connection means that no whole answer came, for whatever reason."""
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)


class ProxyTransport(httpx.AsyncBaseTransport):
    """Sends a request over the way in its extension `WAY`.

    Pools are opened as they are needed. They share one TLS context, which is the costly part of each.

    Raises ProxyUnreachableError and ProxyUnauthorizedError beside what httpx raises; their messages name the
    proxy and hold no credentials.
    """

    def __init__(self, *, http2: bool, verify: ssl.SSLContext | None = None) -> None:
        self._http2 = http2
        self._verify = verify or httpx.create_ssl_context(trust_env=False)
        self._pools: dict[str, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; the body is still to be read."""
        proxy: Proxy = request.extensions[WAY]
        stage = _Stage()
        request.extensions = {**request.extensions, "trace": stage}
        try:
            response = await self._pool(proxy).handle_async_request(request)
        except httpx.ProxyError as error:
            # The tunnel was refused; httpcore's message is the status line.
            if str(error).startswith("407"):
                raise _unauthorized(proxy) from error
            raise httpx.ProxyError(f"proxy {proxy.name} opens no tunnel: {error}") from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            if stage.now == CONNECTING and not proxy.is_direct:
                raise ProxyUnreachableError(f"proxy {proxy.name} cannot be reached: {error}") from error
            raise
        if response.status_code == 407 and not proxy.is_direct:
            await response.aclose()
            raise _unauthorized(proxy)
        return response

    async def aclose(self) -> None:
        """Close every pool."""
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    def _pool(self, proxy: Proxy) -> httpx.AsyncHTTPTransport:
        pool = self._pools.get(proxy.name)
        if pool is None:
            auth = (proxy.username, proxy.password) if proxy.username or proxy.password else None
            pool = self._pools[proxy.name] = httpx.AsyncHTTPTransport(
                verify=self._verify,
                http2=self._http2,
                proxy=None if proxy.is_direct else httpx.Proxy(proxy.server, auth=auth),
            )
        return pool


class _Stage:
    """How far a request got, as httpcore tells it."""

    def __init__(self) -> None:
        self.now = ""

    async def __call__(self, event: str, about: dict[str, Any]) -> None:
        name, _, step = event.rpartition(".")
        if step == "started":
            self.now = name


def _unauthorized(proxy: Proxy) -> ProxyUnauthorizedError:
    return ProxyUnauthorizedError(f"proxy {proxy.name} refuses its credentials (HTTP 407): correct PROXY_LIST")
