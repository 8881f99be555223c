"""Where these pages lie, what their addresses may say, and what they show in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from dashboard.wording import Wording
from monitoring.etl.alerts import ETLAlert

PATH = "/admin/etl"
EXECUTION = f"{PATH}/execution"
SERVICES = f"{PATH}/services"
LINES = f"{PATH}/logs"
TEXT_MAX = 120

STATUSES = ("RUNNING", "COMPLETED", "FAILED", "CANCELLED")
CHIPS = {
    "RUNNING": "plain", "COMPLETED": "ok", "FAILED": "error", "CANCELLED": "warning",
    "idle": "plain", "healthy": "ok", "degraded": "warning", "unhealthy": "error",
    "DEBUG": "plain", "INFO": "plain", "WARNING": "warning", "ERROR": "error", "CRITICAL": "error",
}  # fmt: skip
"""The database's word for a state -> the colour of its chip."""


def text_of(params: Mapping[str, str], name: str) -> str | None:
    """What an address says under a name; None: nothing. Postgres knows no NUL."""
    return params.get(name, "").replace("\0", "").strip()[:TEXT_MAX] or None


def choice_of(params: Mapping[str, str], name: str, known: Sequence[str]) -> str | None:
    """The same where only known words count."""
    found = params.get(name)
    return found if found in known else None


def number_of(params: Mapping[str, str], name: str) -> int | None:
    """The same for a number that `bigint` holds."""
    found = params.get(name, "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 19 else None


def uuid_of(params: Mapping[str, str], name: str) -> str | None:
    """The same for an execution's id."""
    try:
        return str(UUID(params.get(name, "")))
    except ValueError:
        return None


def moment_of(params: Mapping[str, str], name: str) -> str | None:
    """The same for an instant with its zone, ISO 8601."""
    try:
        found = datetime.fromisoformat(params.get(name, ""))
    except ValueError:
        return None
    return None if found.tzinfo is None else found.isoformat()


def worded(alert: ETLAlert, wording: Wording) -> str:
    """An alert in the reader's language."""

    def written(value: float) -> str:
        if alert.code.endswith("_rate"):
            return wording.percent(value, 1)
        return wording.number(value)

    return wording.t(
        f"etl.alert_{alert.code}",
        component=alert.component,
        value=written(alert.value),
        limit=written(alert.limit),
    )
