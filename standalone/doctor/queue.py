"""The queue: whether somebody does what waits, and what nobody could do."""

from __future__ import annotations

from collections.abc import Iterator

from monitoring.health import check_jobs
from monitoring.queues import Overview
from standalone.doctor.findings import Finding


def check_queue(overview: Overview) -> Iterator[Finding]:
    """One finding for who works, one for what is dead. `overview`: what `jobs_overview` answers."""
    jobs = check_jobs(overview)
    yield (
        Finding("queue", "ok", "fleet jobs overview")
        if jobs.ok
        else Finding(
            "queue",
            "error",
            jobs.reason,
            "pm2 restart worker; http, browser: pm2 start ecosystem.workers.config.js",
        )
    )
    causes = overview["dead"]
    dead = sum(cause["jobs"] for cause in causes)
    if dead:
        says = f"{dead}, causas / causes: {len(causes)}; {causes[0]['kind']}: {causes[0]['reason']}"
        yield Finding(
            "dead jobs", "warning", says, "fleet dead list, show; depois / then fleet dead requeue, discard"
        )
    else:
        yield Finding("dead jobs", "ok", "nenhum / none")
