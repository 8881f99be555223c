"""`/admin/alerts`: what is wrong now, what is silenced, what was; acknowledging and silencing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.audit import audited
from dashboard.errors import BadInput
from dashboard.live import Content, LivePage
from dashboard.security.forms import read_form
from dashboard.site import site_of

PATH = "/admin/alerts"
EVENTS = 40
NEWEST = 2**62
MINUTES = (30, 120, 480, 1440, 10080)
"""How long one can silence: half an hour to a week."""
OUTCOMES = ("acknowledged", "gone", "silenced", "ended", "over")
"""What came of a form, as the address says it."""
TEXT_MAX = 300
SERIOUS = ("error", "warning")
"""Severities that want somebody's attention, the gravest first; the rest are notices."""


async def _build(request: Request) -> Content:
    """Alerts now and the events before the address's `before`. Raises StoreError."""
    database = site_of(request).database
    page = await database.read("alerts_page", {}, max_age_s=2)
    before = request.query_params.get("before", "")
    events = await database.read(
        "alert_history",
        {
            "p_pattern": request.query_params.get("about", "").strip()[:120] or "*",
            "p_before_event_id": int(before) if before.isdecimal() and len(before) < 18 else NEWEST,
            "p_limit": EVENTS,
        },
        max_age_s=2,
    )
    firing = page.value["firing"]
    done = request.query_params.get("done")
    context = {
        "loud": [row for severity in SERIOUS for row in firing if _is_loud(row) and row["severity"] == severity],
        "news": [row for row in firing if _is_loud(row) and row["severity"] not in SERIOUS],
        "quiet": [row for row in firing if not _is_loud(row)],
        "pending": page.value["pending"],
        "resolved": page.value["resolved"],
        "silences": page.value["silences"],
        "targets": page.value["targets"],
        "events": events.value,
        "older": events.value[-1]["event_id"] if len(events.value) == EVENTS else None,
        "minutes": MINUTES,
        "done": done if done in OUTCOMES else None,
    }
    version = [{key: value for key, value in page.value.items() if key != "now"}, events.value]
    return Content(context, version, page.failure or events.failure, page.age_s)


def _is_loud(row: Mapping[str, Any]) -> bool:
    return not row["silenced"] and not row["acknowledged_at"]


async def acknowledge(request: Request) -> Response:
    """A person has seen it. Raises FormRefused, BadInput, StoreError."""
    fields = await read_form(request)
    key = _wanted(fields, "key")
    note = fields.get("note", "")[:TEXT_MAX]
    async with audited(request, "alert.acknowledge", key, {"note": note}):
        answer = await site_of(request).database.call(
            "acknowledge_alert", {"p_key": key, "p_actor": request.state.session.name, "p_note": note}
        )
    return _back("acknowledged" if answer["acknowledged"] else "gone")


async def silence(request: Request) -> Response:
    """No messages about some alerts for a while. Raises FormRefused, BadInput, StoreError."""
    fields = await read_form(request)
    pattern, minutes = _wanted(fields, "pattern"), fields.get("minutes", "")
    if minutes not in map(str, MINUTES):
        raise BadInput("alerts.bad_minutes")
    reason = fields.get("reason", "")[:TEXT_MAX]
    async with audited(request, "alert.silence", pattern, {"minutes": int(minutes), "reason": reason}):
        await site_of(request).database.call(
            "silence_alerts",
            {
                "p_pattern": pattern,
                "p_minutes": int(minutes),
                "p_actor": request.state.session.name,
                "p_reason": reason,
            },
        )
    return _back("silenced")


async def unsilence(request: Request) -> Response:
    """End a silence before its time. Raises FormRefused, BadInput, StoreError."""
    fields = await read_form(request)
    number = _wanted(fields, "silence_id")
    if not number.isdecimal() or len(number) > 17:
        raise BadInput("alerts.bad_key")
    async with audited(request, "alert.unsilence", number, {}):
        answer = await site_of(request).database.call(
            "end_silence", {"p_silence_id": int(number), "p_actor": request.state.session.name}
        )
    return _back("ended" if answer["ended"] else "over")


def _wanted(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    if not value or len(value) > 200:
        raise BadInput("alerts.bad_key")
    return value


def _back(done: str) -> Response:
    return RedirectResponse(f"{PATH}?done={done}", 303)


alerts_page = LivePage(PATH, "alerts", 15, _build)
routes: list[Any] = [
    *alerts_page.routes,
    Route(f"{PATH}/acknowledge", acknowledge, methods=["POST"]),
    Route(f"{PATH}/silence", silence, methods=["POST"]),
    Route(f"{PATH}/unsilence", unsilence, methods=["POST"]),
]
