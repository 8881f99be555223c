"""`/api/jobs`: programs start jobs by token, ask how they are, cancel them; nothing else gets in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from dashboard.config import DashboardConfig
from store.postgres import PostgresBackend
from tests.support.dashboard import served_pages
from tests.support.operator import TOKEN, Operator
from tests.support.queue import HandWorker, enqueue

KIND = "import_fixtures"
POST = f"/api/jobs/{KIND}"
MINE = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def program(client: httpx.Client) -> httpx.Client:
    """A client that sends the token with every request."""
    client.headers.update(MINE)
    return client


def audit(backend: PostgresBackend) -> list[tuple[Any, ...]]:
    rows = backend.call("audit_page", {"p_before_id": None, "p_limit": 100})
    return [(row["actor"], row["action"], row["subject"], row["result"]) for row in reversed(rows)]


def test_a_job_from_its_start_to_its_result(program: httpx.Client, backend: PostgresBackend) -> None:
    answer = program.post(POST, json={"args": {"max_chunks": 3}})
    assert answer.status_code == 202
    found = answer.json()
    state = f"/api/jobs/{found['id']}"
    assert found == {"id": found["id"], "existing": False, "state": state}
    assert answer.headers["location"] == state
    again = program.post(POST, json={"args": {"max_chunks": 3}}).json()
    assert again == {**found, "existing": True}, "of this kind one is unfinished at a time"

    waiting = program.get(state).json()
    assert (waiting["status"], waiting["kind"], waiting["args"]) == ("waiting", KIND, {"max_chunks": 3})
    worker = HandWorker(backend, "default")
    (job,) = worker.take()
    running = program.get(state).json()
    assert (running["status"], running["worker"]) == ("running", "host:worker")
    worker.end(job, "done", result={"chunks": 3})
    done = program.get(state).json()
    assert (done["status"], done["result"], done["error"]) == ("done", {"chunks": 3}, None)
    assert audit(backend) == [("token", "job.start", KIND, "done")] * 2


def test_what_failed_says_why(program: httpx.Client, backend: PostgresBackend) -> None:
    found = program.post(POST).json()
    worker = HandWorker(backend, "default")
    worker.bury(worker.take()[0], "provider: 500", "cause-1")
    dead = program.get(found["state"]).json()
    assert (dead["status"], dead["error"]) == ("dead", "provider: 500")


def test_key_time_and_priority_are_the_callers(program: httpx.Client, backend: PostgresBackend) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    order = {"unique_key": "mine", "run_at": at.isoformat(), "priority": 5}
    state = program.get(program.post(POST, json=order).json()["state"]).json()
    assert (state["unique_key"], state["run_at"], state["priority"]) == ("mine", at.timestamp(), 5)
    assert state["args"] == {"max_chunks": None}
    assert not program.post(POST).json()["existing"], "another key, another job"
    assert HandWorker(backend, "default").take(1)[0]["id"] != state["id"], "its time has not come"


def test_cancelling(program: httpx.Client, backend: PostgresBackend) -> None:
    waiting = program.post(POST).json()
    answer = program.delete(waiting["state"])
    assert (answer.status_code, answer.json()) == (
        200, {"id": waiting["id"], "cancelled": True, "status": "cancelled"},
    )  # fmt: skip
    over = program.delete(waiting["state"])
    assert (over.status_code, over.json()["cancelled"]) == (409, False)
    running = program.post(POST).json()
    HandWorker(backend, "default").take()
    assert program.delete(running["state"]).json()["status"] == "running", "it is asked to stop"
    assert program.get(running["state"]).json()["stopping"]
    assert [row[1:3] for row in audit(backend)] == [
        ("job.start", KIND),
        ("job.cancel", f"{KIND} {waiting['id']}"),
        ("job.cancel", f"{KIND} {waiting['id']}"),
        ("job.start", KIND),
        ("job.cancel", f"{KIND} {running['id']}"),
    ]


def test_jobs_are_listed_newest_first_page_by_page(program: httpx.Client, backend: PostgresBackend) -> None:
    ids = enqueue(backend, *({"kind": f"kind_{n % 2}"} for n in range(5)))
    first = program.get("/api/jobs", params={"limit": 3}).json()
    assert [job["id"] for job in first["jobs"]] == ids[:1:-1]
    rest = program.get(first["older"]).json()
    assert [job["id"] for job in rest["jobs"]] == ids[1::-1]
    assert rest["older"] is None
    odd = program.get("/api/jobs", params={"kind": "kind_1", "status": "waiting"}).json()
    assert [job["id"] for job in odd["jobs"]] == [ids[3], ids[1]]
    assert program.get("/api/jobs", params={"status": "dead"}).json() == {"jobs": [], "older": None}


def test_kinds_tell_their_arguments(program: httpx.Client) -> None:
    kinds = program.get("/api/kinds").json()
    assert "max_chunks" in kinds[KIND]["args"]["properties"]


WRONG: list[tuple[Any, str]] = [
    ({"args": {"max_chunks": 0}}, "args.max_chunks: "),
    ({"args": {"max_chunks": "many"}}, "args.max_chunks: "),
    ({"args": {"max_chunk": 1}}, "args.max_chunk: "),
    ({"arguments": {}}, "arguments: "),
    ({"args": []}, "args: "),
    ({"run_at": "2026-11-22T10:00:00"}, "run_at: "),
    ({"run_at": "soon"}, "run_at: "),
    ({"run_at": 1_800_000_000}, "run_at: "),
    ({"run_at": "0001-01-01T00:00:00+14:00"}, "run_at: "),
    ({"run_at": "2100-01-01T00:00:00Z"}, "run_at: "),
    ({"priority": 10**9}, "priority: "),
    ({"unique_key": ""}, "unique_key: "),
    ({"unique_key": "a\0b"}, "unique_key: "),
    ([], "body: "),
]


def test_what_is_wrong_is_named_and_nothing_written(program: httpx.Client, backend: PostgresBackend) -> None:
    for body, field in WRONG:
        answer = program.post(POST, json=body)
        assert (answer.status_code, set(answer.json())) == (422, {"error", "detail"}), body
        assert answer.json()["detail"].startswith(field), body
    assert audit(backend) == []
    assert program.get("/api/jobs").json()["jobs"] == []


def test_what_is_no_json_unknown_or_too_large(program: httpx.Client, backend: PostgresBackend) -> None:
    assert program.post(POST, content=b"{").status_code == 422
    assert program.post(POST, content=b"\xff").status_code == 422
    assert program.post(POST, content=b'{"unique_key": "' + b"x" * 70_000 + b'"}').status_code == 413
    unknown = program.post("/api/jobs/no_such_kind")
    assert (unknown.status_code, KIND in unknown.json()["detail"]) == (404, True)
    assert program.post("/api/jobs/7").status_code == 404
    for path in ("/api/jobs/7", f"/api/jobs/{10**30}", "/api/nothing"):
        assert (program.get(path).status_code, "error" in program.get(path).json()) == (404, True), path
    assert program.delete("/api/jobs/7").status_code == 404
    assert program.put(POST).status_code == 405
    for query in ("status=late", "limit=0", "limit=1000", "before=x", "kind=", "colour=red"):
        answer = program.get(f"/api/jobs?{query}")
        assert (answer.status_code, query.partition("=")[0] in answer.json()["detail"]) == (422, True), query
    assert audit(backend) == []


@pytest.mark.parametrize(("method", "path"), [("POST", POST), ("GET", "/api/jobs"), ("DELETE", "/api/jobs/1")])
def test_no_token_no_answer(client: httpx.Client, backend: PostgresBackend, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/json"
    assert client.request(method, path, headers={"authorization": "Bearer not it"}).status_code == 401
    operator = Operator(client)
    assert operator.client.request(method, path).status_code == 401, "a cookie is not enough"
    with_form = client.post(POST, data={"csrf": operator.token()})
    assert with_form.status_code == 401
    assert [action for _, action, *_ in audit(backend)] == ["login"]


def test_without_a_token_set_nothing_is_started(backend: PostgresBackend, config: DashboardConfig) -> None:
    with served_pages(backend, replace(config, admin_token=None)) as pages:
        answer = pages.client.post(POST, headers={"authorization": "Bearer"})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/json")
    assert audit(backend) == []


def test_wrong_tokens_are_slowed_down_here_too(client: httpx.Client) -> None:
    for _ in range(5):
        assert client.post(POST, headers={"authorization": "Bearer not it"}).status_code == 401
    answer = client.post(POST, headers=MINE)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
