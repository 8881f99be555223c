"""Whether the fleet can do its work now: one check for each thing it stands on, with the reason where it cannot."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitoring.alerts.readings.machine import spool_readings
from monitoring.queues import Overview, queue_states
from monitoring.services import service_status
from scrapers.errors import MigrationError
from store.migrate import pending_in

CONNECT_S = 2.0
SPOOL_FULL_FROM = 0.5
"""Share of a spool's limit from which on it is a reason to look."""


@dataclass(frozen=True, slots=True)
class Check:
    """How one thing is. `reason`: why it is not as it should be, empty when it is. `facts`: figures for people."""

    name: str
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is as it should be."""
        return not self.reason


def report(checks: Sequence[Check]) -> dict[str, Any]:
    """All checks as one document: {"status": "ready" | "not_ready", "reasons": [...], "checks": {name: {...}}}."""
    return {
        "status": "ready" if all(check.ok for check in checks) else "not_ready",
        "reasons": [f"{check.name}: {check.reason}" for check in checks if not check.ok],
        "checks": {check.name: {"ok": check.ok, "reason": check.reason, **check.facts} for check in checks},
    }


def check_migrations(applied: Mapping[str, str]) -> Check:
    """Whether the database is where this code is. `applied`: what `applied_migrations` answers."""
    try:
        missing = pending_in(applied)
    except MigrationError as error:
        return Check("migrations", str(error))
    facts = {"applied": len(applied), "pending": missing}
    return Check(
        "migrations", f"not applied: {', '.join(missing)}; run: fleet db migrate" if missing else "", facts
    )


def check_services(rows: Sequence[Mapping[str, Any]], expected: Sequence[str]) -> Check:
    """Whether every service makes progress. `rows`: services of `status_report`; `expected`: their names."""
    status = {row["service_name"]: service_status(row) for row in rows}
    wrong = [
        f"{name} {status.get(name, 'missing')}" for name in expected if status.get(name) not in ("ok", "warning")
    ]
    facts = {
        row["service_name"]: {
            "status": status[row["service_name"]],
            "heartbeat_age_s": round(row["seconds_since_heartbeat"], 1),
            "error": row["last_error"],
        }
        for row in rows
    }
    return Check("services", ", ".join(wrong), {"services": facts})


def check_scrapers(rows: Sequence[Mapping[str, Any]]) -> Check:
    """Whether anybody collects. `rows`: scrapers of `status_report`. One that fails is its own alert, not ours."""
    by_status: dict[str, int] = {}
    for row in rows:
        by_status[row["computed_status"]] = by_status.get(row["computed_status"], 0) + 1
    collecting = by_status.get("ok", 0) + by_status.get("warning", 0)
    return Check("scrapers", "" if collecting else "no scraper delivers", {"by_status": by_status})


def check_jobs(jobs: Overview) -> Check:
    """Whether somebody is there to run what waits. `jobs`: what `jobs_overview` answers."""
    states = queue_states(jobs)
    wrong = [
        f"{state.waiting} wait in queue {state.queue}, which no living worker takes"
        for state in states
        if state.abandoned
    ]
    queues = {
        state.queue: {
            "waiting": state.waiting,
            "running": state.running,
            "oldest_s": None if state.oldest_s is None else round(state.oldest_s, 1),
            "workers": state.workers,
        }
        for state in states
    }
    return Check("jobs", ", ".join(wrong), {"queues": queues})


def check_feed(age_s: float | None, overdue_s: float | None) -> Check:
    """Whether the published files hold. None: nothing was published yet."""
    if age_s is None or overdue_s is None:
        return Check("storage", "nothing was published yet")
    reason = f"odds.json lost its validity {overdue_s:.0f} s ago" if overdue_s > 0 else ""
    return Check("storage", reason, {"age_s": round(age_s, 1)})


def check_outbound(targets: Sequence[tuple[str, int]]) -> Check:
    """Whether one of these (host, port) takes a connection. Blocks for up to 2 s each; none to ask is fine."""
    for host, port in targets:
        with suppress(OSError), socket.create_connection((host, port), timeout=CONNECT_S):
            return Check("outbound", "", {"asked": len(targets)})
    # Which they are is nobody's business: proxies among them, and this may be read by anybody.
    reason = f"none of {len(targets)} addresses takes a connection" if targets else ""
    return Check("outbound", reason, {"asked": len(targets)})


def check_spools(folder: Path, max_mb: float) -> Check:
    """What waits on this machine's disk for the database. `max_mb`: what one spool may hold."""
    spools = [reading.fields for reading in spool_readings(folder, max_mb)]
    wrong = [
        f"{spool['name']} is {spool['full_share']:.0%} full"
        for spool in spools
        if spool["full_share"] >= SPOOL_FULL_FROM
    ]
    wrong += [
        f"{spool['name']} has {spool['set_aside']} cycles set aside" for spool in spools if spool["set_aside"]
    ]
    waiting = {
        spool["name"]: {"cycles": spool["cycles"], "mb": round(spool["mb"], 3)}
        for spool in spools
        if spool["cycles"]
    }
    return Check("spools", ", ".join(wrong), {"waiting": waiting})
