"""The generator as a process: it publishes from a real database, and stops when told."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from board.feed import content_hash
from scrapers.errors import StoreError, StoreUnavailableError
from standalone.run_json_generator import Generator
from standalone.settings import Settings
from store.files import Body, DirectoryFileStore
from store.postgres import PostgresBackend
from tests.board.sketch import schema
from tests.support.cycles import House, kickoff, listing
from tests.support.services import started

OFFERS = {"match_result:home": 2.1, "match_result:draw": None, "totals:over@2.5": 1.9}


def published(folder: Path) -> dict[str, Any]:
    """`odds.json`, after every file in the folder was checked against its schema, its hash and its packed twin."""
    documents = {}
    for path in sorted(folder.glob("*.json")):
        body = path.read_bytes()
        documents[path.name] = document = orjson.loads(body)
        schema("league" if path.name.startswith("league-") else path.stem).validate(document)
        assert document["content_hash"] == content_hash(document)
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == body
    assert len(list(folder.iterdir())) == 2 * len(documents), "nothing else lies there"
    odds: dict[str, Any] = documents["odds.json"]
    status = documents["status.json"]
    assert {file["name"] for file in status["files"]} == documents.keys() - {"status.json"}
    for file in status["files"]:
        assert file["hash"] == documents[file["name"]]["content_hash"]
        assert file["matches"] == len(documents[file["name"]].get("matches", ()))
    sharded = [match for name in documents if name.startswith("league-") for match in documents[name]["matches"]]
    assert sorted(sharded, key=lambda match: match["match_id"]) == sorted(
        odds["matches"], key=lambda match: match["match_id"]
    )
    assert status["totals"] == {
        "matches": len(odds["matches"]),
        "prices": sum(row["prices"] for row in odds["bookmakers"]),
    }
    return odds


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
    assert (tmp_path / "league-nba.json").exists()
    document = published(tmp_path)
    assert (document["matches"], document["simulated"]) == ([], False)


@pytest.mark.parametrize(("source", "simulated"), [("live", False), ("simulator", True), ("replay:x", True)])
def test_the_document_says_whether_the_odds_are_real(
    backend: PostgresBackend, tmp_path: Path, source: str, simulated: bool
) -> None:
    Generator(backend, DirectoryFileStore(tmp_path), settings_for(tmp_path, source)).step()
    assert published(tmp_path)["simulated"] is simulated


class Noting(DirectoryFileStore):
    """A folder that notes what is written, and refuses while it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.written: list[str] = []
        self.full = False

    def put(self, name: str, body: Body, content_type: str, max_age_s: int) -> None:
        if self.full:
            raise StoreError("no space left")
        self.written.append(name)
        super().put(name, body, content_type, max_age_s)


def test_rounds_write_what_changed_and_nothing_when_nothing_did(backend: PostgresBackend, tmp_path: Path) -> None:
    alpha = House(backend, "alpha")
    derby = listing("e1", "Flamengo", "Santos", kickoff(2), OFFERS)
    alpha.commit([derby])
    files = Noting(tmp_path)
    generator = Generator(backend, files, settings_for(tmp_path))
    first = dict(generator.step())
    files.written.clear()
    assert generator.step() == first
    assert files.written == []
    alpha.commit([replace(derby, offers=OFFERS | {"match_result:home": 2.2})])
    files.full = True
    with pytest.raises(StoreError):
        generator.step()
    files.full = False
    assert generator.step()["prices"] == 2, "what could not be written is written with the next round"
    plain = [name for name in files.written if not name.endswith(".gz")]
    assert plain == ["odds.json", "league-brasileirao_a.json", "status.json"]
    assert len(published(tmp_path)["matches"]) == 1


def test_with_every_scraper_silent_the_feed_says_so_and_lists_nothing(
    backend: PostgresBackend, database_url: str, tmp_path: Path
) -> None:
    House(backend, "alpha").commit([listing("e1", "Flamengo", "Santos", kickoff(2), OFFERS)])
    generator = Generator(backend, DirectoryFileStore(tmp_path), settings_for(tmp_path))
    assert generator.step()["prices"] == 2
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update scraper_status set last_success = now() - interval '200 s'")
    generator.step()
    document = published(tmp_path)
    assert document["matches"] == []
    assert {row["slug"]: row["status"] for row in document["bookmakers"]}["alpha"] == "error"


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
        lines = map(orjson.loads, process.popen.stdout)
        error = next(line for line in lines if line["level"] == "error")
        assert "round failed" in error["message"]
        process.interrupt()
