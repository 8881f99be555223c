"""The watchdog at work: suspects are looked up in PM2 and restarted, in the background, and it is recorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import uuid4

from loguru import logger

from monitoring.alerts.rules import Patience
from monitoring.watchdog.decide import Decision, Process, Suspect, decide, suspects
from monitoring.watchdog.pm2 import Pm2Error
from scrapers.errors import StoreError
from store.backend import Backend

PAST_ROWS = 200

Rows = Sequence[Mapping[str, Any]]


class Supervisor(Protocol):
    """Who starts our processes: PM2."""

    def processes(self) -> list[Process]:
        """Our processes. Raises Pm2Error."""
        ...

    def restart(self, names: Sequence[str]) -> None:
        """Restart these and wait until that is done. Raises Pm2Error."""
        ...


class Watchdog:
    """Restarts what hangs. One thing at a time: while it is at work, it looks at nothing else."""

    def __init__(self, backend: Backend, supervisor: Supervisor, patience: Patience, *, here: str) -> None:
        """here: this machine's host name, as scrapers write it into their status."""
        self._backend = backend
        self._supervisor = supervisor
        self._here = here
        self._patience = patience
        self._looked_at: float | None = None
        self._work: threading.Thread | None = None

    def consider(self, scrapers: Rows, services: Rows) -> None:
        """Look for suspects among the rows of `status_report`; returns at once."""
        silent = suspects(scrapers, services, here=self._here, patience=self._patience)
        now = time.monotonic()
        lately = self._looked_at is not None and now - self._looked_at < self._patience.look_every_s
        if not silent or lately or (self._work is not None and self._work.is_alive()):
            return
        self._looked_at = now
        self._work = threading.Thread(target=self._act, args=(silent,), name="watchdog", daemon=True)
        self._work.start()

    def wait(self, within_s: float) -> None:
        """Until what is being done is done."""
        if self._work is not None:
            self._work.join(within_s)

    def _act(self, silent: Sequence[Suspect]) -> None:
        try:
            past = self._backend.call(
                "watchdog_actions", {"p_scraper": None, "p_before_action_id": 2**62, "p_limit": PAST_ROWS}
            )
            decisions = decide(silent, self._supervisor.processes(), past, self._patience)
            doomed = [decision.suspect.process for decision in decisions if decision.action == "restart"]
            error: str | None = None
            if doomed:
                try:
                    self._supervisor.restart(doomed)
                except Pm2Error as failure:
                    error = str(failure)
            for decision in decisions:
                self._record(decision, error if decision.action == "restart" else None)
        except (StoreError, Pm2Error) as failure:
            logger.error("the watchdog could not act: {}", failure)

    def _record(self, decision: Decision, error: str | None) -> None:
        suspect = decision.suspect
        logger.warning(
            "{} {}: {}{}", decision.action, suspect.process, decision.cause, f" - {error}" if error else ""
        )
        self._backend.call(
            "log_watchdog_action",
            {
                "p_action_key": str(uuid4()),
                "p_process": suspect.process,
                "p_scrapers": list(suspect.scrapers),
                "p_action": decision.action,
                "p_cause": decision.cause,
                "p_error": error,
            },
        )
