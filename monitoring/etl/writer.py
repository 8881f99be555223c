"""From memory to the journal, several times a second; from the journal to the database, as soon as it takes it.

Two threads, so that a database that hangs does not keep what is said from the disk: what was said more than
`JOURNAL_EVERY_S` ago outlives this process, whatever ends it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from loguru import logger

from monitoring.etl.journal import MOST_BYTES, Journal, JournalDamagedError, open_journal, orphans, read
from monitoring.etl.pending import Batch, Pending, parts
from scrapers.errors import StoreError, StoreUnavailableError
from store.backend import Backend

JOURNAL_EVERY_S = 0.25
RETRIED_AFTER_S = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Pauses while the database is away, the last one for good."""
LOSS_LOGGED_EVERY_S = 60.0
REFUSALS = 3
"""So often a batch may be refused before it is set aside: a refusal may be of the moment (a timeout, a lock)."""


class Writer:
    """Empties a `Pending` into the database, by way of a journal below `root`.

    Args:
        backend: its own, not the one that the work uses: one waits for the other there.
        name: of the journal, for people: the component.
        alive: ids of the executions that are open in this process.
        tick: called before the journal is written; it may add to `pending`.
        finish: what is done to a batch before it is written (secrets out, values plain).
    """

    def __init__(
        self,
        backend: Backend,
        pending: Pending,
        root: Path,
        name: str,
        *,
        alive: Callable[[], Iterable[str]],
        tick: Callable[[], None],
        finish: Callable[[Batch], None],
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._backend = backend
        self._pending = pending
        self._root = root
        self._alive = alive
        self._tick = tick
        self._finish = finish
        self._journal = open_journal(root, name, most_bytes)
        self._journaling = threading.Lock()
        self._wake = threading.Event()
        self._state = threading.Condition()
        self._written = 0
        self._sent = 0
        self._away = False
        self._closing = False
        self._lost = 0
        self._loss_logged_at = 0.0
        self._threads = [
            threading.Thread(target=self._keep_journal, name="etl-journal", daemon=True),
            threading.Thread(target=self._keep_sending, name="etl-sender", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def lost(self) -> int:
        """Lines and metrics that found no room in memory or on disk."""
        return self._lost

    def flush(self, timeout_s: float) -> bool:
        """Bring everything said so far to the disk, and to the database if it answers within `timeout_s`.

        True: the database has it. False: it is on disk and follows later.
        """
        self._write_journal()
        with self._state:
            wanted = self._written
            self._state.wait_for(lambda: self._sent >= wanted or self._away or self._closing, timeout_s)
            return self._sent >= wanted

    def close(self, timeout_s: float) -> bool:
        """Flush and end the threads; what the database did not take stays on disk for the next process."""
        sent = self.flush(timeout_s)
        with self._state:
            self._closing = True
            self._state.notify_all()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout_s)
        if not any(thread.is_alive() for thread in self._threads):
            self._journal.close()
            self._backend.close()
        return sent

    def _keep_journal(self) -> None:
        while not self._wake.wait(JOURNAL_EVERY_S):
            self._tick()
            self._write_journal()

    def _write_journal(self) -> None:
        with self._journaling:
            batch = self._pending.take()
            if not batch:
                return
            self._finish(batch)
            self._count_lost(batch.lost)
            for part in parts(batch):
                number = self._append(part)
                if number is None:
                    self._pending.put_back(part)
                else:
                    with self._state:
                        self._written = number
                        self._state.notify_all()

    def _append(self, part: Batch) -> int | None:
        rows = part.rows()
        if not rows:
            return self._written
        try:
            return self._journal.append(rows)
        except OSError as error:
            logger.error("the ETL journal is not written: {}", error)
            return None

    def _count_lost(self, n: int) -> None:
        self._lost += n
        now = time.monotonic()
        if n and now - self._loss_logged_at >= LOSS_LOGGED_EVERY_S:
            self._loss_logged_at = now
            logger.error("{} ETL log lines and metrics found no room and are lost", self._lost)

    def _keep_sending(self) -> None:
        send_orphans(self._root, self._backend)
        refusals: Counter[Path] = Counter()
        failures = 0
        while True:
            with self._state:
                self._state.wait_for(lambda: self._sent < self._written or self._closing)
                if self._closing and (self._sent >= self._written or self._away):
                    return
            try:
                for path in self._journal.waiting():
                    self._send(path, refusals)
                failures = 0
            except StoreError as error:
                if not failures:
                    logger.warning("ETL logs and metrics wait on disk: {}", error)
                pause = RETRIED_AFTER_S[min(failures, len(RETRIED_AFTER_S) - 1)]
                failures += 1
                with self._state:
                    self._away = True
                    self._state.notify_all()
                    self._state.wait_for(lambda: self._closing, pause)

    def _send(self, path: Path, refusals: Counter[Path]) -> None:
        """One batch. Raises StoreError where it is to be tried again later."""
        try:
            deliver(self._backend, self._journal, path, self._alive())
        except StoreUnavailableError:
            raise
        except StoreError as error:
            refusals[path] += 1
            if refusals[path] < REFUSALS:
                raise
            del refusals[path]
            put_aside(self._journal, path, error)
        with self._state:
            self._away = False
            self._sent = int(path.stem)
            self._state.notify_all()


def deliver(backend: Backend, journal: Journal, path: Path, alive: Iterable[str] = ()) -> bool:
    """Write one batch to the database, and forget it; False: it is damaged and was set aside. Raises StoreError.

    alive: executions whose holder the caller is.
    """
    try:
        kept = read(path)
    except JournalDamagedError as error:
        put_aside(journal, path, error)
        return False
    backend.call("write_etl_batch", {"p_batch_key": kept.key, "p_batch": {**kept.rows, "alive": list(alive)}})
    journal.done(path)
    return True


def put_aside(journal: Journal, path: Path, error: Exception) -> None:
    """Keep a batch that will never be written for a person, and say so."""
    kept = journal.set_aside(path)
    logger.error("ETL logs and metrics cannot be written; kept in {}: {}", kept, error)


def send_orphans(root: Path, backend: Backend) -> int:
    """Write what dead processes left in their journals below `root`; how many batches that were.

    Where the database is away, what is left stays for the next time.
    """
    sent = 0
    for journal in orphans(root):
        try:
            for path in journal.waiting():
                try:
                    sent += deliver(backend, journal, path)
                except StoreUnavailableError:
                    raise
                except StoreError as error:
                    put_aside(journal, path, error)
        except StoreUnavailableError as error:
            logger.warning("ETL journals of ended processes wait on disk: {}", error)
            return sent
        finally:
            journal.close()
    return sent
