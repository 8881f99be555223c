"""The two commands of an operator, in a fresh clone: `make run` and its kin, under the real PM2."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from scrapers.registry import load_registry
from tests.support.clone import clone, give, ordinary_user
from tests.support.fleet import Fleet, bookmakers_by_match, isolated_fleet
from tests.support.postgres import open_folder

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(400)]

SLUGS = list(load_registry().bookmakers)
FOUNDATIONS = {"database", "simulator", "json-generator", "cleanup-service", "dashboard", "alerts", "worker"}
PARALLEL = {f"scraper-{slug}" for slug in SLUGS} | FOUNDATIONS
SEQUENTIAL = {"scraper-seq-light", "scraper-seq-heavy"} | FOUNDATIONS
SECRETS = {"ADMIN_TOKEN": "t0ken-of-the-shell", "PROXY_LIST": "http://me:pr0xy-of-the-shell@127.0.0.1:9"}
SECRET_IN_FILE = "al3rt-of-the-file"
# What looks for a browser must not install one here; no bookmaker needs one as long as none refuses.
BROWSER = {"BROWSER_PATH": "/bin/true"}


@contextmanager
def cloned(**settings: str) -> Iterator[Fleet]:
    with open_folder() as folder, isolated_fleet(root=clone(folder), **BROWSER, **settings) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def operators() -> Iterator[Fleet]:
    """A clone with a `.env` and secrets in the shell, `make run` done once."""
    with cloned(**SECRETS) as fleet:
        (fleet.root / ".env").write_text(f"ODDS_SOURCE=simulator\nALERT_URLS=https://x.example/{SECRET_IN_FILE}\n")
        fleet.run(["make", "run"])
        yield fleet


@pytest.fixture
def fleet(operators: Fleet) -> Fleet:
    """The same, running in parallel mode whatever the test before left."""
    if {name for name, listed in operators.listed().items() if listed.status == "online"} != PARALLEL:
        operators.run(["make", "run"])
    return operators


def test_make_run_ends_with_every_bookmaker_delivering(fleet: Fleet) -> None:
    assert online(fleet) == PARALLEL
    fleet.wait(lambda: fleet.all_ok(SLUGS), "every declared bookmaker ok with prices", within_s=60)
    status = fleet.run(["make", "status"])
    for slug in SLUGS:
        assert slug in status

    def several() -> bool:
        shared = [who for who in bookmakers_by_match(fleet.published()).values() if len(who) > 2]
        return len(shared) > 10

    fleet.wait(several, "matches in odds.json with prices of several bookmakers", within_s=30)


def test_make_run_again_touches_nothing_that_runs(fleet: Fleet) -> None:
    before = fleet.listed()
    fleet.run(["make", "run"])
    assert fleet.listed() == before


def test_one_scraper_is_restarted_stopped_and_read(fleet: Fleet) -> None:
    before = fleet.listed()
    fleet.pm2("restart", "scraper-kto")
    after = fleet.listed()
    assert [name for name in before if before[name].pid != after[name].pid] == ["scraper-kto"]
    assert after["scraper-kto"].status == "online"

    fleet.pm2("stop", "scraper-kto")
    assert online(fleet) == PARALLEL - {"scraper-kto"}
    states = fleet.query("select status, computed_status from scraper_status_view where scraper_name = 'kto'")
    assert states == [("stopped", "offline")], "PM2 had to kill it"
    assert "kto" in fleet.pm2("logs", "--nostream", "--lines", "5", "scraper-kto")

    fleet.run(["make", "run"])
    again = fleet.listed()
    assert [name for name in after if after[name].pid != again[name].pid] == ["scraper-kto"]
    assert online(fleet) == PARALLEL
    fleet.wait(lambda: fleet.all_ok(SLUGS), "kto ok again", within_s=60)


def test_pm2_knows_no_secret(fleet: Fleet) -> None:
    fleet.pm2("save")
    known = fleet.pm2("jlist", "--silent") + (fleet.home / "dump.pm2").read_text(encoding="utf-8")
    assert "scraper-kto" in known
    password = (fleet.data / "database.url").read_text(encoding="utf-8").split(":")[2].partition("@")[0]
    secrets = (*SECRETS.values(), SECRET_IN_FILE, password)
    assert all(len(secret) > 8 for secret in secrets)
    assert not [secret for secret in secrets if secret in known]


def test_sequential_and_back(fleet: Fleet) -> None:
    began = time.time()
    fleet.run(["make", "run", "MODE=sequential"])
    assert online(fleet) == SEQUENTIAL
    assert set(fleet.listed()) == SEQUENTIAL
    fleet.wait(lambda: modes(fleet) == {"sequential-light", "sequential-heavy"}, "all in this mode", within_s=60)
    fleet.wait(lambda: fleet.all_ok(SLUGS), "every bookmaker ok in sequential mode", within_s=60)
    fleet.run(["make", "run"])
    assert online(fleet) == PARALLEL
    fleet.wait(lambda: modes(fleet) == {"parallel"}, "all in parallel mode again", within_s=60)
    fleet.wait(lambda: fleet.all_ok(SLUGS), "every bookmaker ok in parallel mode again", within_s=60)
    gaps = fleet.query(
        "select count(*) from scraper_cycles where outcome = 'bug' and extract(epoch from started_at) > %s",
        (began,),
    )
    assert gaps == [(0,)]


def test_make_run_mends_a_fleet_whose_pm2_was_killed(fleet: Fleet) -> None:
    daemon = fleet.daemon()
    assert daemon is not None
    psutil.Process(daemon).kill()
    fleet.wait(lambda: fleet.daemon() is None, "PM2's daemon is gone", within_s=10)
    assert fleet.postmaster(), "the fleet outlives its supervisor"
    fleet.run(["make", "run"])
    assert online(fleet) == PARALLEL
    scripts = [line for line in command_lines(fleet) if "/standalone/run_" in line]
    assert len(scripts) == len(PARALLEL) - 1, "two copies of one process (the database is not a script any more)"
    fleet.wait(lambda: fleet.all_ok(SLUGS), "every bookmaker ok again", within_s=60)


def test_make_stop_leaves_nothing_and_is_safe_to_repeat(fleet: Fleet) -> None:
    fleet.run(["make", "stop"])
    assert command_lines(fleet) == []
    # The database outlived whoever wrote: each gave its lease back, and its end stands in its execution.
    ended = [log.read_text().splitlines()[-2:] for log in (fleet.home / "logs").glob("scraper-*-out.log")]
    assert len(ended) >= len(SLUGS)
    assert not [line for lines in ended for line in lines if "not given back" in line or "not recorded" in line]
    fleet.run(["make", "stop"])
    assert command_lines(fleet) == []


def test_an_ordinary_user_runs_the_same() -> None:
    prefix, user, interpreter = ordinary_user()
    with open_folder() as folder:
        root = clone(folder, interpreter=interpreter)
        home = folder / "home"
        home.mkdir()
        with isolated_fleet(root=root, **BROWSER, HOME=str(home), USER=user.pw_name) as fleet:
            for place in (root, home, fleet.data.parent):
                give(place, user)
            fleet.run([*prefix, "make", "run"])
            assert online(fleet) == PARALLEL
            assert {process.uids().real for process in fleet.processes_of_this_world()} == {user.pw_uid}
            fleet.wait(lambda: fleet.all_ok(SLUGS), "every declared bookmaker ok with prices", within_s=60)
            fleet.run([*prefix, "make", "stop"])
            assert command_lines(fleet) == []


def online(fleet: Fleet) -> set[str]:
    return {name for name, listed in fleet.listed().items() if listed.status == "online"}


def modes(fleet: Fleet) -> set[str]:
    return {mode for (mode,) in fleet.query("select mode from scraper_status")}


def command_lines(fleet: Fleet) -> list[str]:
    """Every living process of this fleet."""
    return [" ".join(process.cmdline()) for process in fleet.processes_of_this_world()]
