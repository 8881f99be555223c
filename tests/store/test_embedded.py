"""The embedded Postgres through its real process: started, killed, stolen from, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from scrapers.errors import StoreError, StoreUnavailableError
from store.embedded import read_url, url_file, write_url
from tests.support.ports import free_port
from tests.support.postgres import ROOT, open_folder

AS_ROOT = os.geteuid() == 0
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

pytestmark = pytest.mark.fleet


@dataclass
class Running:
    """The process `database` of one data folder."""

    data_dir: Path
    process: subprocess.Popen[bytes]
    ready: int
    log: Path = field(repr=False)

    @property
    def url(self) -> str:
        return read_url(self.data_dir)

    def wait_ready(self) -> None:
        """Wait for what PM2 waits for."""
        os.set_blocking(self.ready, True)
        assert os.read(self.ready, 100) == b'"ready"\n', self.log.read_text()

    def value(self, query: str) -> object:
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """start(data_dir, port=..., prefix=...) -> Running; everything is ended afterwards."""
    with ExitStack() as stack:

        def start(data_dir: Path, *, port: int | None = None, prefix: tuple[str, ...] = ()) -> Running:
            receiver, sender = os.pipe()
            stack.callback(os.close, receiver)
            log = data_dir.parent / f"{data_dir.name}-{time.monotonic_ns()}.log"
            environment = {
                "PATH": os.environ["PATH"],
                "DATA_DIR": str(data_dir),
                "EMBEDDED_PORT": str(port or free_port()),
                "NODE_CHANNEL_FD": str(sender),
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            with open(log, "wb") as output:
                process = subprocess.Popen(
                    [*prefix, sys.executable, "-m", "standalone.run_database"],
                    cwd=ROOT,
                    env=environment,
                    pass_fds=[sender],
                    stdout=output,
                    stderr=output,
                )
            os.close(sender)
            stack.callback(end, process)
            return Running(data_dir, process, receiver, log)

        yield start


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
    process.wait(timeout=20)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def kill_all(pids: list[int]) -> None:
    """kill -9 to each; a Postgres worker may end by itself between being listed and being killed."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_day_in_its_life(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    port = free_port()
    with pytest.raises(StoreUnavailableError, match="make run"):
        read_url(data_dir)

    first = start(data_dir, port=port)
    first.wait_ready()
    assert f"127.0.0.1:{port}/odds" in first.url
    assert url_file(data_dir).stat().st_mode & 0o777 == 0o600
    assert first.value("select count(*) > 0 from bookmakers") is True
    # What the supervisor watches is the postmaster itself.
    assert f"{first.process.pid}\n" == (data_dir / "postgres/postmaster.pid").read_text().splitlines(True)[0]
    assert first.value("show unix_socket_directories") == ""
    assert first.value("show fsync") == "on"
    stranger = first.url.replace(first.url.split(":")[2].partition("@")[0], "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)

    second = start(data_dir)
    assert second.process.wait(timeout=20) == 2
    assert f"already running (process {first.process.pid})" in second.log.read_text()
    assert first.value("select 1") == 1

    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(timeout=20) == 0

    with socket.create_server(("127.0.0.1", port)):
        third = start(data_dir, port=port)
        third.wait_ready()
        assert f":{port}/" not in third.url
        assert third.value("select count(*) > 0 from bookmakers") is True


def test_killed_without_warning_it_comes_back(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    running = start(data_dir)
    running.wait_ready()
    with closing(psycopg.connect(running.url, autocommit=True)) as busy:
        busy.execute("create table kept as select 1 as one")
        # A backend in the middle of its work does not notice at once that its postmaster is gone.
        busy.pgconn.send_query(b"select count(*) from generate_series(1, 2000000000)")
        running.process.kill()
        running.process.wait(timeout=20)
        again = start(data_dir)
        again.wait_ready()
    assert again.value("select one from kept") == 1

    kill_all(children_of(again.process.pid))
    deadline = time.monotonic() + 20
    while True:
        try:
            assert again.value("select one from kept") == 1
            break
        except psycopg.OperationalError:
            # The postmaster restarts its backends; nothing tells a client when it is done.
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert again.process.poll() is None

    kill_all([again.process.pid, *children_of(again.process.pid)])
    again.process.wait(timeout=20)
    last = start(data_dir)
    last.wait_ready()
    assert last.value("select one from kept") == 1


def test_a_stale_pid_that_now_is_somebody_else(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    running = start(data_dir)
    running.wait_ready()
    lines = (data_dir / "postgres/postmaster.pid").read_text().splitlines(True)
    running.process.kill()
    running.process.wait(timeout=20)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (data_dir / "postgres/postmaster.pid").write_text(f"{stranger.pid}\n" + "".join(lines[1:]))
        again = start(data_dir)
        again.wait_ready()
        assert stranger.poll() is None
        stranger.kill()


def test_a_lost_url_file_gets_a_new_password(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    running = start(data_dir)
    running.wait_ready()
    before = running.url
    running.process.send_signal(signal.SIGINT)
    running.process.wait(timeout=20)
    url_file(data_dir).unlink()
    again = start(data_dir)
    again.wait_ready()
    assert again.url.split("@")[0] != before.split("@")[0]
    assert again.value("select 1") == 1


def test_a_creation_cut_short_leaves_nothing_behind(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    (data_dir / "postgres.new").mkdir(parents=True)
    (data_dir / "postgres.new" / "half").write_text("written")
    running = start(data_dir)
    running.wait_ready()
    assert not (data_dir / "postgres.new").exists()


def test_a_folder_that_is_no_database_is_left_alone(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "letter.txt").write_text("dear")
    running = start(data_dir)
    assert running.process.wait(timeout=20) == 2
    assert "neither empty nor a Postgres data folder" in running.log.read_text()
    assert (data_dir / "postgres" / "letter.txt").read_text() == "dear"


def test_a_folder_of_an_unknown_version_is_named(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("12\n")
    running = start(data_dir)
    assert running.process.wait(timeout=20) == 2
    assert "was made by Postgres 12" in running.log.read_text()


def test_a_server_that_cannot_be_migrated_does_not_stay(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    running = start(data_dir)
    running.wait_ready()
    with psycopg.connect(running.url, autocommit=True) as connection:
        connection.execute("update fleet_migrations set checksum = 'other' where version = 1")
    running.process.send_signal(signal.SIGINT)
    running.process.wait(timeout=20)
    again = start(data_dir)
    again.process.wait(timeout=20)
    assert os.read(again.ready, 100) == b""
    assert "0001_foundation.sql: edited after it was applied" in again.log.read_text()


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_as_an_ordinary_user(start: Start, folder: Path) -> None:
    home = folder / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    running = start(home / "var", prefix=NOBODY)
    running.wait_ready()
    assert (home / "var" / "postgres").stat().st_uid == 65534
    assert running.value("select 1") == 1
    running.process.send_signal(signal.SIGINT)
    running.process.wait(timeout=20)
    # Root goes on with it as the user who owns it.
    as_root = start(home / "var")
    as_root.wait_ready()
    assert Path(f"/proc/{as_root.process.pid}").stat().st_uid == 65534


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_an_ordinary_user_cannot_take_anothers_folder(start: Start, folder: Path) -> None:
    data_dir = folder / "var"
    (data_dir / "postgres").mkdir(parents=True)
    os.chown(data_dir, 65534, 65534)
    running = start(data_dir, prefix=NOBODY)
    assert running.process.wait(timeout=20) == 2
    assert "sudo chown -R nobody" in running.log.read_text()


@contextmanager
def closed_folder() -> Iterator[Path]:
    with open_folder() as folder:
        folder.chmod(0o700)
        yield folder


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_as_root_in_a_folder_that_nobody_else_may_enter(start: Start) -> None:
    with closed_folder() as folder:
        running = start(folder / "var")
        running.wait_ready()
        status = Path(f"/proc/{running.process.pid}/status").read_text()
        assert "\nUid:\t0" not in status
        assert running.value("select count(*) > 0 from bookmakers") is True
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=20) == 0


def test_the_url_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    write_url(tmp_path, "postgresql://one")
    write_url(tmp_path, "postgresql://two")
    assert read_url(tmp_path) == "postgresql://two"
    assert url_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["database.url"]


def test_an_unreadable_url_file_is_an_error_of_ours(tmp_path: Path) -> None:
    url_file(tmp_path).mkdir()
    with pytest.raises(StoreError, match=r"database\.url cannot be read"):
        read_url(tmp_path)
