"""Which database and which file store the settings choose, and `fleet db`."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import psycopg
import pytest
from pydantic import SecretStr

from scrapers.errors import StoreUnavailableError
from scrapers.registry import load_registry
from standalone.commands import main
from standalone.connect import database_url as url_in_use
from standalone.connect import open_backend, open_files
from standalone.declare import declarations
from standalone.settings import Settings
from store.embedded import write_url
from store.files import DirectoryFileStore, SupabaseFileStore
from store.postgres import PostgresBackend
from store.supabase import SupabaseBackend
from tests.support.postgres import TestServer
from tests.support.postgrest import Project, key_of

SUPABASE = {"supabase_url": "https://project.supabase.co", "supabase_service_role_key": SecretStr("key")}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("SUPABASE_CONNECTION_STRING", raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


def test_supabase_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, **SUPABASE)
    assert isinstance(open_backend(settings), SupabaseBackend)
    assert isinstance(open_files(settings), SupabaseFileStore)
    assert url_in_use(settings) is None


def test_both_data_over_postgres_and_files_to_supabase(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, DATABASE_URL="postgresql://db/odds", **SUPABASE)
    assert isinstance(open_backend(settings), PostgresBackend)
    assert isinstance(open_files(settings), SupabaseFileStore)
    assert url_in_use(settings) == "postgresql://db/odds"


def test_a_named_folder_goes_before_the_bucket(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, publish_dir=tmp_path / "www", **SUPABASE)
    files = open_files(settings)
    assert isinstance(files, DirectoryFileStore)
    assert files.folder == tmp_path / "www"


def test_neither_is_the_embedded_database(tmp_path: Path, database_url: str) -> None:
    settings = Settings(data_dir=tmp_path)
    backend = open_backend(settings)
    with pytest.raises(StoreUnavailableError, match="make run"):
        backend.call("status_report", {})
    write_url(tmp_path, database_url)
    assert backend.call("status_report", {})["scrapers"] == []
    assert isinstance(open_files(settings), DirectoryFileStore)
    backend.close()


def fleet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command line."""
    monkeypatch.setattr(sys, "argv", ["fleet", *args])
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_db_url(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    code, out, err = fleet(monkeypatch, capsys, "db", "url")
    assert (code, out) == (2, "")
    assert "not ready yet" in err
    write_url(tmp_path, "postgresql://fleet:pw@127.0.0.1:54329/odds")
    assert fleet(monkeypatch, capsys, "db", "url")[:2] == (0, "postgresql://fleet:pw@127.0.0.1:54329/odds\n")
    code, out, _ = fleet(monkeypatch, capsys, "db", "url", "--json")
    assert orjson.loads(out) == {"url": "postgresql://fleet:pw@127.0.0.1:54329/odds"}
    monkeypatch.setenv("SUPABASE_URL", "https://project.supabase.co")
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "key")
    code, out, err = fleet(monkeypatch, capsys, "db", "url")
    assert (code, out) == (2, "")
    assert "DATABASE_URL" in err


def test_db_migrate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], empty_database_url: str
) -> None:
    monkeypatch.setenv("SUPABASE_CONNECTION_STRING", empty_database_url)
    code, out, _ = fleet(monkeypatch, capsys, "db", "migrate")
    assert code == 0
    assert "applied 0001_foundation.sql" in out
    assert f"registered {len(load_registry().bookmakers)} bookmakers" in out
    assert fleet(monkeypatch, capsys, "db", "migrate")[:2] == (0, "the database is up to date\n")
    code, out, _ = fleet(monkeypatch, capsys, "db", "migrate", "--json")
    assert orjson.loads(out) == {"applied": [], "registered": {"bookmakers": 0, "leagues": 0}}


def test_supabase_alone_is_migrated_by_the_printed_script(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    postgres_server: TestServer,
    supabase_project: Project,
    empty_database_url: str,
) -> None:
    monkeypatch.setenv("SUPABASE_URL", supabase_project.url_of(empty_database_url))
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", key_of("service_role"))
    code, out, err = fleet(monkeypatch, capsys, "db", "migrate")
    assert (code, out) == (2, "")
    assert "fleet db migrate --print" in err
    code, script, _ = fleet(monkeypatch, capsys, "db", "migrate", "--print")
    assert code == 0
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(script.encode())
        assert connection.execute("select count(*) from bookmakers").fetchone() == (
            len(load_registry().bookmakers),
        )
    assert fleet(monkeypatch, capsys, "db", "migrate")[:2] == (0, "the database is up to date\n")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(
            "delete from fleet_migrations where version = (select max(version) from fleet_migrations)"
        )
    code, _, err = fleet(monkeypatch, capsys, "db", "migrate")
    assert code == 2
    assert "SQL editor" in err


def test_declarations_carry_the_whole_registry() -> None:
    rows = declarations(load_registry())
    assert [row["slug"] for row in rows["bookmakers"]] == list(load_registry().bookmakers)
    assert [row["key"] for row in rows["leagues"]] == list(load_registry().leagues)
    assert all(row["family"] and row["interval_s"] >= 5 for row in rows["bookmakers"])
