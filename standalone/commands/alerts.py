"""`fleet alerts`: what is wrong now, who was told, silences and acknowledgements, and whether a message arrives."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scrapers.errors import DeclarationError
from standalone.settings import Settings, load_settings

if TYPE_CHECKING:
    from monitoring.alerts.delivery import Target
    from monitoring.alerts.messages import Message
    from store.backend import Backend

Row = Mapping[str, Any]

COLOURS = {"error": "red", "warning": "yellow", "info": "green"}
PHASES = {"firing": "ativo", "pending": "a confirmar", "resolved": "resolvido"}
KINDS = {
    "fired": "disparou",
    "changed": "mudou",
    "unstable": "instável",
    "recovered": "resolvido",
    "reminded": "lembrado",
    "acknowledged": "visto",
    "silenced": "silenciado",
    "unsilenced": "silêncio encerrado",
}
"""The database's words -> an operator's; `--json` keeps the stored ones."""

PLAIN_WIDTH = 160
"""Columns where there is no terminal to ask: wide enough that no name is cut."""
HISTORY_ROWS = 40
UNITS = {"m": 1, "min": 1, "h": 60, "d": 1440}
"""Unit of a time span -> minutes."""

BY = click.option("--by", "actor", default=getpass.getuser, metavar="NAME", help="Who says so; you by default.")


def read_minutes(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """Minutes of '90m', '2h' or '3d'."""
    found = re.fullmatch(r"(\d+)\s*(m|min|h|d)", value.strip())
    if found is None:
        raise click.BadParameter(f"{value!r} is no time span; write 30m, 2h or 1d")
    return int(found[1]) * UNITS[found[2]]


@click.group()
def command() -> None:
    """Alerts: what is wrong, who was told, what is silenced."""


@command.command("list")
@click.option("--history", is_flag=True, help="What happened so far instead, newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, whole.")
def list_(history: bool, as_json: bool) -> None:
    """What is wrong now, silences in force, and what waits for each receiver.

    Exit code: 0 nothing fires, 1 something does.
    """
    with closing(_open(load_settings())) as backend:
        if history:
            args = {"p_pattern": "*", "p_before_event_id": 2**62, "p_limit": HISTORY_ROWS}
            rows = backend.call("alert_history", args)
            click.echo(
                orjson.dumps(rows, option=orjson.OPT_INDENT_2) if as_json else "\n".join(map(_happened, rows))
            )
            return
        page = backend.call("alerts_page", {})
    if as_json:
        click.echo(orjson.dumps(page, option=orjson.OPT_INDENT_2))
    else:
        console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        for part in rendered(page):
            console.print(part)
    sys.exit(1 if page["firing"] else 0)


@command.command()
@click.argument("key")
@BY
@click.option("--note", default="", metavar="TEXT", help="Kept beside it.")
def ack(key: str, actor: str, note: str) -> None:
    """Somebody has seen alert KEY (as list prints it): no reminder until it fires anew.

    Exit code: 0, or 2 when it is not firing.
    """
    with closing(_open(load_settings())) as backend:
        answer = backend.call("acknowledge_alert", {"p_key": key, "p_actor": actor, "p_note": note})
    if not answer["acknowledged"]:
        raise DeclarationError(f"{key}: não está ativo; veja fleet alerts list / not firing")
    click.echo(f"{key}: visto por {actor} (acknowledged)")


@command.command()
@click.argument("pattern")
@click.option("--for", "minutes", required=True, callback=read_minutes, metavar="SPAN", help="30m, 2h, 1d ...")
@BY
@click.option("--why", "reason", default="", metavar="TEXT", help="Kept beside it.")
def silence(pattern: str, minutes: int, actor: str, reason: str) -> None:
    """No message about alerts whose key fits PATTERN: scraper/kto, 'scraper/*', '*'.

    What still fires when the time is over is told then.
    """
    with closing(_open(load_settings())) as backend:
        answer = backend.call(
            "silence_alerts",
            {"p_pattern": pattern, "p_minutes": minutes, "p_actor": actor, "p_reason": reason},
        )
    click.echo(f"silêncio {answer['silence_id']}: {pattern} até {_clock(answer['ends_at'])} (silenced until)")


@command.command()
@click.argument("silence_id", type=int)
@BY
def unsilence(silence_id: int, actor: str) -> None:
    """End silence SILENCE_ID before its time.

    Exit code: 0, or 2 when there is no such silence in force.
    """
    with closing(_open(load_settings())) as backend:
        answer = backend.call("end_silence", {"p_silence_id": silence_id, "p_actor": actor})
    if not answer["ended"]:
        raise DeclarationError(f"silêncio {silence_id}: não está em vigor / not in force")
    click.echo(f"silêncio {silence_id}: encerrado (ended)")


@command.command()
@click.argument("url", required=False)
def test(url: str | None) -> None:
    """Send one test message to URL, or to every configured receiver, and say whether it arrived.

    URL: Apprise's form (discord://, tgram://, slack://, mailtos:// ...) or webhook+https://..., signed with
    ALERT_WEBHOOK_SECRET. Exit code: 0 it arrived everywhere, 1 it did not, 2 there is nobody to send to.
    """
    from monitoring.alerts.delivery import DeliveryError

    settings = load_settings()
    targets = _targets(settings, url)
    if not targets:
        raise DeclarationError(
            "nenhum destino: defina ALERT_URLS no .env ou passe um endereço / no receiver is set"
        )
    failed = 0
    for target in targets:
        try:
            target.send(_test_message(settings))
        except DeliveryError as error:
            failed += 1
            click.echo(f"NÃO chegou / did NOT arrive: {target.name}: {error}", err=True)
        else:
            click.echo(f"chegou / arrived: {target.name}")
    sys.exit(1 if failed else 0)


def _targets(settings: Settings, url: str | None) -> list[Target]:
    from monitoring.alerts.delivery.open import open_targets
    from standalone.run_alerts import configured_targets

    if url is None:
        return configured_targets(settings)
    secret = settings.alert_webhook_secret
    return open_targets(url, "", secret.get_secret_value() if secret else "")


def _test_message(settings: Settings) -> Message:
    from monitoring.alerts.messages import Message

    return Message(
        message_key=str(uuid4()),
        kind="test",
        severity="info",
        title="🟢 Teste dos alertas da frota de odds",
        body=f"Se você lê isto, os alertas chegam aqui.\n{settings.dashboard_address}",
        link=settings.dashboard_address,
        alerts=(),
    )


def _open(settings: Settings) -> Backend:
    from standalone.connect import open_backend

    return open_backend(settings)


def rendered(page: Row) -> Iterable[Table | Text]:
    """The answer of `alerts_page` for people."""
    alerts = [*page["firing"], *page["pending"]]
    if alerts:
        yield _alerts(alerts)
    else:
        yield Text("Nenhum alerta ativo. (nothing fires)", "green")
    for silence in page["silences"]:
        yield Text(
            f"silêncio {silence['silence_id']}: {silence['pattern']} até {_clock(silence['ends_at'])}, "
            f"{silence['actor']} {silence['reason']}".rstrip()
        )
    for target in page["targets"]:
        line = f"{target['target']}: {target['delivered']} entregues, {target['waiting']} à espera"
        if target["given_up"]:
            line += f", {target['given_up']} desistidas"
        if target["waiting"] and target["last_error"]:
            line += f" ({target['last_error']})"
        yield Text(line, "yellow" if target["waiting"] else "")


def _alerts(rows: Sequence[Row]) -> Table:
    table = Table(title=f"{len(rows)} alertas (alerts)", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("Alerta", "Estado", "Desde", "O que há"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        marks = [PHASES[row["phase"]]]
        marks += ["silenciado"] if row["silenced"] else []
        marks += [f"visto por {row['acknowledged_by']}"] if row["acknowledged_at"] else []
        table.add_row(
            Text(row["key"]),
            Text(", ".join(marks)),
            _clock(row["since"]),
            Text.assemble((row["title"], COLOURS[row["severity"]]), f"\n{row['reason']}"),
        )
    return table


def _happened(row: Row) -> str:
    line = f"{_clock(row['at'])} {KINDS[row['kind']]}: {row['key']}"
    line += f" por {row['actor']}" if row["actor"] else ""
    return line + (f" - {row['text']}" if row["text"] else "")


def _clock(moment: str) -> str:
    """A time of the database in this machine's zone: '22/11 14:05'."""
    return f"{datetime.fromisoformat(moment).astimezone():%d/%m %H:%M}"
