"""`fleet doctor` names what is wrong and how to mend it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import psycopg
import pytest
from click.testing import CliRunner

from scrapers.records import Outcome
from standalone.commands.doctor import command, examine
from standalone.doctor.findings import Finding
from standalone.doctor.fleet import MENDS
from standalone.settings import Settings, load_settings
from store.backend import Backend
from tests.support.cycles import House, kickoff, listing
from tests.support.queue import HandWorker, enqueue


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Settings:
    """Of an installation of its own, with the test's database and no PM2."""
    for name, value in {
        "DATA_DIR": str(tmp_path / "var"),
        "PM2_HOME": str(tmp_path / "pm2"),
        "DATABASE_URL": database_url,
        "ADMIN_TOKEN": "short",
        "ALERT_URLS": "",
    }.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(settings)}


def test_a_database_that_is_away_is_said_once_and_first_of_all(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    findings = found(load_settings())
    assert findings["database"].level == "error"
    assert "DATABASE_URL" in findings["database"].mend
    assert "migrations" not in findings
    assert not any(name.startswith("scraper ") for name in findings)
    assert findings["processes"].level == "error", "what needs no database is looked at all the same"


def test_each_scraper_with_its_own_mend(settings: Settings, backend: Backend) -> None:
    offers = {"match_result:home": 2.0}
    House(backend, "alpha").commit([listing("1", "Flamengo", "Santos", kickoff(5), offers)])
    House(backend, "beta").fail("schema_changed", "no `events` in the answer")
    findings = found(settings)
    assert findings["scraper alpha"] == Finding("scraper alpha", "ok", "1 odds")
    beta = findings["scraper beta"]
    assert (beta.level, "no `events`" in beta.says) == ("warning", True)
    assert "fleet probe beta" in beta.mend
    assert findings["scraper gamma"].level == "error"
    assert findings["database"].level == findings["migrations"].level == findings["clock"].level == "ok"


def test_jobs_that_nobody_does_and_dead_ones(settings: Settings, backend: Backend) -> None:
    assert {found(settings)[name].level for name in ("queue", "dead jobs")} == {"ok"}
    enqueue(backend, {"kind": "import_round", "queue": "browser"}, {"kind": "import_round"})
    worker = HandWorker(backend, "default")
    worker.bury(worker.take()[0], "no such page", "f-page")
    findings = found(settings)
    assert findings["queue"].level == "error"
    assert "1 wait in queue browser" in findings["queue"].says
    dead = findings["dead jobs"]
    assert (dead.level, "import_round: no such page" in dead.says) == ("warning", True)
    assert "fleet dead" in dead.mend


def test_who_may_enter_and_who_is_told(settings: Settings) -> None:
    findings = found(settings)
    assert (findings["admin token"].level, findings["alerts"].level) == ("warning", "warning")


def test_every_failure_has_a_mend() -> None:
    assert set(MENDS) == set(Outcome) - {Outcome.OK}


def test_the_command_says_it_in_json_and_by_its_exit_code(settings: Settings) -> None:
    result = CliRunner().invoke(command, ["--json"])
    assert result.exit_code == 1
    wrong = [finding for finding in orjson.loads(result.output) if finding["level"] != "ok"]
    assert wrong
    assert all(finding["mend"] for finding in wrong)
    table = CliRunner().invoke(command, [])
    assert "O que fazer" in table.output


def test_results_that_contradict_or_do_not_come(settings: Settings, backend: Backend, database_url: str) -> None:
    assert found(settings)["results"].says.startswith("nenhum")
    at = kickoff(-40)
    House(backend, "alpha").commit(
        [listing("1", "Flamengo", "Santos", at, {"match_result:home": 2.0})], at=at - timedelta(hours=1)
    )
    round_of = {"source": "ogol", "league_key": "brasileirao_a", "edition": 1, "round": 3, "error": "HTTP 500"}
    numbers = {"listed": 0, "finished": 0, "complete": False}
    backend.call("finish_result_round", {"p_round": {**round_of, **numbers}})
    late = found(settings)["results"]
    assert (late.level, "1 sem resultado" in late.says, "1 rodadas com falha" in late.says) == (
        "warning",
        True,
        True,
    )
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("update matches set home_score = 0, away_score = 0, state = 'finished'")
        owner.execute(
            "insert into results (source, page_id, league_key, edition, round, home_name, away_name, played_on, "
            "home_score, away_score, state, match_id) select 'ogol', 1, 'brasileirao_a', 1, 3, 'Flamengo', "
            "'Santos', starts_at::date, 2, 1, 'complete', match_id from matches"
        )
    contradicting = next(one for one in examine(settings) if one.what == "results")
    assert (contradicting.level, "2-1 there and 0-0 here" in contradicting.says) == ("error", True)
