"""Publishing: whole files, only when readers need them."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest

from board.feed import Feed, build_feed
from board.publish import Publisher
from board.state import Board, BookmakerHead
from scrapers.errors import StoreError
from store.files import DirectoryFileStore

NOW = 1_800_000_000.0


def document(publisher: Publisher, *, now: float, status: str = "ok") -> Feed:
    heads = {1: BookmakerHead(1, "kto", "KTO", "kambi", "", 1, status, 30, now - 1)}
    return build_feed(
        Board(now=now, heads=heads),
        now=now,
        sequence=publisher.next_sequence(now),
        valid_for_s=publisher.valid_for_s,
        max_age_s=180,
        simulated=True,
    )


class CountingFiles(DirectoryFileStore):
    """A folder that counts, and refuses on demand."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.puts: list[str] = []
        self.refuse = ""

    def put(self, name: str, body: bytes, content_type: str, max_age_s: int) -> None:
        if name == self.refuse:
            raise StoreError("no space left")
        self.puts.append(name)
        super().put(name, body, content_type, max_age_s)


@pytest.fixture
def files(tmp_path: Path) -> CountingFiles:
    return CountingFiles(tmp_path / "public")


def test_both_files_hold_the_same_document_and_nothing_else_is_left(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    made = document(publisher, now=NOW)
    assert publisher.publish(made, now=NOW)
    body = (files.folder / "odds.json").read_bytes()
    assert body == made.body
    assert gzip.decompress((files.folder / "odds.json.gz").read_bytes()) == body
    assert sorted(path.name for path in files.folder.iterdir()) == ["odds.json", "odds.json.gz"]


def test_equal_content_is_written_again_only_to_stay_valid(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    assert publisher.publish(document(publisher, now=NOW), now=NOW)
    assert not publisher.publish(document(publisher, now=NOW + 29), now=NOW + 29)
    assert publisher.publish(document(publisher, now=NOW + 30), now=NOW + 30)
    assert files.puts.count("odds.json") == 2
    assert orjson.loads((files.folder / "odds.json").read_bytes())["valid_until"] == "2027-01-15T08:01:30Z"


def test_new_content_is_written_at_once_under_a_higher_number(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    publisher.publish(document(publisher, now=NOW), now=NOW)
    first = publisher.sequence
    assert publisher.publish(document(publisher, now=NOW, status="error"), now=NOW)
    assert publisher.sequence == first + 1
    restarted = Publisher(files, valid_for_s=60)
    assert restarted.next_sequence(NOW + 0.1) > publisher.sequence


def test_a_clock_that_was_set_back_does_not_stop_publishing(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    publisher.publish(document(publisher, now=NOW), now=NOW)
    before = publisher.sequence
    assert publisher.publish(document(publisher, now=NOW - 3600), now=NOW - 3600)
    assert publisher.sequence > before


@pytest.mark.parametrize("name", ["odds.json", "odds.json.gz"])
def test_what_could_not_be_written_is_tried_again(files: CountingFiles, name: str) -> None:
    publisher = Publisher(files, valid_for_s=60)
    files.refuse = name
    with pytest.raises(StoreError):
        publisher.publish(document(publisher, now=NOW), now=NOW)
    files.refuse = ""
    assert publisher.publish(document(publisher, now=NOW), now=NOW)
