"""The fixtures import as an operator runs it: killed in the middle, stopped, looked at, exported."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from standalone.settings import ROOT
from tests.support.postgres import TestServer
from tests.support.scraping import Workplace, until, workplace

pytestmark = pytest.mark.fleet

IMPORT = "run_monitored_chunk_processing.py"
CHUNKS = 8
DAYS = {"FIXTURES_DAYS_AHEAD": "5"}

CONTENT = {
    "fixtures": """
        select f.fixture_id, f.season_id, f.home_id, f.away_id, f.venue_id, f.starts_at, h.name as match_home,
               a.name as match_away, m.starts_at as match_starts_at, f.swapped, f.pending
        from fixtures f left join matches m using (match_id) left join teams h on h.team_id = m.home_team_id
        left join teams a on a.team_id = m.away_team_id
        where f.starts_at not between now() - interval '1 day' and now() + interval '2 hours'
          and f.starts_at not between now() + interval '4 days' and now() + interval '6 days' order by 1""",
    "teams": "select name, folded, country, category, provisional from teams order by 1, 3, 4",
    "aliases": """select t.name, a.alias, a.status, a.source from team_aliases a join teams t using (team_id)
                  order by 1, 2""",
    "provider teams": """select p.*, t.name as is_called from (select provider_team_id, name, short_code, country,
                         category, link_method, team_id from fixture_teams) p left join teams t using (team_id)""",
    "venues": "select * from fixture_venues order by 1",
    "chunks": "select season_id, status, fixtures, rejected, read_finished from fixture_chunks order by 1",
}
"""What an import leaves, by what it is and not by the catalogue's numbers; matches that begin meanwhile apart."""


def content(place: Workplace) -> dict[str, list[dict[str, Any]]]:
    found = {name: place.rows(query) for name, query in CONTENT.items()}
    for row in found["provider teams"]:
        row.pop("team_id")
    found["provider teams"].sort(key=lambda row: row["provider_team_id"])
    assert all(found.values())
    return found


def done(place: Workplace) -> int:
    return int(place.rows("select count(*)::int as n from fixture_chunks where status = 'done'")[0]["n"])


@pytest.fixture
def place(postgres_server: TestServer, tmp_path: Path) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path, seed=7) as place:
        yield place


def imported(place: Workplace, *args: str) -> str:
    """The log of a run that ended well."""
    with place.start(IMPORT, *args, **DAYS) as run:
        assert run.ended(60) == 0, run.messages()
        return run.messages()


def test_killed_in_the_middle_and_run_again_the_database_is_that_of_one_clean_run(place: Workplace) -> None:
    with place.start(IMPORT, "--max-chunks", str(CHUNKS), **DAYS) as run:
        until(lambda: done(place) >= 3, what=run.messages)
        run.kill()
    left = CHUNKS - done(place)
    assert 0 < left < CHUNKS
    imported(place, "--max-chunks", str(left))
    assert done(place) == CHUNKS
    imported(place, "--max-chunks", "1")
    after_kill = content(place)

    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("select wipe_odds()")
    imported(place, "--max-chunks", str(CHUNKS))
    # A run that follows another looks at the days around today as well.
    imported(place, "--max-chunks", "1")
    assert content(place) == after_kill


def test_a_signal_ends_it_as_cancelled_and_two_at_once_are_refused(place: Workplace) -> None:
    with place.start(IMPORT) as run:
        until(lambda: done(place) >= 1, what=run.messages)
        with place.start(IMPORT) as second:
            assert second.ended(20) == 2
            assert "another import is at work" in second.messages()
        run.send(signal.SIGINT)
        assert run.ended(10) == 130, run.messages()
    (execution,) = place.rows("select * from etl_executions")
    assert execution["status"] == "CANCELLED"
    assert 0 < execution["processed_chunks"] < execution["total_chunks"] == 76


def test_the_session_of_an_operator(place: Workplace, tmp_path: Path) -> None:
    place.fault("sportmonks", "rate_limited", times=1, retry_after_s=0)
    metrics, exported = tmp_path / "metrics.json", tmp_path / "run.csv"
    said = imported(place, "--max-chunks", "3", "--track-performance", "--export-metrics", str(metrics))
    assert "3 chunks ok, 0 com falha / failed, 73 restantes / left" in said
    assert "waiting" in said
    found = orjson.loads(metrics.read_bytes())
    assert found["report"]["status"] == "COMPLETED"
    assert found["execution"]["processed_fixtures"] == found["report"]["processed"] > 100
    assert {"fetch.duration", "record.duration"} <= {one["series"] for one in found["performance"]}

    def looked(*args: str) -> str:
        command = [sys.executable, str(ROOT / "standalone" / "etl_dashboard.py"), *args]
        return subprocess.run(
            command, cwd=ROOT, env=place.environment(), check=True, capture_output=True, text=True
        ).stdout

    execution = found["report"]["execution_id"]
    assert "COMPLETED" in looked("--execution-id", execution, "--logs", "--metrics", "--alerts")
    looked("--execution-id", execution, "--export", str(exported))
    assert execution in exported.read_text()
