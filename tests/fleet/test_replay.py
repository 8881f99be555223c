"""`ODDS_SOURCE=replay:<folder>`: recorded answers through a real scraper into the database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import TestServer
from tests.support.recordings import FOLDER, recordings_of
from tests.support.scraping import Workplace, workplace

pytestmark = pytest.mark.fleet

SLUG = "br4bet_nba"


@pytest.fixture(scope="module")
def place(postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path_factory.mktemp("replay"), simulator=False) as place:
        yield place


def one_cycle(place: Workplace, slug: str, folder: Path) -> dict[str, Any]:
    """Run one cycle on a folder; what the database holds of it."""
    before = len(place.cycles(slug))
    with place.start("run_scraper.py", "--scraper", slug, "--once", ODDS_SOURCE=f"replay:{folder}") as scraper:
        assert scraper.ended(30) == 0, scraper.messages()
    (cycle,) = place.cycles(slug, before)
    return cycle


def expected_prices(slug: str) -> set[tuple[str, str]]:
    """Event and price of every line that the recordings' expectations list before kick-off."""
    found = set()
    for recording in recordings_of(slug):
        expected = json.loads(recording.path.with_suffix(".expected.json").read_text())
        for event in expected.get("events", []):
            if event["phase"] == "prematch" and datetime.fromisoformat(event["starts_at"]) > recording.fetched_at:
                found |= {(event["source_id"], price.split()[4]) for price in event["prices"]}
    return found


def test_recordings_become_rows_with_the_times_of_the_recording(place: Workplace) -> None:
    cycle = one_cycle(place, SLUG, FOLDER)
    assert (cycle["outcome"], cycle["error"]) == ("ok", None)
    rows = place.rows(
        "select e.source_event_id, p.price, s.last_seen_at, p.last_changed_at"
        " from prices p join bookmaker_events e using (event_id) join price_scopes s using (scope_id)"
        " where p.status = 'open'"
    )
    expected = expected_prices(SLUG)
    assert len(expected) >= 6
    assert {(row["source_event_id"], float(row["price"])) for row in rows} == {
        (event, float(price)) for event, price in expected
    }
    (recording,) = recordings_of(SLUG)
    assert {row["last_seen_at"] for row in rows} == {recording.fetched_at}
    assert {row["last_changed_at"] for row in rows} == {recording.fetched_at}

    again = one_cycle(place, SLUG, FOLDER)
    assert (again["outcome"], again["changed"]) == ("ok", 0)
    assert again["odds_collected"] == cycle["odds_collected"] == len(rows)


def test_what_is_not_recorded_is_a_failed_page_and_what_is_comes_through(place: Workplace) -> None:
    cycle = one_cycle(place, "kto", FOLDER)
    assert cycle["outcome"] == "partial"
    assert cycle["odds_inserted"] > 0
    failed = cycle["extra_data"]["failed_pages"]
    assert any(f"no recording for kto in {FOLDER}" in error for error in failed.values())
    # A recorded refusal refuses here too.
    assert "HTTP 403" in failed["league:serie_a"]
    assert "league:brasileirao_a" not in failed


def test_plain_payload_files_are_handed_out(place: Workplace, tmp_path: Path) -> None:
    (recording,) = recordings_of(SLUG)
    upcoming = recording.body.replace(b"2026-03-", b"2126-03-")
    folder = tmp_path / SLUG
    folder.mkdir()
    (folder / "nba.json").write_bytes(upcoming)
    cycle = one_cycle(place, SLUG, tmp_path)
    assert cycle["outcome"] == "ok"
    assert cycle["odds_collected"] >= len(expected_prices(SLUG))
    (scope,) = place.rows(
        "select last_seen_at from price_scopes join bookmakers b using (bookmaker_id)"
        " where b.slug = %s and scope = 'league:nba'",
        SLUG,
    )
    # A file names no time, so it counts as answered now.
    assert abs((scope["last_seen_at"] - cycle["started_at"]).total_seconds()) < 5


def test_a_bookmaker_without_recordings_says_so(place: Workplace, tmp_path: Path) -> None:
    shutil.copytree(FOLDER / SLUG, tmp_path / SLUG)
    cycle = one_cycle(place, "mcgames_nba", tmp_path)
    assert cycle["outcome"] == "network"
    assert f"no saved payload for mcgames_nba in {tmp_path} answers league:nba" in cycle["error"]
    assert place.status("mcgames_nba")["last_error"] == cycle["error"]

    nowhere = tmp_path / "nowhere"
    with place.start("run_scraper.py", "--scraper", SLUG, "--once", ODDS_SOURCE=f"replay:{nowhere}") as scraper:
        assert scraper.ended(20) == 2
        assert f"there is no folder {nowhere}" in scraper.messages()
