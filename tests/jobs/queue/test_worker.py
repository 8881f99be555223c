"""A worker against a real database: what becomes of jobs, whatever happens to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from jobs.queue.context import JobContext, JobStopped
from jobs.queue.kinds import JobKind
from store.supabase import SupabaseBackend
from tests.support.job_worker import Desk, Hired, prepare_effects, wait_until
from tests.support.postgrest import Project, key_of


def test_what_jobs_end_as(desk: Desk, database_url: str) -> None:
    done = desk.enqueue("echo", {"n": 1})
    with Hired(database_url):
        wrong, unknown = desk.enqueue("wrong", {"league": "nba"}), desk.enqueue("ecoh")
        slow, flaky = desk.enqueue("hang_briefly"), desk.enqueue("flaky", {"failures": 1})
        assert desk.until(done, "done")["result"] == {"args": {"n": 1}, "attempt": 1}
        for job_id in (wrong, unknown, slow):
            desk.until(job_id, "dead")
        wait_until(lambda: desk.state(flaky)["failures"] == 1, "the first failure")
        retried = desk.state(flaky)
        assert (retried["status"], retried["error"]) == ("waiting", "NetworkError: no connection, try 1")
        assert 0 < retried["run_at"] - retried["started_at"] <= 6
    letter = desk.backend.call("dead_job", {"p_id": wrong})
    assert letter["reason"] == f"DeclarationError: job {wrong}: league nba is not declared, token=***"
    assert "in wrong" in letter["traceback"]
    assert "ecoh" in desk.backend.call("dead_job", {"p_id": unknown})["reason"]
    assert "0.2 s" in desk.backend.call("dead_job", {"p_id": slow})["reason"]


def test_jobs_of_one_cause_are_found_together(desk: Desk, database_url: str) -> None:
    ids = [desk.enqueue("wrong", {"league": f"league-{n}"}) for n in range(3)]
    with Hired(database_url):
        for job_id in ids:
            desk.until(job_id, "dead")
    (cause,) = desk.backend.call("jobs_overview", {})["dead"]
    assert cause["jobs"] == 3


def test_a_job_comes_at_once_and_a_delayed_one_in_its_time(desk: Desk, database_url: str) -> None:
    # Nothing is polled within a minute here: the database tells of the first, and the worker knows of the second.
    with Hired(database_url) as hired:
        wait_until(lambda: hired.worker.listening, "the listening")
        desk.until(desk.enqueue("echo"), "done")
        delayed = desk.until(desk.enqueue("echo", delay_s=0.5), "done")
    assert delayed["started_at"] >= delayed["run_at"]


def test_a_strangers_notification_costs_a_look(
    desk: Desk, database_url: str, owner: psycopg.Connection[Any]
) -> None:
    with Hired(database_url) as hired:
        wait_until(lambda: hired.worker.listening, "the listening")
        for payload in ("no json", "[]", "{}", '{"type": "abort_job_requested"}', ""):
            owner.execute("select pg_notify('procrastinate_queue_v1#default', %s)", (payload,))
        desk.until(desk.enqueue("echo"), "done")


@pytest.mark.parametrize("listening_url", [None, "postgresql://nobody@127.0.0.1:1/none"])
def test_without_notifications_jobs_are_polled(desk: Desk, database_url: str, listening_url: str | None) -> None:
    with Hired(database_url, listening_url=listening_url) as hired:
        desk.until(desk.enqueue("echo"), "done")
        assert not hired.worker.listening


def test_supabases_api_alone_is_enough(desk: Desk, database_url: str, supabase_project: Project) -> None:
    url, key = supabase_project.url_of(database_url), key_of("service_role")
    backends = SupabaseBackend(url, key), SupabaseBackend(url, key)
    wrong = desk.enqueue("wrong")
    with Hired(database_url, backends=backends, listening_url=None):
        desk.until(desk.enqueue("echo"), "done")
        desk.until(wrong, "dead")


class TestCancelling:
    def test_a_running_job_stops(self, desk: Desk, database_url: str) -> None:
        job_id = desk.enqueue("hang")
        with Hired(database_url):
            desk.until(job_id, "running")
            desk.backend.call("cancel_job", {"p_id": job_id})
            assert desk.until(job_id, "cancelled")["failures"] == 0
            desk.until(desk.enqueue("echo"), "done")  # its slot is free again

    def test_without_notifications_the_next_sign_of_life_tells(self, desk: Desk, database_url: str) -> None:
        job_id = desk.enqueue("hang")
        with Hired(database_url, listening_url=None):
            desk.until(job_id, "running")
            desk.backend.call("cancel_job", {"p_id": job_id})
            desk.until(job_id, "cancelled")


class TestStopping:
    def test_what_does_not_end_in_time_is_given_back(self, desk: Desk, database_url: str) -> None:
        job_id = desk.enqueue("hang")
        with Hired(database_url) as hired:
            desk.until(job_id, "running")
            hired.stop()
        found = desk.state(job_id)
        assert (found["status"], found["failures"], found["losses"]) == ("waiting", 0, 0)
        assert desk.backend.call("jobs_overview", {})["workers"] == []

    def test_what_ends_within_the_grace_is_done(self, desk: Desk, database_url: str) -> None:
        begun = threading.Event()

        async def careful(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
            begun.set()
            await context.stopping.wait()
            return {"closed": True}

        job_id = desk.enqueue("careful")
        with Hired(database_url, kinds=[JobKind("careful", careful)], grace_s=30) as hired:
            assert begun.wait(30)
            hired.stop()
        assert desk.state(job_id)["result"] == {"closed": True}

    def test_a_handler_may_stop_at_a_good_place(self, desk: Desk, database_url: str) -> None:
        begun = threading.Event()

        async def resumable(context: JobContext, args: Mapping[str, Any]) -> None:
            begun.set()
            await context.stopping.wait()
            raise JobStopped

        job_id = desk.enqueue("resumable")
        with Hired(database_url, kinds=[JobKind("resumable", resumable)], grace_s=30) as hired:
            assert begun.wait(30)
            hired.stop()
        assert (desk.state(job_id)["status"], desk.state(job_id)["failures"]) == ("waiting", 0)


class TestFencing:
    def test_a_worker_that_was_thought_dead_cannot_end_its_job(
        self, desk: Desk, database_url: str, owner: psycopg.Connection[Any]
    ) -> None:
        """The first worker is cut off in the middle, the second does the job; the first then comes to its end."""
        go_on, cut_off = threading.Event(), threading.Event()

        async def stubborn(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
            if context.attempt > 1:
                return {"by": 2}
            cut_off.set()
            while not go_on.is_set():
                # The worker asks it to stop when it hears that the job is lost; this one will not hear.
                with suppress(asyncio.CancelledError):
                    await asyncio.to_thread(go_on.wait, 5)
            return {"by": 1}

        kinds = [JobKind("stubborn", stubborn)]
        job_id = desk.enqueue("stubborn")
        with Hired(database_url, "a", kinds, concurrency=1) as first:
            assert cut_off.wait(30)
            # What the sign of life of another worker does when this one has been silent for too long.
            owner.execute("select fleet_lose_jobs(array(select id from procrastinate.procrastinate_workers), 5)")
            with Hired(database_url, "b", kinds):
                found = desk.until(job_id, "done")
            go_on.set()
            # It ends there, too, and takes jobs again under its new number.
            desk.until(desk.enqueue("stubborn"), "done")
            first.stop()
        assert (found["result"], found["losses"]) == ({"by": 2}, 1)
        assert desk.state(job_id) == found

    def test_what_the_handler_writes_is_fenced_too(self, desk: Desk, database_url: str) -> None:
        prepare_effects(database_url)
        job_id = desk.enqueue("effect")
        with Hired(database_url):
            assert desk.until(job_id, "done")["result"] == {"attempt": 1}
        rows = desk.backend.call("list_jobs", {"p_status": "done", "p_kind": None, "p_before": None, "p_limit": 9})
        assert [row["id"] for row in rows] == [job_id]


def test_jobs_that_did_not_arrive_are_given_back(
    desk: Desk, database_url: str, owner: psycopg.Connection[Any]
) -> None:
    """The answer of take_jobs was lost: the database thinks that the worker has the job, and the worker knows
    nothing."""
    with Hired(database_url, silent_s=2):
        job_id = desk.enqueue("echo", queue="elsewhere")
        owner.execute(
            "update procrastinate.procrastinate_jobs set status = 'doing', queue_name = 'default', "
            "started_at = now() - interval '10 s', worker_id = (select id from procrastinate.procrastinate_workers)"
        )
        assert desk.until(job_id, "done")["attempts"] == 2


def test_a_result_that_the_database_refuses_is_a_failure(desk: Desk, database_url: str) -> None:
    async def strange(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"text": "\0"}

    async def no_json(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"object": object()}

    async def no_job(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        context.then({"kind": ""})
        return {}

    async def timed(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"at": datetime(2026, 11, 22, tzinfo=UTC)}

    handlers = {"strange": strange, "no_json": no_json, "no_job": no_job}
    kinds = [JobKind(name, handler, retries=0) for name, handler in handlers.items()]
    with Hired(database_url, kinds=[*kinds, JobKind("timed", timed)]):
        ids = [desk.enqueue(name) for name in handlers]
        for job_id in ids:
            desk.until(job_id, "dead")
        assert desk.until(desk.enqueue("timed"), "done")["result"] == {"at": "2026-11-22T00:00:00+00:00"}


def test_the_next_job_comes_with_the_end_of_this_one(desk: Desk, database_url: str) -> None:
    async def chain(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        if args["left"]:
            context.then({"kind": "chain", "args": {"left": args["left"] - 1}, "unique_key": "chain"})
        return {}

    desk.enqueue("chain", {"left": 3}, unique_key="chain")
    asked = {"p_status": "done", "p_kind": "chain", "p_before": None, "p_limit": 10}
    with Hired(database_url, kinds=[JobKind("chain", chain)]):
        wait_until(lambda: len(desk.backend.call("list_jobs", asked)) == 4, "four links of the chain")


def test_missed_times_of_a_schedule_make_one_job_whoever_comes_back(
    desk: Desk, database_url: str, owner: psycopg.Connection[Any]
) -> None:
    """Three workers come back after hours of which every minute was one of its times."""

    async def tick(context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return args

    kinds = [JobKind("tick", tick, cron="* * * * *", args={"by": "schedule"})]
    with Hired(database_url, "a", kinds):
        wait_until(lambda: desk.backend.call("jobs_overview", {})["schedules"][0]["next_at"], "the first reckoning")
    owner.execute("update job_kinds set next_at = now() - interval '5 hours'")
    asked = {"p_status": None, "p_kind": "tick", "p_before": None, "p_limit": 10}
    with Hired(database_url, "a", kinds), Hired(database_url, "b", kinds), Hired(database_url, "c", kinds):
        wait_until(lambda: desk.backend.call("list_jobs", asked), "its job")
        (schedule,) = desk.backend.call("jobs_overview", {})["schedules"]
    jobs = desk.backend.call("list_jobs", asked)
    # A minute may turn while the test runs: that time is no missed one.
    assert len(jobs) == 1 or schedule["last_at"] > jobs[-1]["created_at"]
    assert len(jobs) <= 2
    assert jobs[-1]["args"] == {"by": "schedule"}
