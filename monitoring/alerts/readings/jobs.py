"""Readings of what `jobs_overview` tells: queues, and why jobs died. Pure."""

from __future__ import annotations

from urllib.parse import urlencode

from monitoring.alerts.readings import Reading
from monitoring.queues import Overview, queue_states

PAGE = "/admin/jobs"


def queue_readings(overview: Overview) -> list[Reading]:
    """One reading for each queue that has unfinished jobs or a living worker."""
    return [
        Reading(
            subject=state.queue,
            label=state.queue,
            fields={
                "queue": state.queue,
                "waiting": state.waiting,
                "delayed": state.delayed,
                "running": state.running,
                "oldest_s": state.oldest_s,
                "workers": state.workers,
            },
            path=PAGE,
        )
        for state in queue_states(overview)
    ]


def dead_letter_readings(overview: Overview) -> list[Reading]:
    """One reading for each cause, by kind, that jobs died of and nobody has dealt with."""
    return [
        Reading(
            subject=f"{row['kind']}/{row['fingerprint']}",
            label=row["kind"],
            fields={"kind": row["kind"], "jobs": row["jobs"], "reason": row["reason"]},
            path=f"{PAGE}/cause?{urlencode({'fingerprint': row['fingerprint']})}",
        )
        for row in overview["dead"]
    ]
