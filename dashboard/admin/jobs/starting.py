"""Starting a job from a form: one form for each kind, made of its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.admin.jobs.addresses import PATH
from dashboard.admin.jobs.fields import PREFIX, Field, args_of, fields_of
from dashboard.errors import UnknownKind
from dashboard.security.forms import read_form
from dashboard.starting import start_job
from jobs.startable import STARTABLE, UnknownKindError, startable


class Form(NamedTuple):
    """A kind and what its form asks for."""

    kind: str
    prefix: str
    fields: Sequence[Field]


def forms() -> list[Form]:
    """One for each kind that can be started."""
    return [Form(name, PREFIX, fields_of(kind)) for name, kind in STARTABLE.items()]


async def start(request: Request) -> Response:
    """Enqueue what the form asks for. Raises FormRefused, UnknownKind, BadInput, StoreError."""
    form = await read_form(request)
    try:
        kind = startable(form.get("kind", ""))
    except UnknownKindError as error:
        raise UnknownKind(str(error)) from None
    started = await start_job(request, kind.name, args_of(kind, form))
    done = "existing" if started.existing else "started"
    return RedirectResponse(f"{PATH}?done={done}&about={started.id}", 303)
