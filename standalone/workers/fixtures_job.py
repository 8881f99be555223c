"""The fixtures import as a job: the run of `run_monitored_chunk_processing`, on a schedule (docs/fixtures.md)."""

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

DAILY = "15 7 * * *"
"""UTC: in the small hours of Brazil, when nothing is played."""

TIMEOUT_S = 4 * 3600
"""Of one attempt; a first import of all seasons takes under an hour at the provider's rate (docs/fixtures.md)."""


def fixtures_kind(resources: SharedResources) -> JobKind:
    """`import_fixtures`: args {"max_chunks": how many seasons at most; missing or null: all that are due}."""

    async def handle(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        # Parser, matcher and provider's client: a worker that never imports does not carry them.
        from standalone.run_monitored_chunk_processing import NAME

        with FileLock(resources.settings.data_dir / "locks" / f"{NAME}.lock") as lock:
            if not lock.acquire():
                raise BusyError("another import is at work on this machine")
            try:
                return await _import(resources, context, args.get("max_chunks"))
            finally:
                resources.reload()  # the next import may be a day away, and a catalogue is large

    return JobKind("import_fixtures", handle, timeout_s=TIMEOUT_S, cron=fixtures_cron(resources.settings))


def fixtures_cron(settings: Settings) -> str | None:
    """FIXTURES_CRON; else daily where the real provider can be asked, and None elsewhere."""
    if settings.fixtures_cron is not None:
        return settings.fixtures_cron
    return DAILY if settings.source == "live" and settings.sportmonks_token is not None else None


async def _import(resources: SharedResources, context: JobContext, max_chunks: int | None) -> Mapping[str, Any]:
    from jobs.fixtures.importer import Plan
    from standalone.run_monitored_chunk_processing import COMPONENT, run, summary

    plan = Plan(max_chunks, resources.settings.fixtures_refresh_days, resources.settings.fixtures_days_ahead)
    report = await import_as_job(
        resources,
        context,
        COMPONENT,
        lambda monitor, stop: run(resources, monitor, None, plan, stop, lambda *_: None),
        summary,
    )
    return {name: value for name, value in report.as_json().items() if name != "failures"}
