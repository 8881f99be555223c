"""The Supabase backend and the file stores, against the API stand-in and against gateways that fail."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from scrapers.errors import StoreError, StoreUnavailableError
from store.files import DirectoryFileStore, SupabaseFileStore
from store.supabase import SupabaseBackend
from tests.support.postgrest import Project, key_of


@contextmanager
def gateway(answer: bytes) -> Iterator[str]:
    """A server that gives every request the same bytes."""
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer:
                    if peer.recv(65536):
                        peer.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def response(status: str, body: str = "", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return (head + body).encode()


@pytest.mark.parametrize(
    "answer",
    [
        response("502 Bad Gateway", "<html>", "text/html"),
        response("503 Service Unavailable", '{"code": "PGRST002", "message": "no schema cache"}'),
        response("504 Gateway Timeout"),
        response("522 ", "error code: 522", "text/plain"),
        response("429 Too Many Requests"),
        response("500 Internal Server Error", '{"code": "PGRST000", "message": "no database"}'),
        response("400 Bad Request", '{"code": "57P01", "message": "terminating"}'),
        response("200 OK", "<html>maintenance</html>", "text/html"),
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1,",
    ],
)
def test_a_gateway_that_does_not_get_through(answer: bytes) -> None:
    with gateway(answer) as url:
        backend = SupabaseBackend(url, key_of("service_role"))
        with pytest.raises(StoreUnavailableError):
            backend.call("status_report", {})
        backend.close()


def test_nobody_listens() -> None:
    backend = SupabaseBackend("http://127.0.0.1:1", key_of("service_role"))
    with pytest.raises(StoreUnavailableError, match="not reached") as caught:
        backend.call("status_report", {})
    assert isinstance(caught.value.__cause__, httpx.HTTPError)
    backend.close()


@pytest.mark.parametrize("key", ["not-a-token", key_of("service_role") + "x"])
def test_a_wrong_key_is_told_and_not_repeated(supabase_project: Project, database_url: str, key: str) -> None:
    backend = SupabaseBackend(supabase_project.url_of(database_url), key)
    with pytest.raises(StoreError, match="SUPABASE_SERVICE_ROLE_KEY") as caught:
        backend.call("status_report", {})
    assert not caught.value.retryable
    assert key not in str(caught.value)
    backend.close()


def test_the_key_of_another_role_gets_a_hint(supabase_project: Project, database_url: str) -> None:
    backend = SupabaseBackend(supabase_project.url_of(database_url), key_of("authenticated"))
    with pytest.raises(StoreError, match="service role key"):
        backend.call("status_report", {})
    backend.close()


def test_an_address_that_is_none() -> None:
    with pytest.raises(StoreError, match="SUPABASE_URL"):
        SupabaseBackend("project.supabase.co", "key").call("status_report", {})


def test_it_may_be_used_after_close(supabase_backend: SupabaseBackend) -> None:
    supabase_backend.call("status_report", {})
    supabase_backend.close()
    assert supabase_backend.call("status_report", {})["scrapers"] == []


def test_files_go_to_a_bucket_that_is_made_when_missing(supabase_project: Project, database_url: str) -> None:
    url = supabase_project.url_of(database_url)
    for body in (b'{"sequence": 1}', b'{"sequence": 2}'):
        # A new store each time: the second one finds the bucket there.
        files = SupabaseFileStore(url, key_of("service_role"), "odds")
        files.put("odds.json", body, "application/json", 5)
        files.put("odds.json", body, "application/json", 5)
        files.close()
        answer = httpx.get(f"{url}/storage/v1/object/public/odds/odds.json")
        assert (answer.content, answer.headers["content-type"]) == (body, "application/json")
        assert answer.headers["cache-control"] == "max-age=5"


def test_a_bucket_that_vanished_is_made_again(supabase_project: Project, database_url: str) -> None:
    url = supabase_project.url_of(database_url)
    files = SupabaseFileStore(url, key_of("service_role"), "odds")
    files.put("odds.json", b"1", "application/json", 5)
    supabase_project.buckets.clear()
    with pytest.raises(StoreError, match="Bucket not found"):
        files.put("odds.json", b"2", "application/json", 5)
    files.put("odds.json", b"3", "application/json", 5)
    files.close()
    assert httpx.get(f"{url}/storage/v1/object/public/odds/odds.json").content == b"3"


def test_files_need_the_service_role(supabase_project: Project, database_url: str) -> None:
    files = SupabaseFileStore(supabase_project.url_of(database_url), key_of("anon"), "odds")
    with pytest.raises(StoreError, match="row-level security"):
        files.put("odds.json", b"1", "application/json", 5)
    files.close()


@pytest.mark.parametrize("answer", [response("503 Service Unavailable"), b""])
def test_storage_that_is_away(answer: bytes) -> None:
    with gateway(answer) as url:
        files = SupabaseFileStore(url, key_of("service_role"), "odds")
        with pytest.raises(StoreUnavailableError):
            files.put("odds.json", b"1", "application/json", 5)
        files.close()


def test_a_directory_is_replaced_file_by_file(tmp_path: Path) -> None:
    files = DirectoryFileStore(tmp_path / "public")
    files.put("odds.json", b"1", "application/json", 5)
    reader = (tmp_path / "public" / "odds.json").open("rb")
    files.put("odds.json", b"22", "application/json", 5)
    with reader:
        # Who opened the old file reads it to its end.
        assert reader.read() == b"1"
    assert (tmp_path / "public" / "odds.json").read_bytes() == b"22"
    assert [path.name for path in (tmp_path / "public").iterdir()] == ["odds.json"]


def test_a_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("a file stands in the way")
    with pytest.raises(StoreError, match=r"odds\.json cannot be written"):
        DirectoryFileStore(tmp_path / "public").put("odds.json", b"1", "application/json", 5)
