"""The shipped rules and what they say; the readings they judge; text that comes from outside."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerts.condition import WORDS, condition_of
from monitoring.alerts.findings import find
from monitoring.alerts.machine import advance
from monitoring.alerts.messages import Message, write
from monitoring.alerts.readings import Reading
from monitoring.alerts.readings.machine import feed_readings, machine_readings, spool_readings
from monitoring.alerts.readings.opportunities import opportunity_readings
from monitoring.alerts.readings.scrapers import About, group_readings, scraper_readings, service_readings
from monitoring.alerts.rules import RULES, load_rules
from monitoring.alerts.telling import tell
from monitoring.alerts.wording import plain
from scrapers.errors import DeclarationError
from scrapers.records import Outcome

BOOK = load_rules()
HOSTILE = "<script>alert(1)</script> @everyone \u202egnp.exe " + "x" * 500


def row(slug: str = "kto", **changes: Any) -> dict[str, Any]:
    """A row of the status view of a scraper that is well."""
    return {
        "scraper_name": slug,
        "bookmaker_display_name": slug.upper(),
        "status": "ok",
        "computed_status": "ok",
        "outcome": "ok",
        "last_error": None,
        "last_heartbeat": "2026-11-22T12:00:00Z",
        "seconds_since_heartbeat": 5.0,
        "seconds_since_success": 5.0,
        "expected_interval_s": 30,
        "completeness": 1.0,
        "odds_inserted": 900,
        "mode": "parallel",
        "machine": None,
        "extra_data": {"memory_mb": 60.0},
        **changes,
    }


FAILED = {"status": "error", "last_error": "why", "seconds_since_success": 40.0}
CASES: dict[str, dict[str, Any]] = {
    "scraper_stopped": {"status": "stopped", "computed_status": "offline"},
    "scraper_silent": {"seconds_since_heartbeat": 61.0, "computed_status": "warning"},
    "scraper_never": {"status": "waiting", "seconds_since_heartbeat": None, "computed_status": "offline"},
    "scraper_schema_changed": {**FAILED, "outcome": "schema_changed"},
    "scraper_empty": {**FAILED, "outcome": "empty"},
    "scraper_blocked": {**FAILED, "outcome": "rate_limited"},
    "scraper_bug": {**FAILED, "outcome": "bug"},
    "scraper_error": {**FAILED, "outcome": "timeout", "computed_status": "error"},
    "scraper_incomplete": {"completeness": 0.3, "computed_status": "warning"},
    "scraper_warning": {**FAILED, "outcome": "network", "computed_status": "warning"},
    "scraper_memory": {"extra_data": {"memory_mb": 195.0}},
}
"""Rule -> what makes a well scraper the case for it."""


@pytest.mark.parametrize("rule", sorted(CASES))
def test_each_trouble_of_a_scraper_has_its_rule(rule: str) -> None:
    about = {"kto": About("kambi", "", 200)}
    found = find(BOOK, {"scrapers": scraper_readings([row(**CASES[rule])], about)})
    assert [finding.rule for finding in found.values()] == [rule]


def test_who_is_well_finds_no_rule() -> None:
    assert find(BOOK, {"scrapers": scraper_readings([row(), row("other")], {"kto": About("kambi", "", 200)})}) == {}
    assert {rule.id for rule in BOOK.rules if rule.source == "scrapers"} == set(CASES)


def test_in_workers_mode_an_alert_names_the_machine() -> None:
    silent = row(**CASES["scraper_silent"], mode="workers-http", machine="vps2")
    found = find(BOOK, {"scrapers": scraper_readings([silent], {})})
    assert found["scraper/kto"].title == "KTO (vps2): sem sinal há 61 s"


def test_every_outcome_has_words() -> None:
    failures = {str(outcome) for outcome in Outcome} - {"ok"}
    assert failures <= WORDS.keys()
    for outcome in sorted(failures):
        assert condition_of(row(status="error", outcome=outcome)) == outcome


def test_what_scrapers_suffer_together_is_one_finding() -> None:
    about = {f"a{n}": About("altenar", "direct", 200) for n in range(4)} | {"kto": About("kambi", "direct", 200)}
    rows = [row(f"a{n}", **FAILED, outcome="blocked") for n in range(4)]
    rows.append(row("gone", status="stopped"))
    found = find(BOOK, {"groups": group_readings(scraper_readings([*rows, row("kto"), row("lone")], about))})
    assert {key: finding.rule for key, finding in found.items()} == {
        "fleet/": "fleet_in_trouble",
        "family/altenar": "family_in_trouble",
        "tier/direct": "tier_in_trouble",
    }
    assert found["family/altenar"].title == "plataforma altenar: 4 de 4 casas, bloqueado pela casa"
    assert "A0, A1, A2, A3" in found["fleet/"].reason


def test_services_tell_of_themselves() -> None:
    service = {"service_name": "cleanup-service", "last_error": None, "expected_interval_s": 300}
    told = {"default_rows": 7, "storage_share": 0.83, "database_mb": ["<b>"], "<odd>": [1]}
    report = {**service, "seconds_since_heartbeat": 20.0, "extra_data": told}
    silent = {**service, "service_name": "dashboard", "seconds_since_heartbeat": 901.0, "extra_data": {}}
    me = {**silent, "service_name": "alerts"}
    found = find(BOOK, {"services": service_readings([report, silent, me], without="alerts")})
    assert {key: finding.title for key, finding in found.items()} == {
        "default_partition/cleanup-service": "7 linhas na partição padrão",
        "storage/cleanup-service": "banco com ['‹b›'] MB, 83% do limite",
        "service/dashboard": "dashboard parado há 15 min",
    }
    # A report that holds something else than expected proves nothing.
    odd = {**report, "extra_data": {"default_rows": "many"}}
    assert find(BOOK, {"services": service_readings([odd], without="alerts")}) == {}


def test_what_waits_on_disk_is_counted(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / "kto").mkdir(exist_ok=True)
        (tmp_path / "kto" / f"{number:010d}.cycle").write_bytes(b"x" * 70_000)
    (tmp_path / "stake" / "set-aside").mkdir(parents=True)
    (tmp_path / "stake" / "set-aside" / "0000000001-OF002.cycle").touch()
    found = find(BOOK, {"spools": spool_readings(tmp_path, max_mb=1)})
    assert {key: finding.rule for key, finding in found.items()} == {
        "spool/kto": "spool_nearly_full",
        "spool/stake": "spool_set_aside",
    }
    assert find(BOOK, {"spools": spool_readings(tmp_path, max_mb=64)})["spool/kto"].rule == "spool_growing"


def published(folder: Path, name: str, **document: Any) -> None:
    now = datetime.now(UTC)
    clocks = {"generated_at": now.isoformat(), "valid_until": (now + timedelta(seconds=60)).isoformat()}
    (folder / name).write_bytes(orjson.dumps({**clocks, **document}))


def test_an_old_feed_is_found(tmp_path: Path) -> None:
    assert feed_readings(tmp_path) == []
    published(tmp_path, "status.json")
    assert find(BOOK, {"feed": feed_readings(tmp_path)}) == {}
    past = datetime.now(UTC) - timedelta(seconds=1)
    published(tmp_path, "status.json", valid_until=past.isoformat())
    assert find(BOOK, {"feed": feed_readings(tmp_path)}).keys() == {"feed/"}


def test_browsers_without_an_owner_are_counted(tmp_path: Path) -> None:
    start = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    # The same number, another process: the owner of the second browser is dead.
    for name, owner in (("browser-1", f"{os.getpid()} {start}"), ("browser-2", f"{os.getpid()} 1")):
        folder = tmp_path / "browsers" / name
        folder.mkdir(parents=True)
        (folder / "owner").write_text(owner)
    (reading,) = machine_readings(tmp_path)
    assert reading.fields["browser_orphans"] == 1
    assert 0 < reading.fields["memory_free_share"] < 1


LEG = {"bookmaker": "kto", "market": "match_result", "line": None, "selection": "home", "price": 2.1}
MATCH = {
    "match_id": 7,
    "home": HOSTILE,
    "away": "Santos",
    "starts_at": "2026-11-22T20:00:00Z",
    "league": {"name": "Brasileirão"},
}


def said(readings: dict[str, list[Reading]], now: float = 1e9) -> list[Message]:
    """What the shipped rules say of these readings, once every waiting time is over."""
    findings = find(BOOK, readings)
    topics = frozenset(BOOK.by_topic)
    alerts = advance(BOOK, advance(BOOK, {}, findings, topics, now).alerts, findings, topics, now + 1000).alerts
    notices = tell(BOOK, alerts, [], now + 2000).notices
    return [
        write(notice, key=f"k{n}", now=now + 2000, list_at_most=12, dashboard="http://panel")
        for n, notice in enumerate(notices)
    ]


def test_opportunities_above_the_threshold_are_told_with_a_link_for_each_leg(tmp_path: Path) -> None:
    legs = [{**LEG, "url": "https://kto.example/1"}, {**LEG, "bookmaker": "stake", "selection": "away", "url": ""}]
    surebet = {"key": "abc", "match": MATCH, "edge": 0.021, "worst": 20.5, "outlay": 1000, "legs": legs}
    poor = {**surebet, "key": "def", "edge": 0.004}
    unsure = {**surebet, "key": "ghi", "confirmed_at": None}
    published(tmp_path, "surebets.json", surebets=[surebet, poor, unsure])
    published(tmp_path, "duplo-green.json", duplo_greens=[{**MATCH, "return": 0.001, "both": 90, "legs": legs}])
    two, one = sorted(said({"opportunities": opportunity_readings(tmp_path)}), key=lambda message: message.link)
    assert one.title.startswith("🟢 Surebet 2.10%: ‹script›alert(1)‹/script› ＠everyone gnp.exe xxx")
    assert len(one.title) < 350
    assert [key.rpartition("-")[0] for key in one.alerts] == ["surebet/7"]
    assert "kto: match_result home @ 2.1: https://kto.example/1\n" in one.body
    assert one.body.endswith("http://panel/surebets")
    assert two.title.startswith("🟢 Duplo green 0.10%")
    # A list that is too old to act on says nothing.
    past = datetime.now(UTC) - timedelta(seconds=1)
    published(tmp_path, "surebets.json", surebets=[surebet], valid_until=past.isoformat())
    assert [reading.fields["kind"] for reading in opportunity_readings(tmp_path)] == ["duplo_green"]


def test_a_long_list_is_cut_with_a_count() -> None:
    rows = [row(f"s{n:02d}", **FAILED, outcome="schema_changed", bookmaker_display_name=HOSTILE) for n in range(15)]
    (message,) = said({"scrapers": scraper_readings(rows, {})})
    assert message.title == "🔴 15 casas mudaram o formato das páginas"
    assert message.body.count("•") == 12
    assert "… e mais 3" in message.body
    assert len(message.alerts) == 15
    assert message.link == "http://panel/admin/alerts"


@given(st.text())
def test_text_from_outside_is_one_harmless_line(text: str) -> None:
    calm = plain(text, 50)
    assert len(calm) <= 50
    assert not set(calm) & set("<>@`\n\r\t\u202e\u2066")
    assert plain(calm, 50) == calm


def broken(folder: Path, **changes: Any) -> Path:
    document = orjson.loads(RULES.read_bytes())
    document["rules"][0] |= changes
    path = folder / "rules.json"
    path.write_bytes(orjson.dumps(document))
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"when": [["awya", "==", True]]}, "readings of database have no awya"),
        ({"title": "{name}"}, "readings of database have no name"),
        ({"source": "databse"}, "no source 'databse'"),
        ({"hidden_by": ["databse"]}, "hidden_by names no topic of a rule: databse"),
        ({"for": 3}, "for: Extra inputs are not permitted"),
        ({"id": "feed_stale"}, "two rules have one id"),
        ({"topic": "feed"}, "topic feed: its rules differ"),
        ({"title": "{error"}, "rules.0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_mistake_in_the_rules_is_named_when_they_are_read(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeclarationError, match="alert rules") as caught:
        load_rules(broken(tmp_path, **changes))
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"nowhere\.json"):
        load_rules(tmp_path / "nowhere.json")
