"""What the failures of requests and of browsers say about the way they took. Pure."""

from __future__ import annotations

from collections.abc import Collection

from scrapers.errors import (
    BlockedError,
    FetchError,
    FetchTimeoutError,
    FleetError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
)
from scrapers.fetching.proxy_scores import Verdict
from scrapers.fetching.proxy_transport import ProxyUnauthorizedError, ProxyUnreachableError, is_silence

SESSION_REFUSALS = frozenset({400, 401})
"""Refusals that are about a missing or stale token, not about the address."""

UNAUTHORIZED_REASON = "refuses its credentials (HTTP 407; correct PROXY_LIST)"

PAGE_MARKS: tuple[tuple[type[FetchError], str, Verdict, str], ...] = (
    # First match wins. The names are Chromium's (net_error_list.h), the sentences `browser_worker`'s.
    (NetworkError, "net::ERR_PROXY_CONNECTION_FAILED", Verdict.UNREACHABLE, "cannot be reached"),
    (NetworkError, "net::ERR_INVALID_AUTH_CREDENTIALS", Verdict.UNAUTHORIZED, UNAUTHORIZED_REASON),
    (NetworkError, "the page answered HTTP 407", Verdict.UNAUTHORIZED, UNAUTHORIZED_REASON),
    (NetworkError, "net::ERR_", Verdict.FAILED, "brought no page to the browser"),
    (FetchTimeoutError, "the page did not load", Verdict.FAILED, "brought no page to the browser in time"),
    (BlockedError, "the page answered HTTP", Verdict.WALLED, "is refused the page"),
    (BlockedError, "the page shows a wall", Verdict.WALLED, "is refused the page"),
)
"""Kind of a browser's failure, and words of it -> what it says about the way, and why."""


def judged(error: FleetError, lifted: Collection[int] = SESSION_REFUSALS) -> tuple[Verdict | None, str]:
    """What a failed attempt says about its way, and why in a few words; None when it says nothing."""
    cause = error.__cause__
    if isinstance(cause, ProxyUnauthorizedError):
        return Verdict.UNAUTHORIZED, UNAUTHORIZED_REASON
    if isinstance(cause, ProxyUnreachableError):
        return Verdict.UNREACHABLE, "cannot be reached"
    if cause is not None and is_silence(cause):
        return Verdict.FAILED, f"brought no answer ({type(cause).__name__})"
    if isinstance(error, RateLimitedError):
        if error.status is None:
            return None, ""  # not asked: the host wants to be left alone
        return (
            (Verdict.REFUSED, "is asked to slow down (HTTP 429)") if error.status == 429 else (Verdict.WORKED, "")
        )
    if isinstance(error, BlockedError):
        if error.status is None or error.status in lifted:
            return None, ""
        return Verdict.REFUSED, f"is refused (HTTP {error.status})"
    if isinstance(error, FetchError | PayloadShapeError):
        return Verdict.WORKED, ""
    return None, ""


def judged_page(error: FleetError) -> tuple[Verdict | None, str]:
    """The same for a page that a browser could not open, by what Chromium or the worker said about it."""
    for kind, mark, verdict, reason in PAGE_MARKS:
        if isinstance(error, kind) and mark in str(error):
            return verdict, reason
    return None, ""
