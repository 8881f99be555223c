"""`/admin/jobs`: the queue down to single jobs, what was given up by cause, and the forms that change it."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from dashboard.config import DashboardConfig
from dashboard.wording import LANGUAGES, phrases
from jobs.startable import STARTABLE
from standalone.redaction import Redactor
from store.postgres import PostgresBackend
from tests.support.dashboard import served_pages
from tests.support.operator import TOKEN, Operator
from tests.support.queue import HandWorker, enqueue

PAGE = "/admin/jobs"
HOSTILE = "<script>alert(1)</script>\u202e & \"quoted\" 'single' {{ 7*7 }}"
SCHEDULE = {"kind": "import_round", "queue": "default", "cron": "0 5 * * *"}


@pytest.fixture
def worker(backend: PostgresBackend) -> HandWorker:
    return HandWorker(backend, "default", kinds=[SCHEDULE])


@pytest.fixture
def dead(backend: PostgresBackend, worker: HandWorker) -> list[int]:
    """Three jobs that were given up for one cause, one for another; the latter's texts are hostile."""
    ids = enqueue(backend, *({"kind": "import_round", "args": {"round": n}} for n in range(3)))
    ids += enqueue(backend, {"kind": "import_fixtures", "args": {"<b>": HOSTILE}})
    for job in worker.take():
        hostile = job["kind"] == "import_fixtures"
        worker.bury(job, HOSTILE if hostile else "no such page", "f-html" if hostile else "f-page", f"at {HOSTILE}")
    return ids


def audit(backend: PostgresBackend) -> list[tuple[Any, ...]]:
    rows = backend.call("audit_page", {"p_before_id": None, "p_limit": 100})
    return [(row["actor"], row["action"], row["subject"], row["result"]) for row in reversed(rows)][1:]


def status(backend: PostgresBackend, job_id: int) -> str:
    return str(backend.call("job_state", {"p_id": job_id})["status"])


def test_the_empty_page(operator: Operator) -> None:
    page = operator.page(PAGE)
    for words in ("Nenhuma tarefa ainda.", "Nenhum worker.", "Nenhuma tarefa morta.", "Nenhuma tarefa."):
        assert words in page, words
    assert "No job yet." in operator.page(f"{PAGE}?lang=en")


def test_the_queue_at_a_glance(operator: Operator, backend: PostgresBackend, worker: HandWorker) -> None:
    waiting, _, running = enqueue(
        backend,
        {"kind": "import_fixtures", "queue": "browser"},
        {"kind": "import_fixtures", "queue": "browser", "delay_s": 900},
        {"kind": "import_round", "args": {"league": HOSTILE}},
    )
    worker.take()
    page = operator.page(PAGE)
    assert "Fila browser: 1 à espera e nenhum worker" in page
    assert "Fila default:" not in page
    for words in ("host:worker", "0 5 * * *", "importar resultados", f"job?id={running}", f"job?id={waiting}"):
        assert words in page, words
    assert "<script>alert" not in operator.client.get(PAGE).text
    only = operator.page(f"{PAGE}?status=running&kind=import_round")
    assert f'job?id={waiting}"' not in only
    assert f'job?id={running}"' in only
    assert operator.client.get("/admin/parts/jobs/overview").status_code == 200


def test_one_job_with_its_result(operator: Operator, backend: PostgresBackend, worker: HandWorker) -> None:
    (job_id,) = enqueue(backend, {"kind": "import_round", "args": {"league": HOSTILE}, "unique_key": "<i>"})
    worker.end(worker.take()[0], "done", result={"said": HOSTILE})
    raw = operator.client.get(f"{PAGE}/job", params={"id": job_id}).text
    assert "<script>alert" not in raw
    assert "<i>" not in raw
    page = unescape(raw)
    assert "concluída" in page
    assert page.count("alert(1)") == 2


