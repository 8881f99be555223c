"""`fleet db`: where the database is, and its migrations."""

from __future__ import annotations

from contextlib import closing

import click
import orjson

from scrapers.errors import MigrationError, StoreError
from scrapers.registry import load_registry
from standalone.connect import database_url, open_backend
from standalone.declare import declarations, register
from standalone.settings import load_settings
from store import migrate


@click.group()
def command() -> None:
    """The database: its address and its migrations."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def url(as_json: bool) -> None:
    """Print the connection string in use, for psql and the like. It holds the password."""
    found = database_url(load_settings())
    if found is None:
        raise StoreError(
            "the database is reached through Supabase's API only; its connection string stands in the dashboard "
            "under Connect; put it in .env as DATABASE_URL to use it here"
        )
    click.echo(orjson.dumps({"url": found}).decode() if as_json else found)


@command.command("migrate")
@click.option("--print", "print_only", is_flag=True, help="Print everything as one SQL script, and touch nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migrate_command(print_only: bool, as_json: bool) -> None:
    """Apply the migrations that are missing, and register bookmakers and leagues."""
    registry = load_registry()
    if print_only:
        click.echo(migrate.script(declarations(registry)), nl=False)
        return
    settings = load_settings()
    found = database_url(settings)
    applied = [] if found is None else migrate.apply(found)
    with closing(open_backend(settings, name="fleet db migrate")) as backend:
        if found is None and (missing := migrate.pending_behind(backend)):
            raise MigrationError(
                f"{', '.join(missing)}: Supabase's API cannot change the schema; paste the output of "
                "`fleet db migrate --print` into the SQL editor of the dashboard, or set DATABASE_URL"
            )
        registered = register(backend, registry)
    if as_json:
        click.echo(orjson.dumps({"applied": applied, "registered": registered}).decode())
        return
    for file in applied:
        click.echo(f"applied {file}")
    if not applied:
        click.echo("the database is up to date")
    if any(registered.values()):
        click.echo(f"registered {registered['bookmakers']} bookmakers, {registered['leagues']} leagues")


@command.command()
@click.option("--yes", is_flag=True, help="Really do it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def wipe(yes: bool, as_json: bool) -> None:
    """Forget all odds, matches and teams, e.g. the simulator's before going live. Bookmakers and status stay."""
    if not yes:
        raise click.UsageError("this forgets every price, its history, every match and team; say --yes to do it")
    with closing(open_backend(load_settings(), name="fleet db wipe")) as backend:
        answer = backend.call("wipe_odds", {})
    if as_json:
        click.echo(orjson.dumps(answer).decode())
    else:
        click.echo(f"wiped; the database held odds of: {answer['source'] or 'nothing yet'}")
