"""`/api/jobs`: starting jobs, asking how they are, cancelling them. For programs, by token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.api.bodies import read_body, read_query
from dashboard.audit import audited
from dashboard.errors import NotFound
from dashboard.secrecy import without_secrets
from dashboard.site import site_of
from dashboard.starting import start_job
from jobs.startable import STARTABLE, Text

PATH = "/api/jobs"
Status = Literal["waiting", "running", "done", "dead", "cancelled"]
ROWS_MAX = 200
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Between these lies every instant that a job may be put off to."""


class Order(BaseModel):
    """The body of a POST, as `start_job` takes it."""

    model_config = ConfigDict(extra="forbid")

    args: dict[str, Any] = {}
    unique_key: Text | None = None
    # Text alone: a number could mean seconds or milliseconds. The years that other programs can show, too.
    run_at: Annotated[AwareDatetime, Field(strict=True, ge=FIRST, lt=LAST)] | None = None
    priority: int = Field(0, ge=-1000, le=1000)


class Wanted(BaseModel):
    """The query of a list. before: an id; only jobs before it."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    kind: Text | None = None
    before: Annotated[int, Field(gt=0, lt=2**62)] | None = None
    limit: int = Field(50, ge=1, le=ROWS_MAX)


async def post(request: Request) -> Response:
    """202 with the job's id and where its state is. Raises UnknownKind, BadInput, TooLarge, StoreError."""
    order = await read_body(request, Order)
    started = await start_job(
        request,
        request.path_params["kind"],
        order.args,
        unique_key=order.unique_key,
        run_at=order.run_at,
        priority=order.priority,
    )
    state = f"{PATH}/{started.id}"
    return JSONResponse(
        {"id": started.id, "existing": started.existing, "state": state}, 202, headers={"location": state}
    )


async def state(request: Request) -> Response:
    """One job as it is now, with its result or error. Raises NotFound, StoreError."""
    return JSONResponse(without_secrets(site_of(request).config, await _job(request)))


async def several(request: Request) -> Response:
    """Jobs, newest first, and the address of those before them. Raises BadInput, StoreError."""
    wanted = read_query(request, Wanted)
    rows = await site_of(request).database.call(
        "list_jobs",
        {
            "p_status": wanted.status,
            "p_kind": wanted.kind,
            "p_before": wanted.before,
            "p_limit": wanted.limit,
        },
    )
    older = request.url.include_query_params(before=rows[-1]["id"]) if len(rows) == wanted.limit else None
    jobs = [without_secrets(site_of(request).config, row) for row in rows]
    return JSONResponse({"jobs": jobs, "older": older and f"{older.path}?{older.query}"})


async def cancel(request: Request) -> Response:
    """200 when it will not be finished; 409 when it was over already. Raises NotFound, StoreError."""
    job = await _job(request)
    async with audited(request, "job.cancel", f"{job['kind']} {job['id']}", {"was": job["status"]}):
        answer = await site_of(request).database.call("cancel_job", {"p_id": job["id"]})
    return JSONResponse({"id": job["id"], **answer}, 200 if answer["cancelled"] else 409)


async def kinds(request: Request) -> Response:
    """What can be started, and the JSON Schema of the arguments."""
    return JSONResponse(
        {name: {"queue": kind.queue, "args": kind.args.model_json_schema()} for name, kind in STARTABLE.items()}
    )


async def _job(request: Request) -> Mapping[str, Any]:
    job_id: int = request.path_params["id"]
    job: Mapping[str, Any] | None = None
    if job_id < 2**62:
        job = await site_of(request).database.call("job_state", {"p_id": job_id})
    if job is None:
        raise NotFound
    return job


routes = [
    Route("/api/kinds", kinds),
    Route(PATH, several),
    Route(f"{PATH}/{{kind:str}}", post, methods=["POST"]),
    Route(f"{PATH}/{{id:int}}", state),
    Route(f"{PATH}/{{id:int}}", cancel, methods=["DELETE"]),
]
