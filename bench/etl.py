"""What being watched costs: a run of chunks with the ETL monitor and without it, and single calls.

A chunk is the least that an import does with one: read a page of JSON and write its rows to the embedded
database, one small table, in one transaction. Watched by the chunk, it says two lines and times two operations;
watched by the fixture, it adds for each a counter and a line below the level. Every watched run has a run alone
beside it, now before and now after it, and only the two are compared: what else the machine does meets both. The
processor's time is that of the process, threads of the monitor included, and of all processes of the database; the
clock's is told too, with its spread. The real import: bench/fixtures.py.

python -m bench etl
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import orjson
import psutil
import psycopg
from loguru import logger
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from bench.machine import free_port
from monitoring.etl.logger import ETLLogger
from monitoring.etl.monitor import ETLMonitor
from monitoring.etl.performance import PerformanceTracker
from standalone.settings import ROOT
from store.embedded import read_url
from store.postgres import PostgresBackend

CHUNKS = 122
FIXTURES = 123
"""A quarter of a whole catalogue a run, so that there can be many pairs."""
PAIRS = 16
CALLS = 20_000
LEAST_PACE = 2_000
"""Fixtures a second, which an import must at least write."""
TABLE = "create table bench_fixtures (fixture_id bigint primary key, body jsonb not null)"
WRITE = (
    "insert into bench_fixtures select (f->>'id')::bigint, f from jsonb_array_elements(%s) f "
    "on conflict (fixture_id) do update set body = excluded.body"
)


class Cost(NamedTuple):
    """Seconds of a run: on the clock; of the processor for this process, and for the database."""

    wall: float
    own: float
    database: float

    @property
    def cpu(self) -> float:
        """Of the processor, for both."""
        return self.own + self.database


class Pair(NamedTuple):
    """A run alone and a watched one, next to one another."""

    alone: Cost
    watched: Cost

    def shares(self) -> dict[str, float]:
        """What watching adds, as shares of the run alone: of its time on the clock, of its processor time, and its
        processor time of the time that a run of the least allowed pace takes."""
        more = self.watched.cpu - self.alone.cpu
        return {
            "wall": self.watched.wall / self.alone.wall - 1,
            "cpu": more / self.alone.cpu,
            "at_least_pace": more * LEAST_PACE / (CHUNKS * FIXTURES),
        }


class Watching(NamedTuple):
    """What an import says things with. each: something of each fixture, too."""

    monitor: ETLMonitor
    log: ETLLogger
    tracker: PerformanceTracker
    each: bool


BY_CHUNK, BY_FIXTURE = "by chunk", "by fixture"


def run() -> dict[str, Any]:
    """Run the benchmark, print the table, return the figures."""
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        environment = {**os.environ, "DATA_DIR": folder, "EMBEDDED_PORT": str(free_port())}
        server = subprocess.Popen([sys.executable, str(ROOT / "standalone/run_database.py")], env=environment)
        logger.remove()  # lines go where PM2 would read them; here that is nowhere
        logger.add(lambda _: None, level="INFO")
        try:
            url = _url_when_ready(Path(folder))
            figures = _measure(url, Path(folder) / "etl", psutil.Process(server.pid))
        finally:
            server.terminate()
            server.wait()
            logger.remove()
            logger.add(sys.stderr)
    _print(figures)
    return figures


def _url_when_ready(folder: Path) -> str:
    ends = time.monotonic() + 60
    while not (folder / "database.url").exists():
        assert time.monotonic() < ends, "the embedded server did not start"
        time.sleep(0.1)
    return read_url(folder)


def _measure(url: str, journals: Path, server: psutil.Process) -> dict[str, Any]:
    page = orjson.dumps([_fixture(n) for n in range(FIXTURES)])
    pairs: dict[str, list[Pair]] = {BY_CHUNK: [], BY_FIXTURE: []}
    with (
        psycopg.connect(url, autocommit=True) as connection,
        ETLMonitor(PostgresBackend(url), journals, "bench") as monitor,
    ):
        connection.execute(TABLE)
        watching = Watching(monitor, ETLLogger(monitor), PerformanceTracker(monitor), each=False)

        def alone() -> None:
            _import(connection, page, None)

        def watched(each: bool) -> None:
            with monitor.execution(total_fixtures=CHUNKS * FIXTURES, total_chunks=CHUNKS):
                _import(connection, page, watching._replace(each=each))

        alone()
        watched(True)
        for number in range(PAIRS):
            for kind, each in ((BY_CHUNK, False), (BY_FIXTURE, True)):
                if number % 2:
                    late = _cost(partial(watched, each), server)
                    pairs[kind].append(Pair(_cost(alone, server), late))
                else:
                    early = _cost(alone, server)
                    pairs[kind].append(Pair(early, _cost(partial(watched, each), server)))
        calls = _calls(watching)
    return {
        "chunks": CHUNKS,
        "fixtures": CHUNKS * FIXTURES,
        "pairs": PAIRS,
        "runs": {kind: _told(some) for kind, some in pairs.items()},
        "microseconds_a_call": calls,
    }


def _told(pairs: list[Pair]) -> dict[str, Any]:
    """Medians, and of the shares the middle half too."""
    told: dict[str, Any] = {
        f"{which}_{name}_s": round(median(getattr(getattr(pair, which), name) for pair in pairs), 3)
        for which in ("alone", "watched")
        for name in ("wall", "own", "database")
    }
    for name in ("wall", "cpu", "at_least_pace"):
        quarter, middle, three = quantiles([pair.shares()[name] for pair in pairs], n=4)
        told[f"{name}_share"] = [round(share, 4) for share in (middle, quarter, three)]
    return told


def _fixture(n: int) -> dict[str, Any]:
    return {
        "id": 19_000_000 + n,
        "league_id": 8,
        "season_id": 2025,
        "name": f"Home {n} vs Away {n}",
        "starting_at": "2026-11-22 16:00:00",
        "participants": [
            {"id": 2 * n + side, "name": f"Club {2 * n + side}", "short_code": "CLB"} for side in (0, 1)
        ],
        "scores": [{"description": "CURRENT", "score": {"goals": n % 4}}],
        "venue": {"id": n % 40, "name": "Ground", "city_name": "Town"},
    }


def _import(connection: psycopg.Connection[Any], page: bytes, watching: Watching | None) -> None:
    for number in range(CHUNKS):
        chunk_id = f"{number}-2025"
        with watching.monitor.chunk(chunk_id, total_fixtures=FIXTURES) if watching else nullcontext() as chunk:
            if watching:
                watching.log.info("chunk begins", page=1)
            with watching.tracker.track_operation("read") if watching else nullcontext():
                fixtures = orjson.loads(page)
            if watching and watching.each:
                for fixture in fixtures:
                    watching.log.debug("fixture read", fixture=fixture["id"])
                    watching.tracker.count("fixtures")
            with watching.tracker.track_operation("write") if watching else nullcontext():
                connection.execute(WRITE, (Jsonb(fixtures, dumps=orjson.dumps),))
            if watching and chunk is not None:
                chunk.add(successful=len(fixtures))
                watching.log.info("chunk written", fixtures=len(fixtures))


def _cost(work: Callable[[], None], server: psutil.Process) -> Cost:
    begun, own, database = time.perf_counter(), time.process_time(), _processor_s(server)
    work()
    return Cost(time.perf_counter() - begun, time.process_time() - own, _processor_s(server) - database)


def _processor_s(server: psutil.Process) -> float:
    """Processor time of a database's processes so far, those that ended included, in steps of 10 ms."""
    of_all = server.cpu_times()
    ended = of_all.children_user + of_all.children_system
    return float(ended + sum(sum(one.cpu_times()[:2]) for one in (server, *server.children(recursive=True))))


