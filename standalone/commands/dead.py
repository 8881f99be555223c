"""`fleet dead`: jobs that failed for good, by cause; look at them, let them run again, forget them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import orjson

from scrapers.errors import DeclarationError
from standalone.settings import load_settings

if TYPE_CHECKING:
    from store.backend import Backend

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, whole.")
PAGE = 500


@click.group()
def command() -> None:
    """Dead jobs: those that failed for good."""


@command.command("list")
@click.option("--cause", metavar="FINGERPRINT", help="The jobs of this cause, not the causes.")
@JSON
def list_(cause: str | None, as_json: bool) -> None:
    """Causes with how many jobs died of each; with --cause its jobs, newest first."""
    from standalone.tables.jobs import causes_table, dead_table
    from standalone.tables.lists import show

    with closing(_open()) as backend:
        found = _all_of(backend, cause) if cause else backend.call("jobs_overview", {})["dead"]
    if as_json:
        _print_json(found)
    else:
        show(dead_table(found) if cause else causes_table(found))


@command.command()
@click.argument("job_id", type=int)
@JSON
def show(job_id: int, as_json: bool) -> None:
    """One dead job: what it was, why it died, and where in the code.

    Exit code: 0, or 2 when that job is not dead.
    """
    with closing(_open()) as backend:
        letter = backend.call("dead_job", {"p_id": job_id})
    if letter is None:
        raise DeclarationError(f"{job_id}: não está entre as mortas; veja fleet jobs show / not among the dead")
    if as_json:
        _print_json(letter)
        return
    from standalone.tables.jobs import letter_lines

    click.echo("\n".join(letter_lines(letter)))


def _of_which(function: Callable[..., None]) -> Callable[..., None]:
    """The arguments that say which dead jobs are meant."""
    for option in (
        JSON,
        click.option("--dry-run", is_flag=True, help="Only say which they would be."),
        click.option("--cause", metavar="FINGERPRINT", help="All of this cause."),
        click.argument("job_ids", type=int, nargs=-1),
    ):
        function = option(function)
    return function


@command.command()
@_of_which
def requeue(job_ids: tuple[int, ...], cause: str | None, dry_run: bool, as_json: bool) -> None:
    """Let dead jobs run again, under their ids: those of JOB_IDS, or all of a cause.

    One whose unique key an unfinished job has stays dead. Exit code: 0, or 2 when none is named.
    """
    answer = _call("requeue_dead", job_ids, cause, dry_run)
    if as_json:
        _print_json(answer)
        return
    word = "voltariam à fila / would wait again" if dry_run else "de volta à fila / wait again"
    click.echo(f"{answer['jobs']} {word}{_ids(answer['ids'])}")
    if answer["skipped"]:
        click.echo(f"{answer['skipped']} continuam mortas: a chave está em uso / stay dead: their key is in use")


@command.command()
@_of_which
def discard(job_ids: tuple[int, ...], cause: str | None, dry_run: bool, as_json: bool) -> None:
    """Forget dead jobs for good: those of JOB_IDS, or all of a cause.

    Exit code: 0, or 2 when none is named.
    """
    answer = _call("discard_dead", job_ids, cause, dry_run)
    if as_json:
        _print_json(answer)
        return
    word = "seriam apagadas / would be forgotten" if dry_run else "apagadas / forgotten"
    click.echo(f"{answer['jobs']} {word}{_ids(answer['ids'])}")


def _call(function: str, job_ids: Sequence[int], cause: str | None, dry_run: bool) -> Any:
    if not job_ids and cause is None:
        raise DeclarationError("diga quais: números ou --cause / say which: ids or --cause")
    with closing(_open()) as backend:
        args = {"p_ids": list(job_ids) or None, "p_fingerprint": cause, "p_dry_run": dry_run}
        return backend.call(function, args)


def _all_of(backend: Backend, cause: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    before = None
    while page := backend.call("dead_jobs", {"p_fingerprint": cause, "p_before": before, "p_limit": PAGE}):
        found += page
        before = page[-1]["id"]
    return found


def _ids(ids: Sequence[int]) -> str:
    return ": " + " ".join(map(str, ids)) if ids else ""


def _print_json(found: Any) -> None:
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))


def _open() -> Backend:
    from standalone.connect import open_backend

    return open_backend(load_settings())
