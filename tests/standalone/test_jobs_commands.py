"""`fleet jobs` and `fleet dead` against a real database."""

from __future__ import annotations

from collections.abc import Callable

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from jobs.startable import InvalidArgsError, UnknownKindError
from scrapers.errors import DeclarationError
from standalone.commands import dead, jobs
from store.postgres import PostgresBackend
from tests.support.queue import HandWorker, enqueue

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)

    def invoke(command: click.Command, *args: str) -> Result:
        return CliRunner().invoke(command, args, catch_exceptions=False)

    return invoke


def test_a_job_from_its_start_to_its_end(run: Run, backend: PostgresBackend) -> None:
    made = run(jobs.command, "enqueue", "import_fixtures", "--args", '{"max_chunks": 3}')
    job_id = made.output.partition(":")[0]
    assert "na fila" in made.output
    assert "já estava" in run(jobs.command, "enqueue", "import_fixtures", "--args", '{"max_chunks": 3}').output
    assert "na fila (waiting)" in run(jobs.command, "show", job_id).output
    worker = HandWorker(backend, "default")
    (job,) = worker.take()
    assert (job["kind"], job["args"]) == ("import_fixtures", {"max_chunks": 3})
    assert "pedido enviado" in run(jobs.command, "cancel", job_id).output
    assert "parando" in run(jobs.command, "show", job_id).output
    worker.end(job, "done", result={"seasons": 3})
    shown = run(jobs.command, "show", job_id, "--json")
    assert orjson.loads(shown.stdout)["result"] == {"seasons": 3}
    assert '{"seasons":3}' in run(jobs.command, "show", job_id).output
    late = run(jobs.command, "cancel", job_id)
    assert (late.exit_code, "já terminou" in late.output) == (1, True)


def test_what_cannot_be_started_is_refused(run: Run) -> None:
    for wrong, error in (
        (["import_fixture"], UnknownKindError),
        (["import_fixtures", "--args", '{"max_chunks": 0}'], InvalidArgsError),
        (["import_fixtures", "--args", "[]"], DeclarationError),
        (["import_fixtures", "--args", "{"], DeclarationError),
    ):
        with pytest.raises(error):
            run(jobs.command, "enqueue", *wrong)
    for command in ("show", "cancel"):
        with pytest.raises(DeclarationError, match="no such job"):
            run(jobs.command, command, "77")


def test_lists_and_the_overview(run: Run, backend: PostgresBackend) -> None:
    enqueue(backend, {"kind": "import_fixtures"}, {"kind": "import_round", "args": {"round": 3}})
    HandWorker(backend, "default", kinds=[{"kind": "import_fixtures", "queue": "default", "cron": "15 7 * * *"}])
    listed = run(jobs.command, "list", "--kind", "import_round").output
    assert "1 tarefas" in listed
    assert '{"round":3}' in listed
    assert orjson.loads(run(jobs.command, "list", "--status", "done", "--json").stdout) == []
    overview = run(jobs.command, "overview").output
    for word in ("import_round", "worker", "15 7 * * *"):
        assert word in overview
    assert len(orjson.loads(run(jobs.command, "overview", "--json").stdout)["queues"]) == 2


class TestDead:
    @pytest.fixture
    def ids(self, backend: PostgresBackend) -> list[int]:
        """Three dead jobs, two of one cause."""
        made = enqueue(backend, *[{"kind": "import_round", "args": {"round": n}} for n in range(3)])
        worker = HandWorker(backend, "default")
        for job, cause in zip(worker.take(), ("aaa", "aaa", "bbb"), strict=True):
            worker.bury(job, f"round [{job['id']}] is missing", cause, "Traceback: in read_round")
        return made

    def test_they_are_listed_by_cause(self, run: Run, ids: list[int]) -> None:
        causes = run(dead.command, "list").output
        assert "3 tarefas mortas" in causes
        assert f"round [{ids[1]}] is missing" in causes  # brackets are no markup
        letters = orjson.loads(run(dead.command, "list", "--cause", "aaa", "--json").stdout)
        assert [letter["id"] for letter in letters] == [ids[1], ids[0]]
        assert "2 tarefas mortas" in run(dead.command, "list", "--cause", "aaa").output
        shown = run(dead.command, "show", str(ids[0])).output
        assert "Traceback: in read_round" in shown
        with pytest.raises(DeclarationError, match="not among the dead"):
            run(dead.command, "show", "77")

    def test_they_wait_again_by_cause_or_by_id(self, run: Run, backend: PostgresBackend, ids: list[int]) -> None:
        dry = run(dead.command, "requeue", "--cause", "aaa", "--dry-run").output
        assert f"2 voltariam à fila / would wait again: {ids[0]} {ids[1]}" in dry
        assert HandWorker(backend, "default").take() == []
        assert "2 de volta à fila" in run(dead.command, "requeue", "--cause", "aaa").output
        answer = orjson.loads(run(dead.command, "requeue", str(ids[2]), "--json").stdout)
        assert answer == {"jobs": 1, "ids": [ids[2]], "skipped": 0}
        assert len(HandWorker(backend, "default").take()) == 3

    def test_they_are_forgotten(self, run: Run, ids: list[int]) -> None:
        assert "seriam apagadas" in run(dead.command, "discard", str(ids[0]), "--dry-run").output
        assert "1 apagadas" in run(dead.command, "discard", str(ids[0])).output
        assert "2 tarefas mortas" in run(dead.command, "list").output

    def test_saying_nothing_means_none(self, run: Run, ids: list[int]) -> None:
        for command in ("requeue", "discard"):
            with pytest.raises(DeclarationError, match="say which"):
                run(dead.command, command)
