"""The queue's functions over both backends: what pages, commands and workers may rely on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from scrapers.errors import JobLostError, StoreError
from store.backend import Backend
from tests.support.job_worker import empty_queue
from tests.support.postgres import TestServer
from tests.support.postgrest import Project, open_either

QUEUES = ["default"]


@pytest.fixture(scope="module")
def queue_database(postgres_server: TestServer) -> Iterator[str]:
    """One database for all: a fresh one each takes longer than these tests."""
    with postgres_server.database(template="migrated") as url:
        yield url


@pytest.fixture
def database_url(queue_database: str) -> str:
    """Its address, after its queue was emptied."""
    empty_queue(queue_database)
    return queue_database


@pytest.fixture(params=["postgres", "supabase"])
def backend(request: pytest.FixtureRequest, database_url: str, supabase_project: Project) -> Iterator[Backend]:
    """Each backend in turn, on an empty queue."""
    with open_either(request.param, database_url, supabase_project, declared=False) as backend:
        yield backend


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def enqueue(backend: Backend, **job: Any) -> int:
    (made,) = backend.call("enqueue_jobs", {"p_jobs": [{"kind": "count", **job}]})
    return int(made["id"])


def join(backend: Backend, seat: str = "a", *, kinds: list[Any] | None = None, max_losses: int = 5) -> int:
    worker = {
        "name": f"worker-{seat}",
        "host": "vps",
        "pid": 4242,
        "seat": seat,
        "queues": QUEUES,
        "concurrency": 4,
    }
    args = {"p_worker": worker, "p_kinds": kinds or [], "p_max_losses": max_losses}
    return int(backend.call("join_worker", args)["worker"])


def take(backend: Backend, worker: int, limit: int = 1, queues: list[str] | None = None) -> list[dict[str, Any]]:
    answer = backend.call("take_jobs", {"p_worker": worker, "p_queues": queues or QUEUES, "p_limit": limit})
    assert answer["known"]
    jobs: list[dict[str, Any]] = answer["jobs"]
    return jobs


def end(backend: Backend, job: dict[str, Any], how: str, **more: Any) -> bool:
    ended = {"id": job["id"], "attempt": job["attempt"], "end": how, **more}
    (answer,) = backend.call("end_jobs", {"p_ended": [ended]})
    return bool(answer["written"])


def beat(backend: Backend, worker: int, *running: dict[str, Any], silent_s: float = 30, max_losses: int = 5) -> Any:
    return backend.call(
        "beat_worker",
        {
            "p_worker": worker,
            "p_running": [[job["id"], job["attempt"]] for job in running],
            "p_silent_s": silent_s,
            "p_max_losses": max_losses,
        },
    )


def state(backend: Backend, job_id: int) -> dict[str, Any]:
    found: dict[str, Any] = backend.call("job_state", {"p_id": job_id})
    return found


def silence(owner: psycopg.Connection[Any], worker: int) -> None:
    """The worker has been silent for a minute."""
    owner.execute(
        "update procrastinate.procrastinate_workers set last_heartbeat = now() - interval '60 s' where id = %s",
        (worker,),
    )


DEATH = {"error": "boom", "reason": "boom", "traceback": "Traceback ...", "fingerprint": "abc"}


class TestEnqueueing:
    def test_a_job_from_its_making_to_its_end(self, backend: Backend) -> None:
        job_id = enqueue(backend, args={"n": 1}, priority=3)
        assert state(backend, job_id)["status"] == "waiting"
        worker = join(backend)
        (job,) = take(backend, worker)
        assert (job["id"], job["kind"], job["args"], job["attempt"]) == (job_id, "count", {"n": 1}, 1)
        assert state(backend, job_id)["status"] == "running"
        assert end(backend, job, "done", result={"seen": 1})
        found = state(backend, job_id)
        assert (found["status"], found["result"], found["attempts"]) == ("done", {"seen": 1}, 1)
        assert found["worker"] == "vps:worker-a"
        assert found["created_at"] <= found["started_at"] <= found["finished_at"]

    def test_no_job_is_no_state(self, backend: Backend) -> None:
        assert backend.call("job_state", {"p_id": 1}) is None
        assert backend.call("cancel_job", {"p_id": 1}) == {"cancelled": False, "status": None}

    def test_a_unique_key_stands_for_one_unfinished_job(self, backend: Backend) -> None:
        asked = [{"kind": "count", "unique_key": "a"}, {"kind": "count", "unique_key": "a"}, {"kind": "count"}]
        first, twin, other = backend.call("enqueue_jobs", {"p_jobs": asked})
        assert (first["existing"], twin, other["existing"]) == (False, {"id": first["id"], "existing": True}, False)
        worker = join(backend)
        (job,) = take(backend, worker)
        assert enqueue(backend, unique_key="a") == first["id"]  # while it runs, too
        end(backend, job, "done")
        assert enqueue(backend, unique_key="a") not in (first["id"], other["id"])

    def test_what_is_no_job_is_refused(self, backend: Backend) -> None:
        for wrong in ({}, {"kind": ""}, {"kind": "count", "args": [1]}):
            with pytest.raises(StoreError):
                backend.call("enqueue_jobs", {"p_jobs": [wrong]})

    def test_a_kind_brings_its_queue_and_priority(self, backend: Backend) -> None:
        join(backend, kinds=[{"kind": "count", "queue": "http", "priority": 7}])
        found = state(backend, enqueue(backend))
        assert (found["queue"], found["priority"]) == ("http", 7)
        found = state(backend, enqueue(backend, queue="default", priority=1))
        assert (found["queue"], found["priority"]) == ("default", 1)


class TestTaking:
    def test_highest_priority_first_then_oldest(self, backend: Backend) -> None:
        low, high, low_later = enqueue(backend), enqueue(backend, priority=1), enqueue(backend)
        assert [job["id"] for job in take(backend, join(backend), 5)] == [high, low, low_later]

    def test_only_of_the_workers_queues(self, backend: Backend) -> None:
        enqueue(backend, queue="browser")
        worker = join(backend)
        assert take(backend, worker) == []
        assert len(take(backend, worker, queues=["browser", "http"])) == 1

    def test_a_delayed_job_waits_and_tells_for_how_long(self, backend: Backend) -> None:
        enqueue(backend, delay_s=120)
        answer = backend.call("take_jobs", {"p_worker": join(backend), "p_queues": QUEUES, "p_limit": 1})
        assert answer["jobs"] == []
        assert 100 < answer["next_in_s"] <= 120

    def test_of_jobs_with_one_lock_one_runs(self, backend: Backend) -> None:
        first, second, free = enqueue(backend, lock="l"), enqueue(backend, lock="l"), enqueue(backend)
        worker = join(backend)
        job, other = take(backend, worker, 5)
        assert [job["id"], other["id"]] == [first, free]
        assert take(backend, worker, 5) == []
        end(backend, job, "done")
        assert [job["id"] for job in take(backend, worker, 5)] == [second]

    def test_a_delayed_job_does_not_hold_up_others_of_its_lock(self, backend: Backend) -> None:
        enqueue(backend, lock="l", delay_s=60)
        later = enqueue(backend, lock="l")
        assert [job["id"] for job in take(backend, join(backend))] == [later]


class TestEnding:
    def test_a_retry_waits_and_counts(self, backend: Backend) -> None:
        job_id = enqueue(backend)
        worker = join(backend)
        (job,) = take(backend, worker)
        assert end(backend, job, "retry", error="no network", delay_s=60)
        found = state(backend, job_id)
        assert (found["status"], found["failures"], found["error"]) == ("waiting", 1, "no network")
        assert found["run_at"] - found["started_at"] > 50
        assert take(backend, worker) == []

    def test_given_back_counts_as_nothing_and_is_taken_at_once(self, backend: Backend) -> None:
        job_id = enqueue(backend)
        worker = join(backend)
        (job,) = take(backend, worker)
        end(backend, job, "back")
        (again,) = take(backend, worker)
        assert (again["id"], again["attempt"], again["failures"]) == (job_id, 2, 0)

    def test_an_end_may_be_told_twice(self, backend: Backend) -> None:
        enqueue(backend)
        (job,) = take(backend, join(backend))
        assert end(backend, job, "done", result={"n": 1})
        assert end(backend, job, "done", result={"n": 1})
        assert state(backend, job["id"])["attempts"] == 1

    def test_what_need_not_be_kept_leaves_no_row(self, backend: Backend) -> None:
        enqueue(backend)
        (job,) = take(backend, join(backend))
        assert end(backend, job, "done", keep=False)
        assert backend.call("job_state", {"p_id": job["id"]}) is None

    def test_the_next_job_is_made_with_the_end_of_this_one(self, backend: Backend) -> None:
        enqueue(backend, unique_key="loop")
        worker = join(backend)
        (job,) = take(backend, worker)
        following = {"kind": "count", "unique_key": "loop"}
        assert end(backend, job, "done", enqueue=[following])
        (next_job,) = take(backend, worker)
        assert next_job["id"] != job["id"]
        assert end(backend, job, "done", enqueue=[following])  # told twice
        assert take(backend, worker) == []

    def test_an_unknown_end_is_refused(self, backend: Backend) -> None:
        enqueue(backend)
        (job,) = take(backend, join(backend))
        with pytest.raises(StoreError):
            end(backend, job, "finished")


class TestCancelling:
    def test_a_waiting_job_at_once(self, backend: Backend) -> None:
        job_id = enqueue(backend)
        assert backend.call("cancel_job", {"p_id": job_id}) == {"cancelled": True, "status": "cancelled"}
        assert backend.call("cancel_job", {"p_id": job_id}) == {"cancelled": False, "status": "cancelled"}
        assert take(backend, join(backend)) == []

    def test_a_running_job_is_asked(self, backend: Backend) -> None:
        job_id = enqueue(backend)
        worker = join(backend)
        (job,) = take(backend, worker)
        assert beat(backend, worker, job)["cancel"] == []
        assert backend.call("cancel_job", {"p_id": job_id}) == {"cancelled": True, "status": "running"}
        assert beat(backend, worker, job)["cancel"] == [job_id]
        assert end(backend, job, "retry", error="stopped in the middle", delay_s=1)
        assert state(backend, job_id)["status"] == "cancelled"

    def test_one_whose_worker_died_has_stopped(self, backend: Backend, owner: psycopg.Connection[Any]) -> None:
        job_id = enqueue(backend)
        worker = join(backend)
        take(backend, worker)
        backend.call("cancel_job", {"p_id": job_id})
        silence(owner, worker)
        beat(backend, join(backend, "b"))
        assert state(backend, job_id)["status"] == "cancelled"


class TestDeadWorkers:
    def test_a_silent_workers_jobs_go_to_others_and_it_cannot_end_them(
        self, backend: Backend, owner: psycopg.Connection[Any]
    ) -> None:
        job_id = enqueue(backend)
        first, second = join(backend, "a"), join(backend, "b")
        (job,) = take(backend, first)
        silence(owner, first)
        beat(backend, second)
        (again,) = take(backend, second)
        assert (again["id"], again["attempt"], again["losses"]) == (job_id, 2, 1)
        told = beat(backend, first, job)
        assert (told["known"], told["lost"]) == (False, [job_id])
        for how in ("done", "retry", "dead", "back", "cancelled"):
            assert not end(backend, job, how, **DEATH)
        with pytest.raises(JobLostError):
            backend.call("hold_job", {"p_id": job_id, "p_attempt": job["attempt"]})
        with pytest.raises(JobLostError):
            backend.call("complete_job", {"p_id": job_id, "p_attempt": job["attempt"], "p_result": {}})
        assert state(backend, job_id)["status"] == "running"
        assert end(backend, again, "done")
        assert not end(backend, job, "done")
        assert not backend.call("take_jobs", {"p_worker": first, "p_queues": QUEUES, "p_limit": 1})["known"]

    def test_whoever_takes_a_seat_ends_what_sat_there(self, backend: Backend) -> None:
        job_id = enqueue(backend)
        take(backend, join(backend, "a"))
        (again,) = take(backend, join(backend, "a"))
        assert (again["id"], again["losses"]) == (job_id, 1)

    def test_a_job_over_which_workers_die_is_dead_in_the_end(self, backend: Backend) -> None:
        job_id = enqueue(backend)
        for _ in range(2):
            take(backend, join(backend, "a", max_losses=2))
        join(backend, "a", max_losses=2)
        found = backend.call("dead_job", {"p_id": job_id})
        assert (found["losses"], found["traceback"]) == (2, None)
        assert "2 workers" in found["reason"]

    def test_a_worker_that_leaves_is_gone(self, backend: Backend) -> None:
        worker = join(backend)
        assert backend.call("leave_worker", {"p_worker": worker}) == {"left": True}
        assert backend.call("leave_worker", {"p_worker": worker}) == {"left": False}

    def test_a_completed_job_stays_complete(self, backend: Backend) -> None:
        enqueue(backend)
        (job,) = take(backend, join(backend))
        fence = {"p_id": job["id"], "p_attempt": job["attempt"]}
        assert backend.call("hold_job", fence) == {"held": True}
        backend.call("complete_job", {**fence, "p_result": {"rows": 3}})
        assert end(backend, job, "done", result=None)
        assert state(backend, job["id"])["result"] == {"rows": 3}


class TestDeadLetters:
    def dead(self, backend: Backend, worker: int, **job: Any) -> int:
        job_id = enqueue(backend, **job)
        (taken,) = take(backend, worker)
        assert end(backend, taken, "dead", **DEATH)
        return job_id

    def test_what_failed_for_good_is_written_down(self, backend: Backend) -> None:
        job_id = self.dead(backend, join(backend), args={"n": 1})
        assert state(backend, job_id)["status"] == "dead"
        found = backend.call("dead_job", {"p_id": job_id})
        assert (found["args"], found["reason"], found["fingerprint"]) == ({"n": 1}, "boom", "abc")
        (listed,) = backend.call("dead_jobs", {"p_fingerprint": "abc", "p_before": None, "p_limit": 10})
        assert listed["id"] == job_id
        (cause,) = backend.call("jobs_overview", {})["dead"]
        assert (cause["fingerprint"], cause["jobs"], cause["reason"]) == ("abc", 1, "boom")

    def test_a_dry_run_changes_nothing(self, backend: Backend) -> None:
        job_id = self.dead(backend, join(backend))
        for function in ("requeue_dead", "discard_dead"):
            told = backend.call(function, {"p_ids": [job_id], "p_fingerprint": None, "p_dry_run": True})
            assert (told["jobs"], told["ids"]) == (1, [job_id])
        assert state(backend, job_id)["status"] == "dead"

    def test_requeued_they_wait_again_under_their_ids(self, backend: Backend) -> None:
        worker = join(backend)
        ids = [self.dead(backend, worker), self.dead(backend, worker)]
        told = backend.call("requeue_dead", {"p_ids": None, "p_fingerprint": "abc", "p_dry_run": False})
        assert told == {"jobs": 2, "ids": ids, "skipped": 0}
        assert backend.call("jobs_overview", {})["dead"] == []
        assert [(job["id"], job["attempt"], job["failures"]) for job in take(backend, worker, 5)] == [
            (ids[0], 2, 0),
            (ids[1], 2, 0),
        ]

    def test_a_key_that_is_in_use_stays_dead(self, backend: Backend) -> None:
        worker = join(backend)
        old, newer = (self.dead(backend, worker, unique_key="k") for _ in range(2))
        told = backend.call("requeue_dead", {"p_ids": [old, newer], "p_fingerprint": None, "p_dry_run": False})
        assert told == {"jobs": 1, "ids": [newer], "skipped": 1}
        assert state(backend, old)["status"] == "dead"

    def test_discarded_they_are_forgotten(self, backend: Backend) -> None:
        worker = join(backend)
        gone, kept = self.dead(backend, worker), self.dead(backend, worker)
        backend.call("discard_dead", {"p_ids": [gone], "p_fingerprint": None, "p_dry_run": False})
        assert backend.call("job_state", {"p_id": gone}) is None
        assert state(backend, kept)["status"] == "dead"

    def test_saying_nothing_means_none(self, backend: Backend) -> None:
        for function in ("requeue_dead", "discard_dead"):
            with pytest.raises(StoreError, match="by id or by fingerprint"):
                backend.call(function, {"p_ids": None, "p_fingerprint": None, "p_dry_run": True})


class TestSchedules:
    KIND = {"kind": "count", "queue": "default", "cron": "0 6 * * *", "args": {"n": 2}}  # noqa: RUF012

    def fire(self, backend: Backend, due: float | None, following: float) -> Any:
        args = {"p_kind": "count", "p_due_at": due, "p_next_at": following}
        return backend.call("fire_schedule", args)

    def test_missed_times_make_one_job_whoever_asks(self, backend: Backend) -> None:
        workers = [join(backend, seat, kinds=[self.KIND]) for seat in "ab"]
        now = beat(backend, workers[0])["now"]
        assert self.fire(backend, None, now - 7200) == {"moved": True, "job": None}
        due = [beat(backend, worker)["due"] for worker in workers]
        assert [[schedule["due_at"] for schedule in each] for each in due] == [[now - 7200]] * 2
        first = self.fire(backend, now - 7200, now + 3600)
        assert (first["moved"], first["job"]["existing"]) == (True, False)
        assert self.fire(backend, now - 7200, now + 3600) == {"moved": False, "job": None}
        assert beat(backend, workers[1])["due"] == []
        assert state(backend, first["job"]["id"])["args"] == {"n": 2}

    def test_an_unfinished_one_is_not_doubled(self, backend: Backend) -> None:
        now = beat(backend, join(backend, kinds=[self.KIND]))["now"]
        self.fire(backend, None, now - 10)
        first = self.fire(backend, now - 10, now - 5)["job"]
        assert self.fire(backend, now - 5, now + 60)["job"] == {"id": first["id"], "existing": True}

    def test_another_cron_is_reckoned_anew_and_none_is_no_schedule(self, backend: Backend) -> None:
        now = beat(backend, join(backend, kinds=[self.KIND]))["now"]
        self.fire(backend, None, now + 60)
        worker = join(backend, kinds=[{**self.KIND, "cron": "0 7 * * *"}])
        assert [schedule["due_at"] for schedule in beat(backend, worker)["due"]] == [None]
        worker = join(backend, kinds=[{**self.KIND, "cron": None}])
        assert beat(backend, worker)["due"] == []
        assert backend.call("jobs_overview", {})["schedules"] == []


class TestLooking:
    def test_the_overview(self, backend: Backend) -> None:
        worker = join(backend, kinds=[TestSchedules.KIND])
        enqueue(backend)
        enqueue(backend)
        enqueue(backend, delay_s=60)
        take(backend, worker)
        found = backend.call("jobs_overview", {})
        (queue,) = found["queues"]
        assert queue.pop("oldest_s") >= 0
        assert queue == {
            "queue": "default", "kind": "count", "waiting": 1, "delayed": 1, "running": 1, "done_24h": 0, "dead": 0,
        }  # fmt: skip
        (row,) = found["workers"]
        assert (row["worker"], row["host"], row["queues"], row["running"]) == ("worker-a", "vps", QUEUES, 1)
        (schedule,) = found["schedules"]
        assert (schedule["kind"], schedule["cron"], schedule["last_status"]) == ("count", "0 6 * * *", None)
        assert found["kinds"] == [{"kind": "count", "queue": "default", "priority": 0}]

    def test_jobs_are_paged_newest_first(self, backend: Backend) -> None:
        ids = [enqueue(backend) for _ in range(5)]
        backend.call("cancel_job", {"p_id": ids[4]})
        asked = {"p_status": "waiting", "p_kind": "count", "p_before": None, "p_limit": 2}
        first = [job["id"] for job in backend.call("list_jobs", asked)]
        assert first == [ids[3], ids[2]]
        assert [job["id"] for job in backend.call("list_jobs", {**asked, "p_before": first[-1]})] == [
            ids[1],
            ids[0],
        ]
        (cancelled,) = backend.call("list_jobs", {**asked, "p_status": "cancelled"})
        assert cancelled["status"] == "cancelled"

    def test_old_jobs_are_forgotten(self, backend: Backend, owner: psycopg.Connection[Any]) -> None:
        enqueue(backend)
        enqueue(backend)
        worker = join(backend)
        done, dead = take(backend, worker, 2)
        end(backend, done, "done")
        end(backend, dead, "dead", **DEATH)
        owner.execute("update procrastinate.procrastinate_jobs set finished_at = now() - interval '10 days'")
        waiting = enqueue(backend)
        kept = {"p_keep_done_days": 7, "p_keep_dead_days": 90, "p_limit": 100}
        assert backend.call("cleanup_jobs", kept) == {"done": 1, "dead": 0}
        assert backend.call("cleanup_jobs", {**kept, "p_keep_dead_days": 9}) == {"done": 0, "dead": 1}
        assert state(backend, waiting)["status"] == "waiting"


def test_the_schema_is_the_installed_procrastinates(owner: psycopg.Connection[Any]) -> None:
    from importlib.resources import files

    from store.migrate import MIGRATIONS

    schema = files("procrastinate").joinpath("sql", "schema.sql").read_text(encoding="utf-8")
    # An update of the library that changes its schema needs a migration of ours.
    assert schema.strip() in (MIGRATIONS / "0021_jobs.sql").read_text(encoding="utf-8")


def test_nobody_but_the_owner_enters_the_queues_schema(owner: psycopg.Connection[Any]) -> None:
    for role in ("anon", "authenticated", "odds_writer"):
        with owner.transaction(force_rollback=True):
            owner.execute(f"set local role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute("select from procrastinate.procrastinate_jobs")
