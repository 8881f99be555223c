"""One decision on everything that is known: readings and state in; what changes, and what is said, out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from monitoring.alerts.alert import Alert, Event, Silence
from monitoring.alerts.findings import Readings, find, observed_topics
from monitoring.alerts.machine import advance
from monitoring.alerts.memory import Changes
from monitoring.alerts.messages import write
from monitoring.alerts.rules import RuleBook
from monitoring.alerts.telling import Notice, hides, tell


class Decided(NamedTuple):
    """What goes into the file, what into the database, all alerts afterwards, and what is said of them."""

    file: Changes
    database: Changes
    alerts: Mapping[str, Alert]
    notices: Sequence[Notice]


class Decider:
    """The rules with what messages need.

    dashboard  its address without a slash at the end; '' when unknown
    new_key    a new UUID each time
    """

    def __init__(self, book: RuleBook, *, dashboard: str, new_key: Callable[[], str]) -> None:
        self._book = book
        self._dashboard = dashboard
        self._new_key = new_key

    def decide(
        self,
        before: Mapping[str, Alert],
        readings: Readings,
        silences: Sequence[Silence],
        now: float,
        *,
        database_away: bool,
    ) -> Decided:
        """One decision.

        Args:
            before: every alert that is known, by key.
            now: epoch s.
            database_away: what is kept there is not known, so nothing is decided on it.
        """
        book = self._book
        topics = observed_topics(book, readings)
        if database_away:
            topics = frozenset(topic for topic in topics if book.survives(topic))
        topics -= self._old_news(before, now)
        findings = {key: one for key, one in find(book, readings).items() if one.topic in topics}
        advanced = advance(book, before, findings, topics, now)
        told = tell(book, advanced.alerts, silences, now)
        events = [*advanced.events, *told.events]
        file, database = (
            self._part(before, told.alerts, events, told.notices, now, survives=survives)
            for survives in (True, False)
        )
        return Decided(file, database, told.alerts, told.notices)

    def _old_news(self, before: Mapping[str, Alert], now: float) -> frozenset[str]:
        """Topics of which is told what was true before the database went away: they have `settle_s` to catch up.

        They are not merely hidden, or the history would say that everybody was silent.
        """
        wide = {
            alert.topic
            for alert in before.values()
            if not alert.subject and self._book.survives(alert.topic) and hides(self._book, alert, now)
        }
        return frozenset(
            topic
            for topic, rules in self._book.by_topic.items()
            if all(wide & set(rule.hidden_by) for rule in rules)
        )

    def _part(
        self,
        before: Mapping[str, Alert],
        after: Mapping[str, Alert],
        events: Sequence[Event],
        notices: Sequence[Notice],
        now: float,
        *,
        survives: bool,
    ) -> Changes:
        """What of it is kept in the file (`survives`), or in the database."""
        book = self._book
        return Changes(
            alerts=[
                alert
                for key, alert in after.items()
                if book.survives(alert.topic) is survives and before.get(key) != alert
            ],
            forgotten=[
                key for key, alert in before.items() if book.survives(alert.topic) is survives and key not in after
            ],
            events={
                self._new_key(): event for event in events if book.survives(event.key.partition("/")[0]) is survives
            },
            messages=[
                write(
                    notice,
                    key=self._new_key(),
                    now=now,
                    list_at_most=book.list_at_most,
                    dashboard=self._dashboard,
                )
                for notice in notices
                if notice.rule.survives is survives
            ],
        )
