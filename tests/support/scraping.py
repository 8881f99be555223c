"""Scrapers as real processes beside a real database and a real simulator, without a supervisor.

with workplace(server, folder) as place, place.start("run_scraper.py", "--scraper", "kto") as scraper:
    place.until(lambda: place.status("kto")["outcome"] == "ok")
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import orjson
import psutil
import psycopg
from psycopg.rows import dict_row

from scrapers.registry import load_registry
from standalone.declare import register
from store.postgres import PostgresBackend
from tests.support.patience import patient
from tests.support.ports import free_port
from tests.support.postgres import TestServer

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK_EVERY_S = 0.03

T = TypeVar("T")


def until(look: Callable[[], T | None], within_s: float = 20.0, what: object = None) -> T:
    """What `look` gives once that is truthy; fails when that takes longer than a patient `within_s`."""
    within_s = patient(within_s)
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what() if callable(what) else what or look}")
        time.sleep(LOOK_EVERY_S)  # other processes tell nobody


@dataclass
class Started:
    """A process. Its output goes to a file, so that it never waits for its reader."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def lines(self) -> list[dict[str, Any]]:
        """Its log so far; lines that are not JSON (a traceback) come as {"message": line}."""
        found = []
        for line in self.log.read_bytes().splitlines():
            found.append(orjson.loads(line) if line.startswith(b"{") else {"message": line.decode()})
        return found

    def messages(self) -> str:
        """Its log so far, one message per line."""
        return "\n".join(line["message"] for line in self.lines())

    def send(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def ended(self, within_s: float) -> int:
        """Its exit code; fails when it has not ended by then, patiently."""
        within_s = patient(within_s)
        try:
            return self.popen.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {within_s:g} s: {self.messages()}") from None

    def stop(self, within_s: float = 10.0) -> float:
        """Stop it as PM2 does (SIGINT); how long that took. Fails when it did not end well."""
        begin = time.monotonic()
        self.send(signal.SIGINT)
        assert self.ended(within_s) == 0, self.messages()
        return time.monotonic() - begin

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self.popen.kill()
        self.popen.wait()

    def memory_mb(self) -> float:
        """Its resident memory now."""
        return float(psutil.Process(self.pid).memory_info().rss) / 1e6

    def peak_mb(self) -> float:
        """The most it ever held."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
        raise AssertionError("the kernel tells no peak")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.popen.poll() is None:
            # A stopped process would never see another signal than this one.
            self.kill()


@dataclass
class Workplace:
    """A database with the registry's bookmakers, a simulator, and a folder for processes."""

    url: str
    folder: Path
    simulator_port: int
    control: httpx.Client
    database: psycopg.Connection[dict[str, Any]]
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(10_000)))

    def environment(self, **more: str) -> dict[str, str]:
        """Settings of a process here. No browser is to be found."""
        return {
            "PATH": str(self.folder),
            "HOME": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": self.url,
            "ODDS_SOURCE": "simulator",
            "SIMULATOR_PORT": str(self.simulator_port),
            "SIMULATOR_GUARDED": "false",
            "DATA_DIR": str(self.folder / "var"),
            **more,
        }

    def start(self, script: str, *args: str, **settings: str) -> Started:
        """Start `standalone/<script>`; ends with the `with` block."""
        log = self.folder / f"{next(self._numbers)}-{Path(script).stem}.log"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, str(ROOT / "standalone" / script), *args],
                cwd=ROOT,
                env=self.environment(**settings),
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        return Started(popen, log)

    def scraper(self, slug: str, *, interval: int = 1, **settings: str) -> Started:
        """Start one bookmaker's scraper."""
        return self.start("run_scraper.py", "--scraper", slug, "--interval", str(interval), **settings)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the database answers."""
        return self.database.execute(query, values).fetchall()

    def status(self, slug: str) -> Mapping[str, Any]:
        """One scraper's row of the status view."""
        (row,) = self.rows("select * from scraper_status_view where scraper_name = %s", slug)
        return row

    def cycles(self, slug: str, after: int = 0) -> list[dict[str, Any]]:
        """The committed cycles of a scraper in order, without the first `after`."""
        return self.rows(
            "select * from scraper_cycles where scraper_name = %s order by committed_at offset %s", slug, after
        )

    def prices(self, slug: str) -> dict[str, int]:
        """How many prices of a bookmaker are open, suspended, gone."""
        found = self.rows(
            "select p.status, count(*)::int as n from prices p join bookmakers b using (bookmaker_id)"
            " where b.slug = %s group by 1",
            slug,
        )
        return {row["status"]: row["n"] for row in found}

    def fault(self, slug: str, kind: str, **more: object) -> None:
        """Switch a fault of the simulator on."""
        self.control.post("/control/faults", json={"bookmaker": slug, "kind": kind, **more}).raise_for_status()

    def heal(self, slug: str) -> None:
        """Switch every fault of a bookmaker off."""
        self.control.delete("/control/faults", params={"bookmaker": slug}).raise_for_status()


@contextmanager
def workplace(server: TestServer, folder: Path, *, simulator: bool = True, seed: int = 1) -> Iterator[Workplace]:
    """A fresh database in `server`, with the registry declared, and a simulator that listens."""
    with ExitStack() as stack:
        url = stack.enter_context(server.database(template="migrated"))
        with closing(PostgresBackend(url)) as backend:
            register(backend, load_registry())
        port = free_port()
        control = stack.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False)
        )
        database = stack.enter_context(closing(psycopg.connect(url, autocommit=True, row_factory=dict_row)))
        place = Workplace(url, folder, port, control, database)
        if simulator:
            process = stack.enter_context(place.start("run_simulator.py", SIMULATOR_SEED=str(seed)))
            until(lambda: _answers(control), what=process.messages)
        yield place


def _answers(control: httpx.Client) -> bool:
    try:
        return control.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def children_of(pid: int) -> list[int]:
    """Every living descendant of a process."""
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        os.kill(pid, 0)
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
