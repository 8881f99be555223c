"""One look at everything: read, judge, decide, write, and say so to whoever delivers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from loguru import logger

from monitoring.alerts.alert import Alert, key_of
from monitoring.alerts.findings import Readings, find, observed_topics
from monitoring.alerts.machine import advance
from monitoring.alerts.memory import Changes, DatabaseMemory, FileMemory, Kept
from monitoring.alerts.messages import write
from monitoring.alerts.readings import Reading
from monitoring.alerts.readings.machine import feed_readings, machine_readings, spool_readings
from monitoring.alerts.readings.opportunities import opportunity_readings
from monitoring.alerts.readings.scrapers import About, group_readings, scraper_readings, service_readings
from monitoring.alerts.rules import RuleBook
from monitoring.alerts.telling import tell
from scrapers.errors import StoreError
from store.backend import Backend

SERVICE = "alerts"
DATABASE = "database"
"""Source and topic of the database's own alert."""

PRUNE_EVERY_S = 6 * 3600.0
KEEP_DAYS = 30


class Places(NamedTuple):
    """Where to look on this machine.

    published     the folder of published files; None where they go elsewhere
    spool_max_mb  what one scraper's spool may hold
    dashboard     its address without a slash at the end; '' when unknown
    """

    data_dir: Path
    published: Path | None
    spool_max_mb: float
    dashboard: str


class Status(NamedTuple):
    """What the database tells of everybody: `status_report`'s scrapers and services."""

    scrapers: Sequence[Mapping[str, Any]]
    services: Sequence[Mapping[str, Any]]


class Look(NamedTuple):
    """What a look gave.

    status    None while the database is away
    away      why it is, None when it answers
    settled   the database has answered for a while, and everybody had the time to speak since
    alerts    every alert that is known now
    said      how many messages were put into an outbox
    """

    status: Status | None
    away: StoreError | None
    settled: bool
    alerts: Mapping[str, Alert]
    said: int


