"""`fleet record SLUG`: ask a bookmaker once and keep what it answers as a recording."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from scrapers.errors import FetchError, PayloadShapeError
from scrapers.records import Event, Page, PageRequest
from scrapers.registry import load_registry
from standalone.commands.asking import Asking, asking
from standalone.commands.recordings import FOLDER, save
from standalone.logs import configure_logs
from standalone.settings import load_settings


@click.command()
@click.argument("slug")
@click.option("--league", help="only this league's list, by its key; default: the first list that holds events")
@click.option("--case", help="name of the recording; default: the league's key")
@click.option("--replace", "replaces", is_flag=True, help="overwrite a recording of that name")
@click.option("--into", type=click.Path(path_type=Path), default=FOLDER, help="default: tests/recordings")
def command(slug: str, league: str | None, case: str | None, replaces: bool, into: Path) -> None:
    """Save SLUG's answers as a recording, without tokens and addresses: a list, and a page it leads to.

    Asks list after list until one holds events. A refusal is recorded too, as blocked_<case>.
    Exit code 0: recorded; 1: refused or not readable (what came is recorded all the same); 2: nothing came.
    """
    settings = load_settings()
    configure_logs("fleet", "WARNING", settings.secrets)

    async def run() -> int:
        async with asking(slug, load_registry(), settings) as one:
            return await _record(one, league, case, replaces, into)

    code = asyncio.run(run())
    if code == 0:
        click.echo(
            "Now: .venv/bin/python -m pytest tests/contract/test_recordings.py "
            f"-k {slug} --update-expected, and read every line against the page."
        )
    raise SystemExit(code)


async def _record(one: Asking, league: str | None, case: str | None, replaces: bool, into: Path) -> int:
    slug = one.bookmaker.slug
    lists = [request for request in one.lists() if league in (None, request.league)]
    if not lists:
        raise click.BadParameter(f"{slug} asks for no list of league {league!r}")
    for request in lists:
        name = case or request.league or request.scope.replace(":", "_").replace("/", "_")
        try:
            page = await one.fetcher.fetch(request)
        except (FetchError, PayloadShapeError) as error:
            return _refused(into, slug, name, request, error, replaces)
        try:
            parsed = one.read(page)
        except PayloadShapeError as error:
            click.echo(f"{save(into, slug, name, page, replace=replaces)}: not readable: {error}", err=True)
            return 1
        if parsed.events or request is lists[-1]:
            name = name if parsed.events else f"empty_{name}"
            _say(save(into, slug, name, page, replace=replaces), page)
            return await _record_detail(one, list(parsed.events), name, replaces, into)
        click.echo(f"{request.scope}: lists nothing, going on", err=True)
    return 2


async def _record_detail(one: Asking, events: list[Event], name: str, replaces: bool, into: Path) -> int:
    for request in one.details(events)[:1]:
        try:
            page = await one.fetcher.fetch(request)
        except (FetchError, PayloadShapeError) as error:
            click.echo(f"{request.scope}: {error}", err=True)
            return 1
        _say(save(into, one.bookmaker.slug, f"{name}_detail", page, listed_in=name, replace=replaces), page)
    return 0


def _refused(
    into: Path, slug: str, name: str, request: PageRequest, error: FetchError | PayloadShapeError, replaces: bool
) -> int:
    """Record what came in place of a page, if anything did."""
    click.echo(str(error), err=True)
    if not error.body:
        return 2
    status = getattr(error, "status", None) or 200
    page = Page(request, status, error.body, datetime.now(UTC), 0.0)
    _say(save(into, slug, f"blocked_{name}", page, replace=replaces), page)
    return 1


def _say(path: Path, page: Page) -> None:
    click.echo(f"{path}: {len(page.body)} bytes of {page.request.scope}")
