"""Where these pages are, and how they page and lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.site import site_of

PATH = "/admin/matching"
TABS: tuple[tuple[str, str], ...] = (
    ("", "waiting"),
    ("/spellings", "spellings"),
    ("/duplicates", "duplicates"),
    ("/reviews", "reviews"),
    ("/teams", "teams"),
    ("/leagues", "leagues"),
    ("/bookmakers", "bookmakers"),
)
"""Address below PATH -> name of its phrase."""
NEWEST = 2**62
DIGITS = 17
"""Of the largest number that is taken from an address; the database's end at 19."""


def show(request: Request, template: str, context: Mapping[str, Any], tab: str) -> Response:
    """A page with the tabs above it and, after a form, what came of it."""
    shared = {"tabs": [(PATH + path, name) for path, name in TABS], "tab": tab, "base": PATH}
    done = request.query_params.get("done", "")
    outcome = {"done": int(done) if is_number(done) else None}
    return site_of(request).templates.page(
        request, f"admin/matching/{template}.html", {**shared, **outcome, **context}
    )


def number_in(values: Mapping[str, str], name: str, default: int) -> int:
    """A number from an address or a form; `default` where there is none."""
    text = values.get(name, "")
    return int(text) if is_number(text) else default


def is_number(text: str) -> bool:
    """Whether it is a number without sign that the database can hold."""
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS
