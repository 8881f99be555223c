"""The registry: every bookmaker and every league of the fleet, each declared once.

`bookmakers.json` and `leagues.json` are the declarations; loading validates them whole, so a
wrong one fails when the process starts and names the place. The PM2 files read the same JSON.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from scrapers.declarations import Bookmaker, League
from scrapers.errors import DeclarationError
from scrapers.platforms import Platform

_HERE = Path(__file__).parent

_Model = TypeVar("_Model", bound=BaseModel)


class Registry:
    """Every bookmaker and league, by key, in declared order."""

    def __init__(self, bookmakers: tuple[Bookmaker, ...], leagues: tuple[League, ...]) -> None:
        self.bookmakers = {bookmaker.slug: bookmaker for bookmaker in bookmakers}
        self.leagues = {league.key: league for league in leagues}
        self._league_by_id = {
            (platform, source_id): league.key for league in leagues for platform, source_id in league.ids.items()
        }

    def bookmaker(self, slug: str) -> Bookmaker:
        """The declaration of `slug`, checked against its platform.

        Raises DeclarationError: with the known slugs when there is none, or when the platform refuses the
        options.
        """
        try:
            bookmaker = self.bookmakers[slug]
        except KeyError:
            known = ", ".join(sorted(self.bookmakers))
            raise DeclarationError(f"no bookmaker {slug!r} in bookmakers.json; known: {known}") from None
        where = f"bookmakers.json: {slug}"
        try:
            load_platform(bookmaker.platform).options(bookmaker.options)
        except ValidationError as error:
            raise DeclarationError(f"{where}: options: {_first_fault(error)}") from error
        return bookmaker

    def check(self) -> Registry:
        """Itself, once every bookmaker was checked against its platform; raises DeclarationError.

        It loads every platform there is, which a scraper's process must not pay for.
        """
        for slug in self.bookmakers:
            self.bookmaker(slug)
        return self

    def leagues_of(self, bookmaker: Bookmaker) -> tuple[League, ...]:
        """The leagues that `bookmaker` is asked for, in declared order."""
        return tuple(self.leagues[key] for key in bookmaker.leagues)

    def league_key(self, platform: str, source_id: str) -> str | None:
        """The league whose id on `platform` is `source_id`; None when the fleet does not know it."""
        return self._league_by_id.get((platform, source_id))


def require_platform(name: str) -> None:
    """Raises DeclarationError with the known platforms when `name` is none of them. Loads nothing."""
    if not (_HERE / "platforms" / name / "platform.py").is_file():
        known = sorted(path.parent.name for path in (_HERE / "platforms").glob("*/platform.py"))
        raise DeclarationError(f"no platform {name!r}; known: {', '.join(known)}")


def load_platform(name: str) -> Platform:
    """The platform module's `PLATFORM`; raises DeclarationError when there is no such platform."""
    require_platform(name)
    platform: Platform = import_module(f"scrapers.platforms.{name}.platform").PLATFORM
    return platform


@cache
def load_registry(folder: Path = _HERE) -> Registry:
    """Read and validate both declarations.

    Raises DeclarationError naming file and entry for: broken JSON, a missing or unknown field, a slug
    or league key declared twice, a bookmaker with an unknown platform or league, a league that its platform has no
    id for, a league of a sport that the bookmaker does not declare. What a platform says of its
    bookmakers' options is checked by `Registry.check`, and for one bookmaker when it is asked for.
    """
    leagues = _load(folder / "leagues.json", League, key="key")
    bookmakers = _load(folder / "bookmakers.json", Bookmaker, key="slug")
    registry = Registry(bookmakers, leagues)
    for bookmaker in bookmakers:
        where = f"bookmakers.json: {bookmaker.slug}"
        try:
            require_platform(bookmaker.platform)
        except DeclarationError as error:
            raise DeclarationError(f"{where}: {error}") from error
        for key in bookmaker.leagues:
            league = registry.leagues.get(key)
            if league is None:
                raise DeclarationError(f"{where}: league {key!r} is not in leagues.json")
            if bookmaker.platform not in league.ids:
                raise DeclarationError(f"{where}: league {key!r} has no id on platform {bookmaker.platform}")
            if league.sport not in bookmaker.sports:
                raise DeclarationError(f"{where}: league {key!r} is {league.sport}, not among its sports")
    return registry


def _load(path: Path, model: type[_Model], *, key: str) -> tuple[_Model, ...]:
    try:
        rows = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise DeclarationError(f"{path.name}: not readable as JSON: {error}") from error
    if not isinstance(rows, list):
        raise DeclarationError(f"{path.name}: expected a list of objects, found {type(rows).__name__}")
    loaded: dict[str, _Model] = {}
    for number, row in enumerate(rows, start=1):
        name = row.get(key) if isinstance(row, dict) else None
        where = f"{path.name}: {name or f'entry {number}'}"
        try:
            item = model.model_validate(row)
        except ValidationError as error:
            raise DeclarationError(f"{where}: {_first_fault(error)}") from error
        if name in loaded:
            raise DeclarationError(f"{where}: declared twice")
        loaded[str(name)] = item
    return tuple(loaded.values())


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "object"
    return f"{place}: {fault['msg']}"
