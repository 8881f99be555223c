"""Ten thousand jobs, workers killed with -9 every second: each job ends exactly once in effect."""

from __future__ import annotations

import random
import time
from multiprocessing.process import BaseProcess
from typing import Any

import psycopg

from tests.support.job_worker import Desk, prepare_effects, spawn
from tests.support.patience import patient

JOBS = 10_000
WRONG = 100
"""Of them, jobs that cannot be done: these end dead."""

WORKERS = 3
LIMITS = {"concurrency": 20, "beat_s": 0.5, "silent_s": 3}


def start(url: str, seat: str) -> BaseProcess:
    return spawn(url, seat, **LIMITS)


def test_each_of_ten_thousand_jobs_ends_exactly_once(
    desk: Desk, database_url: str, owner: psycopg.Connection[Any]
) -> None:
    prepare_effects(database_url)
    kinds = ["wrong" if n % (JOBS // WRONG) == 0 else "effect" for n in range(JOBS)]
    desk.backend.call("enqueue_jobs", {"p_jobs": [{"kind": kind} for kind in kinds]})
    chance = random.Random(1)
    workers = [start(database_url, f"seat-{n}") for n in range(WORKERS)]
    kills = 0
    try:
        deadline = time.monotonic() + patient(60)
        while unfinished := count(owner, "status in ('todo', 'doing')"):
            assert time.monotonic() < deadline, f"{unfinished} jobs are stuck"
            time.sleep(1.0)  # the rhythm of the killing
            victim = chance.randrange(WORKERS)
            workers[victim].kill()
            workers[victim].join()
            # Every other one does not come back in its seat: its silence alone tells of its death.
            seat = f"seat-{victim}" if kills % 2 else f"seat-{victim}-{kills}"
            workers[victim] = start(database_url, seat)
            kills += 1
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    assert kills >= 3
    assert count(owner, "status = 'succeeded' and task_name = 'effect'") == JOBS - WRONG
    assert count(owner, "status = 'failed' and task_name = 'wrong'") == WRONG
    # An effect without its job's end, or twice, would be seen here: no key forbids it.
    effects = owner.execute(
        "select count(*), count(distinct e.job_id), "
        "count(*) filter (where (j.result ->> 'attempt')::int = e.attempt) "
        "from effects e join procrastinate.procrastinate_jobs j on j.id = e.job_id"
    ).fetchone()
    assert effects == (JOBS - WRONG, JOBS - WRONG, JOBS - WRONG)
    assert owner.execute("select count(*), count(distinct fingerprint) from dead_letters").fetchone() == (WRONG, 1)
    assert count(owner, "losses > 0"), "no worker was killed while it had jobs"


def count(owner: psycopg.Connection[Any], where: str) -> int:
    row = owner.execute(f"select count(*) from procrastinate.procrastinate_jobs where {where}".encode()).fetchone()
    assert row is not None
    return int(row[0])
