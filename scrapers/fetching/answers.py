"""What an HTTP answer means: a page, nothing offered, or which failure. Pure; for live and recorded alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from scrapers.errors import BlockedError, FetchTimeoutError, NetworkError, PayloadShapeError, RateLimitedError
from scrapers.fetching.blocking import blocked_reason
from scrapers.records import PageRequest

REFUSALS = frozenset({400, 401, 403, 451})
"""Statuses that refuse. 400 is one: Altenar answers a missing or stale token with any of the first three."""

SECRET_PARAMETERS = frozenset({"apikey", "api_key", "key", "token", "access_token", "x-bwin-accessid"})
"""Query parameters (lower case) whose values are neither shown nor written to disk."""


def full_url(request: PageRequest) -> str:
    """The request's address with its parameters, blanks as %20."""
    if not request.params:
        return request.url
    joint = "&" if "?" in request.url else "?"
    return f"{request.url}{joint}{urlencode(request.params, quote_via=quote)}"


def shown_url(request: PageRequest) -> str:
    """The same for messages and files: `***` in place of keys and tokens."""
    url = full_url(request)
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not any(name.lower() in SECRET_PARAMETERS for name, _ in pairs):
        return url
    shown = [(name, "***" if name.lower() in SECRET_PARAMETERS else value) for name, value in pairs]
    return urlunsplit(parts._replace(query=urlencode(shown, safe="*", quote_via=quote)))


def named(request: PageRequest) -> str:
    """The request for messages: scope, host and path. Never the query, which may hold a key."""
    parts = urlsplit(request.url)
    return f"{request.scope}: {parts.hostname}{parts.path}"


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, never negative; None when absent or unreadable.

    Args:
        value: the header: whole seconds, or an HTTP date.
        now: aware UTC.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        # A number with hundreds of digits is an answer too; its size means nothing any more.
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def page_body(request: PageRequest, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> bytes:
    """The body of an answered request; empty exactly when the status means "nothing offered here".

    Args:
        headers: by lower-case name.
        body: decoded; of an answer that is no page its beginning is enough.
        now: aware UTC, to read a Retry-After date.

    Raises:
        BlockedError: a challenge or block page whatever its status, or 400, 401, 403, 451.
        RateLimitedError: 429, or 503 with a readable Retry-After.
        FetchTimeoutError: 408.
        NetworkError: any other 5xx.
        PayloadShapeError: everything else that is not 200 (a moved or unknown address is a change of the
            bookmaker), and 200 without a body, which must not pass for an honest empty list.
    """
    reason = blocked_reason(status, headers, body)
    if reason is not None:
        raise BlockedError(f"{named(request)}: {reason}", body=body, status=status)
    if status in request.empty_status:
        return b""
    if status == 200:
        if not body.strip():
            raise PayloadShapeError(f"{named(request)}: HTTP 200 with an empty body, expected data")
        return body
    problem = f"{named(request)}: HTTP {status}"
    if status in REFUSALS:
        raise BlockedError(f"{problem}: refused", body=body, status=status)
    wish = retry_after_s(headers.get("retry-after"), now)
    if status == 429 or (status == 503 and wish is not None):
        asked = "" if wish is None else f", asks for {wish:.0f} s"
        raise RateLimitedError(f"{problem}: too many requests{asked}", retry_after_s=wish, body=body, status=status)
    if status == 408:
        raise FetchTimeoutError(f"{problem}: the server gave up waiting", body=body, status=status)
    if 500 <= status < 600:
        raise NetworkError(f"{problem}: server error", body=body, status=status)
    if 300 <= status < 400:
        raise PayloadShapeError(
            f"{problem}: moved to {_host(headers.get('location', ''))}, expected data", body=body
        )
    raise PayloadShapeError(f"{problem}: expected 200", body=body)


def _host(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.hostname or ''}{parts.path}" or "nowhere"
