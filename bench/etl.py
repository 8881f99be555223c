"""What being watched costs: a run of chunks with the ETL monitor and without it, and single calls.

A chunk is the least that an import does with one: read a page of JSON and write its rows to the embedded
database, one small table, in one transaction. Watched by the chunk, it says two lines and times two operations;
watched by the fixture, it adds for each a counter and a line below the level. Runs take turns; of each kind the
quickest counts, for what else the machine does only adds. Processor time is that of the whole process, threads
of the monitor included; what it grows by is what watching costs, whoever else has the machine. The real import:
bench/fixtures.py.

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
from pathlib import Path
from typing import Any, NamedTuple

import orjson
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

CHUNKS = 490
FIXTURES = 123
ROUNDS = 7
CALLS = 20_000
LEAST_PACE = 2_000
"""Fixtures a second, which an import must at least write."""
TABLE = "create table bench_fixtures (fixture_id bigint primary key, body jsonb not null)"
WRITE = (
    "insert into bench_fixtures select (f->>'id')::bigint, f from jsonb_array_elements(%s) f "
    "on conflict (fixture_id) do update set body = excluded.body"
)


class Cost(NamedTuple):
    """Seconds of a run: on the clock, and of the processor."""

    wall: float
    cpu: float


class Watching(NamedTuple):
    """What an import says things with. each: something of each fixture, too."""

    monitor: ETLMonitor
    log: ETLLogger
    tracker: PerformanceTracker
    each: bool


ALONE, BY_CHUNK, BY_FIXTURE = "alone", "by chunk", "by fixture"


def run() -> dict[str, Any]:
    """Run the benchmark, print the table, return the figures."""
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        environment = {**os.environ, "DATA_DIR": folder, "EMBEDDED_PORT": str(free_port())}
        server = subprocess.Popen([sys.executable, str(ROOT / "standalone/run_database.py")], env=environment)
        logger.remove()  # lines go where PM2 would read them; here that is nowhere
        logger.add(lambda _: None, level="INFO")
        try:
            url = _url_when_ready(Path(folder))
            figures = _measure(url, Path(folder) / "etl")
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


def _measure(url: str, journals: Path) -> dict[str, Any]:
    page = orjson.dumps([_fixture(n) for n in range(FIXTURES)])
    costs: dict[str, list[Cost]] = {ALONE: [], BY_CHUNK: [], BY_FIXTURE: []}
    with (
        psycopg.connect(url, autocommit=True) as connection,
        ETLMonitor(PostgresBackend(url), journals, "bench") as monitor,
    ):
        connection.execute(TABLE)
        watching = Watching(monitor, ETLLogger(monitor), PerformanceTracker(monitor), each=False)
        kinds: dict[str, Callable[[], None]] = {
            ALONE: lambda: _import(connection, page, None),
            BY_CHUNK: lambda: _watched(connection, page, watching),
            BY_FIXTURE: lambda: _watched(connection, page, watching._replace(each=True)),
        }
        _import(connection, page, None)
        for _ in range(ROUNDS):
            for kind, work in kinds.items():
                costs[kind].append(_cost(work))
        calls = _calls(watching)
    best = {kind: Cost(*map(min, zip(*runs, strict=True))) for kind, runs in costs.items()}
    fixtures, quiet = CHUNKS * FIXTURES, best[ALONE]
    return {
        "chunks": CHUNKS,
        "fixtures": fixtures,
        "runs": {
            kind: {
                "seconds": round(cost.wall, 3),
                "cpu_seconds": round(cost.cpu, 3),
                "share_at_this_pace": round((cost.cpu - quiet.cpu) / quiet.wall, 4),
                "share_at_least_pace": round((cost.cpu - quiet.cpu) * LEAST_PACE / fixtures, 4),
            }
            for kind, cost in best.items()
        },
        "microseconds_a_call": calls,
    }


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


def _watched(connection: psycopg.Connection[Any], page: bytes, watching: Watching) -> None:
    with watching.monitor.execution(total_fixtures=CHUNKS * FIXTURES, total_chunks=CHUNKS):
        _import(connection, page, watching)


def _cost(work: Callable[[], None]) -> Cost:
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - begun, time.process_time() - cpu)


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
    table = Table(title=f"ETL monitor: {figures['chunks']} chunks, {figures['fixtures']:,} fixtures")
    for column in ("", *figures["runs"]):
        table.add_column(column, justify="right" if column else "left")
    rows = {
        "seconds": "{:.2f}",
        "cpu_seconds": "{:.2f}",
        "share_at_this_pace": "{:.1%}",
        "share_at_least_pace": "{:.1%}",
    }
    for name, form in rows.items():
        table.add_row(name.replace("_", " "), *(form.format(run[name]) for run in figures["runs"].values()))
    for call, microseconds in figures["microseconds_a_call"].items():
        table.add_row(f"{call} (µs)", "", "", f"{microseconds:.1f}")
    Console().print(table)


if __name__ == "__main__":
    run()
