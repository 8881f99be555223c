"""Publishing: whole files, only when readers need them."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import orjson
import pytest

from board.changes import Changes
from board.feed import Feed, FeedBuilder
from board.publish import Publisher
from board.records import League
from board.state import Board
from scrapers.errors import StoreError
from store.files import Body, DirectoryFileStore, SupabaseFileStore
from tests.board.sketch import LIMITS, NOW, Sketch, built, head, offer
from tests.support.postgrest import Project, key_of


def documents(status: str = "ok", leagues: int = 0) -> list[Feed]:
    """An empty fleet's documents: `odds.json`, those of its leagues, and that of unknown ones."""
    known = {f"liga_{n}": League(f"liga_{n}", f"Liga {n}", "Brazil", "football") for n in range(leagues)}
    return built(Board(now=NOW, heads={1: head(1, "kto", status=status)}, leagues=known))


def odds(status: str = "ok") -> list[Feed]:
    return documents(status)[:1]


class CountingFiles(DirectoryFileStore):
    """A folder that counts, refuses on demand, and takes a second for each document (of its own clock)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.puts: list[str] = []
        self.refuse = ""
        self.clock = 0.0

    def put(self, name: str, body: Body, content_type: str, max_age_s: int) -> None:
        if name == self.refuse:
            raise StoreError("no space left")
        self.clock += 0.5
        self.puts.append(name)
        super().put(name, body, content_type, max_age_s)

    def take(self) -> list[str]:
        """The documents written since this was last asked, in order."""
        names = [name for name in self.puts if not name.endswith(".gz")]
        assert sorted([*names, *(f"{name}.gz" for name in names)]) == sorted(self.puts)
        self.puts.clear()
        return names


@pytest.fixture
def files(tmp_path: Path) -> CountingFiles:
    return CountingFiles(tmp_path / "public")


def test_both_files_hold_the_same_document_and_nothing_else_is_left(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.price(2, offer("match_result", "home"), 2.2)
    assert publisher.publish(built(sketch.board), now=NOW) == 3
    names = ["league-_unknown.json", "league-liga.json", "odds.json"]
    assert sorted(path.name for path in files.folder.iterdir()) == sorted(
        [*names, *(f"{name}.gz" for name in names)]
    )
    for name in names:
        body = (files.folder / name).read_bytes()
        assert gzip.decompress((files.folder / f"{name}.gz").read_bytes()) == body
        assert len(orjson.loads(body)["matches"]) == (name != "league-_unknown.json")


def test_a_compressed_document_is_one_gzip_member(files: CountingFiles) -> None:
    """Some readers stop after the first one."""
    Publisher(files, valid_for_s=60).publish(odds(), now=NOW)
    inflate = zlib.decompressobj(31)
    body = inflate.decompress((files.folder / "odds.json.gz").read_bytes())
    assert (body, inflate.eof, inflate.unused_data) == ((files.folder / "odds.json").read_bytes(), True, b"")


def test_to_supabase_the_same_files_go_with_their_types_and_to_be_asked_for_each_time(
    supabase_project: Project, database_url: str
) -> None:
    url = supabase_project.url_of(database_url)
    store = SupabaseFileStore(url, key_of("service_role"), "odds")
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    assert Publisher(store, valid_for_s=60).publish(built(sketch.board)[:2], now=NOW) == 2
    store.close()
    objects = supabase_project.buckets[(database_url.rpartition("/")[2], "odds")].objects
    assert {name: rest for name, (_, *rest) in objects.items()} == {
        "odds.json": ["application/json", "0"],
        "odds.json.gz": ["application/gzip", "0"],
        "league-liga.json": ["application/json", "0"],
        "league-liga.json.gz": ["application/gzip", "0"],
    }
    body = objects["odds.json"][0]
    assert gzip.decompress(objects["odds.json.gz"][0]) == body
    assert len(orjson.loads(body)["matches"]) == 1


def test_equal_content_is_written_again_only_to_stay_valid(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    assert publisher.due(NOW), "an empty fleet is published too"
    assert publisher.publish(odds(), now=NOW) == 1
    assert not publisher.due(NOW + 29)
    assert publisher.publish(odds(), now=NOW + 29) == 0
    assert publisher.due(NOW + 30)
    assert publisher.publish(odds(), now=NOW + 30) == 1
    assert files.take() == ["odds.json", "odds.json"]
    assert orjson.loads((files.folder / "odds.json").read_bytes())["valid_until"] == "2027-01-15T08:01:30Z"


def test_new_content_is_written_at_once_under_a_higher_number(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    publisher.publish(odds(), now=NOW)
    first = publisher.sequence
    assert publisher.publish(odds("error"), now=NOW)
    assert publisher.sequence == first + 1
    restarted = Publisher(files, valid_for_s=60)
    restarted.publish(odds(), now=NOW + 0.1)
    assert restarted.sequence > publisher.sequence


def test_a_clock_that_was_set_back_does_not_stop_publishing(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    publisher.publish(odds(), now=NOW)
    before = publisher.sequence
    assert publisher.publish(odds(), now=NOW - 3600)
    assert publisher.sequence > before


@pytest.mark.parametrize("name", ["odds.json", "odds.json.gz", "league-liga_0.json"])
def test_what_could_not_be_written_is_tried_again(files: CountingFiles, name: str) -> None:
    publisher = Publisher(files, valid_for_s=60)
    publisher.publish(documents(leagues=1), now=NOW)
    files.refuse = name
    with pytest.raises(StoreError):
        publisher.publish(documents("error", leagues=1), now=NOW)
    files.refuse = ""
    files.puts.clear()
    assert publisher.due(NOW)
    publisher.publish(documents("error", leagues=1), now=NOW)
    assert name.removesuffix(".gz") in files.take()
    assert not publisher.due(NOW)


def test_odds_json_goes_first_and_the_leagues_take_turns_within_the_budget(files: CountingFiles) -> None:
    """Each document takes the store a second: of three seconds, one is for `odds.json`."""
    publisher = Publisher(files, valid_for_s=60, budget_s=2.5, clock=lambda: files.clock)
    leagues = [feed.name for feed in documents(leagues=3)[1:]]
    publisher.publish(documents(leagues=3), now=NOW)
    assert files.take() == ["odds.json", *leagues[:2]]
    assert publisher.due(NOW), "two leagues are left over"
    publisher.publish(documents("error", leagues=3), now=NOW + 1)
    assert files.take() == ["odds.json", *leagues[2:]]
    publisher.publish(documents("error", leagues=3), now=NOW + 2)
    assert files.take() == leagues[:2]
    assert not publisher.due(NOW + 2)


def test_of_many_leagues_only_those_that_changed_are_written(files: CountingFiles) -> None:
    publisher = Publisher(files, valid_for_s=60)
    builder = FeedBuilder(LIMITS, simulated=True)
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    builder.update(sketch.board, Changes())
    publisher.publish(builder.feeds(sketch.board), now=NOW)
    files.take()
    sketch.price(1, offer("match_result", "away"), 3.1)
    assert builder.update(sketch.board, sketch.board.take_changes())
    publisher.publish(builder.feeds(sketch.board), now=NOW)
    assert files.take() == ["odds.json", "league-liga.json"]
