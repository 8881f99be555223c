"""Cycles as jobs over both backends: who holds what, who is dead, and that nothing is lost or held twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from jobs.cycles.queue import CycleQueue, Done, Job, Scene, Wanted
from scrapers.errors import LeaseLostError
from store.backend import Backend
from tests.support.postgrest import Project, open_either

SLUGS = ("alpha", "beta", "gamma")
DEAD_AFTER_S = 12.0


@pytest.fixture(params=["postgres", "supabase"])
def backend(request: pytest.FixtureRequest, database_url: str, supabase_project: Project) -> Iterator[Backend]:
    """Each backend in turn, on a fresh database with the bookmakers of DECLARED."""
    with open_either(request.param, database_url, supabase_project) as backend:
        yield backend


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def worker(backend: Backend, name: str, *, kind: str = "http") -> CycleQueue:
    return CycleQueue(backend, kind=kind, own=f"{kind}@{name}", holder=f"vps/{name}/{kind}-1", host="vps", pid=1)


def beat(queue: CycleQueue, *slugs: str, first_in_s: float = 0.0, late_after_s: float = 6.0) -> Scene:
    wanted = [Wanted(slug, first_in_s) for slug in slugs or SLUGS]
    return queue.heartbeat(wanted, slots=4, dead_after_s=DEAD_AFTER_S, late_after_s=late_after_s)


def silent_for(owner: psycopg.Connection[Any], seconds: float, *queues: CycleQueue) -> None:
    """As if these workers had last spoken then; the others have been there for long."""
    owner.execute("update cycle_workers set alive_since = now() - interval '1 hour'")
    for queue in queues:
        owner.execute(
            "update cycle_workers set last_heartbeat = now() - make_interval(secs => %s) where queue = %s",
            (seconds, queue.own),
        )


def lease(backend: Backend, slug: str, queue: CycleQueue) -> dict[str, Any]:
    args = {"p_scraper": slug, "p_holder": queue.holder, "p_mode": "workers-http", "p_machine": "vps", "p_pid": 1}
    answer: dict[str, Any] = backend.call("acquire_lease", args | {"p_ttl_s": 60, "p_expected_interval_s": 30})
    return answer


def test_each_bookmaker_is_one_job_however_many_workers_ask(backend: Backend) -> None:
    one, other = worker(backend, "one"), worker(backend, "other")
    assert beat(one).jobs == 3
    scene = beat(other)
    assert (scene.jobs, scene.held, scene.mine) == (3, {one.own: 0, other.own: 0}, {})
    taken = [job.slug for job in [*one.take(own=4, free=2), *other.take(own=4, free=4)]]
    assert sorted(taken) == sorted(SLUGS)
    assert one.take(own=4, free=4) == []
    # One that nobody declares any more goes when it is nobody's; one under way is left alone.
    assert beat(one, "alpha").jobs == 3


def test_the_next_cycle_waits_where_the_last_one_was_made(backend: Backend) -> None:
    one, other = worker(backend, "one"), worker(backend, "other")
    beat(one)
    beat(other)
    jobs = one.take(own=0, free=3)
    one.end([Done(job, 0.0) for job in jobs])
    assert other.take(own=9, free=9) == []
    scene = beat(other)
    assert (scene.held, scene.late) == ({one.own: 3, other.own: 0}, 0)
    again = one.take(own=9, free=0)
    assert {job.slug for job in again} == set(SLUGS)
    assert not {job.id for job in again} & {job.id for job in jobs}

    one.end([Done(again[0], 30.0), Done(again[1], 0.0, free=True)])
    one.give_back([again[2]])
    assert [job.slug for job in other.take(own=9, free=9)] == [again[1].slug]
    scene = beat(one)
    assert scene.mine.keys() == {again[0].slug, again[2].slug}
    assert 29 < scene.mine[again[0].slug] <= 30
    assert scene.mine[again[2].slug] <= 0


def test_an_attempt_that_is_over_makes_no_second_job(backend: Backend, owner: psycopg.Connection[Any]) -> None:
    one = worker(backend, "one")
    beat(one)
    (job,) = one.take(own=0, free=1)
    for _ in range(2):
        one.end([Done(job, 0.0)])
    one.end([Done(Job(job.id + 1000, 1, job.slug), 0.0)])
    assert owner.execute("select count(*) from procrastinate.procrastinate_jobs").fetchone() == (3,)


def test_a_silent_worker_is_buried_once_and_all_it_held_is_free(
    backend: Backend, owner: psycopg.Connection[Any]
) -> None:
    dead, one, other = worker(backend, "dead"), worker(backend, "one"), worker(backend, "other")
    for queue in (dead, one, other):
        beat(queue)
    running, waiting, _ = dead.take(own=0, free=3)
    dead.end([Done(waiting, 20.0)])
    token = lease(backend, running.slug, dead)["token"]
    assert lease(backend, running.slug, one)["granted"] is False

    silent_for(owner, DEAD_AFTER_S - 2, dead)
    assert beat(one).buried == []
    silent_for(owner, DEAD_AFTER_S + 1, dead)
    assert beat(one).buried == [dead.holder]
    scene = beat(other)
    assert (scene.buried, scene.held) == ([], {one.own: 0, other.own: 0})
    # What ran is due at once, what waited when it was due before; neither is lost, nothing is there twice.
    assert {job.slug for job in one.take(own=0, free=9)} == set(SLUGS) - {waiting.slug}
    assert scene.jobs == 3

    # The dead one wakes up: neither its word nor its write counts, and it holds nothing.
    dead.end([Done(running, 0.0)])
    new = lease(backend, running.slug, one)
    assert new["granted"]
    assert new["token"] > token
    with pytest.raises(LeaseLostError):
        backend.call("renew_lease", {"p_scraper": running.slug, "p_lease_token": token, "p_ttl_s": 60})
    late = beat(dead)
    assert (late.jobs, late.mine, late.running) == (3, {}, [])


def test_a_job_whose_worker_is_gone_without_a_trace_is_free(
    backend: Backend, owner: psycopg.Connection[Any]
) -> None:
    one, other = worker(backend, "one"), worker(backend, "other")
    beat(one)
    one.end([Done(job, 0.0) for job in one.take(own=0, free=3)])
    owner.execute("delete from cycle_workers")
    assert (beat(other).late, {job.slug for job in other.take(own=0, free=9)}) == (0, set(SLUGS))


def test_whoever_was_away_itself_buries_nobody_at_once(backend: Backend, owner: psycopg.Connection[Any]) -> None:
    one, other = worker(backend, "one"), worker(backend, "other")
    beat(one)
    beat(other)
    job, *_ = other.take(own=0, free=1)
    silent_for(owner, 60, one, other)  # the database was away
    assert beat(one).buried == []
    assert beat(one).buried == []
    scene = beat(other)
    assert (scene.buried, scene.running) == ([], [job])
    assert set(beat(one).held) == {one.own, other.own}


def test_a_worker_that_others_took_for_dead_joins_again(backend: Backend, owner: psycopg.Connection[Any]) -> None:
    one = worker(backend, "one")
    beat(one)
    job, waiting = one.take(own=0, free=2)
    one.end([Done(waiting, 0.0)])
    owner.execute("delete from procrastinate.procrastinate_workers")
    scene = beat(one)
    assert (scene.running, scene.mine.keys()) == ([], {waiting.slug})
    # What it ran is given back by whoever next looks for such jobs; here by a worker of another queue.
    other = {"name": "w", "host": "vps", "pid": 1, "seat": "s", "queues": ["default"], "concurrency": 1}
    number = backend.call("join_worker", {"p_worker": other, "p_kinds": [], "p_max_losses": 3})["worker"]
    backend.call("beat_worker", {"p_worker": number, "p_running": [], "p_silent_s": 30, "p_max_losses": 3})
    assert job.slug in {again.slug for again in one.take(own=9, free=9)}


def test_a_restarted_worker_goes_on_with_what_it_held(backend: Backend) -> None:
    before = worker(backend, "one")
    beat(before)
    running, waiting = before.take(own=0, free=2)
    before.end([Done(waiting, 15.0)])
    (mine,) = [job for job in before.take(own=9, free=9) if job.slug not in (running.slug, waiting.slug)]
    before.end([Done(mine, 0.0)])

    after = worker(backend, "one")  # the same name, another process; the first was killed
    scene = beat(after)
    assert scene.running == []
    assert {waiting.slug, mine.slug} <= scene.mine.keys()
    assert {job.slug for job in after.take(own=9, free=9)} == {running.slug, mine.slug}


def test_a_cycle_that_ends_its_workers_is_tried_later_and_later(
    backend: Backend, owner: psycopg.Connection[Any]
) -> None:
    one = worker(backend, "one")
    waits = []
    for n in range(4):
        victim = worker(backend, f"victim{n}")
        beat(one, "alpha")
        beat(victim, "alpha")
        owner.execute("update procrastinate.procrastinate_jobs set scheduled_at = now()")
        assert victim.take(own=0, free=1)
        silent_for(owner, 60, victim)
        assert beat(one, "alpha").buried == [victim.holder]
        ((wait,),) = owner.execute(
            "select extract(epoch from scheduled_at - now())::float from procrastinate.procrastinate_jobs"
        ).fetchall()
        waits.append(round(wait))
    assert waits == [0, 20, 40, 80]


def test_a_late_job_is_told_of_and_spare_ones_are_handed_back(backend: Backend) -> None:
    one, other = worker(backend, "one"), worker(backend, "other")
    beat(one, first_in_s=-10)
    beat(other, first_in_s=-10)
    assert (beat(one).late, beat(one, late_after_s=20).late) == (3, 0)
    jobs = one.take(own=0, free=3)
    one.end([Done(job, 25.0) for job in jobs])
    one.hand_back(["alpha", "nobody"])
    scene = beat(other)
    assert (scene.held, scene.jobs, scene.late) == ({one.own: 2, other.own: 0}, 3, 0)
    assert other.take(own=9, free=9) == [], "it stays due when it was"


def test_who_leaves_frees_all_and_the_last_one_takes_the_jobs_along(
    backend: Backend, owner: psycopg.Connection[Any]
) -> None:
    one, other, browser = worker(backend, "one"), worker(backend, "other"), worker(backend, "b", kind="browser")
    beat(browser, "alpha")
    for queue in (one, other):
        beat(queue, "beta", "gamma")
    jobs = one.take(own=0, free=2)
    token = lease(backend, "beta", one)["token"]
    one.give_back(jobs)
    assert backend.call("hand_over_lease", {"p_scraper": "beta", "p_lease_token": token}) == {"handed_over": True}
    assert (
        backend.call("hand_over_lease", {"p_scraper": "beta", "p_lease_token": token - 1})["handed_over"] is False
    )
    one.leave()
    one.leave()
    statuses = "select scraper_name from scraper_status where status = 'stopped' order by 1"
    assert owner.execute(statuses).fetchall() == []
    assert {job.slug for job in other.take(own=0, free=9)} == {"beta", "gamma"}
    pm2 = lease(backend, "gamma", browser)  # somebody else is at work on it already
    assert pm2["granted"]
    other.leave()
    assert owner.execute(statuses).fetchall() == [("beta",)]
    left = owner.execute("select args->>'bookmaker' from procrastinate.procrastinate_jobs").fetchall()
    assert left == [("alpha",)]


def test_jobs_of_workers_that_were_killed_together_are_withdrawn(
    backend: Backend, owner: psycopg.Connection[Any]
) -> None:
    one = worker(backend, "one")
    beat(one)
    one.take(own=0, free=1)
    withdraw = {"p_dead_after_s": DEAD_AFTER_S}
    assert backend.call("withdraw_cycles", withdraw) == {"withdrawn": 0}
    silent_for(owner, 60, one)
    assert backend.call("withdraw_cycles", withdraw) == {"withdrawn": 3}
    assert backend.call("withdraw_cycles", withdraw) == {"withdrawn": 0}
    assert owner.execute("select count(*) from procrastinate.procrastinate_jobs").fetchone() == (0,)
