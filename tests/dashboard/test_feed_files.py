"""`/feed/<name>`: published files for other sites, whole, compressed, and only when they changed."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest

from dashboard.config import DashboardConfig
from store.files import DirectoryFileStore


@pytest.fixture
def folder(config: DashboardConfig) -> Path:
    assert config.published is not None
    return config.published


def publish(folder: Path, body: bytes) -> None:
    files = DirectoryFileStore(folder)
    files.put("odds.json.gz", gzip.compress(body), "application/gzip", 0)
    files.put("odds.json", body, "application/json", 0)


def test_plain_and_compressed_with_their_own_validators(client: httpx.Client, folder: Path) -> None:
    body = b'{"x": "' + b"a" * 600_000 + b'"}'
    publish(folder, body)
    plain = client.get("/feed/odds.json", headers={"accept-encoding": "identity"})
    packed = client.get("/feed/odds.json", headers={"accept-encoding": "gzip"})
    assert plain.content == packed.content == body
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 3000
    assert plain.headers["etag"] != packed.headers["etag"]
    for answer in (plain, packed):
        assert not answer.headers["etag"].startswith("W/")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"] == "application/json"
        assert "accept-encoding" in answer.headers["vary"].lower()


def test_unchanged_is_304_and_replaced_is_new(client: httpx.Client, folder: Path) -> None:
    publish(folder, b"{}")
    first = client.get("/feed/odds.json")
    again = client.get("/feed/odds.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    publish(folder, b"[]")
    assert client.get("/feed/odds.json", headers={"if-none-match": first.headers["etag"]}).content == b"[]"
    head = client.head("/feed/odds.json", headers={"accept-encoding": "identity"})
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "2")


def test_a_file_without_its_compressed_twin(client: httpx.Client, folder: Path) -> None:
    DirectoryFileStore(folder).put("status.json", b"{}", "application/json", 0)
    assert client.get("/feed/status.json", headers={"accept-encoding": "gzip"}).json() == {}


@pytest.mark.parametrize(
    "name", ["nothing.json", "..%2fsecret.json", ".odds.json.new", "odds.txt", "%2e%2e/secret.json", "odds.json.gz"]
)
def test_nothing_else_is_served(client: httpx.Client, folder: Path, name: str) -> None:
    (folder.parent / "secret.json").write_text("{}")
    (folder / ".odds.json.new").write_text("half")
    (folder / "odds.txt").write_text("x")
    answer = client.get(f"/feed/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] in ("application/json", "text/html; charset=utf-8")
