"""Looks at a real database, over both backends: state and outbox in one write, also while it is away."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from monitoring.alerts.deciding import Decider
from monitoring.alerts.memory import Changes, DatabaseMemory, FileMemory
from monitoring.alerts.readings.local import LocalReader, Places
from monitoring.alerts.readings.scrapers import About
from monitoring.alerts.round import Watch
from monitoring.alerts.rules import RuleBook
from scrapers.errors import StateConflictError, StoreUnavailableError
from store.backend import Backend
from tests.support.postgrest import Project, open_either

TARGET = "webhook-1"
BOOK = RuleBook.model_validate(
    {
        "start_grace_s": 0,
        "rules": [
            {
                "id": "database_away", "source": "database", "topic": "database", "severity": "error",
                "survives": True, "when": [["away", "==", True]], "for_s": 10, "keep_s": 0, "settle_s": 30,
                "title": "banco fora", "advice": "{error}",
            },
            {
                "id": "silent", "source": "scrapers", "topic": "scraper", "severity": "error", "remind_s": 60,
                "hidden_by": ["database"], "when": [["condition", "==", "silent"]], "keep_s": 0,
                "title": "{name}: sem sinal", "advice": "{error}",
            },
        ],
    }
)  # fmt: skip


class Gate:
    """A way to the database that can be shut."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.shut = False

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        if self.shut:
            raise StoreUnavailableError("the database is not reached: connection refused")
        return self._backend.call(function, args)

    def close(self) -> None:
        self._backend.close()


class Station:
    """A process that watches, which can be started anew on what it left."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.gate = Gate(backend)
        self.folder = folder
        self.now = time.time()
        self.start()

    def start(self) -> None:
        """Begin as a new process does: with nothing but what is on disk and in the database."""
        self.database = DatabaseMemory(self.gate, [TARGET])
        self.file = FileMemory(self.folder / "alerts" / "state.json", [TARGET])
        self.watch = Watch(
            BOOK,
            Decider(BOOK, dashboard="http://127.0.0.1:8080", new_key=lambda: str(uuid4())),
            self.gate,
            self.database,
            self.file,
            LocalReader(Places(self.folder, None, 64)),
            declared={"alpha": About("altenar", "", 200)},
            clock=lambda: self.now,
        )

    def look(self, later_s: float = 10.0) -> list[str]:
        """A look after `later_s`; 'kind key' of everything that waits for the target afterwards, oldest first."""
        self.now += later_s
        self.watch.look()
        return self.waiting()

    def waiting(self) -> list[str]:
        boxes = [self.file] if self.gate.shut else [self.file, self.database]
        due = [waiting for box in boxes for waiting in box.due(TARGET, 100)]
        return [f"{one.message.kind} {key}" for one in due for key in one.message.alerts]

    def deliver(self) -> list[str]:
        """Everything that waits arrives."""
        told = self.waiting()
        for box in (self.file, self.database):
            for waiting in box.due(TARGET, 100):
                box.settle(waiting, TARGET, None)
        return told


@pytest.fixture(params=["postgres", "supabase"])
def backend(request: pytest.FixtureRequest, database_url: str, supabase_project: Project) -> Iterator[Backend]:
    """Each backend in turn, on a fresh database with the bookmakers of DECLARED."""
    with open_either(request.param, database_url, supabase_project) as backend:
        yield backend


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def station(backend: Backend, tmp_path: Path) -> Station:
    return Station(backend, tmp_path)


def speaks(db: psycopg.Connection[Any], slug: str, seconds_ago: float) -> None:
    """The scraper's last heartbeat was so long ago."""
    db.execute(
        "update scraper_status set status = 'ok', outcome = 'ok', last_success = now(),"
        " last_heartbeat = now() - make_interval(secs => %s) where scraper_name = %s",
        (seconds_ago, slug),
    )


def test_an_alert_lives_in_the_database(station: Station, db: psycopg.Connection[Any]) -> None:
    speaks(db, "alpha", 100)
    assert station.look() == ["fired scraper/alpha"]
    station.start()
    assert station.look() == ["fired scraper/alpha"]
    assert station.deliver() == ["fired scraper/alpha"]
    station.start()
    assert station.look() == []
    page = station.gate.call("alerts_page", {})
    (alert,) = page["firing"]
    assert (alert["key"], alert["title"], alert["silenced"]) == ("scraper/alpha", "Alpha: sem sinal", False)
    assert alert["details"]["path"] == "/admin/scraper-status/alpha"
    (target,) = page["targets"]
    assert (target["target"], target["waiting"], target["delivered"]) == (TARGET, 0, 1)

    speaks(db, "alpha", 1)
    assert station.look() == ["recovered scraper/alpha"]
    history = station.gate.call("alert_history", {"p_pattern": "*", "p_before_event_id": 2**62, "p_limit": 10})
    assert [row["kind"] for row in history] == ["recovered", "fired"]


