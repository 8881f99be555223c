"""Results of finished matches: one round, or all that is due, in the ETL monitor (docs/results.md)."""

from __future__ import annotations

import asyncio
import sys

import click
from loguru import logger

from jobs.fixtures.watching import Monitored
from jobs.results.importer import Importer, Plan
from jobs.results.report import Report
from jobs.results.site import SITE, Site, competitions
from monitoring.etl.monitor import ETLMonitor
from scrapers.errors import DeclarationError, FleetError
from scrapers.fetching.failures import FailureBodies
from scrapers.fetching.open import open_fetcher
from standalone.connect import claim_source
from standalone.declare import register
from standalone.etl import open_monitor
from standalone.importing import EXIT_NOT_DONE, Ended, to_the_end
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop
from standalone.settings import Settings, load_settings
from standalone.shared_resources import SharedResources

NAME = "results-batch"
COMPONENT = "results"


def open_site(settings: Settings, resources: SharedResources) -> Site:
    """The site that belongs to the source of the odds. Raises DeclarationError for recordings, which hold none."""
    if settings.source == "replay":
        raise DeclarationError(
            "ODDS_SOURCE=replay: gravações não trazem resultados; use live ou simulator / recordings hold no "
            "results; use live or simulator"
        )
    failures = FailureBodies(settings.data_dir / "failures", settings.failure_body_max_kb * 1000)
    return Site(open_fetcher(SITE, settings=settings), competitions(resources.registry.leagues), failures)


async def run(
    resources: SharedResources, monitor: ETLMonitor, stop: Stop, *, league: str | None, number: int | None
) -> Ended[Report]:
    """One execution, from its start to its end, whatever ends it. Bugs are raised, after the execution is
    closed."""
    settings = resources.settings
    config = {"league": league, "round": number, "source": settings.source}
    execution_id = monitor.start_execution(config=config)
    watch = Monitored(monitor, None)
    plan = Plan(tuple(competitions(resources.registry.leagues)), league, number)
    try:
        site = open_site(settings, resources)
        try:
            importer = Importer(site, resources.backend, watch, plan, execution_id=execution_id)
            ended = await to_the_end(importer, execution_id, stop)
        finally:
            await site.close()
    except FleetError as error:
        ended = Ended(Report(), execution_id, error)
    except BaseException as error:
        monitor.finish_execution(execution_id, "FAILED", f"{type(error).__name__}: {error}")
        raise
    numbers = {name: value for name, value in ended.report.as_json().items() if name != "failures"}
    watch.say("info", "results batch", **numbers)
    monitor.finish_execution(execution_id, ended.status, None if ended.error is None else str(ended.error))
    return ended


def summary(ended: Ended[Report]) -> str:
    """What a run did, in a sentence or two; Portuguese first."""
    report = ended.report
    if ended.error is None and not ended.stopped and report.did_nothing:
        return (
            f"nada a fazer: {report.skipped} resultados completos, {report.to_come} jogos por vir / nothing to do: "
            f"{report.skipped} results complete, {report.to_come} matches to come"
        )
    return (
        f"rodadas / rounds: {report.rounds} lidas / read, {report.whole} completas / complete, "
        f"{report.failed_rounds} com falha / failed; jogos / matches: {report.new} novos / new + {report.changed} "
        f"mudados / changed + {report.same} iguais / same + {report.failed} com falha / failed + {report.skipped} "
        f"já completos / complete before; {report.links.linked} ligados / linked, {report.links.waiting} à espera "
        f"/ waiting; {report.requests} páginas pedidas / pages asked for"
    )


@click.command()
@click.option("--league", help="key of a league (fleet catalogue leagues); with --round, or its current rounds")
@click.option("--round", "number", type=click.IntRange(min=1), help="number of a round of that league")
@click.option("--all", "everything", is_flag=True, help="every league that lacks a result; the default")
def main(league: str | None, number: int | None, everything: bool) -> None:
    """Import results. Exit code 0: all done; 1: some rounds or matches failed; 2: not done; 130: stopped.

    Running it again is always safe: what the database holds whole is not asked for.
    """
    stop = Stop().listen()
    try:
        if number is not None and league is None:
            raise DeclarationError("--round precisa de --league / --round needs --league")
        if everything and league is not None:
            raise DeclarationError("--all ou / or --league, não ambos / not both")
        settings = load_settings()
        configure_logs(NAME, settings.log_level, settings.secrets)
        code = _main(settings, stop, league, number)
    except FleetError as error:
        logger.error("{}", error)
        code = EXIT_NOT_DONE
    sys.exit(code)


def _main(settings: Settings, stop: Stop, league: str | None, number: int | None) -> int:
    resources = SharedResources(settings)
    with FileLock(settings.data_dir / "locks" / f"{NAME}.lock") as lock:
        if not lock.acquire():
            raise DeclarationError("outra importação está em andamento / another import is at work on this machine")
        claim_source(resources.backend, settings.source, claim=True)
        register(resources.backend, resources.registry)
        with open_monitor(settings, COMPONENT) as monitor:
            ended = asyncio.run(run(resources, monitor, stop, league=league, number=number))
        for name, reason in ended.report.failures.items():
            logger.error("{}: {}", name, reason)
        if ended.error is not None:
            logger.error("{}", ended.error)
        logger.info("{}", summary(ended))
        logger.info("execution {}: {}", ended.execution_id, ended.status)
    resources.close()
    return ended.exit_code


if __name__ == "__main__":
    main()
