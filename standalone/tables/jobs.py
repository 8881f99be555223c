"""Jobs for a terminal: tables of many, lines of one. Times in UTC; Portuguese first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from rich import box
from rich.table import Table
from rich.text import Text

from standalone.tables.prices import short_time

Row = Mapping[str, Any]

WORDS = {
    "waiting": ("na fila", "yellow"),
    "running": ("rodando", "cyan"),
    "done": ("concluída", "green"),
    "dead": ("morta", "red"),
    "cancelled": ("cancelada", "dim"),
}
"""Status -> an operator's word and its colour; `--json` keeps the stored one."""

RIGHT = frozenset({"Prontas", "Agendadas", "Rodando", "Feitas 24 h", "Mortas", "Espera", "Tarefas", "Tent.", "Nº"})
"""Headings of numbers."""


def overview_tables(found: Row) -> Iterator[Table]:
    """The answer of `jobs_overview`."""
    queues = _table(
        "Filas (queues)",
        ["Fila", "Tipo", "Prontas", "Agendadas", "Rodando", "Espera", "Feitas 24 h", "Mortas"],
    )
    for row in found["queues"]:
        numbers = [row["waiting"], row["delayed"], row["running"]]
        wait = "" if row["oldest_s"] is None else f"{row['oldest_s']:.0f} s"
        dead = Text(str(row["dead"]), "red" if row["dead"] else "")
        queues.add_row(row["queue"], row["kind"], *map(str, numbers), wait, str(row["done_24h"]), dead)
    yield queues
    workers = _table("Workers", ["Máquina", "Worker", "Filas", "Rodando", "Sinal há"])
    for row in found["workers"]:
        running = f"{row['running']} de {row['concurrency']}"
        silent = f"{row['seconds_since_heartbeat']:.0f} s"
        workers.add_row(row["host"], row["worker"], ", ".join(row["queues"]), running, silent)
    yield workers
    if found["schedules"]:
        schedules = _table("Agenda, UTC (schedules)", ["Tipo", "Cron", "Última", "Como foi", "Próxima"])
        for row in found["schedules"]:
            schedules.add_row(
                row["kind"],
                row["cron"],
                _time(row["last_at"]),
                _status(row["last_status"]) if row["last_status"] else "",
                _time(row["next_at"]),
            )
        yield schedules
    if found["dead"]:
        yield causes_table(found["dead"])


def jobs_table(jobs: Sequence[Row]) -> Table:
    """Rows of `list_jobs`."""
    table = _table(
        f"{len(jobs)} tarefas, UTC (jobs)",
        ["Nº", "Tipo", "Argumentos", "Estado", "Tent.", "Criada", "Começo", "Fim", "Erro"],
    )
    for job in jobs:
        table.add_row(
            str(job["id"]),
            job["kind"],
            Text(_args(job["args"])),
            _status(job["status"]),
            str(job["attempts"]),
            _time(job["created_at"]),
            _time(job["started_at"]),
            _time(job["finished_at"]),
            Text(job["error"] or ""),
        )
    return table


def job_lines(job: Row) -> Iterator[str]:
    """One job, line by line."""
    word = WORDS[job["status"]][0] + (", parando / stopping" if job["stopping"] else "")
    yield f"{job['id']} {job['kind']}: {word} ({job['status']})"
    yield f"fila / queue       {job['queue']}, prioridade / priority {job['priority']}"
    yield f"argumentos / args  {_args(job['args'])}"
    tried = f"{job['attempts']}, {job['failures']} falhas / failures, {job['losses']} workers mortos / dead workers"
    yield f"tentativas / tries {tried}"
    for name, key in (
        ("criada / made", "created_at"),
        ("não antes / after", "run_at"),
        ("começo / began", "started_at"),
        ("fim / ended", "finished_at"),
    ):
        if job[key] is not None:
            yield f"{name:<18} {_time(job[key])} UTC"
    for name, key in (
        ("worker", "worker"),
        ("trava / lock", "lock"),
        ("chave / key", "unique_key"),
        ("erro / error", "error"),
    ):
        if job[key] is not None:
            yield f"{name:<18} {job[key]}"
    if job["result"] is not None:
        yield f"resultado / result {orjson.dumps(job['result']).decode()}"


def causes_table(causes: Sequence[Row]) -> Table:
    """Dead jobs by cause."""
    table = _table(
        f"{sum(row['jobs'] for row in causes)} tarefas mortas, por causa, UTC (dead jobs by cause)",
        ["Causa", "Tipo", "Tarefas", "Primeira", "Última", "Motivo"],
    )
    for row in causes:
        first, last = _time(row["first_at"]), _time(row["last_at"])
        table.add_row(row["fingerprint"], row["kind"], str(row["jobs"]), first, last, Text(row["reason"]))
    return table


def dead_table(letters: Sequence[Row]) -> Table:
    """The jobs of one cause."""
    table = _table(
        f"{len(letters)} tarefas mortas, UTC (dead jobs)", ["Nº", "Tipo", "Argumentos", "Tent.", "Morreu", "Motivo"]
    )
    for row in letters:
        args = Text(_args(row["args"]))
        died = _time(row["died_at"])
        table.add_row(str(row["id"]), row["kind"], args, str(row["attempts"]), died, Text(row["reason"]))
    return table


def letter_lines(letter: Row) -> Iterator[str]:
    """One dead job, line by line, with its traceback."""
    yield f"{letter['id']} {letter['kind']}: {letter['reason']}"
    yield f"causa / cause      {letter['fingerprint']}"
    yield f"argumentos / args  {_args(letter['args'])}"
    yield f"tentativas / tries {letter['attempts']}; {letter['losses']} workers mortos / dead workers"
    yield f"morreu / died      {_time(letter['died_at'])} UTC, {letter['worker'] or '?'}"
    if letter["traceback"]:
        yield ""
        yield letter["traceback"].rstrip()


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in RIGHT else "left", overflow="fold")
    return table


def _status(status: str) -> Text:
    return Text(*WORDS[status])


def _args(args: Row) -> str:
    return orjson.dumps(args).decode() if args else ""


def _time(at: float | None) -> str:
    return "" if at is None else short_time(at)
