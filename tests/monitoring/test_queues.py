"""Queues without workers, queues that are slow, jobs given up: metrics, `/health/ready` and alerts say the same."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.alerts.deciding import Decider
from monitoring.alerts.findings import find
from monitoring.alerts.memory import DatabaseMemory, FileMemory
from monitoring.alerts.readings.jobs import dead_letter_readings, queue_readings
from monitoring.alerts.readings.local import LocalReader, Places
from monitoring.alerts.round import Watch
from monitoring.alerts.rules import load_rules
from monitoring.health import check_jobs
from monitoring.metrics import FleetMetrics, Snapshot
from monitoring.queues import queue_states
from store.postgres import PostgresBackend
from tests.support.queue import HandWorker, enqueue

BOOK = load_rules()
QUIET = {"waiting": 0, "delayed": 0, "running": 0, "oldest_s": None, "done_24h": 0, "dead": 0}


def row(queue: str, kind: str, **changes: Any) -> dict[str, Any]:
    return {"queue": queue, "kind": kind, **QUIET, **changes}


def worker(*queues: str, silent_s: float = 2.0) -> dict[str, Any]:
    return {
        "worker": f"host:{'+'.join(queues)}", "host": "host", "queues": list(queues),
        "seconds_since_heartbeat": silent_s, "running": 0,
    }  # fmt: skip


OVERVIEW: dict[str, Any] = {
    "queues": [
        row("http", "scrape_cycle", waiting=2, oldest_s=4.0),
        row("browser", "scrape_cycle", waiting=1, oldest_s=5.0),
        row("default", "import_fixtures", delayed=1, running=1),
        row("default", "import_round", waiting=3, oldest_s=1000.0),
    ],
    "workers": [worker("default", "http"), worker("http"), worker("browser", silent_s=600), worker("spare")],
    "schedules": [],
    "dead": [
        {"fingerprint": "f1", "kind": "import_round", "reason": "<b>no page</b>", "jobs": 2},
        {"fingerprint": "f2", "kind": "import_round", "reason": "cut", "jobs": 3},
    ],
}  # fmt: skip
CALM = {
    "queues": [row("default", "import_round", waiting=1, oldest_s=1.0)],
    "workers": [worker("default")],
    "dead": [],
}


def test_a_queue_is_all_its_kinds_and_its_living_workers() -> None:
    found = {state.queue: state for state in queue_states(OVERVIEW)}
    assert list(found) == ["browser", "default", "http", "spare"]
    default = found["default"]
    assert (default.waiting, default.delayed, default.running, default.oldest_s, default.workers) == (
        3, 1, 1, 1000.0, 1,
    )  # fmt: skip
    assert {queue: state.workers for queue, state in found.items()} == {
        "browser": 0, "default": 1, "http": 2, "spare": 1,
    }  # fmt: skip
    assert [queue for queue, state in found.items() if state.abandoned] == ["browser"]


def test_ready_only_while_somebody_takes_what_waits() -> None:
    check = check_jobs(OVERVIEW)
    assert check.reason == "1 wait in queue browser, which no living worker takes"
    assert check.facts["queues"]["default"] == {"waiting": 3, "running": 1, "oldest_s": 1000.0, "workers": 1}
    assert check_jobs(CALM).ok
    assert check_jobs({"queues": [row("default", "x", delayed=5)], "workers": []}).ok, "nothing is due yet"
    assert check_jobs({"queues": [], "workers": []}).ok


def test_alerts_name_the_queue_and_the_cause() -> None:
    found = find(BOOK, {"queues": queue_readings(OVERVIEW), "dead_letters": dead_letter_readings(OVERVIEW)})
    assert {key: finding.rule for key, finding in found.items()} == {
        "queue/browser": "queue_without_worker",
        "queue/default": "queue_slow",
        "dead_letter/import_round/f1": "dead_letters",
        "dead_letter/import_round/f2": "dead_letters",
    }
    assert found["queue/default"].title == "fila default: a tarefa mais antiga espera há 17 min"
    assert found["dead_letter/import_round/f1"].title == "import_round: mortas pela mesma causa: 2"
    assert "‹b›no page" in found["dead_letter/import_round/f1"].reason
    assert dead_letter_readings(OVERVIEW)[0].path == "/admin/jobs/cause?fingerprint=f1"
    assert find(BOOK, {"queues": queue_readings(CALM), "dead_letters": dead_letter_readings(CALM)}) == {}


def test_the_database_tells_the_alerts_process(backend: PostgresBackend, tmp_path: Path) -> None:
    worker = HandWorker(backend, "default")
    enqueue(backend, {"kind": "import_round"}, {"kind": "scrape_cycle", "queue": "browser"})
    worker.bury(worker.take()[0], "no such page", "f1")
    now = [time.time()]
    watch = Watch(
        BOOK.model_copy(update={"start_grace_s": 0}),
        Decider(BOOK, dashboard="http://127.0.0.1:8080", new_key=lambda: str(uuid4())),
        backend,
        DatabaseMemory(backend, []),
        FileMemory(tmp_path / "alerts" / "state.json", []),
        LocalReader(Places(tmp_path, None, 64)),
        declared={},
        clock=lambda: now[0],
    )
    watch.look()
    now[0] += 90  # as long as a queue may wait for a worker
    alerts = watch.look().alerts
    found = {key: alert.rule for key, alert in alerts.items() if alert.phase == "firing"}
    assert found["queue/browser"] == "queue_without_worker"
    assert found["dead_letter/import_round/f1"] == "dead_letters"
    assert "queue/default" not in alerts


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("queue_depth", {"queue": "http", "state": "waiting"}, 2),
        ("queue_depth", {"queue": "default", "state": "delayed"}, 1),
        ("queue_depth", {"queue": "default", "state": "running"}, 1),
        ("queue_depth", {"queue": "spare", "state": "waiting"}, 0),
        ("queue_oldest_seconds", {"queue": "default"}, 1000),
        ("queue_oldest_seconds", {"queue": "spare"}, None),
        ("queue_workers", {"queue": "http"}, 2),
        ("queue_workers", {"queue": "browser"}, 0),
        ("workers", {}, 3),
        ("dead_letters", {"kind": "import_round"}, 5),
    ],
    ids=lambda value: "-".join(value.values()) or "all" if isinstance(value, dict) else str(value),
)
def test_metrics_of_the_queue(name: str, labels: dict[str, str], value: float | None) -> None:
    text = FleetMetrics(begins=0.0).text(Snapshot(None, (), {}, None, OVERVIEW)).decode()
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples.get((f"oddsfleet_{name}", frozenset(labels.items()))) == value
