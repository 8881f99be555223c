"""Settings: aliases, combinations that make no sense, and errors that name the setting but never its value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from scrapers.errors import DeclarationError
from standalone.settings import ROOT, Settings, load_settings

SECRET = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No setting from the shell or from this checkout's .env."""
    for name in (*Settings.model_fields, "supabase_connection_string"):
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    return monkeypatch


def test_without_any_setting_everything_is_here_and_offline() -> None:
    settings = load_settings()
    assert settings.odds_source == "simulator"
    assert settings.uses_embedded_database
    assert settings.data_dir == ROOT / "var"
    assert settings.published == ROOT / "var" / "public"


@pytest.mark.parametrize("name", ["DATABASE_URL", "SUPABASE_CONNECTION_STRING"])
def test_the_database_url_has_two_names(bare: pytest.MonkeyPatch, name: str) -> None:
    bare.setenv(name, "postgresql://u:p@host/db")
    settings = load_settings()
    assert settings.database_url == SecretStr("postgresql://u:p@host/db")
    assert not settings.uses_embedded_database


def test_of_two_database_urls_our_own_name_counts(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("SUPABASE_CONNECTION_STRING", "postgresql://u:p@theirs/db")
    bare.setenv("DATABASE_URL", "postgresql://u:p@ours/db")
    assert load_settings().database_url == SecretStr("postgresql://u:p@ours/db")


@pytest.mark.parametrize("name", ["SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"])
def test_supabase_is_both_or_neither(bare: pytest.MonkeyPatch, name: str) -> None:
    bare.setenv(name, SECRET)
    with pytest.raises(
        DeclarationError, match="SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY belong together"
    ) as error:
        load_settings()
    assert SECRET not in str(error.value)
    bare.setenv("SUPABASE_URL", "https://x.supabase.co")
    bare.setenv("SUPABASE_SERVICE_ROLE_KEY", SECRET)
    assert not load_settings().uses_embedded_database


def test_an_empty_variable_counts_as_none(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DATABASE_URL", "")
    bare.setenv("SUPABASE_URL", "")
    assert load_settings().uses_embedded_database


@pytest.mark.parametrize("value", ["simulator", "live", "replay:tests/recordings", "replay:/a:b"])
def test_sources_that_exist(bare: pytest.MonkeyPatch, value: str) -> None:
    bare.setenv("ODDS_SOURCE", value)
    assert load_settings().odds_source == value


@pytest.mark.parametrize("value", ["replay", "replay:", "Live", "simulator:x"])
def test_sources_that_do_not(bare: pytest.MonkeyPatch, value: str) -> None:
    bare.setenv("ODDS_SOURCE", value)
    with pytest.raises(DeclarationError, match=r"odds_source.*expected simulator, live or replay:<folder>"):
        load_settings()


def test_an_error_names_every_wrong_setting_and_no_value(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("SIMULATOR_PORT", f"80{SECRET}")
    bare.setenv("KEEP_MATCHES_HOURS", "0")
    with pytest.raises(DeclarationError) as error:
        load_settings()
    said = str(error.value)
    assert "simulator_port" in said
    assert "keep_matches_hours" in said
    assert SECRET not in said
    assert error.value.__cause__ is None, "the cause would print the values"


def test_secrets_do_not_show(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DATABASE_URL", f"postgresql://u:{SECRET}@host/db")
    settings = load_settings()
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())


def test_folders_are_taken_from_the_repository(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare.setenv("DATA_DIR", "elsewhere/var")
    assert load_settings().data_dir == ROOT / "elsewhere" / "var"
    bare.setenv("DATA_DIR", str(tmp_path))
    bare.setenv("PUBLISH_DIR", "/srv/www")
    assert load_settings().data_dir == tmp_path
    assert load_settings().published == Path("/srv/www")


def test_the_example_file_is_valid_and_changes_nothing(bare: pytest.MonkeyPatch) -> None:
    bare.setitem(Settings.model_config, "env_file", ROOT / ".env.example")
    from_example = load_settings()
    bare.setitem(Settings.model_config, "env_file", None)
    assert from_example == load_settings()


def test_a_wrong_proxy_is_named_by_its_place_and_never_shown(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("PROXY_LIST", f"direct,http://user:{SECRET}@10.0.0.1:8080")
    settings = load_settings()
    assert settings.proxy_list is not None
    assert SECRET in settings.proxy_list.get_secret_value()
    assert SECRET not in repr(settings)
    bare.setenv("PROXY_LIST", f"direct,http://user:{SECRET}@10.0.0.1")
    with pytest.raises(DeclarationError, match=r"proxy_list.*entry 2: expected http://") as error:
        load_settings()
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
