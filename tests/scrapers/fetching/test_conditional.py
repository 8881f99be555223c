"""Answers that are asked about again: over real connections, from disk, and when the disk lies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.fetching.conditional import KeptAnswers, offered
from scrapers.fetching.http import HttpFetcher, Limits
from scrapers.fetching.pace import Pace, Rate
from scrapers.records import Page, PageRequest

from .web import Asked, Writer, response, serving

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOM = 1_000_000


class Server:
    """Offers `body` with its validators, and answers 304 to who has it."""

    def __init__(self, body: bytes = b'{"events": [1]}', **validators: str) -> None:
        self.body = body
        self.validators = validators
        self.served: list[int] = []

    async def answer(self, asked: Asked, writer: Writer) -> None:
        mine = (self.validators.get("ETag"), self.validators.get("Last_Modified"))
        theirs = (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
        status = 304 if theirs == mine and any(mine) else 200
        self.served.append(status)
        writer.write(response(status, b"" if status == 304 else self.body, **self.validators))


def fetch(
    server: Server, folder: Path, times: int, between: Callable[[int], None] = lambda n: None, **request: object
) -> list[Page]:
    """The page, so many times, each by a process of its own; `between` is called before each further one."""

    async def run() -> list[Page]:
        pages = []
        async with serving(server.answer) as web:
            for n in range(times):
                if n:
                    between(n)
                fetcher = HttpFetcher(
                    "acme",
                    limits=Limits(backoff_s=0.01),
                    pace=Pace(Rate(1000, 100)),
                    kept=KeptAnswers(folder, ROOM),
                    secrets={"TOKEN": "s3cret"},
                )
                try:
                    pages.append(await fetcher.fetch(PageRequest("s", web.url(), **request)))  # type: ignore[arg-type]
                finally:
                    await fetcher.aclose()
        return pages

    return asyncio.run(run())


@pytest.mark.parametrize(
    "validators",
    [
        {"ETag": '"v1"'},
        {"ETag": 'W/"v1"', "Last_Modified": "Sun, 01 Feb 2026 08:00:00 GMT"},
        {"Last_Modified": "Sun, 01 Feb 2026 08:00:00 GMT"},
    ],
)
def test_what_did_not_change_comes_from_disk_as_a_page_of_now(tmp_path: Path, validators: dict[str, str]) -> None:
    server = Server(**validators)
    first, second = fetch(server, tmp_path, 2)
    assert server.served == [200, 304]
    assert (second.status, second.body) == (200, first.body)
    assert second.fetched_at > first.fetched_at


def test_what_changed_comes_anew_and_is_what_is_kept(tmp_path: Path) -> None:
    server = Server(ETag='"v1"')

    def change(n: int) -> None:
        if n == 1:
            server.body, server.validators = b'{"events": [2]}', {"ETag": '"v2"'}

    pages = fetch(server, tmp_path, 3, change)
    assert server.served == [200, 200, 304]
    assert [page.body for page in pages] == [b'{"events": [1]}', b'{"events": [2]}', b'{"events": [2]}']


def test_an_answer_that_offers_nothing_is_not_kept_and_ends_what_was(tmp_path: Path) -> None:
    server = Server(ETag='"v1"')
    fetch(server, tmp_path, 2, lambda n: server.validators.clear())
    assert list(tmp_path.iterdir()) == []


def damage(folder: Path, how: Callable[[bytes], bytes]) -> None:
    (path,) = folder.glob("*.body")
    path.write_bytes(how(path.read_bytes()))


@pytest.mark.parametrize(
    ("how", "served"),
    [
        (lambda whole: whole[:-3], [200, 304, 200]),
        (lambda whole: whole.replace(b"[1]", b"[7]"), [200, 304, 200]),
        (lambda whole: whole + b" ", [200, 304, 200]),
        (lambda whole: b"", [200, 200]),
        (lambda whole: b"\0" * 5000, [200, 200]),
    ],
    ids=["cut", "changed", "longer", "empty", "zeros"],
)
def test_a_damaged_file_is_noticed_and_asked_for_again(
    tmp_path: Path, how: Callable[[bytes], bytes], served: list[int]
) -> None:
    server = Server(ETag='"v1"')
    pages = fetch(server, tmp_path, 2, lambda n: damage(tmp_path, how))
    assert [page.body for page in pages] == [server.body] * 2
    assert server.served == served


def test_a_file_that_goes_while_the_server_is_asked_is_still_read(tmp_path: Path) -> None:
    answers = KeptAnswers(tmp_path, ROOM)
    answers.keep("https://a.example/", {"etag": '"v1"'}, b"body", NOW)
    with answers.about("https://a.example/") as kept:
        answers.drop("https://a.example/")
        assert kept is not None
        assert kept.read() == b"body"
    with answers.about("https://a.example/") as kept:
        assert kept is None


def test_a_304_that_nobody_asked_for_is_a_change(tmp_path: Path) -> None:
    class Odd(Server):
        async def answer(self, asked: Asked, writer: Writer) -> None:
            writer.write(response(304, b""))

    with pytest.raises(PayloadShapeError, match="HTTP 304"):
        fetch(Odd(), tmp_path, 1)


def test_a_folder_holds_what_it_may_and_loses_what_was_kept_longest_ago(tmp_path: Path) -> None:
    def kept(answers: KeptAnswers) -> list[int]:
        found = []
        for n in range(12):
            with answers.about(f"https://a.example/{n}") as answer:
                if answer is not None:
                    found.append(n)
        return found

    answers = KeptAnswers(tmp_path, 1000)
    for n in range(8):
        answers.keep(f"https://a.example/{n}", {"etag": '"v1"'}, b"x" * 200, NOW)
    assert kept(answers) == [3, 4, 5, 6, 7]
    answers.keep("https://a.example/3", {"etag": '"v2"'}, b"x" * 200, NOW)
    answers.keep("https://a.example/8", {"etag": '"v1"'}, b"x" * 900, NOW)
    assert kept(answers) == [3, 4, 5, 6, 7], "more than half the room is not worth it"
    (tmp_path / "left.tmp").write_bytes(b"by a kill")
    later = KeptAnswers(tmp_path, 1000)
    for n in (9, 10):
        later.keep(f"https://a.example/{n}", {"etag": '"v1"'}, b"x" * 200, NOW)
    assert {3, 9, 10} <= set(kept(later))
    assert not list(tmp_path.glob("*.tmp"))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1500


def test_addresses_and_secrets_are_not_written_down(tmp_path: Path) -> None:
    server = Server(b'{"you sent": "s3cret"}', ETag='"v1"')
    pages = fetch(server, tmp_path, 2, params=(("apikey", "k3y"),), secrets=(("token", "TOKEN"),))
    assert server.served == [200, 304]
    assert [page.body for page in pages] == [b'{"you sent": "***"}'] * 2
    (file,) = tmp_path.iterdir()
    for told in (file.name.encode(), file.read_bytes()):
        assert not [word for word in (b"k3y", b"s3cret", b"list") if word in told]


def test_without_a_usable_disk_everything_comes_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    server = Server(ETag='"v1"')
    fetch(server, tmp_path / "file" / "cache", 2)
    assert server.served == [200, 200]


def test_what_may_be_asked_about() -> None:
    old = format_datetime(NOW - timedelta(hours=1), usegmt=True)
    fresh = format_datetime(NOW - timedelta(seconds=1), usegmt=True)
    assert offered({"etag": '"v1"', "last-modified": old}, NOW) == ('"v1"', old)
    # Two versions of one second would look alike.
    assert offered({"last-modified": fresh}, NOW) == (None, None)
    assert offered(
        {"last-modified": fresh, "date": format_datetime(NOW + timedelta(minutes=5), usegmt=True)}, NOW
    ) == (
        None,
        fresh,
    )
    assert offered({"etag": '"v1"', "cache-control": "private, No-Store"}, NOW) == (None, None)
    for wrong in ("v1", '"v"1"', '"é"', '"' + "x" * 300 + '"', '"a\x00"', '"a", "b"'):
        assert offered({"etag": wrong}, NOW) == (None, None)


@given(st.dictionaries(st.sampled_from(["etag", "last-modified", "date", "cache-control"]), st.text(max_size=40)))
def test_no_header_breaks_it_and_what_is_sent_back_is_ascii(headers: dict[str, str]) -> None:
    assert all(value is None or (value.isascii() and value.isprintable()) for value in offered(headers, NOW))
