"""Two machines collect forty bookmakers as jobs; one vanishes, the other takes over, until it is back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.fleet import Fleet
from tests.support.history import Ended, compare
from tests.support.hosts import HTTP, Host, Plant, plant
from tests.support.postgres import TestServer
from tests.support.scraping import until

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(240)]

INTERVAL_S = 12
HEARTBEAT_S = 1.2

CYCLES = """
    select scraper_name, extract(epoch from started_at)::float as began,
           extract(epoch from started_at)::float + duration_ms / 1000.0 as ended, outcome
    from scraper_cycles order by 1, 2
"""


@pytest.fixture
def place(postgres_server: TestServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    with plant(
        postgres_server, tmp_path, monkeypatch, interval_s=INTERVAL_S, WORKER_HEARTBEAT_S=str(HEARTBEAT_S)
    ) as place:
        yield place


def evenly_held(place: Plant, hosts: int) -> bool:
    """Whether every bookmaker is held, and workers of one kind differ by one at most."""
    held = place.held()
    for kind, workers, bookmakers in (("http", 2, HTTP), ("browser", 1, len(place.slugs) - HTTP)):
        counts = [n for holder, n in held.items() if f"/{kind}-" in holder]
        if len(counts) != workers * hosts or sum(counts) != bookmakers or max(counts) - min(counts) > 1:
            return False
    return True


def collected_since(place: Plant, since: float) -> set[str]:
    """The bookmakers with a cycle that began after `since` (epoch s) and was committed."""
    rows = place.rows(
        "select distinct scraper_name from scraper_cycles"
        " where extract(epoch from started_at) > %s and outcome = 'ok'",
        since,
    )
    return {row["scraper_name"] for row in rows}


def test_a_host_vanishes_and_comes_back(place: Plant) -> None:
    one, other = Host(place, "one"), Host(place, "other")
    one.start()
    other.start()
    everyone = set(place.slugs)
    assert len(everyone) == 40
    try:
        until(lambda: evenly_held(place, 2), 90, place.held)
        vanished = other.vanish()
        until(lambda: collected_since(place, vanished) == everyone, 2 * INTERVAL_S, place.held)
        assert evenly_held(place, 1), place.held()
        other.start()
        until(lambda: evenly_held(place, 2), 90, place.held)
        one.stop()
        other.stop()
        stopped = time.time()
    finally:
        for host in (one, other):
            host.vanish()

    cycles: dict[str, list[dict[str, Any]]] = {slug: [] for slug in place.slugs}
    for row in place.rows(CYCLES):
        cycles[row["scraper_name"]].append(row)
    for slug, told in cycles.items():
        assert {cycle["outcome"] for cycle in told} == {"ok"}, slug
        for before, after in pairwise(told):
            assert after["began"] > before["ended"], f"{slug}: two cycles at once"
            if before["began"] < vanished < after["began"]:
                assert after["began"] - before["began"] <= 2 * INTERVAL_S, f"{slug}: a gap"
    ended = [Ended(f"scraper-{slug}", at) for slug in place.slugs for at in (vanished, stopped)]
    result = compare(cast(Fleet, place), place.slugs, ended)
    assert result.rows > result.selections, "no price ever changed: nothing was proved"
    # Each process of a worker is an execution: three ended well on each host, three were killed.
    lives = place.query(
        "select component, status from etl_executions where component like 'worker-%%' order by 1, 2"
    )
    assert [status for _, status in lives].count("COMPLETED") == 6
    assert len({component for component, _ in lives}) == 6
    # The last to leave takes the jobs with it: no other mode finds any.
    assert place.rows("select from procrastinate.procrastinate_jobs") == []
    assert {row["status"] for row in place.rows("select status from scraper_status")} == {"stopped"}