def test_what_was_given_up_down_to_its_traceback(operator: Operator, dead: list[int]) -> None:
    page = operator.client.get(PAGE).text
    assert "<script>alert" not in page
    assert "cause?fingerprint=f-page" in page
    cause = operator.page(f"{PAGE}/cause?fingerprint=f-page")
    assert "no such page" in cause
    assert [f'name="id" value="{job_id}"' in cause for job_id in dead] == [True, True, True, False]
    letter = operator.client.get(f"{PAGE}/job", params={"id": dead[3]}).text
    assert "<script>alert" not in letter
    assert "Rastro do erro" in letter
    assert "at &lt;script&gt;" in letter


def test_requeueing_a_cause_is_counted_first(operator: Operator, backend: PostgresBackend, dead: list[int]) -> None:
    asked = operator.page(f"{PAGE}/dead?verdict=requeue&fingerprint=f-page")
    assert "Devolver 3 à fila?" in asked
    assert {status(backend, job_id) for job_id in dead} == {"dead"}, "asking does nothing"
    answer = operator.send(f"{PAGE}/dead", verdict="requeue", fingerprint="f-page", ids="")
    assert answer.headers["location"] == f"{PAGE}?done=requeued&about=3"
    assert "Devolvidas à fila: 3." in operator.page(answer.headers["location"])
    assert [status(backend, job_id) for job_id in dead] == ["waiting"] * 3 + ["dead"]
    assert "Nenhuma delas está mais na lista." in operator.page(f"{PAGE}/dead?verdict=requeue&fingerprint=f-page")
    assert audit(backend) == [("Ana", "dead.requeue", "f-page", "done")]
    assert "devolveu tarefas à fila" in operator.page("/admin/audit")


def test_discarding_by_number(operator: Operator, backend: PostgresBackend, dead: list[int]) -> None:
    asked = operator.page(f"{PAGE}/dead?verdict=discard&id={dead[0]}&id={dead[3]}")
    assert "Descartar 2?" in asked
    assert f'name="ids" value="{dead[0]},{dead[3]}"' in asked
    operator.send(f"{PAGE}/dead", verdict="discard", ids=f"{dead[0]},{dead[3]}", fingerprint="")
    left = backend.call("dead_jobs", {"p_fingerprint": None, "p_before": None, "p_limit": 10})
    assert [letter["id"] for letter in left] == [dead[2], dead[1]]
    assert backend.call("job_state", {"p_id": dead[0]}) is None
    assert audit(backend) == [("Ana", "dead.discard", f"{dead[0]},{dead[3]}", "done")]


def test_what_has_a_twin_stays_dead(operator: Operator, backend: PostgresBackend, worker: HandWorker) -> None:
    (job_id,) = enqueue(backend, {"kind": "import_round", "unique_key": "one"})
    worker.bury(worker.take()[0], "no such page", "f-page")
    enqueue(backend, {"kind": "import_round", "unique_key": "one"})
    asked = operator.page(f"{PAGE}/dead?verdict=requeue&id={job_id}")
    assert "Ficam onde estão: 1. Outra da mesma chave única" in asked


def test_starting_and_cancelling(operator: Operator, backend: PostgresBackend, worker: HandWorker) -> None:
    page = operator.page(PAGE)
    assert "Temporadas no máximo" in page
    answer = operator.send(f"{PAGE}/start", kind="import_fixtures", **{"arg.max_chunks": "2"})
    (job,) = backend.call("list_jobs", {"p_status": None, "p_kind": None, "p_before": None, "p_limit": 9})
    assert answer.headers["location"] == f"{PAGE}?done=started&about={job['id']}"
    assert f"Tarefa {job['id']} na fila." in operator.page(answer.headers["location"])
    assert job["args"] == {"max_chunks": 2}
    again = operator.send(f"{PAGE}/start", kind="import_fixtures", **{"arg.max_chunks": ""})
    assert again.headers["location"] == f"{PAGE}?done=existing&about={job['id']}"
    worker.take()
    stopping = operator.send(f"{PAGE}/cancel", id=str(job["id"]))
    assert stopping.headers["location"] == f"{PAGE}?done=stopping&about={job['id']}"
    assert "parando" in operator.page(f"{PAGE}/job?id={job['id']}")
    operator.send(f"{PAGE}/start", kind="import_fixtures")
    (other,) = enqueue(backend, {"kind": "import_round"})
    for done in ("cancelled", "over"):
        answer = operator.send(f"{PAGE}/cancel", id=str(other))
        assert answer.headers["location"] == f"{PAGE}?done={done}&about={other}"
    assert [row[:3] for row in audit(backend)] == [
        ("Ana", "job.start", "import_fixtures"),
        ("Ana", "job.start", "import_fixtures"),
        ("Ana", "job.cancel", f"import_fixtures {job['id']}"),
        ("Ana", "job.start", "import_fixtures"),
        ("Ana", "job.cancel", f"import_round {other}"),
        ("Ana", "job.cancel", f"import_round {other}"),
    ]


