"""`fleet doctor`: everything that can be wrong, each with its mend."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import asdict

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.results.site import SOURCE
from standalone.connect import open_backend
from standalone.doctor.database import check_database
from standalone.doctor.findings import Finding, worst
from standalone.doctor.fleet import check_fleet, check_processes
from standalone.doctor.machine import check_machine
from standalone.doctor.openings import check_openings
from standalone.doctor.queue import check_queue
from standalone.doctor.results import check_results_of
from standalone.settings import Settings, load_settings

MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "bold red")}
PLAIN_WIDTH = 160
"""Columns where there is no terminal to ask."""


@click.command()
@click.option("--all", "show_all", is_flag=True, help="also what is as it should be")
@click.option("--json", "as_json", is_flag=True, help="print every finding as JSON")
def command(show_all: bool, as_json: bool) -> None:
    """What is wrong with this installation, and how to mend it. / O que está errado aqui, e como consertar.

    Exit code: 0 nothing, 1 something to be mended, 2 the settings cannot be read.
    """
    findings = examine(load_settings())
    if as_json:
        click.echo(orjson.dumps([asdict(finding) for finding in findings], option=orjson.OPT_INDENT_2))
    else:
        console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        console.print(rendered([finding for finding in findings if show_all or finding.level != "ok"]))
        fine = sum(finding.level == "ok" for finding in findings)
        console.print(Text(f"{fine} de {len(findings)} como deve ser / of {len(findings)} as they should be"))
    sys.exit(0 if worst(findings) == "ok" else 1)


def examine(settings: Settings) -> list[Finding]:
    """Every finding. What cannot be looked at without a database is not looked at while it is away."""
    findings = [*check_machine(settings), *check_openings(settings)]
    with closing(open_backend(settings, name="fleet doctor")) as backend:
        of_database = list(check_database(backend, settings))
        findings += of_database
        if any(finding.what in ("database", "migrations") and finding.level == "error" for finding in of_database):
            return [*findings, *check_processes(settings)]
        findings += check_fleet(backend.call("status_report", {}), settings)
        findings += check_results_of(backend.call("results_health", {"p_source": SOURCE}), settings)
        return [*findings, *check_queue(backend.call("jobs_overview", {}))]


def rendered(findings: list[Finding]) -> Table:
    """The findings as a table for people, the worst first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "O quê", "Como está", "O que fazer"):
        table.add_column(heading, overflow="fold")
    for level in ("error", "warning", "ok"):
        for finding in findings:
            if finding.level == level:
                mark, style = MARKS[level]
                table.add_row(Text(mark, style=style), finding.what, Text(finding.says), Text(finding.mend))
    return table
