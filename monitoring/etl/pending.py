"""What was said since the last batch, in memory for a moment. Safe between threads; quick, for the work waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

MOST_ROWS = 50_000
"""Log lines and metrics that may wait for the journal, which takes them several times a second."""
ROWS_A_BATCH = 2_000


@dataclass(slots=True)
class Batch:
    """Rows of `write_etl_batch` (migration 0019). lost: lines and metrics that found no room."""

    started: list[Row] = field(default_factory=list)
    progress: dict[str, Row] = field(default_factory=dict)
    chunks: dict[tuple[str, str], Row] = field(default_factory=dict)
    logs: list[Row] = field(default_factory=list)
    metrics: list[Row] = field(default_factory=list)
    finished: list[Row] = field(default_factory=list)
    lost: int = 0

    def __bool__(self) -> bool:
        return bool(
            self.started or self.progress or self.chunks or self.logs or self.metrics or self.finished or self.lost
        )

    def rows(self) -> dict[str, list[Row]]:
        """As `write_etl_batch` takes it; what is empty is left out."""
        named = {
            "started": self.started,
            "progress": list(self.progress.values()),
            "chunks": list(self.chunks.values()),
            "logs": self.logs,
            "metrics": self.metrics,
            "finished": self.finished,
        }
        return {name: rows for name, rows in named.items() if rows}


NUMBERS = ("successful", "failed", "skipped", "chunks", "total_fixtures", "total_chunks")
"""What an execution's progress is counted in."""


class Pending:
    """Collects rows until they are taken. Executions by their id, chunks by execution and chunk."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._lock = threading.Lock()
        self._most_rows = most_rows
        self._batch = Batch()

    def log(self, row: Row) -> None:
        """One log line; counted as lost where too many wait."""
        with self._lock:
            if len(self._batch.logs) < self._most_rows:
                self._batch.logs.append(row)
            else:
                self._batch.lost += 1

    def metric(self, row: Row) -> None:
        """One value of a metric; counted as lost where too many wait."""
        with self._lock:
            if len(self._batch.metrics) < self._most_rows:
                self._batch.metrics.append(row)
            else:
                self._batch.lost += 1

    def start(self, row: Row) -> None:
        """An execution begins."""
        with self._lock:
            self._batch.started.append(row)

    def finish(self, row: Row) -> None:
        """An execution is over."""
        with self._lock:
            self._batch.finished.append(row)

    def progress(self, execution_id: str, **added: int) -> None:
        """Adds to an execution's NUMBERS."""
        with self._lock:
            row = self._batch.progress.get(execution_id)
            if row is None:
                row = {"execution_id": execution_id, **dict.fromkeys(NUMBERS, 0)}
                self._batch.progress[execution_id] = row
            for name, n in added.items():
                row[name] += n

    def chunk(self, row: Row) -> None:
        """A chunk as it is now."""
        with self._lock:
            self._batch.chunks[row["execution_id"], row["chunk_id"]] = row

    def take(self) -> Batch:
        """Everything, leaving nothing."""
        with self._lock:
            taken, self._batch = self._batch, Batch()
        return taken

    def put_back(self, batch: Batch) -> None:
        """What could not be kept elsewhere, without its lines and metrics: those are lost and counted."""
        with self._lock:
            now = self._batch
            now.started[:0] = batch.started
            now.finished[:0] = batch.finished
            now.chunks = batch.chunks | now.chunks
            for execution_id, row in batch.progress.items():
                held = now.progress.setdefault(execution_id, row)
                if held is not row:
                    for name in NUMBERS:
                        held[name] += row[name]
            now.lost += batch.lost + len(batch.logs) + len(batch.metrics)


def parts(batch: Batch) -> Iterator[Batch]:
    """A batch as one or more of a size that a transaction likes.

    Executions begin in the first one and end in the last.
    """
    n_parts = -(-max(len(batch.logs), len(batch.metrics), 1) // ROWS_A_BATCH)
    for n in range(n_parts):
        rows = slice(n * ROWS_A_BATCH, (n + 1) * ROWS_A_BATCH)
        first, last = n == 0, n == n_parts - 1
        yield Batch(
            started=batch.started if first else [],
            progress=batch.progress if first else {},
            chunks=batch.chunks if first else {},
            logs=batch.logs[rows],
            metrics=batch.metrics[rows],
            finished=batch.finished if last else [],
        )
