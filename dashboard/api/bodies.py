"""What programs send: JSON or a query, small, checked by a model; what is wrong is told by the field's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from dashboard.errors import BadInput, TooLarge
from jobs.startable import faults_of

BODY_MAX_BYTES = 64 * 1024

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, model: type[M]) -> M:
    """The body as this model; no body is an empty object. Raises TooLarge, and BadInput naming the fields."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX_BYTES:
            raise TooLarge
    return _checked(lambda: model.model_validate_json(bytes(body) or b"{}"))


def read_query(request: Request, model: type[M]) -> M:
    """What the address asks for, as this model. Raises BadInput naming the fields."""
    return _checked(lambda: model.model_validate(dict(request.query_params)))


def _checked(read: Callable[[], M]) -> M:
    try:
        return read()
    except ValidationError as error:
        raise BadInput("jobs.bad_args", faults_of(error)) from None
