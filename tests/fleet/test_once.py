"""What runs once and ends: `main.py` on an empty folder, `fleet scrape`, and the commands that only look."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import psutil
import pytest

from scrapers.registry import load_registry
from simulator.faults import Kind
from standalone.process import FileLock
from standalone.settings import Settings
from tests.support.postgres import TestServer, open_folder
from tests.support.scraping import ROOT, Workplace, free_port, workplace

pytestmark = pytest.mark.fleet

SLUG = "br4bet_nba"


@pytest.fixture(scope="module")
def place(postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path_factory.mktemp("once")) as place:
        yield place


def fleet(place: Workplace, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run(
        [sys.executable, "-c", "from standalone.commands import main; main()", *args],
        cwd=ROOT,
        env=place.environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_main_brings_what_it_needs_and_takes_it_away_again() -> None:
    with open_folder() as folder:
        simulator, embedded = free_port(), free_port()
        environment = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "DATA_DIR": str(folder / "var"),
            "ODDS_SOURCE": "simulator",
            "SIMULATOR_PORT": str(simulator),
            "EMBEDDED_PORT": str(embedded),
        }
        with pytest.MonkeyPatch.context() as patch:
            for name in ("DATABASE_URL", "SUPABASE_CONNECTION_STRING", "SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"):
                patch.delenv(name, raising=False)
            if not Settings().uses_embedded_database:
                pytest.skip("this checkout's .env names a database, which is not ours to write to")
        done = subprocess.run(
            [sys.executable, "main.py", SLUG, "mcgames_nba"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        assert SLUG in done.stdout
        assert "odds.json: {" in done.stdout
        feed = orjson.loads((folder / "var" / "public" / "odds.json").read_bytes())
        assert {row["slug"] for row in feed["bookmakers"] if row["prices"]} == {SLUG, "mcgames_nba"}
        left = [process for process in psutil.process_iter(["cmdline"]) if str(folder) in _words(process)]
        assert not left
        for port in (simulator, embedded):
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_main_tells_of_a_bookmaker_that_cannot_even_start(place: Workplace, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "main.py", SLUG, "kto"],
        cwd=ROOT,
        env=place.environment(ODDS_SOURCE=f"replay:{tmp_path}/nowhere", COLUMNS="300"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("there is no folder") == 2
    assert "odds.json: {" in done.stdout
    assert done.stderr == ""


def _words(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or [])


def test_a_dry_run_touches_no_database(place: Workplace) -> None:
    done = fleet(place, "scrape", SLUG, "--once", "--dry-run", "--json", DATABASE_URL="postgresql://127.0.0.1:1/no")
    assert done.returncode == 0, done.stderr
    report = orjson.loads(done.stdout)
    assert (report["outcome"], report["success"]) == ("ok", True)
    assert report["collected"] > 100
    assert place.cycles(SLUG) == []


def test_one_cycle_is_committed_and_the_lease_given_back(place: Workplace) -> None:
    done = fleet(place, "scrape", SLUG, "--once", "--json")
    assert done.returncode == 0, done.stderr
    report = orjson.loads(done.stdout)
    (cycle,) = place.cycles(SLUG)
    assert (cycle["mode"], cycle["outcome"], cycle["odds_collected"]) == ("once", "ok", report["collected"])
    assert place.status(SLUG)["lease_holder"] is None
    # A person who asks for a cycle gets one, whenever the last one was.
    done = fleet(place, "scrape", SLUG, "--once")
    assert done.returncode == 0
    assert "outcome  ok" in done.stdout
    assert len(place.cycles(SLUG)) == 2


def test_exit_codes_say_why_there_is_nothing(place: Workplace) -> None:
    place.fault("mcgames_nba", Kind.CHALLENGE_403)
    failed = fleet(place, "scrape", "mcgames_nba", "--once", "--json")
    assert failed.returncode == 1
    report = orjson.loads(failed.stdout)
    assert report["outcome"] == "blocked"
    assert place.status("mcgames_nba")["last_error"] == report["error"]

    lock = FileLock(place.folder / "var" / "locks" / f"{SLUG}.lock")
    assert lock.acquire()
    busy = fleet(place, "scrape", SLUG, "--once", "--json")
    lock.release()
    assert busy.returncode == 3
    assert "another process" in orjson.loads(busy.stdout)["standby_of"]

    unknown = fleet(place, "scrape", "nobody", "--once")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("fleet: no bookmaker 'nobody' in bookmakers.json; known: ")
    assert fleet(place, "scrape", SLUG).returncode == 2


def test_a_scraper_that_cannot_start_says_so_in_one_line(place: Workplace) -> None:
    with place.scraper("nobody") as unknown:
        assert unknown.ended(20) == 2
        (line,) = unknown.lines()
        assert line["level"] == "error"
        assert "known: aposta1" in line["message"]
    with place.scraper(SLUG, ODDS_SOURCE="elsewhere") as wrong:
        assert wrong.ended(20) == 2
        assert "odds_source" in wrong.messages()


def test_commands_that_look(place: Workplace, tmp_path: Path) -> None:
    listed = fleet(place, "bookmakers", "--json")
    assert [row["slug"] for row in orjson.loads(listed.stdout)] == list(load_registry().bookmakers)
    table = fleet(place, "bookmakers").stdout.splitlines()
    assert table[0].split()[:3] == ["slug", "name", "platform"]
    assert len(table) == 1 + len(load_registry().bookmakers)
    assert fleet(place, "db", "url").stdout.strip() == place.url
    assert orjson.loads(fleet(place, "db", "url", "--json").stdout) == {"url": place.url}
    assert fleet(place, "nonsense").returncode == 2
    assert fleet(place, "--help").returncode == 0