class Watch:
    """Looks, again and again."""

    def __init__(
        self,
        book: RuleBook,
        backend: Backend,
        database: DatabaseMemory,
        file: FileMemory,
        *,
        declared: Mapping[str, About],
        places: Places,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """clock: epoch s."""
        self._book = book
        self._backend = backend
        self._database = database
        self._file = file
        self._declared = declared
        self._places = places
        self._clock = clock
        self._started_at: float | None = None
        self._nobody_watched = False
        self._pruned_at: float | None = None
        self.unreadable: Counter[str] = Counter()
        """Source -> how often it could not be read."""

    def look(self) -> Look:
        """One look. Raises StoreError only when the database went away in the middle of it."""
        now = self._clock()
        readings = self._local_readings()
        status: Status | None = None
        away: StoreError | None = None
        try:
            report = self._backend.call("status_report", {})
            status = Status(report["scrapers"], report["services"])
            known = self._database.load()
        except StoreError as error:
            away, status, known = error, None, Kept({})
        readings[DATABASE] = [_database_reading(away)]
        is_starting = status is not None and self._is_starting(status, now)
        if status is not None and not is_starting:
            scrapers = scraper_readings(status.scrapers, self._declared)
            readings["scrapers"] = scrapers
            readings["groups"] = group_readings(scrapers)
            readings["services"] = service_readings(status.services, without=SERVICE)
        kept = self._file.load(None if away is not None else known.silences)
        before = _together(self._book, known, kept)
        file, database, after = self._decide(before, readings, kept, now)
        self._file.save(file)
        if away is None:
            mirror = self._file.to_mirror()
            both = Changes(
                (*database.alerts, *mirror.alerts),
                (*database.forgotten, *self._mirrored_and_gone(known, after)),
                {**database.events, **mirror.events},
                database.messages,
            )
            if both:
                self._database.save(both, known.revision)
                self._file.mirrored(mirror)
            self._prune(now)
        settled = not is_starting and not self._database_troubles(after, now)
        return Look(status, away, settled, after, len(file.messages) + len(database.messages))

    def _decide(
        self, before: Mapping[str, Alert], readings: Readings, kept: Kept, now: float
    ) -> tuple[Changes, Changes, Mapping[str, Alert]]:
        """What goes into the file, what into the database, and all alerts afterwards."""
        advanced = advance(
            self._book, before, find(self._book, readings), observed_topics(self._book, readings), now
        )
        told = tell(self._book, advanced.alerts, kept.silences, now)
        events = [*advanced.events, *told.events]
        parts = []
        for survives in (True, False):
            alerts = [
                alert
                for key, alert in told.alerts.items()
                if self._book.survives(alert.topic) is survives and before.get(key) != alert
            ]
            forgotten = [
                key
                for key, alert in before.items()
                if key not in told.alerts and self._book.survives(alert.topic) is survives
            ]
            messages = [
                write(
                    notice,
                    key=str(uuid4()),
                    now=now,
                    list_at_most=self._book.list_at_most,
                    dashboard=self._places.dashboard,
                )
                for notice in told.notices
                if notice.rule.survives is survives
            ]
            happened = {
                str(uuid4()): event
                for event in events
                if self._book.survives(event.key.partition("/")[0]) is survives
            }
            parts.append(Changes(alerts, forgotten, happened, messages))
        for notice in told.notices:
            logger.info("{}: {}", notice.kind, ", ".join(alert.key for alert in notice.alerts))
        return parts[0], parts[1], told.alerts

    def _mirrored_and_gone(self, known: Kept, after: Mapping[str, Alert]) -> list[str]:
        """What the database shows of the file's alerts, and the file has forgotten."""
        return [key for key, one in known.alerts.items() if self._book.survives(one.topic) and key not in after]

    def _local_readings(self) -> dict[str, Sequence[Reading]]:
        """What this machine tells by itself. A source that cannot be read is named in the log and left out."""
        places = self._places
        sources: dict[str, Callable[[], list[Reading]]] = {
            "spools": lambda: spool_readings(places.data_dir / "spool", places.spool_max_mb),
            "machine": lambda: machine_readings(places.data_dir),
        }
        if places.published is not None:
            folder = places.published
            sources |= {
                "feed": lambda: feed_readings(folder),
                "opportunities": lambda: opportunity_readings(folder),
            }
        readings: dict[str, Sequence[Reading]] = {}
        for name, read in sources.items():
            try:
                readings[name] = read()
            except (OSError, ValueError, KeyError, TypeError) as error:
                if not self.unreadable[name]:
                    logger.error("{} cannot be read, its alerts stay as they are: {!r}", name, error)
                self.unreadable[name] += 1
        return readings

    def _is_starting(self, status: Status, now: float) -> bool:
        """Whether what others last said is old news: nobody watched before, and they may not have spoken yet."""
        if self._started_at is None:
            self._started_at = now
            ages = [row["seconds_since_heartbeat"] for row in status.services if row["service_name"] == SERVICE]
            self._nobody_watched = not ages or ages[0] > self._book.start_grace_s
        return self._nobody_watched and now - self._started_at < self._book.start_grace_s

    def _database_troubles(self, alerts: Mapping[str, Alert], now: float) -> bool:
        """Whether the database is away, or was so lately that its alert still hides others."""
        alert = alerts.get(key_of(DATABASE, ""))
        if alert is None or DATABASE not in self._book.by_topic:
            return False
        settle_s = self._book.by_topic[DATABASE][0].settle_s
        return alert.phase != "resolved" or alert.resolved_at is None or now - alert.resolved_at < settle_s

    def _prune(self, now: float) -> None:
        if self._pruned_at is None or now - self._pruned_at >= PRUNE_EVERY_S:
            self._backend.call("prune_alerts", {"p_keep_days": KEEP_DAYS})
            self._pruned_at = now


def _database_reading(away: StoreError | None) -> Reading:
    fields = {"away": away is not None, "error": None if away is None else str(away)}
    return Reading(subject="", label="banco de dados", fields=fields)


def _together(book: RuleBook, known: Kept, kept: Kept) -> dict[str, Alert]:
    """All alerts: of the file's topics the file's word holds, but who acknowledged them only the database knows."""
    alerts = {key: alert for key, alert in known.alerts.items() if not book.survives(alert.topic)}
    for key, alert in kept.alerts.items():
        mirrored = known.alerts.get(key)
        alerts[key] = alert if mirrored is None else alert.but(acknowledged=mirrored.acknowledged)
    return alerts
