"""What is wrong with executions: thresholds, and what passes them. The alert rules (topic `etl`) read the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from monitoring.alerts.readings import Reading
from store.backend import Backend

Row = Mapping[str, Any]
Finding = tuple[float | None, float, bool]
"""Value, limit, and whether that is wrong."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is still well.

    error_rate            failed of processed fixtures, at most
    duration_min          of one execution, at most
    success_rate          fixtures done of those planned, and executions completed of those of a day, at least
    consecutive_failures  so many executions failed one after the other are wrong
    fixtures              an execution under way is judged by its rates from so many processed ones on
    runs                  a day is judged by its rate from so many executions on
    """

    error_rate: float = 0.05
    duration_min: float = 60.0
    success_rate: float = 0.9
    consecutive_failures: int = 3
    fixtures: int = 20
    runs: int = 3


@dataclass(frozen=True, slots=True)
class ETLAlert:
    """One thing that is wrong. value, limit: a share of 1, minutes, or a count, as `code` has it."""

    code: str
    severity: Literal["warning", "error"]
    component: str
    execution_id: str
    value: float
    limit: float
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of trouble and its words, which hold {value}, {limit} and {component}."""

    severity: Literal["warning", "error"]
    message: str


CHECKS: Mapping[str, Check] = {
    "failing": Check(
        "error",
        "{component}: {value:.0f} execuções falharam seguidas / executions failed in a row (limite {limit:.0f})",
    ),
    "silent": Check(
        "error", "{component}: {value:.0f} execução sem sinal de vida / execution without a sign of life"
    ),
    "error_rate": Check("error", "{component}: {value:.1%} de erros / errors (limite {limit:.0%})"),
    "success_rate": Check("warning", "{component}: {value:.1%} de sucesso / done (mínimo {limit:.0%})"),
    "run_success_rate": Check(
        "warning", "{component}: {value:.0%} das execuções do dia completas / of today's executions completed"
    ),
    "duration": Check("warning", "{component}: {value:.0f} min de execução / under way (limite {limit:.0f})"),
}
"""Code -> what it is, the gravest first."""

CHECKED_OF_SERVICES = ("failing",)
"""A service is meant to run on, its failed rounds pass, and the rules of topic `service` see it fall silent."""


def execution_alerts(row: Row, limits: Thresholds) -> list[ETLAlert]:
    """What is wrong with one execution, a row of etl_executions_view; nothing with a service's. Pure."""
    if row["kind"] == "service":
        return []
    found = {
        "silent": (float(row["silent"]), 0.0, row["silent"]),
        **_findings(row, row["status"], limits),
    }
    return _alerts(row["component"], row["execution_id"], found)


def component_alerts(row: Row, limits: Thresholds) -> list[ETLAlert]:
    """What is wrong with a component, a row of `get_etl_health_status`, its latest execution included. Pure.

    How long an execution takes counts while it runs: afterwards nobody can do anything about it.
    """
    failures, rate = row["consecutive_failures"], row["run_success_rate"]
    found = {
        "failing": (failures, limits.consecutive_failures, failures >= limits.consecutive_failures),
        "silent": (row["silent"], 0.0, row["silent"] > 0),
        "run_success_rate": (
            rate,
            limits.success_rate,
            row["runs_24h"] >= limits.runs and _above(limits.success_rate, rate),
        ),
        **_findings(row, row["last_status"], limits),
    }
    if row["last_status"] != "RUNNING":
        del found["duration"]
    if row["kind"] == "service":
        found = {code: found[code] for code in CHECKED_OF_SERVICES}
    return _alerts(row["component"], row["execution_id"], found)


def _findings(row: Row, status: str, limits: Thresholds) -> dict[str, Finding]:
    """An execution's rates and length. What was cancelled did not mean to be done."""
    judged = status != "RUNNING" or row["processed_fixtures"] >= limits.fixtures
    errors, done, minutes = row["error_rate"], row["success_rate"], row["elapsed_seconds"] / 60
    poor = judged and status != "CANCELLED" and _above(limits.success_rate, done)
    return {
        "error_rate": (errors, limits.error_rate, judged and _above(errors, limits.error_rate)),
        "success_rate": (done, limits.success_rate, poor),
        "duration": (minutes, limits.duration_min, minutes > limits.duration_min),
    }


def etl_readings(health: Row, limits: Thresholds) -> list[Reading]:
    """One reading for each component, with a field `wrong_<code>` for each of CHECKS. Pure."""
    readings = []
    for row in health["components"]:
        wrong = {alert.code for alert in component_alerts(row, limits)}
        readings.append(
            Reading(
                subject=row["component"],
                label=row["component"],
                fields={
                    "component": row["component"],
                    "consecutive_failures": row["consecutive_failures"],
                    "error_share": row["error_rate"],
                    "success_share": row["success_rate"],
                    "run_success_share": row["run_success_rate"],
                    "elapsed_s": row["elapsed_seconds"],
                    "error": row["last_error"] or "",
                    **{f"wrong_{code}": code in wrong for code in CHECKS},
                },
                path=f"/admin/etl/execution?id={row['execution_id']}",
            )
        )
    return readings


class ETLAlertManager:
    """Asks the database and judges. Deciding who is told of it is the alerts process's (docs/alerts.md)."""

    def __init__(self, backend: Backend, thresholds: Thresholds | None = None) -> None:
        self._backend = backend
        self.thresholds = thresholds or Thresholds()

    def check_execution_alerts(self, execution_id: str | None = None) -> list[ETLAlert]:
        """What is wrong with one execution, the latest by default; empty where there is none. Raises StoreError."""
        row = self._backend.call("get_etl_execution_summary", {"p_execution_id": execution_id})
        return [] if row is None else execution_alerts(row, self.thresholds)

    def check_system_alerts(self) -> list[ETLAlert]:
        """What is wrong with all that runs, component by component. Raises StoreError."""
        health = self._backend.call("get_etl_health_status", {})
        return [alert for row in health["components"] for alert in component_alerts(row, self.thresholds)]


def _above(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit


def _alerts(component: str, execution_id: str, found: Mapping[str, Finding]) -> list[ETLAlert]:
    alerts: list[ETLAlert] = []
    for code, check in CHECKS.items():
        value, limit, wrong = found.get(code, (None, 0.0, False))
        if wrong and value is not None:
            message = check.message.format(component=component, value=value, limit=limit)
            alerts.append(ETLAlert(code, check.severity, component, execution_id, value, limit, message))
    return alerts


def worst_first(alerts: Sequence[ETLAlert]) -> list[ETLAlert]:
    """Errors before warnings, else as they came."""
    return sorted(alerts, key=lambda alert: alert.severity != "error")
