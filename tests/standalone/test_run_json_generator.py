"""The generator as a process: it publishes from a real database, and stops when told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from scrapers.errors import StoreUnavailableError
from standalone.run_json_generator import Generator
from standalone.settings import ROOT, Settings
from store.files import DirectoryFileStore
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing
from tests.support.services import started

SCHEMA = Draft202012Validator(orjson.loads((ROOT / "docs/feed/odds.schema.json").read_bytes()))
OFFERS = {"match_result:home": 2.1, "match_result:draw": None, "totals:over@2.5": 1.9}


def published(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads((folder / "odds.json").read_bytes())
    SCHEMA.validate(document)
    return document


def settings_for(folder: Path, source: str = "live") -> Settings:
    return Settings(_env_file=None, ODDS_SOURCE=source, DATA_DIR=folder, PUBLISH_DIR=folder / "public")


def test_the_process_publishes_reports_and_stops(
    backend: PostgresBackend, database_url: str, tmp_path: Path
) -> None:
    House(backend, "alpha").commit([listing("e1", "Flamengo", "Santos", kickoff(2), OFFERS)])
    environment = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "ODDS_SOURCE": "simulator"}
    with started("run_json_generator.py", PUBLISH_DIR=str(tmp_path / "out"), **environment) as process:
        process.wait_ready()
        document = published(tmp_path / "out")
        process.interrupt()
        assert [line for line in process.logged() if line["level"] != "info"] == []
    assert document["simulated"] is True
    assert [match["home"] for match in document["matches"]] == ["Flamengo"]
    assert [row["prices"] for row in document["bookmakers"] if row["slug"] == "alpha"] == [2]
    [service] = backend.call("status_report", {})["services"]
    assert service["service_name"] == "json-generator"
    assert service["last_error"] is None
    assert (service["extra_data"]["prices"], service["extra_data"]["matches"]) == (2, 1)


def test_an_empty_fleet_is_published_too(backend: PostgresBackend, tmp_path: Path) -> None:
    generator = Generator(backend, DirectoryFileStore(tmp_path), settings_for(tmp_path))
    assert generator.step()["matches"] == 0
    document = published(tmp_path)
    assert (document["matches"], document["simulated"]) == ([], False)


@pytest.mark.parametrize(("source", "simulated"), [("live", False), ("simulator", True), ("replay:x", True)])
def test_the_document_says_whether_the_odds_are_real(
    backend: PostgresBackend, tmp_path: Path, source: str, simulated: bool
) -> None:
    Generator(backend, DirectoryFileStore(tmp_path), settings_for(tmp_path, source)).step()
    assert published(tmp_path)["simulated"] is simulated


def test_without_a_database_the_last_document_stays_and_ages(tmp_path: Path) -> None:
    backend = PostgresBackend("postgresql://nobody@127.0.0.1:1/none")
    generator = Generator(backend, DirectoryFileStore(tmp_path), settings_for(tmp_path))
    (tmp_path / "odds.json").write_text("the last one")
    with pytest.raises(StoreUnavailableError):
        generator.step()
    assert (tmp_path / "odds.json").read_text() == "the last one"


def test_a_process_without_a_database_keeps_trying_and_still_stops(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "DATA_DIR": str(tmp_path)}
    with started("run_json_generator.py", **environment) as process:
        assert process.popen.stdout is not None
        first = orjson.loads(process.popen.stdout.readline())
        assert (first["level"], "round failed" in first["message"]) == ("error", True)
        process.interrupt()
