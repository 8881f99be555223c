"""The dashboard as a process: it serves, says so, and stops when told; a port that is taken is said by name."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import psutil
import pytest

from standalone.run_dashboard import dashboard_config, outbound_targets
from standalone.settings import Settings
from store.postgres import PostgresBackend
from tests.support.operator import TOKEN, Operator
from tests.support.scraping import free_port
from tests.support.services import started


def settings_for(folder: Path, **more: str) -> Settings:
    return Settings(_env_file=None, DATA_DIR=folder, **more)  # type: ignore[arg-type]


def test_the_process_serves_reports_and_stops(backend: PostgresBackend, database_url: str, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "DASHBOARD_PORT": str(port), "ADMIN_TOKEN": TOKEN,
    }  # fmt: skip
    with started("run_dashboard.py", **settings) as process:
        process.wait_ready()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            assert client.get("/health").json() == {"status": "ok"}
            assert "Odds simuladas" in Operator(client).page("/admin/scraper-status")
            (service,) = backend.call("status_report", {})["services"]
            assert (service["service_name"], service["last_error"]) == ("dashboard", None)
            assert service["extra_data"]["memory_mb"] > 20
            assert psutil.Process(process.popen.pid).num_threads() < 20
            process.interrupt(within_s=4.5)  # PM2 kills it after 5 s
        logged = process.logged()
        assert f"http://127.0.0.1:{port}" in logged[0]["message"]
        assert not [line for line in logged if TOKEN in str(line)]


def test_a_taken_port_is_said_by_name(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "DASHBOARD_PORT": str(port)}
        with started("run_dashboard.py", **settings) as process:
            assert process.popen.wait(20) != 0
            assert process.popen.stdout is not None
            said = process.popen.stdout.read().decode()
    assert "DASHBOARD_PORT" in said
    assert str(port) in said


def test_what_the_pages_are_told(tmp_path: Path) -> None:
    local = dashboard_config(settings_for(tmp_path, ADMIN_TOKEN=TOKEN))
    assert (local.exposed, local.published, local.simulated) == (False, tmp_path / "public", True)
    assert TOKEN not in repr(local)
    assert {"json-generator", "cleanup-service", "alerts", "dashboard"} <= set(local.services)
    assert local.logs == {}, "nobody supervises this"
    assert dashboard_config(settings_for(tmp_path, DASHBOARD_HOST="::")).exposed
    assert dashboard_config(settings_for(tmp_path, DASHBOARD_URL="https://odds.example")).exposed
    bucket = {"SUPABASE_URL": "https://x.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": "key"}
    assert dashboard_config(settings_for(tmp_path, **bucket)).published is None


def test_logs_are_where_pm2_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("pm_out_log_path", str(tmp_path / "logs" / "dashboard-out.log"))
    logs = dashboard_config(settings_for(tmp_path)).logs
    assert logs["scraper-kto"] == tmp_path / "logs" / "scraper-kto-out.log"
    assert logs["scraper-br4bet_nba"] == tmp_path / "logs" / "scraper-br4bet-nba-out.log", "as PM2 writes it"


def test_who_is_asked_whether_the_machine_is_online(tmp_path: Path) -> None:
    assert outbound_targets(settings_for(tmp_path, SIMULATOR_PORT="4711")) == (("127.0.0.1", 4711),)
    assert outbound_targets(settings_for(tmp_path, ODDS_SOURCE="replay:x")) == ()
    direct = outbound_targets(settings_for(tmp_path, ODDS_SOURCE="live"))
    assert len(direct) == 3
    assert {port for _, port in direct} == {443}
    proxied = settings_for(tmp_path, ODDS_SOURCE="live", PROXY_LIST="direct,http://me:secret@10.0.0.1:8080")
    assert outbound_targets(proxied) == (("10.0.0.1", 8080),)
