"""The database away while scrapers go on: nobody exits, what they see waits on disk and arrives in order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from random import Random

import pytest

from tests.support.fleet import Fleet, Offer, apps_of, born_at, isolated_fleet, kill
from tests.support.history import Ended, compare

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(400)]

SCRAPERS = {"kto": 3, "aposta1": 3, "br4bet_nba": 1, "jogodeouro_nba": 1}
KILLED = "br4bet_nba"
"""Ended with SIGKILL while its cycles wait on disk."""
IMPORTS_S = 0.3
"""A process asks nobody that soon after it was started."""
WAITING = 4
"""So many cycles of the fast ones wait before the database is back; the slow ones have half of them."""


@pytest.fixture
def offer(fleet: Fleet) -> Iterator[Offer]:
    """The simulated bookmakers' prices, to be moved."""
    with closing(Offer(fleet, SCRAPERS)) as offer:
        yield offer


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """The fleet in parallel mode, every chosen scraper ok."""
    with isolated_fleet() as fleet:
        fleet.start(apps_of("parallel", SCRAPERS))
        fleet.wait(lambda: fleet.all_ok(SCRAPERS), "every scraper ok", within_s=60)
        yield fleet


def test_what_was_seen_while_the_database_was_away_arrives_in_order(fleet: Fleet, offer: Offer) -> None:
    chance = Random(7)
    pids = {name: listed.pid for name, listed in fleet.listed().items()}
    fleet.pm2("stop", "database")
    stopped = time.time()
    assert fleet.postmaster() is None

    for waiting in range(1, WAITING + 1):
        assert offer.move(chance, 8) == 8 * len(SCRAPERS)
        for slug, interval in SCRAPERS.items():
            enough = waiting if interval == 1 else waiting // 2
            fleet.wait(partial(waits, fleet, slug, enough), f"{enough} cycles of {slug} on disk", within_s=30)
    assert kill(pids[f"scraper-{KILLED}"])
    ended = [Ended(f"scraper-{KILLED}", time.time())]
    waited = fleet.waiting_cycles(KILLED)
    reborn = fleet.wait(
        lambda: fleet.listed()[f"scraper-{KILLED}"].status == "online", "the killed scraper again", within_s=30
    )
    assert reborn
    # What was on its way when it was killed is answered all the same, before its successor has begun.
    born = born_at(fleet.listed()[f"scraper-{KILLED}"].pid)
    asked = [entry for entry in fleet.journal() if entry.bookmaker == KILLED and entry.at > born + IMPORTS_S]
    assert not asked, "without the committed state there is nothing to make a difference against"
    assert fleet.waiting_cycles(KILLED) == waited >= WAITING

    fleet.pm2("start", "database")
    back = time.time()
    fleet.wait(
        lambda: all(fleet.waiting_cycles(slug) == 0 for slug in SCRAPERS), "nothing waits any more", within_s=30
    )
    fleet.wait(lambda: succeeded_after(fleet, back), "every scraper ok again", within_s=30)
    for name, listed in fleet.listed().items():
        if name not in ("database", f"scraper-{KILLED}"):
            assert listed.pid == pids[name], f"{name} did not survive the database's absence"

    fleet.pm2("stop", *(f"scraper-{slug}" for slug in SCRAPERS))
    ended += [Ended(f"scraper-{slug}", time.time()) for slug in SCRAPERS]
    compare(fleet, SCRAPERS, ended)
    for slug in SCRAPERS:
        assert steps_between(fleet, slug, stopped, back) >= WAITING // 2, (
            f"{slug}: the steps in between are missing"
        )
        assert not list((fleet.data / "spool" / slug).rglob("*.cycle")), f"{slug}: cycles were set aside"


def waits(fleet: Fleet, slug: str, enough: int) -> bool:
    return fleet.waiting_cycles(slug) >= enough


def succeeded_after(fleet: Fleet, moment: float) -> bool:
    rows = fleet.query(
        "select scraper_name from scraper_status where extract(epoch from last_success) > %s", (moment,)
    )
    return {name for (name,) in rows} >= SCRAPERS.keys() and fleet.all_ok(SCRAPERS)


def steps_between(fleet: Fleet, slug: str, begin: float, end: float) -> int:
    """How many commits hold changes that were seen in this time (epoch s), each with its own time."""
    sql = """
        select count(distinct commit_seq) from price_history join bookmakers b using (bookmaker_id)
        where b.slug = %s and extract(epoch from observed_at) between %s and %s
    """
    return int(fleet.query(sql, (slug, begin, end))[0][0])
