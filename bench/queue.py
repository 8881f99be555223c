"""The queue beside plain Procrastinate: jobs a second, from enqueueing to the start, and what an idle worker costs.

Both run the same empty job on one embedded Postgres, each in a database of its own: ours with the fleet's
migrations, Procrastinate with its schema as it comes, its own worker and connector. Workers are processes of their
own, started before the clock. Runs of both alternate, so that what else the machine does meets both; the median
counts.

python -m bench queue
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from bench.machine import free_port
from jobs.queue.calls import Identity
from jobs.queue.context import JobContext
from jobs.queue.kinds import JobKind
from jobs.queue.worker import JobWorker, WorkerLimits
from standalone.settings import ROOT
from store.embedded import read_url
from store.postgres import PostgresBackend

JOBS = 2_000
CONCURRENCY = 20
RUNS = 3
LATENCY_JOBS = 100
LATENCY_PAUSE_S = 0.05
IDLE_S = 40.0
WAYS = ("ours", "ours, polled", "plain")
SCHEMA = {"ours": "procrastinate.", "ours, polled": "procrastinate.", "plain": ""}
ENQUEUE = {
    way: f"insert into {schema}procrastinate_jobs (queue_name, task_name) "
    "select 'default', 'empty' from generate_series(1, %s)"
    for way, schema in SCHEMA.items()
}


def run() -> dict[str, Any]:
    """Run the benchmark, print the table, return the figures."""
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        environment = {**os.environ, "DATA_DIR": folder, "EMBEDDED_PORT": str(free_port())}
        server = subprocess.Popen([sys.executable, str(ROOT / "standalone/run_database.py")], env=environment)
        try:
            ours = _url_when_ready(Path(folder))
            figures = _measure(ours, psutil.Process(server.pid))
        finally:
            server.terminate()
            server.wait()
    _print(figures)
    return figures


def _url_when_ready(folder: Path) -> str:
    ends = time.monotonic() + 60
    while not (folder / "database.url").exists():
        assert time.monotonic() < ends, "the embedded server did not start"
        time.sleep(0.1)
    return read_url(folder)


def _measure(ours: str, server: psutil.Process) -> dict[str, Any]:
    with psycopg.connect(ours, autocommit=True) as connection:
        connection.execute("create database plain")
    plain = ours.rpartition("/")[0] + "/plain"
    _apply_plain_schema(plain)
    urls = {"ours": ours, "ours, polled": ours, "plain": plain}
    speeds: dict[str, list[Mapping[str, float]]] = {way: [] for way in WAYS}
    waits: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(RUNS):
        for way, url in urls.items():
            speeds[way].append(_throughput(way, url, server))
        for way, url in urls.items():
            waits[way] += _waits_ms(way, url)
    return {
        "jobs": JOBS,
        "concurrency": CONCURRENCY,
        "runs": RUNS,
        "ways": {
            way: {
                **{name: round(median(speed[name] for speed in speeds[way]), 3) for name in speeds[way][0]},
                "start_p50_ms": round(median(waits[way]), 1),
                "start_p95_ms": round(quantiles(waits[way], n=20)[-1], 1),
                **_idle(way, url),
            }
            for way, url in urls.items()
        },
    }


def _throughput(way: str, url: str, server: psutil.Process) -> dict[str, float]:
    """One worker, all the jobs there from the start; from the first taken to the last ended, by the database's
    clock."""
    with _watching(url) as connection:
        connection.execute(f"truncate {SCHEMA[way]}procrastinate_jobs cascade".encode())
        connection.execute(ENQUEUE[way].encode(), (JOBS,))
        before = _processor_s(server)
        with _worker(way, url) as worker:
            began = _once(
                connection, f"select now() from {SCHEMA[way]}procrastinate_jobs where status <> 'todo' limit 1"
            )
            own = sum(worker.cpu_times()[:2])
            ended = _once(
                connection,
                f"select now() where not exists (select from {SCHEMA[way]}procrastinate_jobs "
                "where status in ('todo', 'doing'))",
            )
            own = sum(worker.cpu_times()[:2]) - own
        database = _processor_s(server) - before
    return {
        "jobs_per_s": JOBS / (ended - began).total_seconds(),
        "worker_ms_a_job": own / JOBS * 1000,
        "database_ms_a_job": database / JOBS * 1000,
    }


def _waits_ms(way: str, url: str) -> list[float]:
    """Single jobs to an idle worker: from the insertion's transaction to the taking, by the database's clock."""
    with _watching(url) as connection:
        connection.execute(f"truncate {SCHEMA[way]}procrastinate_jobs cascade".encode())
        with _worker(way, url):
            connection.execute(ENQUEUE[way].encode(), (1,))
            _none_left(connection, way)
            for _ in range(LATENCY_JOBS):
                connection.execute(ENQUEUE[way].encode(), (1,))
                time.sleep(LATENCY_PAUSE_S)
            _none_left(connection, way)
        rows = connection.execute(
            f"""select extract(epoch from max(at) filter (where type = 'started')
                                 - max(at) filter (where type = 'deferred'))
            from {SCHEMA[way]}procrastinate_events group by job_id order by job_id offset 1""".encode()
        ).fetchall()
    return [float(seconds) * 1000 for (seconds,) in rows]


def _idle(way: str, url: str) -> dict[str, float]:
    """Transactions a second of one worker that has nothing to do."""
    with _watching(url) as connection, _worker(way, url):
        count = (
            b"select pg_stat_clear_snapshot(), xact_commit from pg_stat_database where datname = current_database()"
        )
        time.sleep(5.0)  # it has joined
        before = connection.execute(count).fetchone()
        began = time.monotonic()
        time.sleep(IDLE_S)
        after = connection.execute(count).fetchone()
        seconds = time.monotonic() - began
    assert before is not None
    assert after is not None
    return {"idle_transactions_per_s": round((after[1] - before[1] - 1) / seconds, 2)}


@contextmanager
def _watching(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@contextmanager
def _worker(way: str, url: str) -> Iterator[psutil.Process]:
    process = subprocess.Popen([sys.executable, "-m", "bench.queue", way, url], cwd=ROOT)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _once(connection: psycopg.Connection[Any], query: str) -> Any:
    while (row := connection.execute(query.encode()).fetchone()) is None:
        time.sleep(0.03)
    return row[0]


def _none_left(connection: psycopg.Connection[Any], way: str) -> None:
    left = f"select from {SCHEMA[way]}procrastinate_jobs where status in ('todo', 'doing')"
    _once(connection, f"select 1 where not exists ({left})")


def _processor_s(server: psutil.Process) -> float:
    """Of every process of the database that lives or has ended."""
    own = server.cpu_times()
    living = [child.cpu_times() for child in server.children(recursive=True)]
    return own.children_user + own.children_system + sum(times.user + times.system for times in living)


def _apply_plain_schema(url: str) -> None:
    from importlib.resources import files

    schema = files("procrastinate").joinpath("sql", "schema.sql").read_text(encoding="utf-8")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(schema.encode())


def _print(figures: dict[str, Any]) -> None:
    title = (
        f"Queue: {figures['jobs']} empty jobs, {figures['concurrency']} at once, median of {figures['runs']} runs"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for way in WAYS:
        table.add_column(way, justify="right")
    for name in figures["ways"]["ours"]:
        table.add_row(name, *(f"{figures['ways'][way][name]:g}" for way in WAYS))
    Console().print(table)


async def _work_ours(url: str, *, polled: bool) -> None:
    async def empty(context: JobContext, args: Mapping[str, Any]) -> None:
        pass

    async def on_beat() -> None:
        pass

    worker = JobWorker(
        Identity("bench", "bench", os.getpid(), "bench"),
        ["default"],
        [JobKind("empty", empty)],
        backend=PostgresBackend(url),
        work=PostgresBackend(url),
        url=None if polled else lambda: url,
        clean=str,
        limits=WorkerLimits(concurrency=CONCURRENCY),
        on_beat=on_beat,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, worker.stop)
    await worker.run()


async def _work_plain(url: str) -> None:
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name="empty")
    async def empty() -> None:
        pass

    async with app.open_async():
        await app.run_worker_async(queues=["default"], concurrency=CONCURRENCY)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        run()
    else:
        from loguru import logger

        logger.remove()  # PM2 would read the lines; here nobody does
        logger.add(lambda _: None, level="INFO")
        way, url = sys.argv[1:]
        asyncio.run(_work_plain(url) if way == "plain" else _work_ours(url, polled=way == "ours, polled"))
