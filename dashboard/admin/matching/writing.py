"""Writing a verdict or an edit: one call, audited, and back to where one came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.audit import audited
from dashboard.errors import BadInput, DatabaseRefused
from dashboard.site import site_of
from scrapers.errors import StoreError, StoreUnavailableError

REASON_MAX = 300


async def write(
    request: Request,
    function: str,
    args: Mapping[str, Any],
    *,
    action: str,
    subject: str,
    reason: str,
    back: str,
) -> Response:
    """Call a function that answers {"review_id"} as the logged-in person; then lead to `back`, which tells of it.

    Raises DatabaseRefused with the database's words when something stands in the way, and StoreUnavailableError.
    """
    reason = reason.strip()[:REASON_MAX]
    said = {"p_actor": request.state.session.name, "p_reason": reason}
    try:
        async with audited(request, action, subject, {**_short(args), "reason": reason}):
            answer = await site_of(request).database.call(function, {**args, **said})
    except StoreUnavailableError:
        raise
    except StoreError as error:
        raise DatabaseRefused(str(error)) from error
    mark = "&" if "?" in back else "?"
    return RedirectResponse(f"{back}{mark}done={answer['review_id']}", 303)


def one_of(fields: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    """A field that must be one of these words. Raises BadInput."""
    value = fields.get(name, "")
    if value not in known:
        raise BadInput("matching.bad_field")
    return value


def _short(args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the audit keeps them, without the prefix that tells parameters from columns."""
    return {name.removeprefix("p_"): value for name, value in args.items()}
