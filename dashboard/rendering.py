"""From a template and its data to an answer; language, theme, navigation, form tokens are the same everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard.assets import load_assets
from dashboard.config import DashboardConfig
from dashboard.navigation import SECTIONS
from dashboard.wording import LANGUAGES, Language, Wording

FOLDER = Path(__file__).resolve().parent / "templates"
THEMES = ("auto", "light", "dark")
KEPT_S = 365 * 24 * 3600
"""How long a browser remembers language and theme."""


@cache
def _environment() -> Environment:
    """Where templates are found and compiled, once for the process."""
    environment = Environment(
        loader=FileSystemLoader([FOLDER, FOLDER.parent / "board" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = load_assets().address
    return environment


class Templates:
    """Renders `templates/**`. Everything is escaped; no template marks anything as safe."""

    def __init__(self, config: DashboardConfig) -> None:
        self._config = config
        self._environment = _environment()
        self._wordings = {language: Wording(language, config.timezone) for language in LANGUAGES}

    def wording(self, request: Request) -> Wording:
        """How this reader is spoken to: `?lang=`, else what the browser was told to keep, else Portuguese."""
        return self._wordings[_language(request)]

    def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A whole page. A language or theme in the address is remembered."""
        response = HTMLResponse(self.text(request, template, context), status, headers)
        for name, known in (("lang", LANGUAGES), ("theme", THEMES)):
            chosen = request.query_params.get(name, "")
            if chosen in known:
                response.set_cookie(name, chosen, KEPT_S, samesite="lax", secure=request.url.scheme == "https")
        return response

    def live(
        self, request: Request, template: str, context: Mapping[str, Any], *, page: str, version: object
    ) -> Response:
        """A part of a page that is asked for again and again: 304 while `version` (JSON-like) is the same.

        `page`: the path of the page that it is a part of; links lead there.
        """
        wording = self.wording(request)
        etag = etag_of([wording.language, str(request.query_params), version])
        headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "cookie"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return HTMLResponse(self.text(request, template, context, page), headers=headers)

    def text(self, request: Request, template: str, context: Mapping[str, Any], page: str | None = None) -> str:
        """The rendered template. `page`: the path that its links stay on, the request's own by default."""
        path = page or request.url.path
        wording = self.wording(request)
        session = getattr(request.state, "session", None)
        gate = request.app.state.site.gate
        return self._environment.get_template(template).render(
            w=wording,
            t=wording.t,
            session=session,
            form_token=lambda: "" if session is None else gate.form_token(session),
            config=self._config,
            sections=SECTIONS,
            path=path,
            theme=_theme(request),
            here=lambda **changes: address_with(request, changes, path),
            **context,
        )


def address_with(request: Request, changes: Mapping[str, object], path: str | None = None) -> str:
    """This page's address (or that of `path`) with some of its parameters changed; None or "" removes one."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    kept += [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
    return (path or request.url.path) + (f"?{urlencode(kept)}" if kept else "")


def etag_of(version: object) -> str:
    """A weak validator: equal for equal content."""
    return f'W/"{hashlib.sha256(orjson.dumps(version, default=str)).hexdigest()[:20]}"'


def _language(request: Request) -> Language:
    asked = request.query_params.get("lang", request.cookies.get("lang"))
    return next((language for language in LANGUAGES if language == asked), "pt")


def _theme(request: Request) -> str:
    asked = request.query_params.get("theme", request.cookies.get("theme"))
    return asked if asked in THEMES else "auto"
