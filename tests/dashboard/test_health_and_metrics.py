"""`/health`, `/health/ready`, `/metrics`: what is wrong with its reason, and the fleet in Prometheus's words."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboard.config import DashboardConfig
from monitoring.health import check_outbound, check_services, check_spools
from monitoring.metrics import CycleCounts, FleetMetrics, Snapshot
from scrapers.errors import StoreUnavailableError
from standalone.cycle.spool import Spool
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing
from tests.support.dashboard import ServedPages, served_pages
from tests.support.queue import enqueue

PRICES = {"match_result:home": 2.0, "match_result:draw": 3.1, "match_result:away": 4.0}
SERVICE = "json-generator"
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def served(backend: PostgresBackend, config: DashboardConfig, **change: Any) -> Iterator[ServedPages]:
    with served_pages(backend, replace(config, **change)) as pages:
        yield pages


def publish(config: DashboardConfig, age_s: float = 0) -> None:
    made = datetime.now(UTC) - timedelta(seconds=age_s)
    valid = made + timedelta(seconds=60)
    document = {"generated_at": made.isoformat(), "valid_until": valid.isoformat()}
    assert config.published is not None
    (config.published / "status.json").write_bytes(orjson.dumps(document))


def heartbeat(backend: PostgresBackend, error: str | None = None) -> None:
    row = {"p_service": SERVICE, "p_expected_interval_s": 30, "p_error": error, "p_extra": {"memory_mb": 64.0}}
    backend.call("service_heartbeat", row)


def test_ready_when_everything_stands(backend: PostgresBackend, config: DashboardConfig) -> None:
    House(backend, "alpha").commit([listing("1", "Flamengo", "Santos", kickoff(5), PRICES)])
    heartbeat(backend)
    publish(config)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        served(backend, config, services=(SERVICE,), outbound=(listener.getsockname(),)) as pages,
    ):
        answer = pages.client.get("/health/ready")
    found = answer.json()
    assert (answer.status_code, found["status"], found["reasons"]) == (200, "ready", [])
    assert set(found["checks"]) == {
        "database", "migrations", "services", "scrapers", "jobs", "results", "storage", "outbound", "spools",
    }  # fmt: skip
    assert found["checks"]["storage"]["age_s"] < 30


def test_every_reason_is_told(backend: PostgresBackend, config: DashboardConfig, database_url: str) -> None:
    heartbeat(backend, error="no disk")
    publish(config, age_s=600)
    spool = config.data_dir / "spool" / "kto"
    Spool(spool, 10_000_000).append({"cycle_id": "x" * 1000})
    (spool / "set-aside").mkdir()
    (spool / "set-aside" / "0000000001.cycle").write_bytes(b"x")
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("delete from fleet_migrations where version = (select max(version) from fleet_migrations)")
    enqueue(backend, {"kind": "import_round"})
    change = {"services": (SERVICE, "alerts"), "outbound": (("127.0.0.1", 9),)}
    with served(backend, config, **change) as pages:
        answer = pages.client.get("/health/ready")
    assert answer.status_code == 503
    reasons = {reason.partition(":")[0]: reason for reason in answer.json()["reasons"]}
    assert "not applied: " in reasons["migrations"]
    assert "json-generator error, alerts missing" in reasons["services"]
    assert "no scraper delivers" in reasons["scrapers"]
    assert "lost its validity" in reasons["storage"]
    assert "none of 1 addresses" in reasons["outbound"]
    assert "kto has 1 cycles set aside" in reasons["spools"]
    assert "1 wait in queue default, which no living worker takes" in reasons["jobs"]
    assert answer.json()["checks"]["spools"]["waiting"]["kto"]["cycles"] == 1


def test_the_database_away(
    backend: PostgresBackend, config: DashboardConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailableError("the database is not reached: refused")

    with served(backend, config) as pages:
        monkeypatch.setattr(pages.site.backend, "call", away)
        answer = pages.client.get("/health/ready")
        assert answer.status_code == 503
        assert "database: the database is not reached: refused" in answer.json()["reasons"]
        assert pages.client.get("/health").json() == {"status": "ok"}
        assert "oddsfleet_database_up 0.0" in pages.client.get("/metrics").text


def test_checks_without_a_fleet(tmp_path: Any) -> None:
    assert check_outbound(()).ok
    assert check_spools(tmp_path / "nowhere", 64).ok
    assert check_services([], ()).ok
    assert check_services([], ("alerts",)).reason == "alerts missing"


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(client: httpx.Client, name: str, **labels: str) -> float | None:
    return samples(client.get("/metrics").text).get((f"oddsfleet_{name}", frozenset(labels.items())))


def test_metrics_follow_the_cycles(backend: PostgresBackend, config: DashboardConfig) -> None:
    house = House(backend, "alpha")
    house.commit([listing("0", "Flamengo", "Santos", kickoff(5), PRICES)])
    heartbeat(backend)
    publish(config, age_s=5)
    Spool(config.data_dir / "spool" / "kto", 10_000_000).append({"cycle_id": "x"})
    with served(backend, config) as pages:
        client = pages.client
        assert value(client, "cycles_total", scraper="alpha", outcome="ok") is None, "before the first look"
        more = [listing("1", "Flamengo", "Vasco", kickoff(5), PRICES)]
        house.commit(more)
        house.send(
            at=datetime.now(UTC), duration_ms=1500, odds_collected=3, rejected=2, success=False, outcome="blocked",
            extra_data={"phases_ms": {"fetch": 1200}, "memory_mb": 50},
        )  # fmt: skip
        assert value(client, "cycles_total", scraper="alpha", outcome="ok") == 1
        assert value(client, "cycles_total", scraper="alpha", outcome="ok") == 1, "asked again, counted once"
        assert value(client, "cycles_total", scraper="alpha", outcome="blocked") == 1
        assert value(client, "prices_total", scraper="alpha", kind="seen") == 6
        assert value(client, "prices_total", scraper="alpha", kind="rejected") == 2
        assert value(client, "prices_total", scraper="alpha", kind="changed") == 6, "three new ones, three gone"
        phase = {"scraper": "alpha", "phase": "fetch"}
        assert value(client, "cycle_phase_seconds_sum", **phase) == 1.2
        assert value(client, "cycle_phase_seconds_bucket", **phase, le="1.0") == 0
        assert value(client, "cycle_phase_seconds_bucket", **phase, le="2.5") == 1
        assert value(client, "scraper_memory_bytes", scraper="alpha") == 50e6
        assert value(client, "service_memory_bytes", service=SERVICE) == 64e6
        assert value(client, "service_up", service=SERVICE) == 1
        assert value(client, "scraper_status", scraper="delta", status="offline") == 1
        assert value(client, "spool_cycles", scraper="kto") == 1
        enqueue(backend, {"kind": "import_round"}, {"kind": "import_round", "delay_s": 60})
        assert value(client, "queue_depth", queue="default", state="waiting") == 1
        assert value(client, "queue_depth", queue="default", state="delayed") == 1
        assert value(client, "queue_workers", queue="default") == 0
        assert value(client, "workers") == 0
        age = value(client, "feed_age_seconds")
        assert age is not None
        assert 5 <= age < 60


def test_a_cycle_that_is_seen_late_is_counted_once() -> None:
    metrics = FleetMetrics(begins=1000.0)
    counts: CycleCounts = metrics.counts
    cycle = ["a", 1100.0, "alpha", "ok", None, 5, 1, 0, {}]
    counts.take([cycle])
    assert counts.after == 1040.0
    counts.take([cycle, ["b", 1090.0, "alpha", "ok", None, 5, 1, 0, {}]])
    text = metrics.text(Snapshot(None, [["scraper", "error", "firing", 2]], {}, None)).decode()
    found = samples(text)
    assert found[("oddsfleet_cycles_total", frozenset({("scraper", "alpha"), ("outcome", "ok")}))] == 2
    firing = {("topic", "scraper"), ("severity", "error"), ("phase", "firing")}
    assert found[("oddsfleet_alerts", frozenset(firing))] == 2


def test_the_grafana_dashboard_draws_what_there_is(backend: PostgresBackend, config: DashboardConfig) -> None:
    drawn = re.findall(r"oddsfleet_\w+", (ROOT / "docs" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    metrics = FleetMetrics(begins=0.0)
    metrics.counts.take([["a", 1.0, "alpha", "ok", 10, 5, 1, 0, {"fetch": 5}]])
    status = backend.call("status_report", {})
    jobs = backend.call("jobs_overview", {})
    shown = Snapshot(status, [["feed", "error", "firing", 1]], {"kto": (1, 1.0)}, 1.0, jobs)
    text = metrics.text(shown).decode()
    known = {name for name, _ in samples(text)} | set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    assert len(set(drawn)) > 12
    assert set(drawn) <= known
