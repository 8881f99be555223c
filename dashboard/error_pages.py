"""What a reader sees when there is no page: what happened, and what to do. Never a trace."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from loguru import logger
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.errors import LoginRequired, NotFound, Refused, TooManyTries
from dashboard.login import login_page
from dashboard.site import Site, site_of
from scrapers.errors import StoreError

FOR_PROGRAMS = ("/api/", "/feed/", "/metrics", "/health")
"""Beginnings of paths that programs read; an error there is one line of JSON."""


@dataclass(frozen=True, slots=True)
class ErrorPages:
    """Middleware: every exception of a page becomes an answer; what nobody expected is logged with its trace."""

    app: ASGIApp
    site: Site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        self.site.traffic.requests += 1
        try:
            await self.app(scope, receive, send_noting)
        except Exception as error:
            if begun:
                raise  # too late for another answer: the connection is cut
            request = Request(scope)
            await error_page(request, error)(scope, receive, send)


def error_page(request: Request, error: Exception) -> Response:
    """The answer for an exception."""
    if isinstance(error, HTTPException):
        error = NotFound() if error.status_code == 404 else _OtherStatus(error.status_code)
    if isinstance(error, Refused):
        return _refusal(request, error)
    site_of(request).traffic.failures += 1
    if isinstance(error, StoreError):
        logger.warning("{} cannot be shown: {}", request.url.path, error)
        return _answer(request, 503, "error.database", {"retry-after": "5"}, detail=str(error))
    code = secrets.token_hex(4)
    logger.opt(exception=error).error("{} failed (code {})", request.url.path, code)
    return _answer(request, 500, "error.bug", {}, detail=code)


class _OtherStatus(Refused):
    """What the router itself refuses, as a wrong method."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def _refusal(request: Request, error: Refused) -> Response:
    if isinstance(error, LoginRequired) and not _is_for_program(request):
        return login_page(request, status=error.status)
    headers = {"retry-after": str(error.wait_s)} if isinstance(error, TooManyTries) else {}
    if isinstance(error, LoginRequired):
        headers["www-authenticate"] = "Bearer"
    return _answer(request, error.status, error.phrase, headers, detail=error.detail)


def _answer(request: Request, status: int, phrase: str, headers: dict[str, str], *, detail: str = "") -> Response:
    templates = site_of(request).templates
    if _is_for_program(request):
        said = {"error": templates.wording(request).t(f"{phrase}.title"), "detail": detail}
        return JSONResponse(said, status, headers)
    return templates.page(
        request, "error.html", {"phrase": phrase, "detail": detail}, status=status, headers=headers
    )


def _is_for_program(request: Request) -> bool:
    return request.url.path.startswith(FOR_PROGRAMS)
