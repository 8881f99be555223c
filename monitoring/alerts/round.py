"""One look at everything: read, decide, write. What is to be said is in an outbox afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from loguru import logger

from monitoring.alerts.alert import Alert, key_of
from monitoring.alerts.deciding import Decided, Decider
from monitoring.alerts.memory import Changes, DatabaseMemory, FileMemory, Kept
from monitoring.alerts.readings import Reading
from monitoring.alerts.readings.jobs import dead_letter_readings, queue_readings
from monitoring.alerts.readings.local import LocalReader
from monitoring.alerts.readings.scrapers import About, group_readings, scraper_readings, service_readings
from monitoring.alerts.rules import RuleBook
from monitoring.alerts.telling import hides
from monitoring.etl.alerts import Thresholds, etl_readings
from scrapers.errors import StoreError
from store.backend import Backend

SERVICE = "alerts"
DATABASE = "database"
"""Source and topic of the database's own alert."""

PRUNE_EVERY_S = 6 * 3600.0
KEEP_DAYS = 30


class Status(NamedTuple):
    """What the database tells of everybody.

    scrapers, services  of `status_report`
    etl, jobs           what `get_etl_health_status` and `jobs_overview` answer
    """

    scrapers: Sequence[Mapping[str, Any]]
    services: Sequence[Mapping[str, Any]]
    etl: Mapping[str, Any]
    jobs: Mapping[str, Any]


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
        decider: Decider,
        backend: Backend,
        database: DatabaseMemory,
        file: FileMemory,
        local: LocalReader,
        *,
        declared: Mapping[str, About],
        etl: Thresholds | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """declared: by slug; etl: what of executions is still well; clock: epoch s."""
        self._book = book
        self._decider = decider
        self._backend = backend
        self._database = database
        self._file = file
        self._local = local
        self._declared = declared
        self._etl = etl or Thresholds()
        self._clock = clock
        self._started_at: float | None = None
        self._nobody_watched = False
        self._pruned_at: float | None = None

    def look(self) -> Look:
        """One look. Raises StoreError only when the database went away in the middle of it."""
        now = self._clock()
        status, known, away = self._ask()
        is_starting = status is not None and self._is_starting(status, now)
        readings = {**self._local.read(), DATABASE: [_database_reading(away)]}
        if status is not None and not is_starting:
            scrapers = scraper_readings(status.scrapers, self._declared)
            readings["scrapers"] = scrapers
            readings["groups"] = group_readings(scrapers)
            readings["services"] = service_readings(status.services, without=SERVICE)
            readings["etl"] = etl_readings(status.etl, self._etl)
            readings["queues"] = queue_readings(status.jobs)
            readings["dead_letters"] = dead_letter_readings(status.jobs)
        kept = self._file.load(None if away is not None else known.silences)
        before = _together(self._book, known, kept)
        decided = self._decider.decide(before, readings, kept.silences, now, database_away=away is not None)
        self._file.save(decided.file)
        if away is None:
            self._save(known, decided)
            self._prune(now)
        for notice in decided.notices:
            logger.info("{}: {}", notice.kind, ", ".join(alert.key for alert in notice.alerts))
        settled = not is_starting and not self._database_troubles(decided.alerts, now)
        return Look(status, away, settled, decided.alerts, len(decided.notices))

    def _ask(self) -> tuple[Status | None, Kept, StoreError | None]:
        """What the database tells of everybody, what it knows of alerts, and why it does neither."""
        try:
            report = self._backend.call("status_report", {})
            etl = self._backend.call("get_etl_health_status", {})
            jobs = self._backend.call("jobs_overview", {})
            return Status(report["scrapers"], report["services"], etl, jobs), self._database.load(), None
        except StoreError as error:
            return None, Kept({}), error

    def _save(self, known: Kept, decided: Decided) -> None:
        """Write what the database keeps, and what it only shows of the file's alerts."""
        mirror = self._file.to_mirror()
        gone = [key for key, one in known.alerts.items() if self._book.survives(one.topic)]
        ours = decided.database
        changes = Changes(
            alerts=(*ours.alerts, *mirror.alerts),
            forgotten=(*ours.forgotten, *(key for key in gone if key not in decided.alerts)),
            events={**ours.events, **mirror.events},
            messages=ours.messages,
        )
        if changes:
            self._database.save(changes, known.revision)
            self._file.mirrored(mirror)

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
        return alert is not None and (alert.phase == "pending" or hides(self._book, alert, now))

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
