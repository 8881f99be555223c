"""`fleet jobs`: what waits, runs and ended in the queue; start a job, stop one (docs/jobs.md)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import orjson

from scrapers.errors import DeclarationError
from standalone.settings import load_settings

if TYPE_CHECKING:
    from store.backend import Backend

STATUSES = ("waiting", "running", "done", "dead", "cancelled")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, whole.")


@click.group()
def command() -> None:
    """Jobs: what waits, runs and ended; start one, stop one."""


@command.command()
@JSON
def overview(as_json: bool) -> None:
    """Queues with their depth, workers, schedules and what is dead."""
    with closing(_open()) as backend:
        found = backend.call("jobs_overview", {})
    if as_json:
        _print_json(found)
        return
    from standalone.tables.jobs import overview_tables
    from standalone.tables.lists import show

    show(*overview_tables(found))


@command.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only these; all by default.")
@click.option("--kind", help="Only of this kind.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@JSON
def list_(status: str | None, kind: str | None, limit: int, as_json: bool) -> None:
    """Jobs, newest first."""
    with closing(_open()) as backend:
        asked = {"p_status": status, "p_kind": kind, "p_before": None, "p_limit": limit}
        jobs = backend.call("list_jobs", asked)
    if as_json:
        _print_json(jobs)
        return
    from standalone.tables.jobs import jobs_table
    from standalone.tables.lists import show

    show(jobs_table(jobs))


@command.command()
@click.argument("job_id", type=int)
@JSON
def show(job_id: int, as_json: bool) -> None:
    """One job, whole.

    Exit code: 0, or 2 when there is no such job (any more).
    """
    with closing(_open()) as backend:
        job = backend.call("job_state", {"p_id": job_id})
    if job is None:
        raise _no_such(job_id)
    if as_json:
        _print_json(job)
        return
    from standalone.tables.jobs import job_lines

    click.echo("\n".join(job_lines(job)))


@command.command()
@click.argument("job_id", type=int)
def cancel(job_id: int) -> None:
    """Cancel a job: a waiting one at once, a running one within seconds.

    Exit code: 0, 1 when it has ended already, 2 when there is no such job.
    """
    with closing(_open()) as backend:
        answer = backend.call("cancel_job", {"p_id": job_id})
    if answer["status"] is None:
        raise _no_such(job_id)
    if not answer["cancelled"]:
        click.echo(f"{job_id}: já terminou / has ended: {answer['status']}")
        sys.exit(1)
    done = answer["status"] == "cancelled"
    click.echo(f"{job_id}: " + ("cancelada / cancelled" if done else "pedido enviado / asked to stop"))


@command.command()
@click.argument("kind")
@click.option(
    "--args", "text", default="{}", metavar="JSON", help="""Arguments as an object, as '{"max_chunks": 3}'."""
)
@click.option(
    "--in", "delay_s", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="Not before that."
)
@JSON
def enqueue(kind: str, text: str, delay_s: float, as_json: bool) -> None:
    """Put a job of KIND into the queue; while an equal one is unfinished, that one is answered.

    Exit code: 0, or 2 for an unknown kind or arguments that it does not take.
    """
    from jobs.startable import startable

    known = startable(kind)
    args = known.checked(_object(text))
    job: dict[str, Any] = {"kind": kind, "queue": known.queue, "args": args, "unique_key": known.unique_key(args)}
    if delay_s:
        job["delay_s"] = delay_s
    with closing(_open()) as backend:
        (made,) = backend.call("enqueue_jobs", {"p_jobs": [job]})
    if as_json:
        _print_json(made)
    elif made["existing"]:
        click.echo(f"{made['id']}: já estava na fila / stands already")
    else:
        click.echo(f"{made['id']}: na fila / enqueued")


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DeclarationError(f"--args: {error}") from error
    if not isinstance(found, dict):
        raise DeclarationError("--args: esperava um objeto JSON / expected a JSON object")
    return found


def _no_such(job_id: int) -> DeclarationError:
    return DeclarationError(f"{job_id}: não há essa tarefa / no such job")


def _print_json(found: Any) -> None:
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))


def _open() -> Backend:
    from standalone.connect import open_backend

    return open_backend(load_settings())
