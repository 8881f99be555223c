"""Which pages ask who is there. A table, looked at before any page is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.errors import LoginRequired, NoTokenSet, TooManyTries
from dashboard.security.sessions import Session
from dashboard.site import Site

Need = Literal["nothing", "token", "login", "login_if_exposed"]

NEEDS: tuple[tuple[str, Need], ...] = (
    ("/health", "nothing"),
    ("/static/", "nothing"),
    ("/login", "nothing"),
    ("/api/", "token"),
    ("/admin", "login"),
    ("/", "login_if_exposed"),
)
"""Beginning of a path -> what it needs; the first that fits counts.

    token  the token itself with every request: no cookie counts, so nobody's browser can be made to send one
"""

BEARER = Session(id="", name="token")
"""Who sent the token itself instead of a cookie. It reads, and writes below `/api/`; forms need a session."""


@dataclass(frozen=True, slots=True)
class Access:
    """Middleware: sets `request.state.session` (None: nobody), or raises what the error pages show."""

    app: ASGIApp
    site: Site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. Raises LoginRequired, NoTokenSet or TooManyTries."""
        if scope["type"] == "http":
            request = Request(scope)
            request.state.session = self._who(request)
            self._check(request)
        await self.app(scope, receive, send)

    def _who(self, request: Request) -> Session | None:
        gate = self.site.gate
        is_for_token = _need_of(request) == "token"
        if request.method not in ("GET", "HEAD") and not is_for_token:
            return gate.session(request)
        address = address_of(request)
        bearer = gate.bearer(request)
        if bearer is None:
            return None if is_for_token else gate.session(request)
        if wait_s := self.site.throttle.wait_s(address):
            raise TooManyTries(wait_s)
        if not bearer:
            self.site.throttle.failed(address)
            return None
        return BEARER

    def _check(self, request: Request) -> None:
        need = _need_of(request)
        is_write = request.method not in ("GET", "HEAD", "OPTIONS") and need != "nothing"
        if need in ("token", "login") or is_write or (need == "login_if_exposed" and self.site.config.exposed):
            if not self.site.gate.configured:
                raise NoTokenSet
            if request.state.session is None:
                raise LoginRequired


def _need_of(request: Request) -> Need:
    path = request.scope["path"]  # as the router takes it
    return next(need for start, need in NEEDS if path.startswith(start))


def address_of(request: Request) -> str:
    """The address a request came from, as far as it is known."""
    return request.client.host if request.client else "?"
