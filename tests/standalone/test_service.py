"""The loop of a service: rounds, heartbeats, readiness, failures that pass and those that do not."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scrapers.errors import StoreError, StoreUnavailableError
from standalone.process import FileLock, Stop
from standalone.service import Service, wait_for_turn


class Recorder:
    """A backend that keeps the heartbeats, or is away."""

    def __init__(self) -> None:
        self.heartbeats: list[dict[str, Any]] = []
        self.away = False
        self.closed = False

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        assert function == "service_heartbeat"
        if self.away:
            raise StoreUnavailableError("away")
        self.heartbeats.append(dict(args))
        return {"reload_epoch": 0}

    def close(self) -> None:
        self.closed = True


def test_a_good_round_is_told_once_per_heartbeat_interval() -> None:
    recorder = Recorder()
    service = Service("s", recorder, lambda: {"n": 1}, interval_s=2, heartbeat_s=60)
    assert [service.round(), service.round()] == [True, True]
    assert recorder.heartbeats == [
        {"p_service": "s", "p_expected_interval_s": 60, "p_error": None, "p_extra": {"n": 1}}
    ]


def test_failing_and_recovering_are_told_at_once() -> None:
    recorder, answers = Recorder(), iter([StoreError("no such function"), None, StoreError("again")])

    def step() -> Mapping[str, Any]:
        failure = next(answers)
        if failure is not None:
            raise failure
        return {}

    service = Service("s", recorder, step, interval_s=2, heartbeat_s=60)
    assert [service.round() for _ in range(3)] == [False, True, False]
    assert [heartbeat["p_error"] for heartbeat in recorder.heartbeats] == ["no such function", None, "again"]


def test_a_heartbeat_that_fails_does_not_fail_the_round() -> None:
    recorder = Recorder()
    recorder.away = True
    assert Service("s", recorder, dict, interval_s=2).round()


def test_ready_comes_after_the_first_good_round(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("standalone.service.report_ready", lambda: told.append("ready"))
    answers = iter([StoreUnavailableError("away"), None, None])

    def step() -> Mapping[str, Any]:
        failure = next(answers)
        if failure is not None:
            raise failure
        told.append("step")
        return {}

    service = Service("s", Recorder(), step, interval_s=2)
    for _ in range(3):
        service.round()
    assert told == ["step", "ready", "step"]


def test_rounds_go_on_until_told_to_stop_and_the_backend_is_given_back() -> None:
    recorder, stop, rounds = Recorder(), Stop(), []

    def step() -> Mapping[str, Any]:
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        return {}

    Service("s", recorder, step, interval_s=0.01).run(stop)
    assert len(rounds) == 3
    assert recorder.closed


def test_a_bug_ends_the_process() -> None:
    def step() -> Mapping[str, Any]:
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        Service("s", Recorder(), step, interval_s=1).run(Stop())


def test_a_round_that_hangs_does_not_hold_up_the_end() -> None:
    stop, hang = Stop(), threading.Event()

    def step() -> Mapping[str, Any]:
        stop.set()
        hang.wait(30)
        return {}

    started = time.monotonic()
    Service("s", Recorder(), step, interval_s=1).run(stop)
    assert time.monotonic() - started < 10
    hang.set()


def test_a_second_copy_waits_for_the_first(tmp_path: Path) -> None:
    first, second, stop = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock"), Stop()
    assert wait_for_turn(first, stop)
    release = threading.Timer(0.2, first.release)
    release.start()
    assert wait_for_turn(second, stop)
    release.join()
    stop.set()
    assert not wait_for_turn(FileLock(tmp_path / "lock"), stop)
    second.release()
