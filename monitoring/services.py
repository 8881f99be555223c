"""How a service is doing, judged as the status view judges scrapers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STANDARD_INTERVAL_S = 30
SERVICE_LIMITS_S = ((600, "offline"), (180, "error"), (60, "warning"))
"""Age of a service's heartbeat at the standard interval -> status; longer intervals scale it, as in the view."""


def service_status(service: Mapping[str, Any]) -> str:
    """`ok`, `warning`, `error` or `offline`: by the age of the heartbeat, and a failed last round is an `error`.

    Where the service itself has something to be mended (`warnings` in its extra_data), it is a `warning` at least.
    `service`: a row of `status_report`'s services.
    """
    scale = max(service["expected_interval_s"], STANDARD_INTERVAL_S) / STANDARD_INTERVAL_S
    by_age = "ok"
    for limit, status in SERVICE_LIMITS_S:
        if service["seconds_since_heartbeat"] >= limit * scale:
            by_age = status
            break
    if service["last_error"] is not None and by_age != "offline":
        return "error"
    if by_age == "ok" and service["extra_data"].get("warnings"):
        return "warning"
    return by_age
