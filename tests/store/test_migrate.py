"""Migrations: in order, once, never an edited one; and valid however they are applied."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from scrapers.errors import MigrationError, StoreError, StoreUnavailableError
from store import migrate
from store.postgres import PostgresBackend
from tests.support.postgres import DECLARED, open_folder, run_server

DAY = re.compile(r"_20\d{6}(?!\d)")
FILES = [migration.file for migration in migrate.load_migrations()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may spoil."""
    return Path(shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations"))


def sorted_acl(column: str) -> str:
    """SQL for an access list whose order does not matter."""
    return f"(select string_agg(entry::text, ' ' order by entry::text) from unnest({column}) entry)"


def shape(url: str) -> list[tuple[object, ...]]:
    """Every relation, column, function body, policy and grant of schema public.

    Partitions of days count as one of their table: databases that were made before and after midnight have others.
    """
    queries = (
        "select 'column', table_name::text, column_name::text, data_type::text, coalesce(column_default, '') "
        "from information_schema.columns where table_schema = 'public'",
        "select 'function', oid::regprocedure::text, md5(pg_get_functiondef(oid)), "
        + sorted_acl("proacl")
        + ", '' "
        "from pg_proc where pronamespace = 'public'::regnamespace",
        "select 'relation', c.oid::regclass::text, relkind::text, "
        + sorted_acl("relacl")
        + ", relrowsecurity::text "
        "from pg_class c "
        "where relnamespace = 'public'::regnamespace",
        "select 'policy', tablename::text, policyname::text, roles::text, qual from pg_policies",
    )
    with psycopg.connect(url) as connection:
        rows = [row for query in queries for row in connection.execute(query.encode()).fetchall()]
    return sorted({tuple(DAY.sub("_day", one) if isinstance(one, str) else one for one in row) for row in rows})


def test_applied_once_and_in_order(empty_database_url: str) -> None:
    assert sorted(FILES) == FILES
    assert len(FILES) >= 7
    assert migrate.pending(empty_database_url) == FILES
    assert migrate.apply(empty_database_url) == FILES
    assert migrate.apply(empty_database_url) == []
    assert migrate.pending(empty_database_url) == []


def test_every_file_may_be_run_again(database_url: str) -> None:
    before = shape(database_url)
    with psycopg.connect(database_url) as connection:
        for migration in migrate.load_migrations():
            connection.execute(migration.text.encode())
    assert shape(database_url) == before
    assert len(before) > 200


def test_the_printed_script_does_the_same_and_may_be_run_again(empty_database_url: str, database_url: str) -> None:
    script = migrate.script(DECLARED)
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(script.encode())
        connection.execute(script.encode())
        slugs = connection.execute("select slug from bookmakers order by slug").fetchall()
    assert [slug for (slug,) in slugs] == ["alpha", "beta", "delta", "gamma"]
    assert shape(empty_database_url) == shape(database_url)
    assert migrate.pending(empty_database_url) == []


def test_who_migrates_at_the_same_moment_waits(empty_database_url: str) -> None:
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrate.apply(empty_database_url))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(applied) == 3
    assert sorted(file for files in applied for file in files) == FILES


def test_an_edited_file_is_refused_by_name(database_url: str, folder: Path) -> None:
    (folder / FILES[2]).write_text((folder / FILES[2]).read_text() + "\n-- a small correction\n")
    with pytest.raises(MigrationError, match=f"{FILES[2]}: edited after it was applied"):
        migrate.apply(database_url, folder)


def test_a_database_newer_than_the_code_is_refused(database_url: str, folder: Path) -> None:
    (folder / FILES[-1]).unlink()
    with pytest.raises(MigrationError, match=r"is at migration \d{4}.*update the code"):
        migrate.pending(database_url, folder)


def test_a_hole_in_the_history_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("delete from fleet_migrations where version = 3")
    with pytest.raises(MigrationError, match=f"{FILES[2]}: not applied although"):
        migrate.apply(database_url)


def test_a_failing_one_leaves_nothing_and_is_tried_again(database_url: str, folder: Path) -> None:
    next_file = folder / f"{len(FILES) + 1:04}_more.sql"
    next_file.write_text("create table more (one integer);\nselect 1 / 0;\n")
    with pytest.raises(MigrationError, match=rf"{next_file.name}: division by zero"):
        migrate.apply(database_url, folder)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select to_regclass('more')").fetchone() == (None,)
    next_file.write_text("create table more (one integer);\n")
    assert migrate.apply(database_url, folder) == [next_file.name]


def test_a_connection_lost_on_the_way_may_be_tried_again(database_url: str, folder: Path) -> None:
    lost = folder / f"{len(FILES) + 1:04d}_lost.sql"
    lost.write_text("select pg_terminate_backend(pg_backend_pid());")
    with pytest.raises(StoreUnavailableError, match="migrate"):
        migrate.apply(database_url, folder)
    lost.write_text("select 1;")
    assert migrate.apply(database_url, folder) == [lost.name]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("0099_late.sql", "0099_late.sql: expected number"),
        ("0002_twin.sql", "numbers have no gaps and no twins"),
        ("12_short.sql", "12_short.sql: expected a name like"),
        ("0008-dashes.sql", "0008-dashes.sql: expected a name like"),
    ],
)
def test_numbers_and_names_are_checked(folder: Path, name: str, message: str) -> None:
    (folder / name).write_text("select 1;")
    with pytest.raises(MigrationError, match=message):
        migrate.load_migrations(folder)


def test_no_migrations_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="no migrations in"):
        migrate.load_migrations(tmp_path)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreUnavailableError, match="not reached"):
        migrate.apply("postgresql://user:s3cret-word@127.0.0.1:1/odds")


@pytest.fixture(scope="module")
def older_url() -> Iterator[str]:
    """A database on the older Postgres of the wheel."""
    with open_folder() as folder, run_server(folder, install="pginstall") as server, server.database() as url:
        yield url


def test_an_older_postgres_will_do(older_url: str) -> None:
    assert migrate.apply(older_url) == FILES
    backend = PostgresBackend(older_url)
    args = {"p_bookmakers": DECLARED["bookmakers"], "p_leagues": DECLARED["leagues"]}
    assert backend.call("register_declarations", args) == {"bookmakers": 4, "leagues": 2}
    applied = backend.call("applied_migrations", {})
    assert applied == {str(m.version): m.checksum for m in migrate.load_migrations()}
    backend.close()
    with psycopg.connect(older_url) as connection:
        assert connection.info.server_version // 10000 == 16


def test_where_roles_may_not_be_created_their_grants_are_skipped(older_url: str) -> None:
    """A hosted Postgres whose user owns the database and nothing else."""
    with psycopg.connect(older_url, autocommit=True) as connection:
        connection.execute("create role tenant login password 'tenant'")
        connection.execute("create database tenancy owner tenant template template0")
    address = older_url.partition("@")[2].rpartition("/")[0]
    url = f"postgresql://tenant:tenant@{address}/tenancy"
    assert migrate.apply(url) == FILES
    backend = PostgresBackend(url)
    assert backend.call("status_report", {})["scrapers"] == []
    backend.close()


def test_store_errors_stay_in_the_tree() -> None:
    assert issubclass(MigrationError, StoreError)
