"""`cleanup-service`: keeps the database small and its partitions ready, and PM2's logs small too.

Matches long past are put away in small batches (their prices leave summaries), summaries, history and cycle
partitions beyond retention are dropped and the coming ones made. Executions that a dead process left open are
closed, and what it left on disk of its log lines is written (docs/etl.md). What is wrong with the storage stands in
the log and in the service's status. Processes that hold a catalogue are told to load it anew at the first round
that put something away and then at most once a day: what is deleted is no change they could follow, but a match
long past is asked for by nobody, so it only costs them memory, and a reload costs more.

In between, more often, it merges teams that were made twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from monitoring.etl.logger import ETLLogger
from monitoring.etl.writer import send_orphans
from monitoring.storage import MB, storage_report, warnings
from standalone.connect import open_backend
from standalone.etl import journals, open_service_run
from standalone.log_rotation import start_log_rotation
from standalone.logs import configure_logs
from standalone.merging import Merger
from standalone.pm2_apps import every_name
from standalone.process import FileLock, Stop
from standalone.service import Service, wait_for_turn
from standalone.settings import Settings, load_settings
from store.backend import Backend

NAME = "cleanup-service"
BATCH_EVENTS = 100
"""Bookmaker events put away in one transaction: some ten thousand prices, well under a second."""

BATCH_SUMMARIES = 10_000
BATCH_JOBS = 1_000
DAYS_AHEAD = 7
RELOAD_EVERY_S = 24 * 3600

MERGE_EVERY_S = 30
"""Teams that were made twice are merged this often: right after a fresh start nobody should meet them. A look that
finds nothing costs the database some 25 ms."""


class Cleanup:
    """One round. `stop` is looked at between batches; what is left waits for the next round."""

    def __init__(self, backend: Backend, settings: Settings, stop: Stop, log: ETLLogger) -> None:
        self._log = log
        self._backend = backend
        self._settings = settings
        self._stop = stop
        self._reload_asked_at: float | None = None

    def step(self) -> Mapping[str, Any]:
        """Raises StoreError; everything done so far stays done and the next round goes on from there."""
        # Partitions first: a missing one makes every commit of that day land in the default partition.
        partitions = self._backend.call(
            "maintain_partitions",
            {
                "p_days_ahead": DAYS_AHEAD,
                "p_keep_history_days": self._settings.keep_history_days,
                "p_keep_cycles_days": self._settings.keep_cycles_days,
            },
        )
        etl = self._backend.call(
            "maintain_etl",
            {
                "p_days_ahead": DAYS_AHEAD,
                "p_keep_logs_days": self._settings.keep_etl_logs_days,
                "p_keep_metrics_days": self._settings.keep_etl_metrics_days,
            },
        )
        send_orphans(journals(self._settings), self._backend)
        removed = self._put_away()
        summaries = self._drop_summaries()
        surebets = self._backend.call("cleanup_surebets", {"p_keep_days": self._settings.keep_history_days})
        jobs = self._drop_jobs()
        if removed["events"] and self._reload_is_due():
            self._backend.call("request_cache_reload", {})
            self._reload_asked_at = time.monotonic()
        dropped = [*partitions["dropped"], *etl["dropped"]]
        if removed["events"] or dropped:
            self._log.info("put away and dropped", **removed, partitions=dropped)
        if etl["closed"]:
            self._log.warning("closed executions whose process died", executions=etl["closed"])
        storage = storage_report(self._backend)
        limit_mb = self._settings.storage_limit_mb
        faults = warnings(storage, limit_mb)
        for fault in faults:
            self._log.error(fault)
        return {
            **removed,
            "summaries_dropped": summaries,
            "surebets_dropped": surebets["dropped"],
            "jobs_dropped": jobs,
            "partitions_created": partitions["created"] + etl["created"],
            "partitions_dropped": len(dropped),
            "default_rows": partitions["default_rows"] + etl["default_rows"],
            "database_mb": round(storage.database_bytes / MB),
            **({"storage_share": round(storage.database_bytes / MB / limit_mb, 3)} if limit_mb else {}),
            **({"warnings": faults} if faults else {}),
        }

    def _reload_is_due(self) -> bool:
        asked_at = self._reload_asked_at
        return asked_at is None or time.monotonic() - asked_at >= RELOAD_EVERY_S

    def _put_away(self) -> dict[str, int]:
        total = {"events": 0, "prices": 0, "matches": 0}
        while not self._stop.is_set():
            batch = self._backend.call(
                "cleanup_old_matches",
                {"p_keep_hours": self._settings.keep_matches_hours, "p_limit": BATCH_EVENTS},
            )
            for kind in total:
                total[kind] += batch[kind]
            if batch["events"] < BATCH_EVENTS:
                break
        return total

    def _drop_summaries(self) -> int:
        total = 0
        while not self._stop.is_set():
            batch = self._backend.call(
                "drop_old_summaries",
                {"p_keep_days": self._settings.keep_summaries_days, "p_limit": BATCH_SUMMARIES},
            )
            total += batch["summaries"]
            if batch["summaries"] < BATCH_SUMMARIES:
                break
        return total

    def _drop_jobs(self) -> int:
        total = 0
        while not self._stop.is_set():
            batch = self._backend.call(
                "cleanup_jobs",
                {
                    "p_keep_done_days": self._settings.keep_done_jobs_days,
                    "p_keep_dead_days": self._settings.keep_dead_jobs_days,
                    "p_limit": BATCH_JOBS,
                },
            )
            gone: int = batch["done"] + batch["dead"]
            total += gone
            if gone < BATCH_JOBS:
                break
        return total


class Rounds:
    """What the service does in turn: it merges in every round, and cleans when that is due."""

    def __init__(self, cleanup: Cleanup, merger: Merger, clean_every_s: float, log: ETLLogger) -> None:
        self._log = log
        self._cleanup = cleanup
        self._merger = merger
        self._clean_every_s = clean_every_s
        self._cleaned_at: float | None = None
        self._told: Mapping[str, Any] = {}
        self._merged = 0

    def step(self) -> Mapping[str, Any]:
        """One round; what the last cleaning told, and how many teams were merged since the process began."""
        started = time.monotonic()
        if self._cleaned_at is None or started - self._cleaned_at >= self._clean_every_s:
            self._told = self._cleanup.step()
            self._cleaned_at = started
        merged = self._merger.step()
        if merged:
            self._log.info("merged teams that were made twice", teams=merged)
        self._merged += merged
        return {**self._told, "teams_merged": self._merged}


def main() -> None:
    """Run until SIGINT or SIGTERM; the first round is made at once."""
    settings = load_settings()
    configure_logs(NAME, settings.log_level, settings.secrets)
    stop = Stop().listen()
    with FileLock(settings.data_dir / "locks" / f"{NAME}.lock") as lock:
        if not wait_for_turn(lock, stop):
            return
        start_log_rotation(every_name(), stop, max_mb=settings.log_max_mb, keep=settings.log_keep)
        backend = open_backend(settings, name=NAME)
        every_s = settings.cleanup_interval_s
        interval_s = min(MERGE_EVERY_S, every_s)
        life = open_service_run(settings, backend, NAME, interval_s=interval_s, clean_every_s=every_s)
        log = ETLLogger(life)
        rounds = Rounds(Cleanup(backend, settings, stop, log), Merger(backend), every_s, log)
        Service(NAME, backend, rounds.step, interval_s=interval_s, promised_s=every_s, life=life).run(stop)


if __name__ == "__main__":
    main()
