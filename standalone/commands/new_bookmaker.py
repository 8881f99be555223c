"""`fleet new-bookmaker`: the declaration and the recording folder of a bookmaker on a known platform."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import orjson
from pydantic import ValidationError

from scrapers.declarations import SLUG
from scrapers.errors import DeclarationError
from scrapers.registry import load_platform, load_registry
from standalone.commands.recordings import FOLDER
from standalone.settings import ROOT

DECLARATIONS = ROOT / "scrapers"


def _slug(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not SLUG.fullmatch(value):
        raise click.BadParameter("lower snake case, e.g. br4bet_nba")
    return value


@click.command()
@click.option("--slug", prompt="Slug (lower snake case)", callback=_slug, help="database key, PM2 suffix, log name")
@click.option("--name", prompt="Name", help="as people write it")
@click.option("--platform", prompt="Platform", help="see scrapers/platforms")
@click.option("--site", prompt="Site (https://...)", help="without a path")
@click.option("--transport", type=click.Choice(["http", "browser"]), prompt="Transport", default="http")
@click.option("--interval", type=click.IntRange(5, 3600), prompt="Seconds between cycles", default=60)
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="an option of the platform; repeatable"
)
@click.option(
    "--league", "leagues", multiple=True, help="a league's key; default: every one the platform has an id for"
)
@click.option("--into", type=click.Path(path_type=Path), default=DECLARATIONS, hidden=True)
@click.option("--recordings", type=click.Path(path_type=Path), default=FOLDER, hidden=True)
def command(
    slug: str,
    name: str,
    platform: str,
    site: str,
    transport: str,
    interval: int,
    options: tuple[str, ...],
    leagues: tuple[str, ...],
    into: Path,
    recordings: Path,
) -> None:
    """Declare a bookmaker on a known platform; asks for whatever the command line leaves out.

    The declaration is checked whole before it is written. Exit code 2: it is wrong, nothing was written.
    """
    chosen = _options(platform, transport, options)
    known = load_registry(into).leagues.values()
    keys = leagues or tuple(league.key for league in known if platform in league.ids)
    sports = [
        sport for sport in ("football", "basketball") if any(x.key in keys and x.sport == sport for x in known)
    ]
    row: dict[str, Any] = {
        "slug": slug,
        "name": name,
        "platform": platform,
        **({"options": chosen} if chosen else {}),
        "sports": sports,
        "leagues": list(keys),
        "transport": transport,
        "interval_s": interval,
        "site": site,
    }
    _declare(into, row)
    folder = recordings / slug
    folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"declared in {into / 'bookmakers.json'}; recordings go to {folder}")
    click.echo(f"Next: fleet probe {slug}, then fleet record {slug} (with ODDS_SOURCE=live).")


def _options(platform: str, transport: str, given: tuple[str, ...]) -> dict[str, str]:
    """The platform's options: those given, and by question those that it needs besides."""
    chosen: dict[str, str] = {}
    for pair in given:
        name, is_pair, value = pair.partition("=")
        if not is_pair:
            raise click.BadParameter(f"{pair!r}: expected NAME=VALUE", param_hint="--option")
        chosen[name] = value
    for name in _missing(platform, chosen):
        chosen[name] = click.prompt(f"Option {name} of {platform}")
    if transport == "browser" and "session_page" not in chosen:
        chosen["session_page"] = click.prompt("Path of the page that hands out the session", default="/")
    return chosen


def _missing(platform: str, chosen: dict[str, str]) -> list[str]:
    """The options that the platform demands and that were not given."""
    try:
        load_platform(platform).options(chosen)
    except ValidationError as error:
        return [str(fault["loc"][0]) for fault in error.errors() if fault["type"] == "missing"]
    return []


def _declare(into: Path, row: dict[str, Any]) -> None:
    """Add the object to the file; the file as it was when the declaration turns out wrong."""
    file = into / "bookmakers.json"
    before = file.read_bytes()
    text = before.decode().rstrip()
    if not text.endswith("]"):
        raise DeclarationError(f"{file}: expected a list of objects")
    entry = orjson.dumps(row, option=orjson.OPT_INDENT_2).decode().replace("\n", "\n  ")
    head = text.removesuffix("]").rstrip()
    comma = "" if head.endswith("[") else ","
    _replace(file, f"{head}{comma}\n  {entry}\n]\n".encode())
    load_registry.cache_clear()
    try:
        load_registry(into).bookmaker(row["slug"])
    except DeclarationError:
        _replace(file, before)
        load_registry.cache_clear()
        raise


def _replace(file: Path, content: bytes) -> None:
    half = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    half.write_bytes(content)
    os.replace(half, file)
