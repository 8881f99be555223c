"""From settings to the ETL monitor of one component."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitoring.alerts.deadline import DeadlineBackend
from monitoring.etl.alerts import Thresholds
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.service_run import ServiceRun
from standalone.connect import open_backend
from standalone.redaction import Redactor
from standalone.settings import Settings
from store.backend import Backend


def journals(settings: Settings) -> Path:
    """Where ETL journals of this machine lie."""
    return settings.data_dir / "etl"


def open_monitor(settings: Settings, component: str) -> ETLMonitor:
    """A monitor with a connection of its own, which gives a hanging database up. To be closed."""
    return ETLMonitor(
        DeadlineBackend(open_backend(settings, name=f"etl-{component}")),
        journals(settings),
        component,
        level=settings.log_level,
        clean=Redactor(settings.secrets).value,
        most_bytes=settings.spool_max_mb * 1_000_000,
    )


def open_service_run(
    settings: Settings, backend: Backend, name: str, *, measured: bool = True, **config: Any
) -> ServiceRun:
    """This process's life as an execution, written by `backend`.

    measured: see ServiceRun. config: what the execution shows of how it was started.
    """
    return ServiceRun(
        backend,
        name,
        journals(settings),
        config={"source": settings.source, **config},
        measured=measured,
        level=settings.log_level,
        clean=Redactor(settings.secrets).value,
    )


def etl_thresholds(settings: Settings) -> Thresholds:
    """What of executions is still well."""
    return Thresholds(
        error_rate=settings.etl_max_error_rate,
        duration_min=settings.etl_max_duration_min,
        success_rate=settings.etl_min_success_rate,
        consecutive_failures=settings.etl_max_failures,
    )