def test_secrets_are_shown_nowhere(backend: PostgresBackend, config: DashboardConfig, worker: HandWorker) -> None:
    secret = "the-providers-key"
    args = {"token": "s3cr3t-token", "page": f"https://api.example/x?api_token={secret}"}
    done, dead = enqueue(backend, {"kind": "import_round", "args": args}, {"kind": "import_round", "args": args})
    first, second = worker.take()
    worker.end(first, "done", result={"asked": f"key {secret}"})
    worker.bury(second, f"refused {secret}", "f-key", f"at {secret}")
    with served_pages(backend, replace(config, redact=Redactor([secret]).value)) as pages:
        operator, program = Operator(pages.client), {"authorization": f"Bearer {TOKEN}"}
        started = pages.client.post("/api/jobs/import_fixtures", json={"unique_key": secret}, headers=program)
        assert started.status_code == 202
        cause = f"{PAGE}/cause?fingerprint=f-key"
        for path in (PAGE, f"{PAGE}/job?id={done}", f"{PAGE}/job?id={dead}", cause, "/admin/audit"):
            page = operator.page(path)
            assert ("***" in page, secret in page, "s3cr3t" in page) == (True, False, False), path
        for path in ("/api/jobs", f"/api/jobs/{done}", f"/api/jobs/{dead}"):
            told = pages.client.get(path, headers=program).text
            assert ("***" in told, secret in told, "s3cr3t" in told) == (True, False, False), path


def test_every_kind_and_argument_has_words() -> None:
    for language in LANGUAGES:
        known = phrases(language)
        for kind in STARTABLE.values():
            wanted = {f"job_kind.{kind.name}", *(f"job_arg.{name}" for name in kind.args.model_fields)}
            assert wanted <= set(known), kind.name


def test_wrong_fields_write_nothing(operator: Operator, backend: PostgresBackend) -> None:
    wrong: list[tuple[str, dict[str, str], int, str]] = [
        ("start", {"kind": "no_such"}, 404, "import_fixtures"),
        ("start", {}, 404, "import_fixtures"),
        ("start", {"kind": "import_fixtures", "arg.max_chunks": "-1"}, 422, "args.max_chunks"),
        ("cancel", {"id": "x"}, 422, "Falta a tarefa"),
        ("cancel", {"id": "9" * 17}, 404, "não encontrada"),
        ("dead", {"verdict": "requeue"}, 422, "Nada escolhido"),
        ("dead", {"verdict": "burn", "ids": "1"}, 422, "Nada escolhido"),
        ("dead", {"verdict": "discard", "ids": "1,x"}, 422, "Nada escolhido"),
        ("dead", {"verdict": "discard", "ids": "9" * 30}, 422, "Nada escolhido"),
        ("dead", {"verdict": "discard", "ids": ",".join(["1"] * 51)}, 422, "Nada escolhido"),
    ]
    for path, fields, code, words in wrong:
        answer = operator.send(f"{PAGE}/{path}", **fields)
        assert (answer.status_code, words in unescape(answer.text)) == (code, True), (path, fields)
    assert audit(backend) == []
    operator.page(f"{PAGE}/dead", status=422)
    for query in (
        "job",
        "job?id=",
        "job?id=7",
        "job?id=%00",
        "job?id=" + "9" * 30,
        "cause",
        "cause?fingerprint=%00",
    ):
        operator.page(f"{PAGE}/{query}", status=404)
    operator.page(f"{PAGE}/cause?fingerprint=%27--&before=x")
    operator.page(f"{PAGE}?status=x&kind=%00&before=-1&done=x&about=x")
