"""The results batch as an operator runs it: killed in the middle, again, as a job, before a site with a wall."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from scrapers.fetching.chromium import find_chromium
from simulator.results.rounds import LARGE_ROUND_DAYS, Rounds
from tests.support.postgres import TestServer
from tests.support.scraping import Started, Workplace, until, workplace

pytestmark = pytest.mark.fleet

BATCH = "run_batch.py"
LEAGUE = "brasileirao_a"
MATCHES = 380
LAST_WHOLE_ROUND = str(Rounds(7, days=LARGE_ROUND_DAYS).current(int(time.time())) - 1)
ROUND = ("--league", LEAGUE, "--round", LAST_WHOLE_ROUND)

CONTENT = {
    "results": """
        select page_id, league_key, edition, round, home_name, away_name, played_on, starts_at, home_score,
               away_score, home_half, away_half, after_extra_time, goals, venue, referee, attendance, state, missing
        from results order by page_id""",
    "statistics": "select * from result_statistics order by page_id, name",
    "rounds": "select league_key, edition, round, listed, finished, complete, error from result_rounds order by 3",
    "rejects": "select reference, reason from result_rejects order by 1",
}
"""What an import leaves, but for when and by whom."""


def content(place: Workplace) -> dict[str, list[dict[str, Any]]]:
    return {name: place.rows(query) for name, query in CONTENT.items()}


def held(place: Workplace) -> int:
    return int(place.rows("select count(*)::int as n from results")[0]["n"])


def ended(run: Started, code: int = 0) -> dict[str, Any]:
    """The numbers of a run that ended so."""
    assert run.ended(60) == code, run.messages()
    line = next(line for line in run.lines() if line["message"] == "results batch")
    numbers: dict[str, Any] = line["details"]
    return numbers


@contextmanager
def large_rounds(server: TestServer, folder: Path, **settings: str) -> Iterator[Workplace]:
    """A workplace whose results site has rounds of 380 matches."""
    settings |= {"SIMULATOR_SEED": "7", "SIMULATOR_LARGE_CATALOGUE": "true"}
    with (
        workplace(server, folder, simulator=False) as place,
        place.start("run_simulator.py", **settings) as simulator,
    ):
        until(lambda: _answers(place), what=simulator.messages)
        yield place


def _answers(place: Workplace) -> bool:
    try:
        return place.control.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_round_of_380_killed_in_the_middle_equals_one_clean_run_and_a_second_import_asks_nobody(
    postgres_server: TestServer, tmp_path: Path
) -> None:
    with large_rounds(postgres_server, tmp_path) as place:
        with place.start(BATCH, *ROUND) as run:
            until(lambda: held(place) >= 100, what=run.messages)
            run.kill()
        left = MATCHES - held(place)
        assert 0 < left < MATCHES - 99
        with place.start(BATCH, *ROUND) as run:
            numbers = ended(run)
        assert (numbers["new"], numbers["skipped"], numbers["requests"]) == (left, MATCHES - left, left + 1)
        again = as_job(place)
        assert (again["new"], again["skipped"]) == (0, MATCHES)
        assert again["requests"] <= 1  # the list, once its number may mean another season's round
        after_kill = content(place)

        place.rows("select wipe_odds()")
        with place.start(BATCH, *ROUND) as run:
            assert ended(run)["new"] == MATCHES
        assert content(place) == after_kill
        assert len(after_kill["results"]) == MATCHES


def as_job(place: Workplace) -> dict[str, Any]:
    """The numbers of the same import as a job that a worker took."""
    job = {"kind": "import_round", "args": {"league": LEAGUE, "round": int(LAST_WHOLE_ROUND)}}
    (answer,) = place.rows("select enqueue_jobs(%s) as jobs", orjson.dumps([job]).decode())
    number = answer["jobs"][0]["id"]

    def state() -> dict[str, Any]:
        found: dict[str, Any] = place.rows("select job_state(%s) as state", number)[0]["state"]
        return found

    with place.start("run_worker.py") as worker:
        until(lambda: state()["status"] == "done", what=worker.messages)
    result: dict[str, Any] = state()["result"]
    return result


def test_behind_a_wall_one_browser_lets_it_in_a_signal_stops_it_and_another_page_fails_it(
    postgres_server: TestServer, tmp_path: Path
) -> None:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with large_rounds(postgres_server, tmp_path, SIMULATOR_GUARDED="true") as place:
        with place.start(BATCH, *ROUND, BROWSER_PATH=str(chromium)) as run:
            until(lambda: held(place) >= 20, what=run.messages)
            with place.start(BATCH, *ROUND) as second:
                assert second.ended(20) == 2
                assert "another import is at work" in second.messages()
            run.send(signal.SIGINT)
            assert run.ended(10) == 130, run.messages()
            assert run.messages().count("browser for") == 1
        assert {row["state"] for row in place.rows("select state from results")} == {"complete"}
        place.fault("ogol", "schema_changed")
        with place.start(BATCH, *ROUND) as run:
            assert run.ended(20) == 2, run.messages()
        failed = next(line for line in run.lines() if line["message"] == "chunk failed")
        assert (failed["league"], failed["round"]) == (LEAGUE, int(LAST_WHOLE_ROUND))
        executions = place.rows("select status, error_message from etl_executions order by started_at")
        assert [row["status"] for row in executions] == ["CANCELLED", "FAILED"]
        assert "#fixture_games" in executions[1]["error_message"]
        assert (tmp_path / "var" / "failures" / "ogol" / "schema_changed.body").exists()
