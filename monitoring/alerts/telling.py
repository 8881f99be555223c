"""Who is told of what, and when: silences, inhibition, grouping, reminders. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from monitoring.alerts.alert import Alert, Event, Silence
from monitoring.alerts.rules import RANK, Rule, RuleBook

NoticeKind = Literal["fired", "unstable", "changed", "reminded", "recovered"]


class Notice(NamedTuple):
    """One message to be written. All alerts are of one rule."""

    kind: NoticeKind
    rule: Rule
    alerts: tuple[Alert, ...]


class Told(NamedTuple):
    """All alerts, by key, with what was said noted on them; the messages; reminders as events."""

    alerts: dict[str, Alert]
    notices: list[Notice]
    events: list[Event]


def tell(book: RuleBook, alerts: Mapping[str, Alert], silences: Sequence[Silence], now: float) -> Told:
    """Decide what is said now. An alert whose rule is gone ends without a word.

    What is hidden or silenced is not lost: it is told when that ends, if it still fires then.
    """
    after = dict(alerts)
    waiting: dict[tuple[NoticeKind, str], list[Alert]] = {}
    for key, alert in alerts.items():
        rule = book.by_id.get(alert.rule)
        if alert.phase == "resolved" and alert.told_at is not None:
            if rule is None or not rule.recovers or _silenced(alert, silences, now):
                after[key] = _forget_told(alert)
                continue
        elif rule is None or _silenced(alert, silences, now) or _hidden(book, alert, rule, alerts.values(), now):
            continue
        kind = _to_say(alert, rule, now)
        if kind is not None:
            waiting.setdefault((kind, rule.id), []).append(alert)

    notices: list[Notice] = []
    events: list[Event] = []
    for (kind, rule_id), group in waiting.items():
        rule = book.by_id[rule_id]
        if kind in ("fired", "recovered") and all(_waited_s(alert, now) < rule.group_s for alert in group):
            continue  # others may follow, to be told with these
        parts = [tuple(group)] if len(group) >= book.group_from else [(alert,) for alert in group]
        notices += [Notice(kind, rule, part) for part in parts]
        for alert in group:
            after[alert.key] = _forget_told(alert) if kind == "recovered" else _told(alert, now)
            if kind == "reminded":
                events.append(
                    Event(at=now, key=alert.key, kind=kind, rule=rule_id, severity=alert.severity, text=alert.title)
                )
    return Told(after, notices, events)


def _to_say(alert: Alert, rule: Rule, now: float) -> NoticeKind | None:
    if alert.phase == "resolved":
        return "recovered" if alert.told_at is not None else None
    if alert.phase != "firing" or alert.memory.calm_since is not None:
        return None  # it may be over: then it is no news any more
    told_as = alert.memory.told_as
    if alert.told_at is None or told_as is None:
        return "unstable" if alert.memory.unstable else "fired"
    if RANK[alert.severity] > RANK[told_as]:
        return "changed"
    if rule.remind_s and not alert.acknowledged and now - alert.told_at >= rule.remind_s:
        return "reminded"
    return None


def _hidden(book: RuleBook, alert: Alert, rule: Rule, alerts: Iterable[Alert], now: float) -> bool:
    """Whether another alert explains this one: it fires, or ended so lately that things still settle."""
    for other in alerts:
        if other.topic not in rule.hidden_by or other.key == alert.key:
            continue
        if other.subject and alert.memory.belongs.get(other.topic) != other.subject:
            continue
        if hides(book, other, now):
            return True
    return False


def hides(book: RuleBook, alert: Alert, now: float) -> bool:
    """Whether it explains others: it fires, or its `settle_s` is not over."""
    rule = book.by_id.get(alert.rule)
    if alert.phase == "firing" or rule is None or alert.resolved_at is None:
        return alert.phase == "firing"
    return now - alert.resolved_at < rule.settle_s


def _silenced(alert: Alert, silences: Sequence[Silence], now: float) -> bool:
    return any(silence.ends_at > now and _fits(silence.pattern, alert.key) for silence in silences)


def _fits(pattern: str, key: str) -> bool:
    """'*' stands for anything, also for nothing; no other letter is special."""
    return fnmatchcase(key, pattern.replace("[", "[[]").replace("?", "[?]"))


def _waited_s(alert: Alert, now: float) -> float:
    begin = alert.resolved_at if alert.phase == "resolved" else alert.fired_at
    return now - (now if begin is None else begin)


def _told(alert: Alert, now: float) -> Alert:
    return alert.but(told_at=now).remembering(told_as=alert.severity)


def _forget_told(alert: Alert) -> Alert:
    return alert.but(told_at=None).remembering(told_as=None)
