"""The results batch as an operator runs it: twice, killed in the middle, beside a site that fails or hides."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

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


@pytest.fixture
def place(postgres_server: TestServer, tmp_path: Path) -> Iterator[Workplace]:
    """A workplace whose results site has rounds of 380 matches."""
    settings = {"SIMULATOR_SEED": "7", "SIMULATOR_LARGE_CATALOGUE": "true"}
    with (
        workplace(postgres_server, tmp_path, simulator=False) as place,
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
    place: Workplace,
) -> None:
    with place.start(BATCH, *ROUND) as run:
        until(lambda: held(place) >= 100, what=run.messages)
        run.kill()
    left = MATCHES - held(place)
    assert 0 < left < MATCHES - 99
    with place.start(BATCH, *ROUND) as run:
        numbers = ended(run)
    assert (numbers["new"], numbers["skipped"], numbers["requests"]) == (left, MATCHES - left, left + 1)
    with place.start(BATCH, *ROUND) as run:
        numbers = ended(run)
    assert (numbers["new"], numbers["skipped"]) == (0, MATCHES)
    assert (
        numbers["requests"] <= 1
    )  # the list, once the round is old enough for its number to mean another season's
    assert "nada a fazer" in run.messages()
    after_kill = content(place)

    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("select wipe_odds()")
    with place.start(BATCH, *ROUND) as run:
        assert ended(run)["new"] == MATCHES
    assert content(place) == after_kill
    assert len(after_kill["results"]) == MATCHES


def test_a_signal_stops_it_two_at_once_are_refused_and_a_site_that_fails_is_left_alone(place: Workplace) -> None:
    with place.start(BATCH, *ROUND) as run:
        until(lambda: held(place) >= 5, what=run.messages)
        with place.start(BATCH, *ROUND) as second:
            assert second.ended(20) == 2
            assert "another import is at work" in second.messages()
        run.send(signal.SIGINT)
        assert run.ended(10) == 130, run.messages()
    place.fault("ogol", "challenge_403")
    with place.start(BATCH, *ROUND) as run:
        assert run.ended(30) == 2, run.messages()
        assert "Cloudflare" in run.messages()
    (execution,) = place.rows("select * from etl_executions order by started_at desc limit 1")
    assert execution["status"] == "FAILED"
    assert "BlockedError" not in execution["error_message"]
    assert "Cloudflare" in execution["error_message"]
