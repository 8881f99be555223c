"""The results batch as a job: the run of `run_batch`, on a schedule (docs/results.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.queue.context import JobContext
from jobs.queue.kinds import JobKind
from scrapers.errors import BusyError
from standalone.process import FileLock
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from standalone.workers.imports import import_as_job

HOURLY = "7 * * * *"
"""UTC. A run asks the site only for what a match without a result is in, so most of them ask nothing."""

TIMEOUT_S = 3600
"""Of one attempt: 380 matches at one page in 1.25 s take eight minutes."""


def results_kind(resources: SharedResources) -> JobKind:
    """`import_round`: args {"league", "round"}, both missing or null: all that is due; "league" alone: its current
    rounds."""

    async def handle(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        # Parser, matcher and fetcher: a worker that never imports does not carry them.
        from standalone.run_batch import NAME

        with FileLock(resources.settings.data_dir / "locks" / f"{NAME}.lock") as lock:
            if not lock.acquire():
                raise BusyError("another import is at work on this machine")
            return await _import(resources, context, args.get("league"), args.get("round"))

    return JobKind("import_round", handle, timeout_s=TIMEOUT_S, cron=results_cron(resources.settings))


def results_cron(settings: Settings) -> str | None:
    """RESULTS_CRON; else hourly, but not where recordings are replayed: they hold no results."""
    if settings.results_cron is not None:
        return settings.results_cron
    return None if settings.source == "replay" else HOURLY


async def _import(
    resources: SharedResources, context: JobContext, league: str | None, number: int | None
) -> Mapping[str, Any]:
    from standalone.run_batch import COMPONENT, run, summary

    report = await import_as_job(
        resources,
        context,
        COMPONENT,
        lambda monitor, stop: run(resources, monitor, stop, league=league, number=number),
        summary,
    )
    return report.as_json()
