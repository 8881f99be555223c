"""`fleet status` on a real database: what it says, and its exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from monitoring.services import service_status
from standalone.commands.status import WORDS, age, judged
from standalone.settings import ROOT
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing

OFFERS = {"match_result:home": 2.1, "match_result:away": 3.5}


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def houses(backend: PostgresBackend) -> dict[str, House]:
    """Every registered bookmaker, each with one good cycle."""
    houses = {slug: House(backend, slug) for slug in ("alpha", "beta", "gamma", "delta")}
    for house in houses.values():
        house.commit([listing("e", "Flamengo", "Santos", kickoff(2), dict(OFFERS))])
    backend.call("service_heartbeat", service_heartbeat("json-generator", extra={"prices": 8}))
    return houses


def service_heartbeat(name: str, *, error: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "p_service": name,
        "p_expected_interval_s": 10,
        "p_error": error,
        "p_extra": more.get("extra", {}),
    }


def fleet_status(database_url: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `fleet status` as an operator does, without a terminal."""
    return subprocess.run(
        [sys.executable, "-c", "from standalone.commands import main; main()", "status", *options],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "ODDS_SOURCE": "live", **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def line_of(name: str, output: str) -> str:
    [line] = [line for line in output.splitlines() if re.match(rf"\W*{name}\b(?!:)", line)]
    return line


def test_all_is_ok(houses: dict[str, House], database_url: str) -> None:
    done = fleet_status(database_url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"alpha\W+ok\W+\d+ s\W+2\W+100%\W+0\.0 s\W+ok\W+par", line_of("alpha", done.stdout))
    assert "prices 8" in line_of("json-generator", done.stdout)
    assert "4 coletores: 4 ok" in done.stdout
    assert "simulad" not in done.stdout
    assert "\x1b" not in done.stdout, "no colours where there is no terminal"


def test_what_is_wrong_is_named(
    houses: dict[str, House], backend: PostgresBackend, db: psycopg.Connection[Any], database_url: str
) -> None:
    houses["alpha"].fail("blocked", "[403] challenge page")
    db.execute("update scraper_status set last_success = now() - interval '4 min' where scraper_name = 'alpha'")
    db.execute("update scraper_status set last_heartbeat = now() - interval '5 h' where scraper_name = 'beta'")
    db.execute(
        "insert into scraper_standby (scraper_name, holder, mode) values ('gamma', 'other-machine', 'sequential')"
    )
    db.execute("update scraper_status set extra_data = '{\"too_heavy\": \"250 MB\"}' where scraper_name = 'delta'")
    heartbeat = {"p_expected_interval_s": 300, "p_error": None, "p_extra": {"warnings": ["stray rows"]}}
    backend.call("service_heartbeat", {"p_service": "cleanup-service", **heartbeat})
    done = fleet_status(database_url, ODDS_SOURCE="simulator")
    assert done.returncode == 1
    assert re.search(r"alpha\W+erro\W+4 min.*blocked", line_of("alpha", done.stdout))
    assert "alpha: [403] challenge page" in done.stdout
    assert "parado" in line_of("beta", done.stdout)
    assert re.search("gamma: .*other-machine", done.stdout)
    assert "Máquina" not in done.stdout
    assert "delta: reiniciado pela memória (restarted for its memory): 250 MB" in done.stdout
    assert "atenção" in line_of("cleanup-service", done.stdout)
    assert "cleanup-service: stray rows" in done.stdout
    assert "4 coletores: 2 ok, 1 erro, 1 parado" in done.stdout
    assert "Odds simuladas" in done.stdout


def test_workers_are_shown_with_their_machine(
    houses: dict[str, House], db: psycopg.Connection[Any], database_url: str
) -> None:
    db.execute("update scraper_status set mode = 'workers-browser', machine = 'vps2' where scraper_name = 'beta'")
    done = fleet_status(database_url)
    assert "Máquina" in done.stdout
    assert re.search(r"ok\W+work-browser\W+vps2", line_of("beta", done.stdout))


def test_json_is_the_view_with_a_verdict(
    houses: dict[str, House], backend: PostgresBackend, database_url: str
) -> None:
    backend.call("service_heartbeat", service_heartbeat("cleanup-service", error="no such function"))
    done = fleet_status(database_url, "--json")
    assert done.returncode == 1
    report = orjson.loads(done.stdout)
    assert report["ok"] is False
    assert {row["scraper_name"]: row["computed_status"] for row in report["scrapers"]} == dict.fromkeys(
        houses, "ok"
    )
    assert {row["service_name"]: row["computed_status"] for row in report["services"]} == {
        "cleanup-service": "error",
        "json-generator": "ok",
    }
    assert {"odds_inserted", "completeness", "expected_interval_s"} <= report["scrapers"][0].keys()


def test_a_fleet_that_never_collected_is_not_ok(backend: PostgresBackend, database_url: str) -> None:
    done = fleet_status(database_url)
    assert done.returncode == 1
    assert "nunca" in line_of("alpha", done.stdout)


def test_a_fleet_without_scrapers_is_not_ok(database_url: str) -> None:
    done = fleet_status(database_url)
    assert done.returncode == 1
    assert "fleet db migrate" in done.stdout


def test_a_database_that_is_away_is_one_clear_line(tmp_path: Path) -> None:
    done = fleet_status("postgresql://someone:s3cret@127.0.0.1:1/none", DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fleet: the database is not reached")
    assert done.stderr.count("\n") == 1
    assert "s3cret" not in done.stderr


def service(age_s: float, *, interval: int = 10, error: str | None = None, **extra: Any) -> dict[str, Any]:
    return {
        "seconds_since_heartbeat": age_s,
        "expected_interval_s": interval,
        "last_error": error,
        "extra_data": extra,
    }


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (service(59), "ok"),
        (service(60), "warning"),
        (service(180), "error"),
        (service(600), "offline"),
        (service(599, interval=300), "ok"),
        (service(600, interval=300), "warning"),
        (service(1, error="broken"), "error"),
        (service(700, error="broken"), "offline"),
        (service(1, warnings=["rows in a default partition"]), "warning"),
        (service(200, warnings=["rows in a default partition"]), "error"),
    ],
)
def test_services_are_judged_by_age_rhythm_and_last_round(row: dict[str, Any], status: str) -> None:
    assert service_status(row) == status
    assert status in WORDS


def test_one_service_in_trouble_is_enough() -> None:
    scrapers = [{"computed_status": "ok"}]
    assert judged({"now": "", "scrapers": scrapers, "services": [service(1)]})["ok"]
    assert not judged({"now": "", "scrapers": scrapers, "services": [service(1), service(90)]})["ok"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (-1, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (180_000, "2 d")]
)
def test_ages_read_like_people_say_them(seconds: float | None, text: str) -> None:
    assert age(seconds) == text
