"""Debug run: `python main.py [SLUG...]` does everything once, in one process, with progress on the terminal.

Starts the embedded database and the simulator for its own duration when they are needed and not running.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
from loguru import logger
from rich.console import Console
from rich.live import Live
from rich.table import Table

from orchestrator import collect_once
from scrapers.errors import FleetError, StoreError
from standalone.connect import open_files
from standalone.cycle.report import CycleReport
from standalone.run_json_generator import Generator
from standalone.settings import ROOT, Settings, load_settings
from standalone.shared_resources import SharedResources

START_WITHIN_S = 60.0
COLOURS = {"ok": "green", "partial": "yellow", "empty": "yellow"}


def _reaches_simulator(settings: Settings) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", settings.simulator_port), 1):
        return True
    return False


def _reaches_database(resources: SharedResources) -> bool:
    with contextlib.suppress(StoreError):
        resources.backend.call("status_report", {})
        return True
    return False


@contextlib.contextmanager
def _helpers(resources: SharedResources) -> Iterator[None]:
    """The embedded database and the simulator, started here only where they are needed and missing."""
    settings = resources.settings
    needed: list[tuple[str, Callable[[], bool]]] = []
    if settings.uses_embedded_database and not _reaches_database(resources):
        needed.append(("run_database.py", lambda: _reaches_database(resources)))
    if settings.odds_source == "simulator" and not _reaches_simulator(settings):
        needed.append(("run_simulator.py", lambda: _reaches_simulator(settings)))
    log_file = settings.data_dir / "main.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(log_file.open("ab"))
        for script, reached in needed:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "standalone" / script)], stdout=log, stderr=log, cwd=ROOT
            )
            stack.callback(process.wait)
            # SIGINT, as PM2 does: at SIGTERM Postgres would wait until its last client, perhaps we, has left.
            stack.callback(process.send_signal, signal.SIGINT)
            deadline = time.monotonic() + START_WITHIN_S
            while not reached():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise FleetError(f"{script} did not start; see {log_file}")
                time.sleep(0.2)
        yield


class Board:
    """The live table: one row per bookmaker."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, CycleReport | None]] = {}

    def note(self, slug: str, phase: str, report: CycleReport | None) -> None:
        """Remember where one bookmaker stands."""
        self.rows[slug] = (phase, report)

    def __rich__(self) -> Table:
        """The table as it is now."""
        table = Table(title="odds fleet")
        for heading in ("bookmaker", "outcome", "events", "prices", "changes", "rejected", "ms", "error"):
            table.add_column(heading, justify="right" if heading not in ("bookmaker", "error") else "left")
        for slug, (phase, report) in self.rows.items():
            if report is None:
                table.add_row(slug, phase)
                continue
            outcome = str(report.outcome) if report.standby_of is None else "standby"
            table.add_row(
                slug,
                f"[{COLOURS.get(outcome, 'red')}]{outcome}[/]",
                *(str(n) for n in (report.events, report.collected, report.changes, report.rejected)),
                str(report.duration_ms),
                (report.error or report.standby_of or "")[:80],
            )
        return table


@click.command()
@click.argument("slugs", nargs=-1)
def main(slugs: tuple[str, ...]) -> None:
    """Collect the odds of all bookmakers (or only SLUGS) once and publish odds.json."""
    console = Console()
    logger.remove()
    logger.add(sys.stderr, level="WARNING", format="{level}: {message}")
    try:
        resources = SharedResources(load_settings(), keep_catalogue=True)
        registry = resources.registry
        bookmakers = [registry.bookmaker(slug) for slug in slugs] or list(registry.bookmakers.values())
        with _helpers(resources):
            board = Board()
            generator = Generator(resources.backend, open_files(resources.settings), resources.settings)
            published: dict[str, Any] = {}
            with Live(board, console=console, refresh_per_second=4):
                reports = asyncio.run(
                    collect_once(resources, bookmakers, board.note, lambda: published.update(generator.step()))
                )
            console.print(f"\nodds.json: {published}")
            resources.close()
    except FleetError as error:
        console.print(f"[red]odds fleet:[/] {error}")
        sys.exit(2)
    sys.exit(0 if all(report.success for report in reports.values()) else 1)


if __name__ == "__main__":
    main()
