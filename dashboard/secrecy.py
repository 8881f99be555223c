"""What jobs were given and what they said, without secrets: for pages, API and audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.config import DashboardConfig

SAID = ("args", "result", "error", "reason", "traceback", "unique_key")
"""Fields of a job whose words come from outside of us."""


def without_secrets(config: DashboardConfig, job: Mapping[str, Any]) -> dict[str, Any]:
    """The same job, dead letter or cause, with stars in the place of secrets."""
    return {name: config.redact(value) if name in SAID else value for name, value in job.items()}
