"""What was said outlives a killed process and a database that is away; what died is found."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from monitoring.etl.journal import open_journal, orphans, read
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.performance import PerformanceTracker
from monitoring.etl.place import within
from monitoring.etl.writer import send_orphans
from scrapers.errors import StoreError, StoreUnavailableError
from store.backend import Backend
from store.postgres import PostgresBackend
from tests.support.patience import patient

Rows = Callable[[str], list[tuple[Any, ...]]]

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys, time
from pathlib import Path
from monitoring.etl.logger import ETLLogger
from monitoring.etl.monitor import ETLMonitor
from store.postgres import PostgresBackend

monitor = ETLMonitor(PostgresBackend(sys.argv[1]), Path(sys.argv[2]), "worker")
log = ETLLogger(monitor)
monitor.start_execution()
with monitor.chunk("1") as chunk:
    n = 0
    while True:
        n += 1
        log.info("said", n=n)
        chunk.add(successful=1)
        print(n, flush=True)
        time.sleep(0.001)
"""


def killed_worker(url: str, folder: Path, seconds: float) -> int:
    """Kill a process that talks; the number of the last line it said more than a second before."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    said: list[tuple[float, int]] = []
    for line in process.stdout:
        said.append((time.monotonic(), int(line)))
        if said[-1][0] - said[0][0] > seconds:
            break
    killed_at = time.monotonic()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return max(n for at, n in said if at <= killed_at - 1)


def test_kill_9_loses_nothing_older_than_a_second(database_url: str, folder: Path, rows: Rows) -> None:
    must_be_there = killed_worker(database_url, folder, 1.3)
    backend = PostgresBackend(database_url)
    send_orphans(folder, backend)
    assert list(folder.iterdir()) == []
    (found,) = rows(
        "select count(*), max((details->>'n')::int), count(distinct details->>'n') from etl_logs "
        "where message = 'said'"
    )
    assert found[0] == found[1] == found[2] >= must_be_there > 0
    # Its numbers are those of its lines, and its execution is found once it was silent for long enough.
    assert rows("select status from etl_executions") == [("RUNNING",)]
    rows("update etl_executions set heartbeat_at = now() - interval '31 seconds'")
    assert backend.call("get_etl_health_status", {})["silent"] == 1
    closed = backend.call("maintain_etl", {})["closed"]
    assert len(closed) == 1
    ((status, processed, error),) = rows("select status, processed_fixtures, error_message from etl_executions")
    assert status == "FAILED"
    assert abs(processed - found[1]) <= 1
    assert "its process died" in error
    assert rows("select status, finished_at is not null from etl_chunks") == [("FAILED", True)]
    backend.close()


def test_what_is_said_while_the_database_is_away_waits_on_disk(database_url: str, folder: Path, rows: Rows) -> None:
    must_be_there = killed_worker("postgresql://nobody@127.0.0.1:1/none", folder, 1.3)
    backend = PostgresBackend(database_url)
    assert send_orphans(folder, Unavailable()) == 0
    assert rows("select count(*) from etl_logs") == [(0,)]
    assert send_orphans(folder, backend) > 1
    ((count, last),) = rows("select count(*), max((details->>'n')::int) from etl_logs where message = 'said'")
    assert count == last >= must_be_there
    assert rows("select component, status from etl_executions") == [("worker", "RUNNING")]
    assert send_orphans(folder, backend) == 0
    backend.close()


class Unavailable:
    """A database that is away."""

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        raise StoreUnavailableError("away")

    def close(self) -> None:
        pass


class Moody:
    """Another backend that is away, refuses, or loses its answers, as it is told."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.mood = ""

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        mood = self.mood
        if mood == "away":
            raise StoreUnavailableError("away")
        if mood == "refuses" and "poison" in str(args):
            raise StoreError("no")
        answer = self._backend.call(function, args)
        if mood == "forgets":
            self.mood = ""
            raise StoreUnavailableError("the answer was lost")
        return answer

    def close(self) -> None:
        self._backend.close()


@pytest.fixture
def moody(database_url: str) -> Moody:
    return Moody(PostgresBackend(database_url))


def test_an_outage_delays_and_repeats_nothing(moody: Moody, folder: Path, rows: Rows) -> None:
    with ETLMonitor(moody, folder, "import") as monitor:
        moody.mood = "away"
        with monitor.execution():
            monitor.log_event("INFO", "during")
            monitor.progress(successful=2)
        assert not monitor.flush(0.1)
        moody.mood = "forgets"
        wait_until(lambda: monitor.flush(1))
    assert rows("select status, processed_fixtures from etl_executions") == [("COMPLETED", 2)]
    assert rows("select count(*) from etl_logs where message = 'during'") == [(1,)]


def test_what_is_refused_for_good_is_set_aside_and_holds_nothing_up(moody: Moody, folder: Path, rows: Rows) -> None:
    moody.mood = "refuses"
    with ETLMonitor(moody, folder, "import") as monitor:
        monitor.log_event("INFO", "poison")
        assert not monitor.flush(0.1)
        monitor.log_event("INFO", "after")
        wait_until(lambda: monitor.flush(2))
    assert rows("select message from etl_logs") == [("after",)]
    (kept,) = (folder / "refused").iterdir()
    assert b"poison" in kept.read_bytes()


