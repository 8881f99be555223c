"""Thresholds: what passes them, what the alert rules make of it."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring.alerts.findings import find
from monitoring.alerts.rules import load_rules
from monitoring.etl.alerts import CHECKS, ETLAlertManager, Thresholds, etl_readings, execution_alerts
from monitoring.etl.monitor import ETLMonitor
from store.backend import Backend

LIMITS = Thresholds()
WELL: dict[str, Any] = {
    "execution_id": "e1", "component": "import", "kind": "run", "status": "COMPLETED",
    "last_status": "COMPLETED", "silent": 0,
    "elapsed_seconds": 60.0, "processed_fixtures": 100, "error_rate": 0.05, "success_rate": 0.9,
    "consecutive_failures": 2, "runs_24h": 10, "run_success_rate": 0.9, "last_error": None,
}  # fmt: skip


def codes(**changes: Any) -> list[str]:
    return [alert.code for alert in execution_alerts({**WELL, **changes}, LIMITS)]


def rules(**changes: Any) -> list[str]:
    """The rules that find a component wrong, by the shipped file."""
    readings = {"etl": etl_readings({"components": [{**WELL, **changes}]}, LIMITS)}
    return [finding.rule for finding in find(load_rules(), readings).values()]


def test_at_its_thresholds_an_execution_is_well() -> None:
    assert codes(elapsed_seconds=3600.0) == []
    assert codes(error_rate=None, success_rate=None) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"error_rate": 0.051}, "error_rate"),
        ({"success_rate": 0.89}, "success_rate"),
        ({"elapsed_seconds": 3601.0}, "duration"),
        ({"silent": True}, "silent"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_beyond_them_it_is_not(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_one_that_runs_is_judged_by_its_rates_once_they_say_something() -> None:
    running = {"status": "RUNNING", "error_rate": 1.0, "success_rate": 0.0}
    assert codes(**running, processed_fixtures=19) == []
    assert codes(**running, processed_fixtures=20) == ["error_rate", "success_rate"]
    assert codes(status="CANCELLED", success_rate=0.1) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, None),
        ({"consecutive_failures": 3}, "etl_failing"),
        ({"silent": 1}, "etl_silent"),
        ({"error_rate": 0.2}, "etl_error_rate"),
        ({"success_rate": 0.2}, "etl_success_rate"),
        ({"run_success_rate": 0.8}, "etl_run_success_rate"),
        ({"run_success_rate": 0.5, "runs_24h": 2}, None),
        ({"last_status": "RUNNING", "elapsed_seconds": 4000.0}, "etl_duration"),
        ({"elapsed_seconds": 4000.0}, None),
        ({"consecutive_failures": 5, "error_rate": 1.0, "silent": 1}, "etl_failing"),
    ],
    ids=lambda value: str(value) if value is None or isinstance(value, str) else "-".join(value) or "well",
)
def test_the_gravest_rule_speaks_for_a_component(changes: dict[str, Any], rule: str | None) -> None:
    assert rules(**changes) == ([] if rule is None else [rule])


def test_a_service_is_judged_by_its_crashes_alone() -> None:
    weeks = {"kind": "service", "elapsed_seconds": 1e6, "error_rate": 0.5, "success_rate": 0.5, "silent": 1}
    assert codes(**weeks) == []
    assert rules(**weeks, last_status="RUNNING", run_success_rate=0.1) == []
    assert rules(**weeks, consecutive_failures=3) == ["etl_failing"]


def test_every_check_has_a_rule() -> None:
    tested = {name for rule in load_rules().rules if rule.topic == "etl" for name, _, _ in rule.when}
    assert tested == {f"wrong_{code}" for code in CHECKS}


def test_alerts_of_what_the_database_holds(backend: Backend, monitor: ETLMonitor) -> None:
    strict = ETLAlertManager(backend, Thresholds(consecutive_failures=2, success_rate=0.3))
    assert strict.check_execution_alerts() == strict.check_system_alerts() == []
    for _ in range(2):
        execution_id = monitor.start_execution(total_fixtures=10)
        monitor.progress(successful=8, failed=2)
        monitor.finish_execution(execution_id, "FAILED", "no answer")
    (alert,) = strict.check_execution_alerts(execution_id)
    assert (alert.code, alert.value, alert.limit, alert.execution_id) == ("error_rate", 0.2, 0.05, execution_id)
    assert alert.message == "fixtures_import: 20.0% de erros / errors (limite 5%)"
    found = {alert.code: alert.value for alert in strict.check_system_alerts()}
    assert found == {"failing": 2, "error_rate": 0.2}
    monitor.finish_execution(monitor.start_execution())
    assert strict.check_system_alerts() == []
    assert monitor.get_health_status()["status"] == "healthy"
