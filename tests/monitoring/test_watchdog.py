"""Who is restarted, who is left alone, and that it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from monitoring.alerts.rules import Patience
from monitoring.watchdog.decide import Decision, Process, Suspect, decide, suspects
from monitoring.watchdog.guard import Watchdog
from monitoring.watchdog.pm2 import Pm2Error
from store.postgres import PostgresBackend

HERE = "vps"
PATIENCE = Patience()


def scraper(slug: str, silent_s: float | None, **changes: Any) -> dict[str, Any]:
    return {
        "scraper_name": slug,
        "status": "ok",
        "machine": HERE,
        "mode": "parallel",
        "seconds_since_heartbeat": silent_s,
        "expected_interval_s": 30,
        **changes,
    }


def service(name: str, silent_s: float, interval_s: int = 10) -> dict[str, Any]:
    return {"service_name": name, "seconds_since_heartbeat": silent_s, "expected_interval_s": interval_s}


def test_who_makes_no_progress_for_three_intervals_is_suspected() -> None:
    rows = [
        scraper("late", 91),
        scraper("fine", 89),
        scraper("slow", 200, expected_interval_s=100),
        scraper("operators", 9999, status="stopped"),
        scraper("never", None),
        scraper("elsewhere", 9999, machine="another"),
        scraper("one", 400, mode="sequential-light", expected_interval_s=60),
        scraper("two", 500, mode="sequential-light", expected_interval_s=100),
        scraper("three", 95, mode="workers-http", lease_holder="vps/3f9a1c2b/http-2"),
    ]
    services = [service("json-generator", 95), service("cleanup-service", 800, 300), service("dashboard", 5)]
    assert suspects(rows, services, here=HERE, patience=PATIENCE) == [
        Suspect("scraper-late", ("late",), 91, 90),
        Suspect("scraper-seq-light", ("one", "two"), 500, 300),
        Suspect("worker-http-2", ("three",), 95, 90),
        Suspect("json-generator", (), 95, 90),
    ]


SUSPECT = Suspect("scraper-kto", ("kto",), 100, 90)


def action(seconds_ago: float, what: str = "restart", process: str = "scraper-kto") -> dict[str, Any]:
    return {"process": process, "action": what, "seconds_ago": seconds_ago}


@pytest.mark.parametrize(
    ("process", "past", "expected"),
    [
        (Process("scraper-kto", "online", 500, 0), [], "restart"),
        (Process("scraper-kto", "errored", 5, 16), [], "restart"),
        (Process("scraper-kto", "stopped", 500, 0), [], None),
        (Process("scraper-kto", "launching", 500, 0), [], None),
        (Process("scraper-kto", "waiting restart", 500, 0), [], None),
        (Process("scraper-kto", "online", 80, 0), [], None),
        (Process("scraper-other", "online", 500, 0), [], None),
        (Process("scraper-kto", "online", 500, 0), [action(200)], None),
        (Process("scraper-kto", "online", 500, 0), [action(301)], "restart"),
        (Process("scraper-kto", "online", 500, 0), [action(10, process="scraper-other")], "restart"),
        (Process("scraper-kto", "online", 500, 0), [action(400 + n) for n in range(4)], "gave_up"),
        (Process("scraper-kto", "online", 500, 0), [action(3000, "gave_up")], None),
        (Process("scraper-kto", "online", 500, 0), [action(3601 + n) for n in range(4)], "restart"),
    ],
    ids=[
        "hung", "errored", "stopped_by_the_operator", "starting", "about_to_start", "young", "not_listed",
        "cooling_down", "cool", "another_was_restarted", "cap", "gave_up_lately", "an_hour_later",
    ],
)  # fmt: skip
def test_what_is_done(process: Process, past: list[dict[str, Any]], expected: str | None) -> None:
    decisions = decide([SUSPECT], [process], past, PATIENCE)
    assert [decision.action for decision in decisions] == ([] if expected is None else [expected])


def test_the_cause_is_told() -> None:
    hung, given_up = (
        decide([SUSPECT], [Process("scraper-kto", status, 500, 16)], [], PATIENCE)
        for status in ("online", "errored")
    )
    assert hung == [Decision(SUSPECT, "restart", "travado: sem progresso há 100 s (limite 90 s)")]
    assert given_up[0].cause == "desistido pelo PM2 após 16 reinícios, sem progresso há 100 s (limite 90 s)"


class Supervisor:
    """PM2 as the watchdog knows it. `fails`: what it answers to a restart."""

    def __init__(self, fails: str | None = None) -> None:
        self.asked = 0
        self.restarted: list[str] = []
        self.fails = fails

    def processes(self) -> list[Process]:
        self.asked += 1
        return [Process("scraper-alpha", "online", 500, 0), Process("scraper-beta", "stopped", 500, 0)]

    def restart(self, names: Sequence[str]) -> None:
        self.restarted += names
        if self.fails is not None:
            raise Pm2Error(self.fails)


def actions(backend: PostgresBackend, slug: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = backend.call(
        "watchdog_actions", {"p_scraper": slug, "p_before_action_id": 2**62, "p_limit": 10}
    )
    return found


@pytest.mark.parametrize("fails", [None, "pm2 restart: no daemon"])
def test_what_was_done_is_recorded(backend: PostgresBackend, fails: str | None) -> None:
    supervisor = Supervisor(fails)
    watchdog = Watchdog(backend, supervisor, PATIENCE, here=HERE)
    watchdog.consider([scraper("alpha", 10)], [])
    assert supervisor.asked == 0, "PM2 is asked only when something looks wrong"
    for _ in range(2):
        watchdog.consider([scraper("alpha", 100), scraper("beta", 100)], [])
        watchdog.wait(10)
    assert supervisor.asked == 1, "and at most once a minute"
    assert supervisor.restarted == ["scraper-alpha"]
    (done,) = actions(backend)
    assert (done["process"], done["scrapers"], done["action"]) == ("scraper-alpha", ["alpha"], "restart")
    assert done["cause"].startswith("travado: ")
    assert done["error"] == fails
    assert actions(backend, "alpha") == [{**done, "seconds_ago": pytest.approx(done["seconds_ago"], abs=5)}]
    assert actions(backend, "beta") == []

    # Another process of alerts knows what was done, and lets it cool down.
    again = Watchdog(backend, supervisor, PATIENCE, here=HERE)
    again.consider([scraper("alpha", 100)], [])
    again.wait(10)
    assert supervisor.asked == 2
    assert supervisor.restarted == ["scraper-alpha"]
