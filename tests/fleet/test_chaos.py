"""kill -9 at random, all over the fleet: it comes back by itself, and the history has neither gap nor duplicate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from random import Random

import pytest

from tests.support.fleet import Fleet, Offer, apps_of, bookmakers_by_match, isolated_fleet, kill
from tests.support.history import Ended, compare

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(400)]

SCRAPERS = {"kto": 3, "estrelabet": 4, "br4bet_nba": 2, "jogodeouro_nba": 2}
"""Both platforms and both transports; slug -> seconds between cycles."""
BACKEND = "a backend of Postgres"
VICTIMS = (
    *(name for name in ("database", BACKEND, "simulator") for _ in range(3)),
    *(f"scraper-{slug}" for slug in SCRAPERS for _ in range(2)),
    *("json-generator", "json-generator", "cleanup-service"),
)
SEED = 20261122
_ONE_CHANGE = """
    (select h.selection_key, h.observed_at from price_history h join bookmakers b using (bookmaker_id)
     where b.slug = %s order by observed_at desc limit 1)
"""
DAMAGES = {
    "kto": f"delete from price_history where (selection_key, observed_at) in {_ONE_CHANGE} returning 1",
    "estrelabet": f"""
        insert into price_history
        select selection_key, observed_at + interval '1 s', price, status, bookmaker_id, commit_seq
        from price_history where (selection_key, observed_at) in {_ONE_CHANGE} returning 1""",
    "br4bet_nba": f"""
        update price_history set observed_at = observed_at - interval '5 ms'
        where (selection_key, observed_at) in {_ONE_CHANGE} returning 1""",
    "jogodeouro_nba": f"""
        update prices set price = price + 0.01
        where selection_key in (select selection_key from {_ONE_CHANGE} as one) returning 1""",
}
"""The least that can be wrong, and the comparison must see: a gap, a duplicate, a wrong time, a wrong price."""
ANSWERS_BETWEEN = (2, 45)
"""So many odds answers the fleet takes before the next kill."""


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


def test_twenty_kills_leave_neither_a_duplicate_nor_a_gap(fleet: Fleet, offer: Offer) -> None:
    chance = Random(SEED)
    victims = list(VICTIMS)
    chance.shuffle(victims)
    before = fleet.listed()
    ended = []
    for number, name in enumerate(victims):
        offer.move(chance, 6)
        if number % 4 == 0:
            offer.empty("estrelabet", chance.choice(("serie_a", "la_liga", "paulistao")))
        more = chance.randint(*ANSWERS_BETWEEN)
        fleet.wait(partial(has_served, fleet, fleet.answers() + more), f"{more} more answers", within_s=30)
        pid = fleet.wait(partial(pid_of, fleet, name, chance), f"{name} there to be killed", within_s=30)
        if kill(pid):
            ended.append(Ended(name, time.time()))
    assert len(ended) == len(VICTIMS) == 20

    recovered(fleet, since=ended[-1].at)
    after = fleet.listed()
    for name, was in before.items():
        kills = sum(end.name == name for end in ended)
        assert after[name].restarts - was.restarts == kills, f"{name}: killed {kills} times, restarted otherwise"

    fleet.pm2("stop", *(f"scraper-{slug}" for slug in SCRAPERS))
    # A cycle that the stop interrupts is not committed.
    ended += [Ended(f"scraper-{slug}", time.time()) for slug in SCRAPERS]
    result = compare(fleet, SCRAPERS, ended)
    assert result.rows > result.selections, "no price ever changed: nothing was proved"
    assert result.gone > 0, "nothing ever left the offer: that was not proved"
    for slug, damage in DAMAGES.items():
        assert len(fleet.query(damage, (slug,))) == 1
        with pytest.raises(AssertionError, match=slug):
            compare(fleet, [slug], ended)


def has_served(fleet: Fleet, answers: int) -> bool:
    return fleet.answers() >= answers


def recovered(fleet: Fleet, since: float) -> None:
    """Everything online, and every process has done its work again after `since` (epoch s)."""
    apps = apps_of("parallel", SCRAPERS)
    fleet.wait(lambda: fleet.all_online(apps), "every process online again", within_s=60)
    ahead = "select count(*) from {} where extract(epoch from last_success) > %s and {} = any(%s)"

    def at_work() -> bool:
        scrapers = fleet.query(ahead.format("scraper_status", "scraper_name"), (since, list(SCRAPERS)))
        services = fleet.query(ahead.format("service_status", "service_name"), (since, ["json-generator"]))
        return scrapers == [(len(SCRAPERS),)] and services == [(1,)] and fleet.all_ok(SCRAPERS)

    fleet.wait(at_work, "every process successful again", within_s=60)
    several = [who for who in bookmakers_by_match(fleet.published()).values() if len(who) > 1]
    assert several, "no match carries prices of several bookmakers"


def pid_of(fleet: Fleet, name: str, chance: Random) -> int:
    """A living process of this kind, 0 while there is none."""
    if name != BACKEND:
        return fleet.listed()[name].pid
    rows = fleet.query(
        "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    )
    return int(chance.choice(sorted(rows))[0]) if rows else 0
