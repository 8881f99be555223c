"""Every write leaves a row that says who, when, what, and how it ended. No row, no write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request

from dashboard.security.access import address_of
from dashboard.site import site_of


@asynccontextmanager
async def audited(request: Request, action: str, subject: str, detail: Mapping[str, Any]) -> AsyncIterator[None]:
    """Do a write inside: its row stands before it begins, and says afterwards whether it was done or why not.

    Args:
        action: what is done, as `alias.confirm`.
        subject: to what, as a name or id; empty where the action says it all.
        detail: the fields it is done with.

    Raises StoreError, before anything is written, when the row cannot be.
    """
    database = site_of(request).database
    begun = await database.call(
        "begin_audit",
        {
            "p_actor": request.state.session.name,
            "p_address": address_of(request),
            "p_action": action,
            "p_subject": subject[:200],
            "p_detail": dict(detail),
        },
    )
    result = "done"
    try:
        yield
    except BaseException as error:
        result = f"{type(error).__name__}: {error}"[:1000]
        raise
    finally:
        database.forget()
        await database.call("end_audit", {"p_audit_id": begun["audit_id"], "p_result": result})
