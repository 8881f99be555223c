"""The fleet's processes as PM2 sees them, derived from the registry and the settings.

The ecosystem files run this module and take its JSON; nobody keeps a second list. PM2 facts behind the numbers
(PM2 7.0.4, read from its source): SIGINT, then SIGKILL after `kill_timeout`; a process is given up ("errored",
final) after `max_restarts` exits that each came before `min_uptime`; the back-off grows by half each time and stops
at 15 s; `max_memory_restart` looks at the main process only; `filter_env` drops variables whose name contains
one of its strings, so secrets of the calling shell never reach PM2's dump (they belong into `.env`).
"""

from __future__ import annotations

import sys
from typing import Any, Literal, get_args

import click
import orjson

from scrapers.declarations import Bookmaker
from scrapers.errors import DeclarationError, FleetError
from scrapers.registry import load_registry
from standalone.settings import ROOT, Settings, load_settings
from standalone.workers.names import MEMORY_MB, bookmakers_of_workers, every_worker_name, worker_name, workers_here

Mode = Literal["parallel", "sequential", "workers"]

SECRET_SETTINGS = (
    "SUPABASE_", "DATABASE_URL", "ADMIN_TOKEN", "PROXY_LIST", "ALERT_URLS", "ALERT_WEBHOOK", "DEADMAN_URL",
    "BETSAPI_TOKEN", "SPORTMONKS_TOKEN",
)  # fmt: skip
"""Parts of the names of our own settings that are secret."""
SECRET_VARIABLES = (*SECRET_SETTINGS, "TOKEN")
"""Of the names of variables that PM2 must not see, whoever's they are."""
FOUNDATIONS = frozenset({"database", "simulator"})
"""What every other process needs, where there is no database and no bookmakers of the operator's own."""
SEQUENTIAL_MEMORY_MB = 400
HARD_LIMIT = 1.5
"""Of what a scraper may hold: there PM2 ends it in the middle of its cycle. By itself it ends at a cycle's end."""

# Give memory back after each cycle: one malloc arena, trimmed from 128 kB of free space at its end. Measured on a
# scraper with 30,000 prices: 121 MB instead of 136 MB resident (2026-11-22).
MEMORY_VARIABLES = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"}


def fleet_apps(mode: Mode, settings: Settings) -> list[dict[str, Any]]:
    """Every process of a mode on this machine, in the order they should start. Raises DeclarationError."""
    if mode != "workers":
        return [*_foundations(settings), *_scrapers(mode), *_services()]
    registry = load_registry().check()
    of_workers = bookmakers_of_workers(registry, settings)
    workers = [_worker(kind, number) for kind, number in workers_here(settings)]
    if not settings.run_services:
        if settings.uses_embedded_database:
            raise DeclarationError(
                "RUN_SERVICES=false precisa do banco das outras máquinas (DATABASE_URL ou SUPABASE_URL) / "
                "needs the database of the other machines"
            )
        return workers
    others = [_scraper(one) for slug, one in registry.bookmakers.items() if slug not in of_workers]
    return [*_foundations(settings), *workers, *others, *_services()]


def every_name() -> list[str]:
    """Names of all processes that any mode may start, whatever the settings are now."""
    names = [f"scraper-{slug}" for slug in load_registry().bookmakers]
    names += ["scraper-seq-light", "scraper-seq-heavy", *FOUNDATIONS]
    return [*names, *every_worker_name(), *service_names()]


def service_names() -> list[str]:
    """Processes beside the scrapers that tell of themselves in `service_status`."""
    return [str(service["name"]) for service in _services()]


def _foundations(settings: Settings) -> list[dict[str, Any]]:
    apps = []
    if settings.uses_embedded_database:
        # Fast shutdown of Postgres writes a checkpoint; give it time. The first start also makes the cluster.
        # The postmaster ends its own children: a signal to each of them at once makes Postgres panic.
        database = _app("database", "run_database.py", memory_mb=None, kill_timeout=30_000, listen_timeout=60_000)
        apps.append(database | {"treekill": False})
    if settings.odds_source == "simulator":
        apps.append(_app("simulator", "run_simulator.py", memory_mb=400, kill_timeout=3_000))
    return apps


def _scrapers(mode: Mode) -> list[dict[str, Any]]:
    if mode == "sequential":
        return [
            _app(
                f"scraper-seq-{group}",
                "run_sequential.py",
                ["--mode", group],
                memory_mb=round(SEQUENTIAL_MEMORY_MB * HARD_LIMIT),
                kill_timeout=10_000,
            )
            for group in ("light", "heavy")
        ]
    return [_scraper(bookmaker) for bookmaker in load_registry().check().bookmakers.values()]


def _scraper(bookmaker: Bookmaker) -> dict[str, Any]:
    return _app(
        f"scraper-{bookmaker.slug}",
        "run_scraper.py",
        ["--scraper", bookmaker.slug, "--interval", str(bookmaker.interval_s)],
        memory_mb=round(bookmaker.memory_mb * HARD_LIMIT),
        kill_timeout=10_000,
    )


def _worker(kind: str, number: int) -> dict[str, Any]:
    return _app(
        worker_name(kind, number),
        "run_cycle_worker.py",
        ["--kind", kind, "--number", str(number)],
        memory_mb=round(MEMORY_MB * HARD_LIMIT),
        kill_timeout=10_000,
    )


def _services() -> list[dict[str, Any]]:
    return [
        _app("json-generator", "run_json_generator.py", memory_mb=400, kill_timeout=5_000),
        _app("cleanup-service", "run_cleanup.py", memory_mb=150, kill_timeout=10_000),
        _app("dashboard", "run_dashboard.py", memory_mb=150, kill_timeout=5_000),
        _app("alerts", "run_alerts.py", memory_mb=150, kill_timeout=10_000),
        # 41 MB while it waits; an import holds a catalogue (docs/jobs.md).
        _app("worker", "run_worker.py", ["--queues", "default"], memory_mb=400, kill_timeout=10_000),
    ]


def _app(
    name: str,
    script: str,
    args: list[str] | None = None,
    *,
    memory_mb: int | None,
    kill_timeout: int,
    listen_timeout: int = 20_000,
) -> dict[str, Any]:
    app: dict[str, Any] = {
        "name": name,
        "script": str(ROOT / "standalone" / script),
        "args": args or [],
        "cwd": str(ROOT),
        "interpreter": str(ROOT / ".venv" / "bin" / "python"),
        "interpreter_args": ["-u"],
        "exec_mode": "fork",
        "autorestart": True,
        "exp_backoff_restart_delay": 200,
        "max_restarts": 1_000_000,
        "min_uptime": 5_000,
        "wait_ready": True,
        "listen_timeout": listen_timeout,
        "kill_timeout": kill_timeout,
        "merge_logs": True,
        "vizion": False,
        "filter_env": list(SECRET_VARIABLES),
        "env": MEMORY_VARIABLES,
    }
    if memory_mb is not None:
        app["max_memory_restart"] = f"{memory_mb}M"
    return app


@click.command()
@click.argument("mode", type=click.Choice(get_args(Mode)))
def main(mode: Mode) -> None:
    """Print the processes of MODE as JSON for an ecosystem file."""
    try:
        click.echo(orjson.dumps({"apps": fleet_apps(mode, load_settings())}))
    except FleetError as error:
        click.echo(f"odds fleet: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
