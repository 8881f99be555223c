"""What becomes of an alert from one look to the next. Pure: state, findings and the clock in, state and events out.

    (nothing) --wrong--> pending --for_s--> firing --right for keep_s--> resolved --flapping.window_s--> (nothing)
                            '--right--> (as before)   '<------------wrong for for_s---'

What is not observed stays as it is: a source that cannot be read proves neither trouble nor its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from monitoring.alerts.alert import Alert, Event, EventKind, Finding, Memory
from monitoring.alerts.rules import Rule, RuleBook

UNKNOWN_KEEP_S = 30.0
"""How long an alert must be right whose rule is no longer in the file."""


class Advanced(NamedTuple):
    """All alerts after a look, by key, and what happened."""

    alerts: dict[str, Alert]
    events: list[Event]


def advance(
    book: RuleBook,
    alerts: Mapping[str, Alert],
    findings: Mapping[str, Finding],
    topics: frozenset[str],
    now: float,
) -> Advanced:
    """One look.

    Args:
        alerts: as the last look left them.
        findings: what is wrong now; only of observed topics.
        topics: observed topics. Alerts of topics that no rule has any more count as observed: they end.
        now: epoch s; a clock that was set back makes waits longer, never shorter.
    """
    after: dict[str, Alert] = {}
    events: list[Event] = []
    for key in sorted({*alerts, *findings}):
        alert, finding = alerts.get(key), findings.get(key)
        if alert is not None and alert.topic in book.by_topic and alert.topic not in topics:
            after[key] = alert
            continue
        changed, kinds = _next(book, alert, finding, now)
        if changed is not None:
            after[key] = changed
            events += [_event(changed, kind, now) for kind in kinds]
    return Advanced(after, events)


def _next(
    book: RuleBook, alert: Alert | None, finding: Finding | None, now: float
) -> tuple[Alert | None, list[EventKind]]:
    if finding is not None:
        rule = book.by_id[finding.rule]
        if alert is not None and alert.phase == "firing":
            return _still_wrong(alert, finding, rule, now)
        return _wrong(book, alert, finding, rule, now)
    if alert is None:
        return None, []
    match alert.phase:
        case "pending":
            # It had fired before: what was said of that is still remembered.
            return (None if alert.fired_at is None else alert.but(phase="resolved")), []
        case "firing":
            return _right(book, alert, now)
        case "resolved":
            return _resolved(book, alert, now), []


def _wrong(
    book: RuleBook, alert: Alert | None, finding: Finding, rule: Rule, now: float
) -> tuple[Alert, list[EventKind]]:
    """Not firing so far: wait for `for_s`, then fire."""
    since = alert.since if alert is not None and alert.phase == "pending" else now
    memory = alert.memory if alert is not None else Memory()
    pending = Alert(
        **finding.model_dump(exclude={"belongs"}),
        phase="pending",
        since=since,
        fired_at=None if alert is None else alert.fired_at,
        resolved_at=None if alert is None else alert.resolved_at,
        told_at=None if alert is None else alert.told_at,
        memory=memory.model_copy(update={"belongs": finding.belongs, "calm_since": None}),
    )
    if now - since < rule.for_s:
        return pending, []
    fires = (*(at for at in memory.fires if now - at < book.flapping.window_s), now)
    unstable = len(fires) >= book.flapping.times
    firing = pending.but(phase="firing", fired_at=now, resolved_at=None)
    return firing.remembering(fires=fires, unstable=unstable), ["unstable" if unstable else "fired"]


def _still_wrong(alert: Alert, finding: Finding, rule: Rule, now: float) -> tuple[Alert, list[EventKind]]:
    """Firing. The text stays that of the moment it fired, unless another rule speaks for it now."""
    if alert.memory.calm_since is not None:
        alert = alert.remembering(calm_since=None)
    if finding.rule == alert.rule or now - alert.since < rule.for_s:
        return alert, []
    changed = alert.but(
        **finding.model_dump(include={"rule", "severity", "title", "reason"}), details=finding.details
    )
    # A cause that alternates is no news; a severity is.
    return changed.remembering(belongs=finding.belongs), ["changed"] if changed.severity != alert.severity else []


def _right(book: RuleBook, alert: Alert, now: float) -> tuple[Alert, list[EventKind]]:
    rule = book.by_id.get(alert.rule)
    keep_s = UNKNOWN_KEEP_S if rule is None else rule.keep_s
    if alert.memory.unstable:
        keep_s = max(keep_s, book.flapping.calm_s)
    calm_since = alert.memory.calm_since
    if calm_since is None:
        calm_since = now
        alert = alert.remembering(calm_since=now)
    if now - calm_since < keep_s:
        return alert, []
    resolved = alert.but(phase="resolved", resolved_at=now)
    return resolved.remembering(calm_since=None, unstable=False), ["recovered"]


def _resolved(book: RuleBook, alert: Alert, now: float) -> Alert | None:
    """Kept as long as its end is to be told, it may hide others, or it may turn out to flap."""
    rule = book.by_id.get(alert.rule)
    kept_s = max(book.flapping.window_s, 0.0 if rule is None else rule.settle_s)
    is_over = alert.resolved_at is not None and now - alert.resolved_at >= kept_s
    return None if is_over and alert.told_at is None else alert


def _event(alert: Alert, kind: EventKind, now: float) -> Event:
    return Event(at=now, key=alert.key, kind=kind, rule=alert.rule, severity=alert.severity, text=alert.title)
