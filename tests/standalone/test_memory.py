"""The memory of a scraper's whole process tree: weighed once a cycle, told, and a reason to end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import psutil
import psycopg
import pytest

from scrapers.registry import load_registry
from standalone.cycle.report import CycleReport
from standalone.cycle.scraper import Scraper
from standalone.declare import register
from standalone.memory import BELOW_AT_MOST_MB, EXIT_TOO_HEAVY, Memory, weigh
from standalone.process import Stop
from standalone.run_scraper import run
from standalone.run_sequential import run as run_sequential
from standalone.settings import ROOT, Settings
from standalone.shared_resources import SharedResources
from tests.support.recordings import FOLDER

SLUG = "br4bet_nba"
CHILD = "x = bytearray(40_000_000); print(flush=True); input()"
"""Holds 40 MB; its own child holds as much."""
PARENT = f"import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', {CHILD!r}]); c.wait()"


@pytest.fixture
def resources(
    database_url: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SharedResources]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
    resources = SharedResources(Settings(ODDS_SOURCE=f"replay:{FOLDER}"))
    register(resources.backend, load_registry())
    yield resources
    resources.close()


def test_what_children_of_children_hold_counts() -> None:
    before = weigh()
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        memory = weigh()
        assert child.stdin is not None
        child.stdin.close()
    assert memory.below_mb - before.below_mb > 40
    assert memory.own_mb == pytest.approx(psutil.Process().memory_full_info().pss / 1e6, rel=0.1)
    assert memory.tree_mb == memory.own_mb + memory.below_mb


@pytest.mark.parametrize(
    ("own", "below", "heavy"),
    [
        (199, 0, False),
        (201, 0, True),
        (60, BELOW_AT_MOST_MB, False),
        (60, BELOW_AT_MOST_MB + 1, True),
        (201, 50, True),
    ],
)
def test_a_browser_that_lingers_is_no_reason_to_end(own: float, below: float, heavy: bool) -> None:
    assert (Memory(own, below).excess(200) is not None) is heavy


def status_of(resources: SharedResources) -> dict[str, Any]:
    rows = resources.backend.call("status_report", {})["scrapers"]
    (row,) = [row for row in rows if row["scraper_name"] == SLUG]
    return dict(row)


def test_too_heavy_a_process_commits_its_cycle_says_why_and_ends(
    resources: SharedResources, database_url: str
) -> None:
    """The whole process, for its exit code. Its limit is the declared one, so what it holds is made up."""
    program = (
        "from standalone import memory, run_scraper\n"
        "memory.process_mb = lambda process: 5000.0\n"
        f"run_scraper.main(['--scraper', {SLUG!r}])\n"
    )
    environment = {**os.environ, "ODDS_SOURCE": f"replay:{FOLDER}", "START_SPREAD_S": "0"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == EXIT_TOO_HEAVY, done.stdout
    row = status_of(resources)
    assert (row["outcome"], row["cycle_count"], row["lease_holder"]) == ("ok", 1, None)
    why = "the process holds 5000 MB, allowed are 200"
    assert row["extra_data"] | {"memory_mb": 5000.0, "memory_limit_mb": 200, "too_heavy": why} == row["extra_data"]
    told = next(line for line in map(orjson.loads, done.stdout.splitlines()) if why in line["message"])
    assert (told["level"], told["scraper"]) == ("warning", SLUG)
    with psycopg.connect(database_url) as connection:
        ((started_at,),) = connection.execute("select started_at from scraper_cycles").fetchall()
        lives = connection.execute(
            "select component, status, successful_fixtures, error_message from etl_executions"
        ).fetchall()
    assert datetime.fromisoformat(told["cycle"]) == started_at
    assert lives == [(f"scraper-{SLUG}", "COMPLETED", 1, f"reinício por memória / ended for its memory: {why}")]


def test_a_cycle_that_fails_is_weighed_too(resources: SharedResources, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("standalone.cycle.scraper.collect", breaks)
    scraper = Scraper(
        resources.registry.bookmaker(SLUG), resources, mode="parallel", hurry=True, memory_limit_mb=10
    )
    assert asyncio.run(run(scraper, Stop())) == EXIT_TOO_HEAVY
    assert status_of(resources)["outcome"] == "bug"


def test_within_its_limit_a_process_goes_on(resources: SharedResources, monkeypatch: pytest.MonkeyPatch) -> None:
    scraper = Scraper(
        resources.registry.bookmaker(SLUG),
        resources,
        mode="parallel",
        interval_s=1,
        hurry=True,
        memory_limit_mb=5000,
    )
    stop, cycle, reports = Stop(), scraper.run_cycle, list[CycleReport]()

    async def noted() -> CycleReport:
        reports.append(await cycle())
        if len(reports) == 2:
            stop.set()
        return reports[-1]

    monkeypatch.setattr(scraper, "run_cycle", noted)
    assert asyncio.run(run(scraper, stop)) == 0
    assert [report.too_heavy for report in reports] == [None, None]


def test_the_sequential_process_ends_between_two_bookmakers(resources: SharedResources) -> None:
    assert asyncio.run(run_sequential(resources, "light", Stop(), memory_limit_mb=10)) == EXIT_TOO_HEAVY
    counts = [row["cycle_count"] for row in resources.backend.call("status_report", {})["scrapers"]]
    assert sum(counts) == 1
