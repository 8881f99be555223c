"""The right message arrives once: real processes go wrong in their own ways, and a receiver is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from monitoring.alerts.rules import RULES
from simulator.faults import Kind
from tests.support.fleet import Fleet, apps_of, isolated_fleet, kill
from tests.support.receiver import SECRET, Receiver

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(400)]

STOPPED, HUNG, EMPTY, CHANGED = "mcgames_nba", "jogodeouro_nba", "br4bet_nba", "kto"
SCRAPERS = {STOPPED: 1, HUNG: 1, EMPTY: 1, CHANGED: 2}
SCALE = 10.0
"""Every time of the rules is so much shorter here."""
TOPICS = {"database", "spool", "fleet", "tier", "family", "scraper", "service", "feed"}
"""The machine that tests run on may be short of memory or disk: that is not told here."""


def scaled(value: Any) -> Any:
    """The rules with every time divided by SCALE."""
    if isinstance(value, dict):
        return {
            name: one / SCALE if name.endswith("_s") and isinstance(one, int | float) else scaled(one)
            for name, one in value.items()
        }
    return [scaled(one) for one in value] if isinstance(value, list) else value


def rules(folder: Path) -> Path:
    """The fleet's own rules, faster. Bookmakers that this fleet does not run are nobody's trouble."""
    document = scaled(orjson.loads(RULES.read_bytes()))
    document["rules"] = [rule for rule in document["rules"] if rule["topic"] in TOPICS]
    for rule in document["rules"]:
        if rule["id"] == "scraper_never":
            rule["for_s"] = 10_000
    path = folder / "rules.json"
    path.write_bytes(orjson.dumps(document))
    return path


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def fleet(receiver: Receiver, tmp_path: Path) -> Iterator[Fleet]:
    """Four scrapers that are ok, and alerts that watch them."""
    mine = {
        "ALERT_RULES": str(rules(tmp_path)),
        "ALERT_WEBHOOK_URL": receiver.url,
        "ALERT_WEBHOOK_SECRET": SECRET,
        "ALERTS_INTERVAL_S": "0.5",
    }
    with isolated_fleet() as fleet:
        apps = []
        for app in apps_of("parallel", SCRAPERS):
            if app["name"] == "alerts":
                # PM2 keeps secrets of the shell away from processes; what is written into its file it passes on.
                apps.append({**app, "env": {**app["env"], **mine}})
            elif app["name"].startswith("scraper-"):
                apps.append({**app, "kill_timeout": 2000})
            elif app["name"] not in ("cleanup-service", "dashboard", "worker"):
                apps.append(app)
        fleet.start(apps)
        fleet.wait(lambda: fleet.all_ok(SCRAPERS), "every scraper ok", within_s=60)
        yield fleet


def fault(fleet: Fleet, slug: str, kind: Kind | None) -> None:
    """Switch a fault of the simulator on; None: all of this bookmaker off."""
    with httpx.Client(
        base_url=f"http://127.0.0.1:{fleet.environment['SIMULATOR_PORT']}", trust_env=False
    ) as client:
        if kind is None:
            client.delete("/control/faults", params={"bookmaker": slug}).raise_for_status()
        else:
            client.post("/control/faults", json={"bookmaker": slug, "kind": kind}).raise_for_status()


def let_a_minute_pass(fleet: Fleet, slug: str) -> None:
    """A heartbeat as old as a hung scraper's is after two standard intervals."""
    age = "select extract(epoch from now() - last_heartbeat) from scraper_status where scraper_name = %s"
    fleet.wait(lambda: fleet.query(age, (slug,))[0][0] > 2, f"{slug} hangs", within_s=10)
    fleet.query(
        "update scraper_status set last_heartbeat = last_heartbeat - interval '60 s',"
        " last_success = last_success - interval '60 s' where scraper_name = %s returning 1",
        (slug,),
    )


def kill_alerts(fleet: Fleet) -> None:
    """SIGKILL, and wait until PM2 has started it anew."""
    before = fleet.listed()["alerts"]
    assert kill(before.pid)
    fleet.wait(
        lambda: (now := fleet.listed()["alerts"]).pid not in (0, before.pid) and now.restarts > before.restarts,
        "alerts started anew",
        within_s=20,
    )


def failed_rounds(fleet: Fleet) -> int:
    """How often a process of alerts found the database away for the first time."""
    return sum(line["message"].startswith("round failed") for line in fleet.log("alerts"))


