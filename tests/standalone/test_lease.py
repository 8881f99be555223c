"""One writer per bookmaker: the file lock within a machine, the database's word between machines."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scrapers.errors import LeaseLostError, StoreUnavailableError
from standalone.cycle.lease import Lease, holder_name
from standalone.process import FileLock
from store.backend import Backend
from store.postgres import PostgresBackend


def lease(backend: Backend, folder: Path, *, mode: str = "parallel", interval_s: int = 30) -> Lease:
    return Lease(backend, "alpha", mode=mode, data_dir=folder, interval_s=interval_s)


def status(backend: Backend) -> dict[str, Any]:
    rows = backend.call("status_report", {})["scrapers"]
    found: dict[str, Any] = next(row for row in rows if row["scraper_name"] == "alpha")
    return found


class Away(PostgresBackend):
    """A backend whose connection can be cut."""

    away = False

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        if self.away:
            raise StoreUnavailableError("cut")
        return super().call(function, args)


@pytest.fixture
def cuttable(backend: PostgresBackend, database_url: str) -> Iterator[Away]:
    cuttable = Away(database_url)
    yield cuttable
    cuttable.close()


def test_a_second_copy_on_the_folder_stands_by_and_takes_over(backend: PostgresBackend, tmp_path: Path) -> None:
    first, second = lease(backend, tmp_path), lease(backend, tmp_path, mode="sequential-all")
    assert first.acquire() is None
    assert second.acquire() == f"{holder_name(tmp_path)} (another process of this machine)"
    assert second.token is None
    assert [row["mode"] for row in status(backend)["standby"]] == ["sequential-all"]
    first.release()
    assert status(backend)["status"] == "stopped"
    assert second.acquire() is None
    assert status(backend)["mode"] == "sequential-all"
    assert status(backend)["standby"] is None
    second.release()


def test_a_restart_on_the_folder_is_at_work_at_once_and_fences_its_dead_self(
    backend: PostgresBackend, tmp_path: Path
) -> None:
    arguments = {"p_scraper": "alpha", "p_holder": holder_name(tmp_path), "p_mode": "parallel", "p_machine": "m"}
    dead = backend.call("acquire_lease", arguments | {"p_pid": 1, "p_ttl_s": 60, "p_expected_interval_s": 30})
    fresh = lease(backend, tmp_path)
    assert fresh.acquire() is None
    assert fresh.token != dead["token"]
    with pytest.raises(LeaseLostError):
        backend.call("renew_lease", {"p_scraper": "alpha", "p_lease_token": dead["token"], "p_ttl_s": 60})
    fresh.renew()
    assert fresh.token is not None
    fresh.release()


def test_a_worker_of_the_folder_need_not_wait_for_the_lease_of_a_dead_process(
    backend: PostgresBackend, tmp_path: Path
) -> None:
    dead, folder = lease(backend, tmp_path), holder_name(tmp_path)
    assert dead.acquire() is None
    dead._lock.release()  # as the kernel does
    for number in (1, 2):
        worker = Lease(
            backend,
            "alpha",
            mode="workers-http",
            data_dir=tmp_path,
            interval_s=30,
            worker=f"{folder}/http-{number}",
        )
        assert worker.acquire() is None
        dead.renew()
        assert dead.token is None
        worker._lock.release()
    stranger = Lease(
        backend, "alpha", mode="workers-http", data_dir=tmp_path / "there", interval_s=30, worker="vm/other/http-1"
    )
    assert stranger.acquire() == f"{folder}/http-2"
    stranger.release()


def test_a_renewal_finds_out_that_the_lease_is_lost(backend: PostgresBackend, tmp_path: Path) -> None:
    sleeper, heir = lease(backend, tmp_path / "here"), lease(backend, tmp_path / "there")
    assert sleeper.acquire() is None
    backend.call("renew_lease", {"p_scraper": "alpha", "p_lease_token": sleeper.token, "p_ttl_s": -1})
    assert heir.acquire() is None
    sleeper.renew()
    assert sleeper.token is None
    assert sleeper.acquire() == holder_name(tmp_path / "there")
    sleeper.release()
    heir.renew()
    assert heir.token is not None
    heir.release()


def test_between_machines_the_database_decides(backend: PostgresBackend, tmp_path: Path) -> None:
    here, there = lease(backend, tmp_path / "here"), lease(backend, tmp_path / "there")
    assert here.acquire() is None
    assert there.acquire() == holder_name(tmp_path / "here")
    here.release()
    assert there.acquire() is None
    there.release()


def test_the_lease_outlives_two_cycles(backend: PostgresBackend, tmp_path: Path) -> None:
    assert lease(backend, tmp_path, interval_s=5).ttl_s == 60
    slow = lease(backend, tmp_path, interval_s=120)
    assert slow.ttl_s == 240
    slow.expect_interval(200)
    assert slow.ttl_s == 400


def test_a_database_that_is_away_takes_nothing_from_the_holder(cuttable: Away, tmp_path: Path) -> None:
    held = lease(cuttable, tmp_path)
    cuttable.away = True
    with pytest.raises(StoreUnavailableError):
        held.acquire()
    cuttable.away = False
    assert held.acquire() is None
    cuttable.away = True
    token = held.token
    held.renew()
    assert held.token == token
    held.release()
    # The folder is free although the database could not be told.
    cuttable.away = False
    other = lease(cuttable, tmp_path)
    assert other.acquire() is None
    other.release()


def test_whoever_released_never_takes_it_again(backend: PostgresBackend, tmp_path: Path) -> None:
    gone = lease(backend, tmp_path)
    assert gone.acquire() is None
    gone.release()
    with pytest.raises(LeaseLostError, match="given back"):
        gone.acquire()
    assert status(backend)["lease_holder"] is None


class Slow(PostgresBackend):
    """A backend whose `acquire_lease` takes its time."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked, self.go_on = threading.Event(), threading.Event()

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        answer = super().call(function, args)
        if function == "acquire_lease":
            self.asked.set()
            assert self.go_on.wait(10)
        return answer


def test_a_release_waits_for_an_acquisition_under_way(
    backend: PostgresBackend, database_url: str, tmp_path: Path
) -> None:
    """A stop while the lease is being taken in a thread: it must not stay taken."""
    slow = Slow(database_url)
    held = lease(slow, tmp_path)
    taking = threading.Thread(target=held.acquire)
    taking.start()
    assert slow.asked.wait(10)
    giving = threading.Thread(target=held.release)
    giving.start()
    giving.join(0.1)
    assert giving.is_alive(), "it waits"
    slow.go_on.set()
    taking.join(10)
    giving.join(10)
    assert held.token is None
    assert status(backend)["lease_holder"] is None
    with FileLock(tmp_path / "locks" / "alpha.lock") as lock:
        assert lock.acquire(), "the folder is free"
    slow.close()


def test_a_folder_keeps_its_name_and_shares_it_with_no_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(holder_name, [tmp_path / "a"] * 8))
    assert len(names) == 1
    assert names == {holder_name(tmp_path / "a")}
    assert holder_name(tmp_path / "b") not in names
    assert {path.name for path in (tmp_path / "a" / "locks").iterdir()} == {"folder-name"}
