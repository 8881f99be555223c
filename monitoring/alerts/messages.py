"""The words of a message: short, in Portuguese, with what to do and where to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from monitoring.alerts.alert import Alert
from monitoring.alerts.rules import RANK, Severity
from monitoring.alerts.telling import Notice
from monitoring.alerts.wording import age

MARKS: Mapping[Severity, str] = {"error": "🔴", "warning": "🟡", "info": "🟢"}
OVER = "✅"
OPENINGS: Mapping[str, str] = {
    "fired": "{title}",
    "unstable": "Instável: {title}",
    "changed": "Piorou: {title}",
    "reminded": "Continua há {lasted}: {title}",
    "recovered": "Resolvido após {lasted}: {title}",
}
MANY_OPENINGS: Mapping[str, str] = {**OPENINGS, "recovered": "Resolvido: {title}", "reminded": "Continua: {title}"}


class Message(BaseModel):
    """What is sent. `link` is '' when nobody said where the dashboard is; `alerts` are the keys it speaks of."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_key: str
    kind: str
    severity: Severity
    title: str
    body: str
    link: str
    alerts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As `save_alerts` takes it."""
        return self.model_dump(mode="json")


def write(notice: Notice, *, key: str, now: float, list_at_most: int, dashboard: str) -> Message:
    """The message of a notice.

    Args:
        key: its idempotency key, new for every message.
        list_at_most: so many alerts are named, the rest is counted.
        dashboard: the dashboard's address without a slash at its end; '' when it is not known.
    """
    alerts = notice.alerts
    is_over = notice.kind == "recovered"
    if len(alerts) == 1:
        title = _opening(OPENINGS, notice.kind, alerts[0].title, alerts, now)
        lines = [] if is_over else [alerts[0].reason]
        path = alerts[0].details.path
    else:
        many = (notice.rule.many_title or "{n} alertas: " + notice.rule.id).format(n=len(alerts))
        title = _opening(MANY_OPENINGS, notice.kind, many, alerts, now)
        lines = [f"• {alert.title}" for alert in alerts[:list_at_most]]
        if len(alerts) > list_at_most:
            lines.append(f"… e mais {len(alerts) - list_at_most}")
        if not is_over:
            lines.append(alerts[0].reason)
        path = "/admin/alerts"
    if not is_over:
        links = [link for alert in alerts[:list_at_most] for link in alert.details.links]
        lines += [f"{words}: {address}" for words, address in links]
    severity: Severity = "info" if is_over else max((a.severity for a in alerts), key=RANK.__getitem__)
    link = f"{dashboard}{path}" if dashboard else ""
    if link:
        lines.append(link)
    mark = OVER if is_over else MARKS[severity]
    return Message(
        message_key=key,
        kind=notice.kind,
        severity=severity,
        title=f"{mark} {title}",
        body="\n".join(line for line in lines if line),
        link=link,
        alerts=tuple(alert.key for alert in alerts),
    )


def _opening(words: Mapping[str, str], kind: str, title: str, alerts: Sequence[Alert], now: float) -> str:
    begin = min(alert.since for alert in alerts)
    return words[kind].format(title=title, lasted=age(max(0.0, now - begin)))