def test_a_full_journal_loses_lines_and_says_so_but_no_numbers(moody: Moody, folder: Path, rows: Rows) -> None:
    with ETLMonitor(moody, folder, "import", most_bytes=20_000) as monitor:
        moody.mood = "away"
        monitor.start_execution()
        for _ in range(30):
            monitor.log_event("INFO", "x" * 1000)
            monitor.progress(successful=1)
            monitor.flush(0)
        assert 0 < monitor.lost < 30
        moody.mood = ""
        wait_until(lambda: monitor.flush(1))
    assert rows("select processed_fixtures from etl_executions") == [(30,)]
    ((kept,),) = rows("select count(*) from etl_logs where message like 'xxx%'")
    assert kept + monitor.lost == 30


def test_a_damaged_batch_is_set_aside(database_url: str, folder: Path) -> None:
    journal = open_journal(folder, "import")
    for _ in range(2):
        assert journal.append({"logs": []}) is not None
    damaged = journal.waiting()[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert list(orphans(folder)) == []
    journal.close()
    backend = PostgresBackend(database_url)
    assert send_orphans(folder, backend) == 1
    assert [path.name for path in folder.iterdir()] == ["refused"]
    backend.close()


def test_a_holder_that_was_only_cut_off_takes_its_execution_back(
    monitor: ETLMonitor, backend: PostgresBackend, rows: Rows
) -> None:
    execution_id = monitor.start_execution()
    rows("update etl_executions set heartbeat_at = now() - interval '1 hour'")
    assert backend.call("close_abandoned_etl_executions", {})["closed"] == [execution_id]
    monitor.progress(successful=1)
    assert monitor.flush()
    assert rows("select status, finished_at, error_message from etl_executions") == [("RUNNING", None, None)]
    monitor.finish_execution(execution_id)
    assert rows("select status from etl_executions") == [("COMPLETED",)]


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for what threads of the monitor do."""
    ends = time.monotonic() + patient(seconds)
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


class Hanging:
    """A database that accepts and does not answer, until it is let go."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked = threading.Event()

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        self.asked.set()
        assert self.released.wait(60)
        return {"written": True}

    def close(self) -> None:
        pass


def test_a_database_that_hangs_keeps_nobody_waiting_and_nothing_in_memory(folder: Path) -> None:
    hanging = Hanging()
    with ETLMonitor(hanging, folder, "import") as monitor:
        monitor.log_event("INFO", "first")
        assert hanging.asked.wait(patient(5))
        begun = time.monotonic()
        for n in range(1000):
            monitor.log_event("INFO", f"line {n}")
        assert time.monotonic() - begun < 5

        def on_disk() -> int:
            return sum(len(read(path).rows["logs"]) for path in folder.glob("*/*.batch"))

        wait_until(lambda: on_disk() == 1001)
        assert not monitor.flush(0)
        hanging.released.set()
        wait_until(lambda: monitor.flush(1))
    assert list(folder.iterdir()) == []


LEAVING = """
import sys
from pathlib import Path
from monitoring.etl.monitor import ETLMonitor
from store.postgres import PostgresBackend

ETLMonitor(PostgresBackend(sys.argv[1]), Path(sys.argv[2]), "worker").log_event("INFO", "last words")
"""


def test_a_process_that_just_ends_has_said_everything(database_url: str, folder: Path, rows: Rows) -> None:
    subprocess.run(
        [sys.executable, "-c", LEAVING, database_url, str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    assert rows("select message from etl_logs") == [("last words",)]
    assert list(folder.iterdir()) == []


def test_an_execution_gives_signs_of_life_while_nothing_is_said(
    database_url: str, folder: Path, rows: Rows
) -> None:
    with ETLMonitor(PostgresBackend(database_url), folder, "import", beat_every_s=0.1) as monitor:
        tracker = PerformanceTracker(monitor)
        with monitor.execution():
            rows("update etl_executions set heartbeat_at = now() - interval '1 hour'")
            tracker.gauge("queue", 3)
            wait_until(lambda: rows("select metric_value from etl_metrics") == [(3,)])
            wait_until(
                lambda: rows("select heartbeat_at > now() - interval '1 min' from etl_executions") == [(True,)]
            )


def test_two_machines_count_together_in_one_execution(
    monitor: ETLMonitor, database_url: str, tmp_path: Path, rows: Rows
) -> None:
    execution_id = monitor.start_execution(total_fixtures=4, total_chunks=2)
    with ETLMonitor(PostgresBackend(database_url), tmp_path / "other", "fixtures_import") as other:
        for one, chunk_id in ((monitor, "1"), (other, "2")):
            with within(execution_id=execution_id), one.chunk(chunk_id, total_fixtures=2) as chunk:
                chunk.add(successful=1, failed=1)
    monitor.finish_execution(execution_id)
    assert rows("select processed_fixtures, failed_fixtures, processed_chunks, status from etl_executions") == [
        (4, 2, 2, "COMPLETED")
    ]
