"""Rotation of the files that PM2 keeps open: what is kept, and that the writer writes on."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrapers.registry import load_registry
from standalone.log_rotation import LogRotation, pm2_log_files
from standalone.pm2_apps import every_name
from standalone.process import Stop

LINE = "{:06d} " + "x" * 92 + "\n"
"""A line of 100 bytes."""


class Writer:
    """Appends numbered lines to a file that it keeps open, as PM2 does."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.count = 0

    def write(self, lines: int) -> None:
        for _ in range(lines):
            os.write(self._file, LINE.format(self.count).encode())
            self.count += 1

    def close(self) -> None:
        os.close(self._file)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "scraper-x-out.log"


@pytest.fixture
def writer(log: Path) -> Iterator[Writer]:
    writer = Writer(log)
    yield writer
    writer.close()


def numbers(path: Path) -> list[int]:
    return [int(line.split()[0]) for line in path.read_text().splitlines()]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_below_its_size_and_a_missing_one_are_left_alone(log: Path, writer: Writer) -> None:
    writer.write(10)
    assert LogRotation([log, log.with_name("none.log")], max_bytes=1000, keep=2).rotate() == []
    assert files(log.parent) == [log.name]


def test_older_files_move_on_the_oldest_goes_and_nothing_between_is_lost(log: Path, writer: Writer) -> None:
    rotation = LogRotation([log], max_bytes=999, keep=2)
    for _ in range(4):
        writer.write(10)
        assert rotation.rotate() == [log]
    writer.write(3)
    assert files(log.parent) == [log.name, f"{log.name}.1", f"{log.name}.2"]
    found = [numbers(log.with_name(log.name + end)) for end in (".2", ".1", "")]
    assert found == [[*range(20, 30)], [*range(30, 40)], [40, 41, 42]]


def test_of_a_file_far_beyond_its_size_the_newest_part_is_kept(log: Path, writer: Writer) -> None:
    writer.write(50)
    LogRotation([log], max_bytes=1000, keep=1).rotate()
    assert numbers(log.with_name(f"{log.name}.1")) == [*range(40, 50)]
    assert log.stat().st_size == 0


def test_none_kept_means_emptied(log: Path, writer: Writer) -> None:
    writer.write(20)
    assert LogRotation([log], max_bytes=1000, keep=0).rotate() == [log]
    assert (files(log.parent), log.stat().st_size) == ([log.name], 0)


def test_a_full_disk_costs_the_copy_and_not_the_room(
    log: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device", str(path))

    writer.write(20)
    monkeypatch.setattr(Path, "open", full)
    assert LogRotation([log], max_bytes=1000, keep=2).rotate() == [log]
    assert (files(log.parent), log.stat().st_size) == ([log.name], 0)


def test_while_somebody_writes_nothing_comes_twice_or_out_of_order(log: Path, writer: Writer) -> None:
    done = threading.Event()

    def write() -> None:
        writer.write(20_000)
        done.set()

    rotation, rotations = LogRotation([log], max_bytes=50_000, keep=100), 0
    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        rotations += len(rotation.rotate())
    thread.join()
    assert rotations
    copies = sorted(log.parent.glob(f"{log.name}.*"), key=lambda path: -int(path.suffix[1:]))
    # A file that outgrew twice its size, or was emptied while it was written to, begins in the middle of a line.
    found = [int(line[:6]) for path in (*copies, log) for line in path.read_text().splitlines() if len(line) == 99]
    assert found == sorted(set(found))
    assert found[-1] == writer.count - 1 or not log.stat().st_size


def test_it_runs_until_told_to_stop(log: Path, writer: Writer) -> None:
    writer.write(20)
    stop = Stop()
    thread = threading.Thread(target=LogRotation([log], max_bytes=1000, keep=1).run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_the_files_are_those_of_the_pm2_that_started_us() -> None:
    assert pm2_log_files(["a"], {}) == []
    environment = {"pm_out_log_path": "/home/fleet/.pm2/logs/cleanup-service-out.log"}
    assert pm2_log_files(["scraper-b_nba"], environment) == [
        Path("/home/fleet/.pm2/logs/scraper-b-nba-out.log"),
        Path("/home/fleet/.pm2/logs/scraper-b-nba-error.log"),
        Path("/home/fleet/.pm2/pm2.log"),
    ]
    assert len(pm2_log_files(every_name(), environment)) > 2 * len(load_registry().bookmakers)
