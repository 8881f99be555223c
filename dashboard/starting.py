"""Starting a job, for a form and for a program alike: checked, enqueued once, audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from starlette.requests import Request

from dashboard.audit import audited
from dashboard.errors import BadInput, UnknownKind
from dashboard.secrecy import without_secrets
from dashboard.site import site_of
from jobs.startable import InvalidArgsError, UnknownKindError, startable


class Started(NamedTuple):
    """A job that will be run. existing: it stood already, unfinished, under the same key."""

    id: int
    existing: bool


async def start_job(
    request: Request,
    name: str,
    args: Mapping[str, Any],
    *,
    unique_key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
) -> Started:
    """Enqueue a job of this kind, unless an unfinished one stands under the key.

    Args:
        unique_key: None: the kind's own.
        run_at: not before this instant, aware; None: as soon as a worker is free.
        priority: higher ones go first.

    Raises UnknownKind, BadInput naming the wrong fields, StoreError.
    """
    try:
        kind = startable(name)
        checked = kind.checked(args)
    except UnknownKindError as error:
        raise UnknownKind(str(error)) from None
    except InvalidArgsError as error:
        raise BadInput("jobs.bad_args", str(error)) from None
    job = {
        "kind": kind.name,
        "queue": kind.queue,
        "args": checked,
        "priority": priority,
        "unique_key": kind.unique_key(checked) if unique_key is None else unique_key,
        "run_at": None if run_at is None else run_at.timestamp(),
    }
    site = site_of(request)
    told = {name: value for name, value in job.items() if name != "kind" and value is not None}
    async with audited(request, "job.start", kind.name, without_secrets(site.config, told)):
        (answer,) = await site.database.call("enqueue_jobs", {"p_jobs": [job]})
    return Started(answer["id"], answer["existing"])
