"""Reading a form: only ours, only small, only of the session that it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from dashboard.errors import FormRefused
from dashboard.site import site_of

TOKEN_FIELD = "csrf"
FORM_MAX_BYTES = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
SAME_SITE = frozenset({"same-origin", "none"})
"""What Sec-Fetch-Site says of our own pages, and of a person who types an address."""


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form of the logged-in session; the last value where one is named twice.

    Raises FormRefused: the request comes from another site, is too large, or carries no token of this session.
    """
    fields = await read_fields(request)
    session = request.state.session
    if session is None or not site_of(request).gate.is_form_of(session, fields.get(TOKEN_FIELD, "")):
        raise FormRefused("forms.expired")
    return fields


async def read_fields(request: Request) -> Mapping[str, str]:
    """The same for a form whose token the caller checks."""
    if not is_same_site(request):
        raise FormRefused("forms.cross_site")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise FormRefused("forms.wrong_type")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_MAX_BYTES:
            raise FormRefused("forms.too_large")
    try:
        parsed = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise FormRefused("forms.wrong_type") from None
    return {name: values[-1] for name, values in parsed.items()}


def is_same_site(request: Request) -> bool:
    """Whether one of our own pages sent it, as the browser tells; programs that tell nothing are not browsers."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None and fetched_from not in SAME_SITE:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # Behind a proxy with TLS our own scheme may differ from the browser's; the name and port may not.
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
