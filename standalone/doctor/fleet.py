"""The fleet at work: processes under PM2, scrapers, services, published files, spools, breakers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from monitoring.alerts.readings.machine import feed_readings
from monitoring.health import check_feed, check_services, check_spools
from monitoring.watchdog.pm2 import Pm2, Pm2Error
from scrapers.fetching.breaker import BreakerFile
from scrapers.records import Outcome
from scrapers.registry import load_registry
from standalone.doctor.findings import Finding
from standalone.pm2_apps import Mode, fleet_apps
from standalone.settings import ROOT, Settings
from standalone.workers.names import every_worker_name

MENDS: Mapping[str, str] = {
    Outcome.BLOCKED: "fleet probe {slug}; docs/proxies.md; um Chromium ajuda / a Chromium may help",
    Outcome.RATE_LIMITED: "espere, ou pergunte menos (requests_per_s em bookmakers.json) / wait, or ask less often",
    Outcome.SCHEMA_CHANGED: "a resposta mudou / the payload changed: fleet probe {slug}; var/failures/{slug}/",
    Outcome.TIMEOUT: "fleet probe {slug}; a rede ou a casa está lenta / network or bookmaker is slow",
    Outcome.NETWORK: "fleet probe {slug}; DNS, proxy (fleet proxies) ou a casa fora / or the bookmaker is down",
    Outcome.DATABASE: "veja o banco acima / see the database above",
    Outcome.BUG: "pm2 logs scraper-{slug}; relate o erro / report it",
    Outcome.EMPTY: "fleet probe {slug}; nenhuma liga com jogos? / no league with matches?",
    Outcome.PARTIAL: "fleet probe {slug}; pm2 logs scraper-{slug}",
}
"""What to do about a scraper, by how its last cycle ended."""

NOT_STARTED = "pm2 restart scraper-{slug}; pm2 logs scraper-{slug}"


def check_fleet(report: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    """One finding for each thing. `report`: what `status_report` answers."""
    yield from check_processes(settings)
    for row in report["scrapers"]:
        yield _scraper(row)
    expected = [name for name in _services(settings) if name != "simulator"]
    services = check_services(report["services"], expected)
    yield (
        Finding("services", "ok", ", ".join(expected))
        if services.ok
        else Finding("services", "error", services.reason, "make run; pm2 logs <nome / name>")
    )
    if settings.run_services and (settings.bucket_url is None or settings.publish_dir is not None):
        fields = next((reading.fields for reading in feed_readings(settings.published)), None)
        feed = check_feed(*((float(fields["age_s"]), float(fields["overdue_s"])) if fields else (None, None)))
        yield (
            Finding("published files", "ok", str(settings.published))
            if feed.ok
            else Finding(
                "published files", "error", feed.reason, "pm2 restart json-generator; pm2 logs json-generator"
            )
        )
    spools = check_spools(settings.data_dir / "spool", settings.spool_max_mb)
    yield (
        Finding("spools", "ok", "vazios ou pequenos / empty or small")
        if spools.ok
        else Finding(
            "spools",
            "warning",
            spools.reason,
            "o banco esteve fora; se ficam: pm2 logs scraper-<slug> / the database was away",
        )
    )
    yield from _breakers(settings)


def check_processes(settings: Settings) -> Iterator[Finding]:
    """What PM2 says of the processes that this checkout started."""
    try:
        found = {process.name: process for process in Pm2(ROOT).processes()}
    except Pm2Error as error:
        yield Finding("processes", "error", str(error), "npx pm2 ls")
        return
    if not found:
        yield Finding(
            "processes", "error", "nenhum sob este PM2 / none under this PM2", "make run (ou / or PM2_HOME)"
        )
        return
    mode: Mode = "parallel"
    if any(name.startswith("scraper-seq-") for name in found):
        mode = "sequential"
    elif found.keys() & set(every_worker_name()):
        mode = "workers"
    wanted = [app["name"] for app in fleet_apps(mode, settings)]
    missing = [name for name in wanted if name not in found]
    down = [f"{name} {found[name].status}" for name in wanted if name in found and found[name].status != "online"]
    if missing or down:
        says = "; ".join([*(f"{name} falta / missing" for name in missing), *down])
        yield Finding("processes", "error", says, "make run")
    else:
        yield Finding("processes", "ok", f"{len(wanted)} no ar / online ({mode})")


def _services(settings: Settings) -> list[str]:
    """Services that write a heartbeat, by what PM2 runs."""
    apps = [app["name"] for app in fleet_apps("parallel", settings)]
    return [name for name in apps if not name.startswith("scraper-") and name != "database"]


def _scraper(row: Mapping[str, Any]) -> Finding:
    slug, status, outcome = row["scraper_name"], row["computed_status"], row["outcome"]
    what = f"scraper {slug}"
    if status == "ok":
        return Finding(what, "ok", f"{row['odds_inserted']} odds")
    mend = MENDS.get(outcome or "", NOT_STARTED) if status != "offline" else NOT_STARTED
    says = ", ".join(filter(None, (status, outcome, row["last_error"])))
    return Finding(what, "warning" if status == "warning" else "error", says, mend.format(slug=slug))


def _breakers(settings: Settings) -> Iterator[Finding]:
    now = datetime.now(UTC)
    for slug in load_registry().bookmakers:
        tripped = BreakerFile(settings.data_dir / "breakers" / f"{slug}.json").load(settings.source)
        if tripped is not None and tripped.until is not None and tripped.until > now:
            yield Finding(
                f"breaker {slug}",
                "warning",
                f"aberto até / open until {tripped.until:%H:%M:%SZ}: {tripped.outcome}, {tripped.message}",
                f"passa sozinho / it passes; já / now: rm var/breakers/{slug}.json; pm2 restart scraper-{slug}",
            )
