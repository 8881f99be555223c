"""Replaying recordings and saved payloads."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from scrapers.errors import BlockedError, DeclarationError, FetchError, PayloadShapeError
from scrapers.fetching.recorded import ReplayFetcher
from scrapers.records import Outcome, Page, PageRequest

URL = "https://api.example/widget/GetEvents"


def record(
    folder: Path, name: str, body: bytes, *, url: str, at: str = "2026-03-01T12:00:00Z", **more: object
) -> None:
    """Put a recording into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.body").write_bytes(body)
    (folder / f"{name}.meta.json").write_bytes(orjson.dumps({"url": url, "fetched_at": at, **more}))


def asked(fetcher: ReplayFetcher, champ: str, **params: str) -> Page:
    """The page of one championship."""
    query = (("champIds", champ), *params.items())
    return asyncio.run(fetcher.fetch(PageRequest(f"league:{champ}", URL, query, empty_status=frozenset({404}))))


def test_recordings_are_found_by_path_and_the_parameters_that_matter(tmp_path: Path) -> None:
    record(tmp_path / "acme", "one", b'{"n": 1}', url=f"{URL}?timestamp=17&champIds=1")
    record(tmp_path / "acme", "two", b'{"n": 2}', url=f"{URL}?champIds=2", status=200)
    fetcher = ReplayFetcher(tmp_path, "acme")
    assert asked(fetcher, "2").body == b'{"n": 2}'
    page = asked(fetcher, "1", timestamp="99")
    assert page.body == b'{"n": 1}'
    assert page.fetched_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert page.fetched_at.tzinfo is UTC
    asyncio.run(fetcher.aclose())


def test_several_recordings_of_a_page_come_in_order_and_the_last_one_stays(tmp_path: Path) -> None:
    record(tmp_path / "acme", "a", b'{"n": 2}', url=f"{URL}?champIds=1", at="2026-03-01T12:01:00Z")
    record(tmp_path / "acme", "b", b'{"n": 1}', url=f"{URL}?champIds=1", at="2026-03-01T12:00:00Z")
    fetcher = ReplayFetcher(tmp_path, "acme")
    assert [asked(fetcher, "1").body for _ in range(3)] == [b'{"n": 1}', b'{"n": 2}', b'{"n": 2}']


def test_recorded_failures_fail_as_they_did(tmp_path: Path) -> None:
    record(tmp_path / "acme", "a", b"<title>Just a moment...</title>", url=f"{URL}?champIds=1", status=200)
    record(tmp_path / "acme", "b", b"no", url=f"{URL}?champIds=2", status=404)
    record(tmp_path / "acme", "c", b"", url=f"{URL}?champIds=3", status=200)
    fetcher = ReplayFetcher(tmp_path, "acme")
    with pytest.raises(BlockedError):
        asked(fetcher, "1")
    assert asked(fetcher, "2").body == b""
    with pytest.raises(PayloadShapeError):
        asked(fetcher, "3")


def test_a_page_without_a_recording_is_an_error_that_names_folder_and_address(tmp_path: Path) -> None:
    record(tmp_path / "acme", "one", b"{}", url=f"{URL}?champIds=1")
    with pytest.raises(FetchError) as caught:
        asked(ReplayFetcher(tmp_path, "acme"), "7")
    assert str(tmp_path) in str(caught.value)
    assert f"{URL}?champIds=7" in str(caught.value)
    assert caught.value.outcome is Outcome.NETWORK
    assert not caught.value.retryable


@pytest.mark.parametrize("own_folder", [True, False])
def test_saved_payloads_are_handed_out_in_order_and_kept_by_their_page(tmp_path: Path, own_folder: bool) -> None:
    place = tmp_path / "acme" if own_folder else tmp_path
    place.mkdir(exist_ok=True)
    (place / "1.json").write_bytes(b'{"n": 1}')
    (place / "2.json").write_bytes(b'{"provider": "KAMBI", "data": {"n": 2}, "requestType": "EVENT"}')
    (place / "0.expected.json").write_bytes(b"[]")
    fetcher = ReplayFetcher(tmp_path, "acme")
    before = datetime.now(UTC)
    page = asked(fetcher, "10")
    assert page.body == b'{"n": 1}'
    assert before <= page.fetched_at <= datetime.now(UTC)
    assert orjson.loads(asked(fetcher, "20").body) == {"n": 2}
    assert asked(fetcher, "10").body == b'{"n": 1}'
    with pytest.raises(FetchError, match="saved payload"):
        asked(fetcher, "30")


def test_wrong_folders_are_found_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="nowhere"):
        ReplayFetcher(tmp_path / "nowhere", "acme")
    record(tmp_path / "acme", "one", b"{}", url=URL)
    (tmp_path / "acme" / "one.meta.json").write_text('{"status": 200}')
    with pytest.raises(DeclarationError, match=r"one\.meta\.json"):
        ReplayFetcher(tmp_path, "acme")
