"""What the launcher finds out before it starts anything; the rest is tests/fleet/test_make.py."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from jobs.cycles.queue import CycleQueue
from scrapers.registry import load_registry
from standalone.launcher import (
    LaunchError,
    check_port_is_free,
    scrapers_here,
    warn_about_shell_secrets,
    workers_heard_of,
)
from standalone.settings import Settings
from store.backend import Backend


def test_a_port_of_somebody_else_is_told_by_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(LaunchError, match=rf"{port}.*SIMULATOR_PORT"):
            check_port_is_free("127.0.0.1", port, "SIMULATOR_PORT")
    check_port_is_free("127.0.0.1", port, "SIMULATOR_PORT")


def test_secrets_of_the_shell_are_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "s3cret-word")
    warn_about_shell_secrets()
    said = capsys.readouterr().err
    assert "SUPABASE_SERVICE_ROLE_KEY" in said
    assert "s3cret-word" not in said


def settings(**changes: Any) -> Settings:
    return Settings(odds_source="simulator", **changes)


def test_a_machine_waits_for_the_bookmakers_that_it_collects_itself() -> None:
    declared = load_registry().bookmakers
    everyone = set(declared)
    http = {slug for slug, one in declared.items() if one.transport == "http"}
    assert scrapers_here("parallel", settings(run_services=False)) == everyone
    assert scrapers_here("workers", settings()) == everyone
    assert scrapers_here("workers", settings(workers_browser=0)) == http
    assert scrapers_here("workers", settings(workers_http=0, run_services=False)) == everyone - http
    # The others have processes of their own where the services are.
    assert scrapers_here("workers", settings(worker_bookmakers="kto", workers_browser=0)) == everyone
    assert scrapers_here("workers", settings(worker_bookmakers="kto", run_services=False)) == {"kto"}


def test_a_worker_counts_when_it_told_the_queue_that_it_lives(backend: Backend) -> None:
    assert workers_heard_of(backend, settings()) == set()
    for host, number in ((socket.gethostname(), 2), ("elsewhere", 3)):
        holder = f"{host}/3f9a1c2b/http-{number}"
        queue = CycleQueue(backend, kind="http", own=f"http@{number}", holder=holder, host=host, pid=1)
        queue.heartbeat([], slots=4, dead_after_s=12, late_after_s=6)
    assert workers_heard_of(backend, settings()) == {"worker-http-2"}
    silent = settings().model_copy(update={"worker_heartbeat_s": 0.0})
    assert workers_heard_of(backend, silent) == set()