def _calls(watching: Watching) -> dict[str, float]:
    """Microseconds of one call, in the thread that makes it."""
    log, tracker, monitor = watching.log, watching.tracker, watching.monitor

    def timed() -> None:
        with tracker.track_operation("timed"):
            pass

    calls: dict[str, Callable[[], None]] = {
        "a line": lambda: log.info("said", n=1),
        "a line below the level": lambda: log.debug("said", n=1),
        "a timed operation": timed,
        "a counter": lambda: tracker.count("counted"),
        "progress": lambda: monitor.progress(successful=1),
    }
    found = {}
    with monitor.execution():
        for name, call in calls.items():
            begun = time.perf_counter()
            for _ in range(CALLS):
                call()
            found[name] = round((time.perf_counter() - begun) / CALLS * 1e6, 2)
    return found


def _print(figures: dict[str, Any]) -> None:
    title = f"ETL monitor: {figures['chunks']} chunks, {figures['fixtures']:,} fixtures, {figures['pairs']} pairs"
    table = Table(title=title)
    for column in ("", *figures["runs"]):
        table.add_column(column, justify="right" if column else "left")
    first = next(iter(figures["runs"].values()))
    for name in first:
        cells = []
        for run in figures["runs"].values():
            value = run[name]
            if isinstance(value, list):
                middle, low, high = value
                cells.append(f"{middle:+.1%} ({low:+.1%} to {high:+.1%})")
            else:
                cells.append(f"{value:.2f}")
        table.add_row(name.replace("_", " "), *cells)
    for call, microseconds in figures["microseconds_a_call"].items():
        table.add_row(f"{call} (µs)", "", f"{microseconds:.1f}")
    Console().print(table)


if __name__ == "__main__":
    run()
