"""The first body of each kind of failure is kept, and only that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from scrapers.errors import BlockedError, FetchTimeoutError, NetworkError, PayloadShapeError
from scrapers.fetching.failures import FailureBodies
from scrapers.records import PageRequest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REQUEST = PageRequest("league:x", "https://api.example/list", (("token", "s3cret"), ("id", "1")))


def test_the_first_of_a_kind_is_kept_with_what_is_known_of_it(tmp_path: Path) -> None:
    bodies = FailureBodies(tmp_path / "failures", max_bytes=4)
    kept = bodies.keep("acme", REQUEST, BlockedError("refused", body=b"<html>", status=403), at=NOW)
    assert kept == tmp_path / "failures" / "acme" / "blocked.body"
    assert kept.read_bytes() == b"<htm"
    assert orjson.loads(kept.with_suffix(".json").read_bytes()) == {
        "url": "https://api.example/list?token=***&id=1",
        "status": 403,
        "fetched_at": "2026-03-01T12:00:00+00:00",
        "scope": "league:x",
        "outcome": "blocked",
        "message": "refused",
        "body_bytes": 6,
    }
    assert sorted(path.name for path in kept.parent.iterdir()) == ["blocked.body", "blocked.json"]


def test_the_second_of_a_kind_is_not_until_the_first_is_gone_or_a_day_old(tmp_path: Path) -> None:
    bodies = FailureBodies(tmp_path, max_bytes=100)

    def keep(body: bytes, at: datetime) -> bytes:
        kept = bodies.keep("acme", REQUEST, PayloadShapeError("odd", body=body), at=at)
        assert kept is not None
        return kept.read_bytes()

    assert keep(b"first", NOW) == b"first"
    assert keep(b"second", NOW + timedelta(hours=23)) == b"first"
    assert keep(b"third", NOW + timedelta(hours=24)) == b"third"
    (tmp_path / "acme" / "schema_changed.body").unlink()
    assert keep(b"fourth", NOW + timedelta(hours=25)) == b"fourth"
    (tmp_path / "acme" / "schema_changed.json").write_text("{half")
    assert keep(b"fifth", NOW + timedelta(hours=25)) == b"fifth"


def test_kinds_and_bookmakers_do_not_share(tmp_path: Path) -> None:
    bodies = FailureBodies(tmp_path, max_bytes=100)
    paths = {
        bodies.keep("acme", REQUEST, NetworkError("5xx", body=b"a", status=500), at=NOW),
        bodies.keep("acme", REQUEST, BlockedError("403", body=b"b"), at=NOW),
        bodies.keep("other", REQUEST, BlockedError("403", body=b"c"), at=NOW),
    }
    assert len(paths) == 3
    assert {path.read_bytes() for path in paths if path} == {b"a", b"b", b"c"}


def test_without_a_body_nothing_is_kept(tmp_path: Path) -> None:
    assert FailureBodies(tmp_path, 100).keep("acme", REQUEST, FetchTimeoutError("late"), at=NOW) is None
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_costs_no_cycle(tmp_path: Path) -> None:
    (tmp_path / "failures").write_text("a file where the folder should be")
    bodies = FailureBodies(tmp_path / "failures", 100)
    assert bodies.keep("acme", REQUEST, NetworkError("5xx", body=b"a"), at=NOW) is None
