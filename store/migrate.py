"""Applies the numbered migrations: in order, each whole or not at all, never a changed one, never backwards."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg import sql

from scrapers.errors import MigrationError
from store.backend import Backend
from store.postgres import connect, failure

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
FILE_NAME = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z][a-z0-9_]*)\.sql")
ADVISORY_LOCK = 0x0DD5F1EE7
"""Held by the transaction of each migration, so that two machines that start at once do not run one twice."""

RELOAD_API = "notify pgrst, 'reload schema'"
"""PostgREST then sees new functions; anything else that listens to nothing loses nothing."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `checksum` is the SHA-256 of its bytes, in hexadecimal."""

    version: int
    file: str
    text: str
    checksum: str


def load_migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """The files of `folder` in order. Raises MigrationError for a gap, a twin, a wrong name or an empty folder."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name}: expected a name like 0001_foundation.sql")
        body = path.read_bytes()
        found.append(Migration(int(match["version"]), path.name, body.decode(), hashlib.sha256(body).hexdigest()))
    if not found:
        raise MigrationError(f"no migrations in {folder}")
    for expected, migration in enumerate(found, start=1):
        if migration.version != expected:
            raise MigrationError(
                f"{migration.file}: expected number {expected:04}; numbers have no gaps and no twins"
            )
    return tuple(found)


def pending(url: str, folder: Path = MIGRATIONS) -> list[str]:
    """The files that `apply` would apply, in order.

    Raises MigrationError when an applied one was edited or the database is newer than these files, and what
    `store.postgres.connect` raises.
    """
    with connect(url, application_name="odds-fleet migrate") as connection:
        return [migration.file for migration in _pending(connection, load_migrations(folder))]


def pending_behind(backend: Backend, folder: Path = MIGRATIONS) -> list[str]:
    """The same where only the contract's functions can be reached, as through Supabase's API.

    Raises StoreError with the mend when not even the function that tells is there.
    """
    return pending_in(backend.call("applied_migrations", {}), folder)


def pending_in(applied: Mapping[str, str], folder: Path = MIGRATIONS) -> list[str]:
    """The same from what `applied_migrations` answered: {version: checksum}. Raises MigrationError likewise."""
    versions = {int(version): checksum for version, checksum in applied.items()}
    return [migration.file for migration in _missing(versions, load_migrations(folder))]


def apply(url: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing and answer those files; none when the database is up to date.

    Raises MigrationError as `pending` does, and when one fails: then it left nothing behind, and the ones before
    it stay. StoreUnavailableError when the connection is lost on the way; applying again goes on from there.
    """
    migrations = load_migrations(folder)
    applied: list[str] = []
    with connect(url, application_name="odds-fleet migrate") as connection:
        try:
            connection.execute("set statement_timeout = 0")
            while missing := _pending(connection, migrations):
                migration = missing[0]
                try:
                    if _apply_one(connection, migration, migrations):
                        applied.append(migration.file)
                except psycopg.Error as error:
                    if connection.broken:
                        raise
                    raise MigrationError(f"{migration.file}: {str(error).strip()}") from error
            if applied:
                connection.execute(RELOAD_API)
        except psycopg.Error as error:
            raise failure(error, broken=connection.broken, what="migrate") from error
    return applied


def script(declarations: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, folder: Path = MIGRATIONS) -> str:
    """Every migration as one text for an SQL editor; may be run again, whatever is applied already.

    `declarations` ("bookmakers", "leagues": see register_declarations) are registered at its end.
    """
    parts = [
        "-- The odds fleet's database, whole. Paste it into the SQL editor; running it again is harmless.",
        "begin;",
    ]
    for migration in load_migrations(folder):
        parts += [
            f"-- {migration.file}",
            migration.text.strip(),
            _record(migration).as_string() + ";",
        ]
    if declarations is not None:
        literals = [sql.Literal(orjson.dumps(declarations[name]).decode()) for name in ("bookmakers", "leagues")]
        parts.append(
            sql.SQL("select public.register_declarations({}::jsonb, {}::jsonb);").format(*literals).as_string()
        )
    parts += ["commit;", f"{RELOAD_API};"]
    return "\n\n".join(parts) + "\n"


def _apply_one(
    connection: psycopg.Connection[tuple[Any, ...]], migration: Migration, migrations: Sequence[Migration]
) -> bool:
    """Whether it was applied here; False when somebody else did while we waited for the lock."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))
        if migration not in _pending(connection, migrations):
            return False
        connection.execute(migration.text.encode())
        connection.execute(_record(migration))
    return True


def _pending(
    connection: psycopg.Connection[tuple[Any, ...]], migrations: Sequence[Migration]
) -> Sequence[Migration]:
    # Not to_regclass: that answers from a cache, which does not notice a table made while we waited for the lock.
    row = connection.execute(
        "select exists (select from pg_class where relname = 'fleet_migrations' "
        "and relnamespace = 'public'::regnamespace)"
    ).fetchone()
    if row is None or not row[0]:
        return migrations
    known = connection.execute("select version, checksum from public.fleet_migrations order by version").fetchall()
    return _missing(dict(known), migrations)


def _missing(applied: Mapping[int, str], migrations: Sequence[Migration]) -> Sequence[Migration]:
    """What comes after `applied` (version -> checksum); raises MigrationError when that is another history."""
    newest = max(applied, default=0)
    if newest > len(migrations):
        raise MigrationError(
            f"the database is at migration {newest:04}, this code knows only up to {migrations[-1].file}; "
            "update the code on this machine"
        )
    for migration in migrations[:newest]:
        if migration.version not in applied:
            raise MigrationError(f"{migration.file}: not applied although {migrations[newest - 1].file} is")
        if applied[migration.version] != migration.checksum:
            raise MigrationError(
                f"{migration.file}: edited after it was applied; restore it and put the change into a new migration"
            )
    return migrations[newest:]


def _record(migration: Migration) -> sql.Composed:
    return sql.SQL(
        "insert into public.fleet_migrations (version, name, checksum) values ({}, {}, {})\n"
        "on conflict (version) do update set name = excluded.name, checksum = excluded.checksum"
    ).format(migration.version, migration.file, migration.checksum)
