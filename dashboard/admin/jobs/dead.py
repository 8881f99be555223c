"""Dead jobs: those of one cause, and giving them back to the queue or dropping them.

What would be done is counted and shown first; the form on that page does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.admin.jobs.addresses import CAUSE, PATH, brief, number_of, text_of
from dashboard.audit import audited
from dashboard.errors import BadInput, NotFound
from dashboard.live import Content, LivePage
from dashboard.secrecy import without_secrets
from dashboard.security.forms import read_form
from dashboard.site import site_of

SHOWN = 50
VERDICTS: Mapping[str, tuple[str, str]] = {
    "requeue": ("requeue_dead", "requeued"),
    "discard": ("discard_dead", "discarded"),
}
"""What a person decides -> the function that does it, and what is said of it afterwards."""


class Chosen(NamedTuple):
    """Which dead letters: those of these ids, or, where there are none, all of the cause."""

    ids: Sequence[int]
    fingerprint: str | None

    @property
    def args(self) -> dict[str, Any]:
        """As the functions take it."""
        return {
            "p_ids": list(self.ids) or None,
            "p_fingerprint": None if self.ids else self.fingerprint,
        }


async def _build(request: Request) -> Content:
    """Letters of one cause, newest first. Raises NotFound, StoreError."""
    site, params = site_of(request), request.query_params
    database = site.database
    fingerprint = text_of(params, "fingerprint")
    if fingerprint is None:
        raise NotFound
    overview = await database.read("jobs_overview", {}, max_age_s=2)
    causes = [
        without_secrets(site.config, row) for row in overview.value["dead"] if row["fingerprint"] == fingerprint
    ]
    asked = {"p_fingerprint": fingerprint, "p_before": number_of(params.get("before", "")), "p_limit": SHOWN}
    rows = await database.read("dead_jobs", asked, max_age_s=2)
    context = {
        "fingerprint": fingerprint,
        "causes": causes,
        "rows": [without_secrets(site.config, row) for row in rows.value],
        "older": rows.value[-1]["id"] if len(rows.value) == SHOWN else None,
        "brief": brief,
    }
    return Content(context, [causes, rows.value], overview.failure or rows.failure, rows.age_s)


async def preview(request: Request) -> Response:
    """How many would be given back or dropped, and the form that does it. Raises BadInput, StoreError.

    skipped: those whose unique key an unfinished job has; a second one of them is not made.
    """
    params = request.query_params
    verdict, chosen = _asked(params, params.getlist("id"))
    answer = await site_of(request).database.call(VERDICTS[verdict][0], {**chosen.args, "p_dry_run": True})
    context = {
        "verdict": verdict,
        "chosen": chosen,
        "jobs": answer["jobs"],
        "ids": answer["ids"],
        "skipped": answer.get("skipped", 0),
    }
    return site_of(request).templates.page(request, "admin/jobs/confirm.html", context)


async def decide(request: Request) -> Response:
    """Give back or drop. Raises FormRefused, BadInput, StoreError."""
    form = await read_form(request)
    verdict, chosen = _asked(form, form.get("ids", "").split(",") if form.get("ids") else [])
    function, said = VERDICTS[verdict]
    subject = chosen.fingerprint if not chosen.ids else ",".join(map(str, chosen.ids))
    async with audited(request, f"dead.{verdict}", str(subject), {}):
        answer = await site_of(request).database.call(function, {**chosen.args, "p_dry_run": False})
    return RedirectResponse(f"{PATH}?done={said}&about={answer['jobs']}", 303)


def _asked(fields: Mapping[str, str], ids: Sequence[str]) -> tuple[str, Chosen]:
    """Raises BadInput: no known verdict, something that is no id, nothing chosen, or more than a page shows."""
    verdict = fields.get("verdict", "")
    numbers = [number_of(text) for text in ids]
    chosen = Chosen([number for number in numbers if number is not None], text_of(fields, "fingerprint"))
    is_any = bool(chosen.ids or chosen.fingerprint) and len(ids) <= SHOWN
    if verdict not in VERDICTS or None in numbers or not is_any:
        raise BadInput("jobs.bad_choice")
    return verdict, chosen


cause_page = LivePage(CAUSE, "jobs/cause", 5, _build)
