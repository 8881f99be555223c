"""`fleet status`: is each scraper really producing data?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitoring.services import service_status
from standalone.connect import open_backend
from standalone.settings import load_settings

COLOURS = {"ok": "green", "warning": "yellow", "error": "red", "offline": "bright_black"}
WORDS = {"ok": "ok", "warning": "atenção", "error": "erro", "offline": "parado"}
"""computed_status -> colour, and the word for it; `--json` keeps the stored words."""

MODES = {"parallel": "par", "sequential": "seq", "workers": "work"}
"""Long word in a mode's name -> short one, so that the table fits 80 columns."""

UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
MESSAGE_MAX = 300
"""Letters of an error that the table shows; `--json` has all of it."""
PLAIN_WIDTH = 160
"""Columns where there is no terminal to ask: wide enough that no name is cut."""

Row = Mapping[str, Any]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="print the status view as JSON")
def command(as_json: bool) -> None:
    """Is each scraper really producing data? / Cada coletor está mesmo produzindo dados?

    Exit code: 0 everything is ok, 1 something is not, 2 the database cannot be reached.
    """
    settings = load_settings()
    backend = open_backend(settings)
    try:
        report = judged(backend.call("status_report", {}))
    finally:
        backend.close()
    if as_json:
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        terminal = sys.stdout.isatty()
        console = Console(file=sys.stdout, width=None if terminal else PLAIN_WIDTH)
        for part in rendered(report, simulated=settings.odds_source != "live"):
            console.print(part)
        console.print(Text(f"painel (dashboard): {settings.dashboard_address}"))
    sys.exit(0 if report["ok"] else 1)


def judged(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report of `status_report`, its services judged too, and `ok`: whether everything is.

    A fleet without any scraper is not ok: nothing is collected.
    """
    services = [{**service, "computed_status": service_status(service)} for service in report["services"]]
    every = [*report["scrapers"], *services]
    return {
        "ok": bool(report["scrapers"]) and all(row["computed_status"] == "ok" for row in every),
        "now": report["now"],
        "scrapers": report["scrapers"],
        "services": services,
    }


def rendered(report: Mapping[str, Any], *, simulated: bool) -> Iterable[Table | Text]:
    """The judged report as tables for people."""
    if simulated:
        yield Text("Odds simuladas: nenhuma vem de uma casa real. (simulated odds)", style="bold magenta")
    if report["scrapers"]:
        yield _scrapers(report["scrapers"])
        yield from _notes(report["scrapers"])
    else:
        yield Text("Nenhum coletor registrado. Rode: fleet db migrate (no scraper is registered)", style="red")
    if report["services"]:
        yield _services(report["services"])
        yield from _warnings(report["services"])
    yield _summary(report["scrapers"])


def _scrapers(rows: Sequence[Row]) -> Table:
    table = _table("Coletores (scrapers)", "Casa", "Status", "Dado há>", "Odds>", "Compl.>", "Ciclo>")
    table.add_column("Resultado", no_wrap=True)
    table.add_column("Modo", no_wrap=True)
    several = any((row["mode"] or "").startswith("workers") for row in rows)
    if several:
        table.add_column("Máquina", no_wrap=True)
    for row in rows:
        stored, read = row["odds_inserted"], row["odds_collected"]
        table.add_row(
            row["scraper_name"],
            _status(row["computed_status"]),
            age(row["seconds_since_success"]) if row["last_success"] else "nunca",
            str(stored) if stored == read else f"{stored}/{read}",
            "" if row["completeness"] is None else f"{row['completeness']:.0%}",
            "" if row["duration_ms"] is None else f"{row['duration_ms'] / 1000:.1f} s",
            row["outcome"] or "",
            _short(row["mode"] or ""),
            *([row["machine"] or ""] if several else []),
        )
    return table


def _short(mode: str) -> str:
    word, dash, group = mode.partition("-")
    return MODES.get(word, word) + dash + group


def _notes(rows: Sequence[Row]) -> Iterable[Text]:
    """What does not fit a column, one line each below the table: errors, stops, copies that wait."""
    for row in rows:
        name = f"{row['scraper_name']}: "
        if row["last_error"]:
            yield Text.assemble((name, "bold"), (_cut(str(row["last_error"])), "red"))
        for body in row["extra_data"].get("failure_bodies", ()):
            yield Text.assemble((name, "bold"), f"resposta guardada (kept answer): {body}")
        for kind, shape in row["extra_data"].get("shapes", {}).items():
            changed = [f"-{place}" for place in shape.get("lost", ())]
            changed += [f"~{place}" for place in shape.get("retyped", ())]
            if changed:
                listed = ", ".join(changed)
                yield Text.assemble((name, "bold"), f"a página {kind} mudou (page changed): {listed}")
        if row["extra_data"].get("too_heavy"):
            why = row["extra_data"]["too_heavy"]
            yield Text.assemble((name, "bold"), f"reiniciado pela memória (restarted for its memory): {why}")
        if row["status"] == "stopped":
            yield Text.assemble((name, "bold"), "parado por comando (stopped)")
        for waiting in row["standby"] or ():
            yield Text.assemble((name, "bold"), f"em espera (standby): {waiting['holder']}, modo {waiting['mode']}")


def _cut(message: str) -> str:
    return message if len(message) <= MESSAGE_MAX else message[: MESSAGE_MAX - 1] + "…"


def _services(rows: Sequence[Row]) -> Table:
    table = _table("Serviços (services)", "Serviço", "Status", "Sinal há>")
    table.add_column("Detalhes", overflow="fold")
    for row in rows:
        told = {name: value for name, value in row["extra_data"].items() if name != "warnings"}
        details = Text(", ".join(f"{name} {value}" for name, value in told.items()))
        if row["last_error"] is not None:
            details = Text(row["last_error"], "red")
        table.add_row(
            row["service_name"],
            _status(row["computed_status"]),
            age(row["seconds_since_heartbeat"]),
            details,
        )
    return table


def _warnings(rows: Sequence[Row]) -> Iterable[Text]:
    """What services ask to be mended, one line each."""
    for row in rows:
        for warning in row["extra_data"].get("warnings", ()):
            yield Text.assemble((f"{row['service_name']}: ", "bold"), (warning, "yellow"))


def _table(title: str, *headings: str) -> Table:
    """A table without frame, to fit 80 columns; a heading that ends in ">" is of numbers."""
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in headings:
        table.add_column(
            heading.removesuffix(">"), justify="right" if heading.endswith(">") else "left", no_wrap=True
        )
    return table


def _summary(scrapers: Sequence[Row]) -> Text:
    counts = {status: sum(row["computed_status"] == status for row in scrapers) for status in WORDS}
    line = Text(f"{len(scrapers)} coletores: ")
    line.append_text(
        Text(", ").join(Text(f"{n} {WORDS[status]}", COLOURS[status]) for status, n in counts.items() if n)
    )
    return line


def _status(status: str) -> Text:
    return Text(WORDS.get(status, status), COLOURS.get(status, ""))


def age(seconds: float | None) -> str:
    """An age as people say it: '100 s', '3 min', '5 h', '2 d', a unit from its double on; '' for None."""
    if seconds is None:
        return ""
    for size, unit in UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
