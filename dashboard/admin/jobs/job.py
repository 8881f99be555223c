"""`/admin/jobs/job?id=...`: one job, what it was given, what became of it; cancelling it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.admin.jobs.addresses import CHIPS, JOB, PATH, number_of, pretty
from dashboard.audit import audited
from dashboard.errors import BadInput, NotFound
from dashboard.live import Content, LivePage
from dashboard.secrecy import without_secrets
from dashboard.security.forms import read_form
from dashboard.site import site_of


async def _build(request: Request) -> Content:
    """The job and, where it is dead, why. Raises NotFound, StoreError."""
    job_id = number_of(request.query_params.get("id", ""))
    if job_id is None:
        raise NotFound
    site = site_of(request)
    database = site.database
    found = await database.read("job_state", {"p_id": job_id}, max_age_s=1)
    if found.value is None:
        raise NotFound
    letter: Mapping[str, Any] | None = None
    if found.value["status"] == "dead":
        letter = (await database.read("dead_job", {"p_id": job_id}, max_age_s=1)).value
    context = {
        "job": without_secrets(site.config, found.value),
        "letter": None if letter is None else without_secrets(site.config, letter),
        "chips": CHIPS,
        "pretty": pretty,
    }
    return Content(context, [found.value, letter], found.failure, found.age_s)


async def cancel(request: Request) -> Response:
    """End a job before its end. Raises FormRefused, BadInput, NotFound, StoreError."""
    form = await read_form(request)
    job_id = number_of(form.get("id", ""))
    if job_id is None:
        raise BadInput("jobs.bad_id")
    database = site_of(request).database
    job = await database.call("job_state", {"p_id": job_id})
    if job is None:
        raise NotFound
    async with audited(request, "job.cancel", f"{job['kind']} {job_id}", {"was": job["status"]}):
        answer = await database.call("cancel_job", {"p_id": job_id})
    done = "over" if not answer["cancelled"] else "stopping" if answer["status"] == "running" else "cancelled"
    return RedirectResponse(f"{PATH}?done={done}&about={job_id}", 303)


job_page = LivePage(JOB, "jobs/job", 3, _build)
