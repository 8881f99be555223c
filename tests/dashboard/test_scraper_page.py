"""A scraper's own page: its cycles and outcomes, what failed, what it says; nothing beyond its own folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson

from dashboard.config import DashboardConfig
from scrapers.errors import BlockedError
from scrapers.fetching.failures import FailureBodies
from scrapers.records import PageRequest
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing
from tests.support.operator import Operator

PAGE = "/admin/scraper-status/alpha"
PRICES = {"match_result:home": 2.0, "match_result:draw": 3.1, "match_result:away": 4.0}


def keep_failure(config: DashboardConfig, body: bytes, message: str = "403") -> None:
    bodies = FailureBodies(config.data_dir / "failures", max_bytes=1_000_000)
    request = PageRequest("league:nba", "https://alpha.example/odds")
    bodies.keep(
        "alpha", request, BlockedError(message, body=body, status=403), at=datetime(2026, 11, 22, tzinfo=UTC)
    )


def test_cycles_outcomes_and_the_chart(operator: Operator, backend: PostgresBackend) -> None:
    house = House(backend, "alpha")
    for hour in (30, 3, 2, 1):
        at = datetime.now(UTC) - timedelta(hours=hour)
        house.commit([listing("1", "Flamengo", "Santos", kickoff(5), PRICES)], at=at)
    house.fail("timeout", "120 s are over")
    page = operator.page(PAGE)
    assert "120 s are over" in page
    assert "tempo esgotado 1" in page
    assert "ok 3" in page, "of the last 24 hours"
    assert "ok 4" in operator.page(f"{PAGE}?hours=168")
    assert page.count('<circle class="bad"') == 1
    assert 'class="curve" d="M' in page


def test_older_cycles_follow_page_by_page(operator: Operator, backend: PostgresBackend) -> None:
    house = House(backend, "alpha")
    for minute in range(45):
        house.send(at=datetime.now(UTC) - timedelta(minutes=minute), odds_collected=1000 + minute)
    page = operator.page(PAGE)
    assert page.count("1.039") == 1
    assert "1.040" not in page
    older = page.partition("?before=")[2].partition("#")[0]
    follows = operator.page(f"{PAGE}?before={older}")
    assert "1.040" in follows
    assert "1.039" not in follows
    assert operator.page(f"{PAGE}?before=nonsense").count("1.039") == 1


def test_a_kept_answer_is_shown_as_text_and_saved_as_a_file(
    operator: Operator, backend: PostgresBackend, config: DashboardConfig
) -> None:
    House(backend, "alpha")
    hostile = b"<html><script>alert(1)</script>\xff" + b"x" * 150_000
    keep_failure(config, hostile, "<b>refused</b>")
    page = operator.client.get(PAGE)
    assert "<b>refused" not in page.text
    assert f"{PAGE}/failure/blocked" in page.text
    shown = operator.client.get(f"{PAGE}/failure/blocked")
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert(1)" in shown.text
    assert len(shown.text) < 110_000
    saved = operator.client.get(f"{PAGE}/failure/blocked/file")
    assert saved.content == hostile
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["content-type"] == "application/octet-stream"


def test_nothing_beyond_the_folder_is_read(operator: Operator, config: DashboardConfig) -> None:
    config.data_dir.mkdir(parents=True)
    (config.data_dir / "secret.body").write_text("not for you")
    for path in (
        "/admin/scraper-status/..%2f..%2f/failure/secret",
        "/admin/scraper-status/alpha/failure/..%2f..%2fsecret",
        "/admin/scraper-status/alpha/failure/nonsense",
        "/admin/scraper-status/alpha/failure/blocked",
    ):
        assert operator.client.get(path).status_code == 404, path


def test_half_a_failure_is_left_out(operator: Operator, backend: PostgresBackend, config: DashboardConfig) -> None:
    House(backend, "alpha")
    folder = config.data_dir / "failures" / "alpha"
    folder.mkdir(parents=True)
    (folder / "blocked.json").write_text("{}")
    (folder / "timeout.json").write_text("not json")
    assert "Últimas falhas" not in operator.page(PAGE)


def log_line(message: str, level: str = "info", **more: str) -> bytes:
    return (
        orjson.dumps({"time": "2026-11-22T12:00:00.000+00:00", "level": level, "message": message, **more}) + b"\n"
    )


def test_the_log_is_read_from_its_end(
    operator: Operator, backend: PostgresBackend, config: DashboardConfig
) -> None:
    House(backend, "alpha").commit([listing("1", "Flamengo", "Santos", kickoff(5), PRICES)])
    lines = b"".join(log_line(f"line {number} " + "x" * 100) for number in range(5000))
    last = log_line("<i>the last</i>", "error", exception="Traceback: boom") + b"plain words\n\n"
    config.logs["scraper-alpha"].write_bytes(lines + last)
    page = operator.client.get(PAGE).text
    assert "<i>" not in page
    assert page.index("plain words") < page.index("the last") < page.index("line 4999 ")
    assert "Traceback: boom" in page
    assert "line 4853 " in page
    assert "line 4800 " not in page


def test_a_shared_log_shows_only_the_scrapers_own(
    operator: Operator, backend: PostgresBackend, config: DashboardConfig
) -> None:
    House(backend, "alpha", mode="sequential-light")
    log = config.logs["scraper-seq-light"]
    lines = log_line("of alpha", scraper="alpha") + log_line("of beta", scraper="beta") + log_line("of all")
    log.write_bytes(lines)
    log.with_name(f"{log.name}.1").write_bytes(log_line("before the rotation"))
    page = operator.page(PAGE)
    assert "of alpha" in page
    assert "of all" in page
    assert "of beta" not in page
    assert page.index("of alpha") < page.index("before the rotation")


def test_the_watchdogs_actions_are_told(operator: Operator, backend: PostgresBackend) -> None:
    House(backend, "alpha")
    action = {
        "p_action_key": "6f9d1a52-0000-4000-8000-000000000001",
        "p_process": "scraper-alpha",
        "p_scrapers": ["alpha"],
        "p_action": "restart",
        "p_cause": "no progress for 3 intervals",
        "p_error": None,
    }
    backend.call("log_watchdog_action", action)
    page = operator.page(PAGE)
    assert "no progress for 3 intervals" in page
    assert "reinício" in page
