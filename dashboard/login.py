"""Getting in and out: `/login`, `/logout`."""

from __future__ import annotations

from loguru import logger
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.audit import audited
from dashboard.errors import FormRefused, NoTokenSet, TooManyTries
from dashboard.rendering import address_with
from dashboard.security.access import address_of
from dashboard.security.forms import TOKEN_FIELD, read_fields, read_form
from dashboard.site import site_of

AFTER_LOGIN = "/admin/scraper-status"


async def show_login(request: Request) -> Response:
    """The form. Raises NoTokenSet."""
    if not site_of(request).gate.configured:
        raise NoTokenSet
    return login_page(request, status=200)


async def log_in(request: Request) -> Response:
    """Check the token; a wrong one counts. Raises NoTokenSet, TooManyTries, FormRefused."""
    site, address = site_of(request), address_of(request)
    if not site.gate.configured:
        raise NoTokenSet
    fields = await read_fields(request)
    if not site.gate.is_login_of(request, fields.get(TOKEN_FIELD, "")):
        raise FormRefused("forms.expired")
    if wait_s := site.throttle.wait_s(address):
        raise TooManyTries(wait_s)
    if not site.gate.opens(fields.get("token", "")):
        site.throttle.failed(address)
        logger.warning("a wrong token was tried from {}", address)
        return login_page(request, status=401, wrong=True, target=fields.get("next", ""))
    response = RedirectResponse(own_path(fields.get("next", "")), 303)
    request.state.session = site.gate.enter(response, fields.get("name", ""), secure=_is_secure(request))
    async with audited(request, "login", "", {}):
        return response


async def log_out(request: Request) -> Response:
    """Forget the session. Raises FormRefused."""
    await read_form(request)
    response = RedirectResponse("/", 303)
    site_of(request).gate.leave(response)
    return response


def login_page(request: Request, *, status: int, wrong: bool = False, target: str | None = None) -> Response:
    """The form, in place of the page that needs it. `target`: where to go afterwards, this page by default."""
    site = site_of(request)
    visit = site.gate.visit(request)
    if target is None:
        is_page = request.method == "GET" and request.url.path != "/login"
        target = address_with(request, {}) if is_page else request.query_params.get("next", "")
    context = {"login_token": site.gate.login_token(visit), "target": own_path(target), "wrong": wrong}
    response = site.templates.page(request, "login.html", context, status=status)
    site.gate.keep_visit(response, visit, secure=_is_secure(request))
    return response


def own_path(target: str) -> str:
    """`target` if it is a path of this site, else where one goes after a login."""
    is_own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_own else AFTER_LOGIN


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
