"""The fixtures import: what is due, chunk by chunk, and all of it in the ETL monitor (docs/fixtures.md)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from loguru import logger
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from jobs.fixtures.cataloguing import Cataloguer
from jobs.fixtures.client import ProviderClient
from jobs.fixtures.importer import Importer, Plan
from jobs.fixtures.report import Report
from jobs.fixtures.watching import Monitored
from monitoring.etl.export import Document, check_export, write_export
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.performance import PerformanceTracker
from scrapers.errors import DeclarationError, FleetError
from scrapers.fetching.http import simulator_rewrite
from standalone.connect import claim_source
from standalone.declare import register
from standalone.etl import open_monitor
from standalone.importing import EXIT_NOT_DONE, Ended, to_the_end
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop
from standalone.settings import Settings, load_settings
from standalone.shared_resources import SharedResources

NAME = "fixtures-import"
COMPONENT = "fixtures_import"
SIMULATED_TOKEN = "simulated"


OnProgress = Callable[[int, int, str], None]


def open_client(settings: Settings) -> ProviderClient:
    """The provider that belongs to the source of the odds.

    Raises DeclarationError for recordings, which hold no fixtures, and MissingSecretError.
    """
    if settings.source == "replay":
        raise DeclarationError(
            "ODDS_SOURCE=replay: gravações não trazem jogos; use live ou simulator / recordings hold no fixtures; "
            "use live or simulator"
        )

    def tell(why: str, seconds: float) -> None:
        logger.warning("waiting {:.1f} s: {}", seconds, why)

    if settings.source == "simulator":
        rewrite = simulator_rewrite(settings.simulator_port)
        return ProviderClient(SIMULATED_TOKEN, rewrite=rewrite, on_wait=tell)
    token = settings.sportmonks_token
    return ProviderClient(token.get_secret_value() if token is not None else "", on_wait=tell)


async def run(
    resources: SharedResources,
    monitor: ETLMonitor,
    tracker: PerformanceTracker | None,
    plan: Plan,
    stop: Stop,
    on_progress: OnProgress,
) -> Ended[Report]:
    """One execution, from its start to its end, whatever ends it. Bugs are raised, after the execution is
    closed."""
    watch = Monitored(monitor, tracker)
    config = {"max_chunks": plan.max_chunks, "days_ahead": plan.days_ahead, "source": resources.settings.source}
    execution_id = monitor.start_execution(config=config)
    cataloguer = Cataloguer(resources.backend, resources.catalogue.fresh, watch, days_ahead=plan.days_ahead)
    try:
        async with open_client(resources.settings) as client:
            importer = Importer(
                client,
                resources.backend,
                cataloguer,
                resources.league_names,
                watch,
                plan,
                execution_id=execution_id,
                on_progress=on_progress,
            )
            ended = await to_the_end(importer, execution_id, stop)
    except FleetError as error:
        ended = Ended(Report(), execution_id, error)
    except BaseException as error:
        monitor.finish_execution(execution_id, "FAILED", f"{type(error).__name__}: {error}")
        raise
    numbers = {name: value for name, value in ended.report.as_json().items() if name != "failures"}
    watch.say("info", "fixtures import", **numbers)
    # The tracker forgets an execution that is over.
    performance = tracker.snapshot() if tracker is not None else {}
    monitor.finish_execution(execution_id, ended.status, None if ended.error is None else str(ended.error))
    return replace(ended, performance=performance)


def summary(ended: Ended[Report]) -> str:
    """What a run did, in a sentence or two; Portuguese first."""
    report = ended.report
    if ended.error is None and not ended.stopped and report.did_nothing and not report.failed:
        return (
            f"nada a fazer: {report.held} temporadas em dia, {report.skipped} jogos conferidos / nothing to do: "
            f"{report.held} chunks up to date, {report.skipped} fixtures checked"
        )
    done = report.processed_chunks - report.failed_chunks
    left = max(0, report.due - report.processed_chunks)
    return (
        f"{done} chunks ok, {report.failed_chunks} com falha / failed, {left} restantes / left; jogos / fixtures: "
        f"{report.processed} = {report.successful} gravados / written + {report.failed} rejeitados / rejected + "
        f"{report.skipped} iguais / unchanged; catálogo / catalogue: {report.catalogue.teams} times / teams, "
        f"{report.catalogue.made} novas partidas / new matches, {report.catalogue.linked} unidas / joined, "
        f"{report.catalogue.waiting} à espera / waiting"
    )


def exported(ended: Ended[Report], monitor: ETLMonitor) -> Document:
    """Everything that is known of the run: the execution as the database has it, its numbers, its timings."""
    return {
        "execution": monitor.get_execution_summary(ended.execution_id),
        "report": {"execution_id": ended.execution_id, "status": ended.status, **ended.report.as_json()},
        "performance": [{"series": name, **values} for name, values in ended.performance.items()],
    }


@contextmanager
def progress() -> Iterator[OnProgress]:
    """A bar on a terminal; elsewhere a line for every tenth of the way."""
    if not sys.stdout.isatty():
        told = -1

        def log_line(done: int, planned: int, what: str) -> None:
            nonlocal told
            tenth = 10 * done // planned if planned else 10
            if tenth != told:
                told = tenth
                logger.info("{} of {} chunks{}", done, planned, f", now {what}" if what else "")

        yield log_line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console()) as bar:
        task = bar.add_task("fixtures", total=None)
        yield lambda done, planned, what: bar.update(task, completed=done, total=planned, description=what or "ok")


@click.command()
@click.option(
    "--max-chunks", type=click.IntRange(min=1), help="read at most so many seasons; all that are due by default"
)
@click.option("--track-performance", is_flag=True, help="time every step; shown with the metrics")
@click.option(
    "--export-metrics",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="write the run's numbers to FILE (.json or .csv)",
)
def main(max_chunks: int | None, track_performance: bool, export_metrics: Path | None) -> None:
    """Import the fixtures that are due. Exit code 0: all done; 1: some chunks failed; 2: not done; 130: stopped."""
    stop = Stop().listen()
    try:
        if export_metrics is not None:
            check_export(export_metrics)
        settings = load_settings()
        configure_logs(NAME, settings.log_level, settings.secrets)
        code = _main(settings, stop, max_chunks, track_performance, export_metrics)
    except FleetError as error:
        logger.error("{}", error)
        code = EXIT_NOT_DONE
    sys.exit(code)


def _main(settings: Settings, stop: Stop, max_chunks: int | None, timed: bool, export_to: Path | None) -> int:
    resources = SharedResources(settings, keep_catalogue=True)
    plan = Plan(max_chunks, settings.fixtures_refresh_days, settings.fixtures_days_ahead)
    with FileLock(settings.data_dir / "locks" / f"{NAME}.lock") as lock:
        if not lock.acquire():
            raise DeclarationError("outra importação está em andamento / another import is at work on this machine")
        claim_source(resources.backend, settings.source, claim=True)
        register(resources.backend, resources.registry)
        with open_monitor(settings, COMPONENT) as monitor:
            tracker = PerformanceTracker(monitor) if timed else None
            with progress() as on_progress:
                ended = asyncio.run(run(resources, monitor, tracker, plan, stop, on_progress))
            for chunk, reason in ended.report.failures.items():
                logger.error("{}: {}", chunk, reason)
            if ended.error is not None:
                logger.error("{}", ended.error)
            logger.info("{}", summary(ended))
            logger.info("execution {}: {}", ended.execution_id, ended.status)
            if export_to is not None:
                write_export(export_to, exported(ended, monitor))
    resources.close()
    return ended.exit_code


if __name__ == "__main__":
    main()
