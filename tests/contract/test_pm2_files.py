"""The PM2 files are derived: one process per declared bookmaker, no secret, stops that are clean in time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {"json-generator", "cleanup-service", "dashboard", "alerts", "worker"}


def apps_of(file: str, **environment: str) -> list[dict[str, Any]]:
    node = shutil.which("node")
    assert node, "node is needed, as for PM2 itself"
    script = f"process.stdout.write(JSON.stringify(require({json.dumps(str(ROOT / file))}).apps))"
    out = subprocess.run(
        [node, "-e", script],
        env={**os.environ, "ODDS_SOURCE": "simulator", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    apps: list[dict[str, Any]] = json.loads(out.stdout)
    assert apps
    return apps


def declared() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((ROOT / "scrapers" / "bookmakers.json").read_text())
    assert rows
    return rows


def test_parallel_mode_has_one_process_per_bookmaker() -> None:
    names = [app["name"] for app in apps_of("ecosystem.config.js")]
    assert len(names) == len(set(names))
    scrapers = {name for name in names if name.startswith("scraper-")}
    assert scrapers == {f"scraper-{row['slug']}" for row in declared()}
    assert set(names) - scrapers == SERVICES | {"database", "simulator"}


def test_sequential_mode_has_two_and_the_same_services() -> None:
    names = {app["name"] for app in apps_of("ecosystem.sequential.config.js")}
    assert names == SERVICES | {"database", "simulator", "scraper-seq-light", "scraper-seq-heavy"}


REMOTE = {"DATABASE_URL": "postgresql://u:p@h/db"}
WORKERS = {"worker-http-1", "worker-http-2", "worker-browser-1"}


def test_workers_mode_has_workers_in_place_of_scrapers() -> None:
    names = {app["name"] for app in apps_of("ecosystem.workers.config.js")}
    assert names == SERVICES | {"database", "simulator"} | WORKERS


def test_workers_of_a_further_machine_come_without_services() -> None:
    counts = {"WORKERS_HTTP": "3", "WORKERS_BROWSER": "0"}
    apps = apps_of("ecosystem.workers.config.js", RUN_SERVICES="false", **REMOTE, **counts)
    assert [app["name"] for app in apps] == ["worker-http-1", "worker-http-2", "worker-http-3"]
    assert [app["args"] for app in apps][2] == ["--kind", "http", "--number", "3"]


def test_a_further_machine_needs_the_database_of_the_others() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        apps_of("ecosystem.workers.config.js", RUN_SERVICES="false")
    assert "RUN_SERVICES=false" in refused.value.stderr


def test_bookmakers_that_are_not_the_workers_have_processes_on_the_machine_of_the_services() -> None:
    slugs = [row["slug"] for row in declared()]
    environment = {"WORKER_BOOKMAKERS": ", ".join(slugs[:3])}
    names = {app["name"] for app in apps_of("ecosystem.workers.config.js", **environment)}
    assert names - SERVICES - {"database", "simulator"} - WORKERS == {f"scraper-{slug}" for slug in slugs[3:]}
    apps = apps_of("ecosystem.workers.config.js", RUN_SERVICES="false", **REMOTE, **environment)
    assert {app["name"] for app in apps} == WORKERS
    with pytest.raises(subprocess.CalledProcessError) as refused:
        apps_of("ecosystem.workers.config.js", WORKER_BOOKMAKERS="kto,nobet")
    assert "WORKER_BOOKMAKERS: no such bookmaker: nobet" in refused.value.stderr


def test_a_configured_database_and_live_odds_need_no_helpers() -> None:
    names = {
        app["name"]
        for app in apps_of("ecosystem.config.js", DATABASE_URL="postgresql://u:p@h/db", ODDS_SOURCE="live")
    }
    assert not names & {"database", "simulator"}


@pytest.mark.parametrize(
    "file", ["ecosystem.config.js", "ecosystem.sequential.config.js", "ecosystem.workers.config.js"]
)
def test_every_process_follows_pm2s_rules(file: str) -> None:
    apps = apps_of(file, DATABASE_URL="postgresql://user:s3cret-word@h/db", ADMIN_TOKEN="t0ken-word")
    assert "s3cret-word" not in json.dumps(apps)
    assert "t0ken-word" not in json.dumps(apps)
    for app in apps:
        assert Path(app["script"]).is_file(), app["name"]
        assert app["interpreter_args"] == ["-u"], "stdout must not be buffered"
        assert app["wait_ready"] is True
        assert app["kill_timeout"] > 1600, "PM2's default of 1.6 s is too short for a clean stop"
        assert app["max_restarts"] > 100_000, "an errored process never comes back"
        assert "DATABASE_URL" in app["filter_env"]
