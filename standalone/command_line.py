"""Running a command for a person: what goes wrong is one clear line and an exit code."""

from __future__ import annotations

import sys

import click

from scrapers.errors import FleetError


def run_command(command: click.Command, name: str) -> None:
    """Run it with the process's arguments. A FleetError becomes a line that begins with `name`, and exit code 2."""
    try:
        command(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except FleetError as error:
        click.echo(f"{name}: {error}", err=True)
        sys.exit(2)