def test_the_database_away_is_told_from_the_file_and_entered_into_the_history(
    station: Station, db: psycopg.Connection[Any]
) -> None:
    speaks(db, "alpha", 1)
    assert station.look() == []
    station.gate.shut = True
    assert station.look() == []
    assert station.look() == ["fired database/"]
    station.start()
    assert station.look() == ["fired database/"]
    speaks(db, "alpha", 300)
    station.gate.shut = False
    assert station.look() == ["fired database/", "recovered database/"]
    assert station.deliver() == ["fired database/", "recovered database/"]
    # Scrapers have 30 s to speak again; who does not is told then, and of who does nothing is told or kept.
    speaks(db, "beta", 300)
    assert station.look() == []
    speaks(db, "beta", 1)
    assert station.look(30) == ["fired scraper/alpha"]
    every = {"p_pattern": "scraper/*", "p_before_event_id": 2**62, "p_limit": 9}
    assert [row["key"] for row in station.gate.call("alert_history", every)] == ["scraper/alpha"]
    history = station.gate.call(
        "alert_history", {"p_pattern": "database/", "p_before_event_id": 2**62, "p_limit": 9}
    )
    assert [row["kind"] for row in history] == ["recovered", "fired"]
    assert [one["key"] for one in station.gate.call("alerts_page", {})["resolved"]] == ["database/"]
    station.look(10_000)
    assert station.gate.call("alerts_page", {})["resolved"] == []


def test_a_write_whose_answer_is_lost_is_applied_once(station: Station, db: psycopg.Connection[Any]) -> None:
    speaks(db, "alpha", 100)
    backend = station.gate._backend

    class Lossy:
        """Applies the first write and loses its answer, as a connection does that breaks then."""

        def __init__(self) -> None:
            self.lost = 0

        def call(self, function: str, args: Mapping[str, Any]) -> Any:
            answer = backend.call(function, args)
            if function == "save_alerts" and not self.lost:
                self.lost += 1
                raise StoreUnavailableError("connection reset")
            return answer

        def close(self) -> None:
            backend.close()

    station.gate._backend = Lossy()
    with pytest.raises(StoreUnavailableError):
        station.look()
    assert station.look() == ["fired scraper/alpha"]
    assert db.execute("select count(*) from alert_events").fetchone() == (1,)


def test_two_who_decide_at_once_do_not_both_tell(station: Station, db: psycopg.Connection[Any]) -> None:
    before = station.database.load()
    speaks(db, "alpha", 100)
    assert station.look() == ["fired scraper/alpha"]
    with pytest.raises(StateConflictError):
        station.database.save(Changes(forgotten=["scraper/alpha"]), before.revision)
    assert station.look() == ["fired scraper/alpha"]


def test_silences_and_acknowledgements_are_kept(station: Station, db: psycopg.Connection[Any]) -> None:
    call = station.gate.call
    speaks(db, "alpha", 100)
    silence = {"p_pattern": "scraper/a*", "p_minutes": 5, "p_actor": "ana", "p_reason": "manutenção"}
    made = call("silence_alerts", silence)
    assert call("silence_alerts", silence)["silence_id"] == made["silence_id"]
    assert station.look(1) == []
    assert call("alerts_page", {})["firing"][0]["silenced"] is True
    assert call("end_silence", {"p_silence_id": made["silence_id"], "p_actor": "ana"}) == {"ended": True}
    assert call("end_silence", {"p_silence_id": made["silence_id"], "p_actor": "ana"}) == {"ended": False}
    assert station.look(1) == ["fired scraper/alpha"]
    assert station.deliver()
    assert station.look(100) == ["reminded scraper/alpha"]
    assert station.deliver()
    seen = {"p_key": "scraper/alpha", "p_actor": "ana", "p_note": "vi"}
    assert call("acknowledge_alert", seen) == {"acknowledged": True}
    assert call("acknowledge_alert", {**seen, "p_key": "scraper/beta"}) == {"acknowledged": False}
    assert station.look(1000) == []
    assert call("alerts_page", {})["firing"][0]["acknowledged_by"] == "ana"
    kinds = [
        row["kind"] for row in call("alert_history", {"p_pattern": "*", "p_before_event_id": 2**62, "p_limit": 9})
    ]
    assert kinds == ["acknowledged", "reminded", "unsilenced", "fired", "silenced", "silenced"]
    # It fires anew: who has seen the last time has not seen this one.
    speaks(db, "alpha", 1)
    station.look(1)
    speaks(db, "alpha", 100)
    station.look(1)
    assert call("alerts_page", {})["firing"][0]["acknowledged_by"] is None


def test_what_is_old_goes_and_a_wipe_forgets_opportunities(station: Station, db: psycopg.Connection[Any]) -> None:
    speaks(db, "alpha", 100)
    station.look()
    db.execute(
        "insert into alerts (key, topic, subject, rule, severity, phase, title, since)"
        " values ('surebet/1', 'surebet', '1', 'surebet', 'info', 'firing', 'Flamengo x Santos', now());"
        "insert into alert_messages (message_key, kind, severity, title, body, alerts)"
        " values (gen_random_uuid(), 'fired', 'info', 'Flamengo x Santos', '', '[\"surebet/1\"]')"
    )
    station.gate.call("wipe_odds", {})
    assert db.execute("select key from alerts").fetchall() == [("scraper/alpha",)]
    assert db.execute("select alerts from alert_messages").fetchall() == [(["scraper/alpha"],)]
    db.execute("update alert_messages set created_at = now() - interval '40 days'")
    db.execute("update alert_events set at = now() - interval '100 days'")
    assert station.gate.call("prune_alerts", {"p_keep_days": 30}) == {"messages": 1, "events": 1}
    assert station.waiting() == []


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "alerts" / "state.json"
    path.parent.mkdir()
    path.write_text('{"alerts": {"database/": {"key"')
    assert FileMemory(path, [TARGET]).load().alerts == {}
    assert path.with_suffix(".damaged").exists()