def test_each_trouble_is_told_once_and_its_end_once(fleet: Fleet, receiver: Receiver) -> None:
    assert receiver.told() == []
    hung_pid = fleet.listed()[f"scraper-{HUNG}"].pid
    fleet.pm2("stop", f"scraper-{STOPPED}")
    os.kill(hung_pid, signal.SIGSTOP)
    fault(fleet, EMPTY, Kind.EMPTY_LIST)
    fault(fleet, CHANGED, Kind.SCHEMA_CHANGED)
    outcomes = "select outcome from scraper_status where scraper_name = any(%s) order by scraper_name"
    fleet.wait(
        lambda: fleet.query(outcomes, ([EMPTY, CHANGED],)) == [("empty",), ("schema_changed",)],
        "both outcomes",
        within_s=20,
    )
    let_a_minute_pass(fleet, HUNG)
    statuses = fleet.query(
        "select scraper_name, computed_status, status, outcome from scraper_status_view"
        " where scraper_name = any(%s)",
        (list(SCRAPERS),),
    )
    shown = {slug: tuple(rest) for slug, *rest in statuses}
    assert len(set(shown.values())) == len(SCRAPERS), shown
    assert shown[STOPPED][:2] == ("offline", "stopped")
    assert shown[HUNG][0] == "warning"
    assert (shown[EMPTY][2], shown[CHANGED][2]) == ("empty", "schema_changed")

    # The watchdog may have brought back the one that hangs, and its end been told, before the last of them fires.
    receiver.wait(4, within_s=20, kind="fired")
    assert sorted(receiver.told("fired")) == sorted(f"fired scraper/{slug}" for slug in SCRAPERS)
    assert set(receiver.told("recovered")) <= {f"recovered scraper/{HUNG}"}
    titles = {one["alerts"][0]: one["title"] for one in receiver.messages if one["kind"] == "fired"}
    assert "coletor parado" in titles[f"scraper/{STOPPED}"]
    assert "sem sinal" in titles[f"scraper/{HUNG}"]
    assert "páginas vazias" in titles[f"scraper/{EMPTY}"]
    assert "mudou o formato" in titles[f"scraper/{CHANGED}"]

    # A restart says nothing again; what happens while the receiver is down arrives afterwards.
    fleet.wait(lambda: fleet.all_ok([HUNG]), "the one that hung ok again", within_s=20)
    receiver.wait(5, within_s=20)
    kill_alerts(fleet)
    receiver.down = True
    fleet.pm2("restart", f"scraper-{STOPPED}")
    fault(fleet, EMPTY, None)
    fault(fleet, CHANGED, None)
    fleet.wait(lambda: fleet.all_ok(SCRAPERS), "every scraper ok again", within_s=40)
    fleet.wait(
        lambda: fleet.query("select count(*) from alert_messages where kind = 'recovered'") == [(4,)],
        "every end in the outbox",
        within_s=20,
    )
    fleet.wait(lambda: receiver.refused >= 2, "the receiver refused", within_s=20)
    kill_alerts(fleet)
    told = [*(f"fired scraper/{slug}" for slug in SCRAPERS), f"recovered scraper/{HUNG}"]
    assert sorted(receiver.told()) == sorted(told)
    receiver.down = False
    receiver.wait(8, within_s=20)
    assert sorted(receiver.told("recovered")) == sorted(f"recovered scraper/{slug}" for slug in SCRAPERS)

    # The one that hung was brought back by the watchdog, which needed SIGKILL.
    assert fleet.listed()[f"scraper-{HUNG}"].pid not in (0, hung_pid)
    ((process, action, cause, error),) = fleet.query("select process, action, cause, error from watchdog_actions")
    assert (process, action, error) == (f"scraper-{HUNG}", "restart", None)
    assert "travado: sem progresso há" in cause

    # The database goes away: that one thing is told, however often alerts is killed, and its end.
    fleet.pm2("stop", "database")
    receiver.wait(9, within_s=20)
    rounds = failed_rounds(fleet)
    kill_alerts(fleet)
    fleet.wait(lambda: failed_rounds(fleet) > rounds, "a round of the new process", within_s=20)
    fleet.pm2("start", "database")
    receiver.wait(10, within_s=30)
    fleet.wait(lambda: fleet.all_ok(SCRAPERS), "every scraper ok again", within_s=40)
    kill_alerts(fleet)
    at_work = "select last_heartbeat > now() - interval '2 s' from service_status where service_name = 'alerts'"
    fleet.wait(lambda: fleet.query(at_work) == [(True,)], "alerts at work", within_s=20)
    assert receiver.told()[8:] == ["fired database/", "recovered database/"]
    assert len({message["event_id"] for message in receiver.messages}) == len(receiver.messages) == 10
    history = fleet.query("select kind from alert_events where key = 'database/' order by event_id")
    assert history == [("fired",), ("recovered",)]
