"""The fixtures import at full size: 490 chunks, 60,000 fixtures; time, memory, and what looking on costs.

The provider is the simulator's, a process on loopback; the database is the embedded one. Each import is a process
of its own that runs the fleet's `Importer` unchanged; only its backend is wrapped to count. Beside it, in the same
run, the same rows go into a table of the same form by plain COPY. With and without the monitor in turn, each twice,
from an empty database each time.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

from bench.machine import peak_mb
from bench.scraper_cycle import Counting, _free_port, _wait_for
from jobs.fixtures.cataloguing import Cataloguer
from jobs.fixtures.importer import Importer, Plan
from jobs.fixtures.watching import Monitored, Unwatched, Watch
from monitoring.etl.performance import PerformanceTracker
from standalone.declare import register
from standalone.etl import open_monitor
from standalone.run_monitored_chunk_processing import COMPONENT, open_client
from standalone.settings import ROOT, load_settings
from standalone.shared_resources import SharedResources
from store.embedded import read_url

ROUNDS = 2
WITHOUT, WITH, AGAIN = "without monitor", "with monitor", "second run"
COLUMNS = "fixture_id, season_id, home_id, away_id, venue_id, starts_at, state, home_score, away_score"


def run() -> dict[str, Any]:
    """Run the benchmark in processes of its own, print the table, return the figures."""
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "SIMULATOR_PORT": str(_free_port()),
            "EMBEDDED_PORT": str(_free_port()),
            "ODDS_SOURCE": "simulator",
            "SIMULATOR_LARGE_CATALOGUE": "true",
        }
        database = _start("run_database.py", environment)
        try:
            _wait_for(lambda: (Path(folder) / "database.url").exists())
            url = read_url(Path(folder))
            found = []
            for _ in range(ROUNDS):
                for how in (WITHOUT, WITH):
                    found.append(_import(how, environment, url, empty=True))
            found.append(_import(AGAIN, environment, url, empty=False))
            copied_s = _copy(url)
        finally:
            database.terminate()
            database.wait()
    result = {"imports": found, "copy_s": round(copied_s, 3)}
    _print(result)
    return result


def _start(script: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(ROOT / "standalone" / script)], env=environment, stdout=sys.stderr)


def _import(how: str, environment: dict[str, str], url: str, *, empty: bool) -> dict[str, Any]:
    if empty:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("select wipe_odds()")
            connection.execute("vacuum analyze")
    # A provider for each import, or the second one would meet the hour's limit of requests.
    provider = _start("run_simulator.py", environment)
    try:
        health = f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/healthz"
        _wait_for(lambda: httpx.get(health).status_code == 200)
        command = [sys.executable, "-m", "bench.fixtures", how]
        out = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    finally:
        provider.terminate()
        provider.wait()
    figures: dict[str, Any] = json.loads(out.splitlines()[-1])
    return {"import": how, **figures}


async def _measure(how: str) -> dict[str, Any]:
    """One import in this process."""
    settings = load_settings()
    resources = SharedResources(settings, keep_catalogue=True)
    register(resources.backend, resources.registry)
    counting = resources.__dict__["backend"] = Counting(resources.backend)
    counting.calls.clear()
    begin, cpu = time.perf_counter(), time.process_time()
    if how == WITHOUT:
        report = await _run(resources, Unwatched(), None)
    else:
        with open_monitor(settings, COMPONENT) as monitor:
            execution_id = monitor.start_execution()
            report = await _run(resources, Monitored(monitor, PerformanceTracker(monitor)), execution_id)
            monitor.finish_execution(execution_id)
    wall_s, cpu_s = time.perf_counter() - begin, time.process_time() - cpu
    database_s = sum(ms for _, ms, _ in counting.calls) / 1000
    resources.close()
    return {
        "chunks": report["processed_chunks"],
        "fixtures": report["processed"],
        "written": report["successful"],
        "requests": report["requests"],
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
        "database_s": round(database_s, 2),
        "database_calls": len(counting.calls),
        "fixtures_per_database_s": round(report["processed"] / database_s),
        "peak_mb": round(peak_mb(), 1),
    }


async def _run(resources: SharedResources, watch: Watch, execution_id: str | None) -> dict[str, Any]:
    async with open_client(resources.settings) as client:
        cataloguer = Cataloguer(resources.backend, resources.catalogue.fresh, watch, days_ahead=30)
        importer = Importer(
            client, resources.backend, cataloguer, resources.league_names, watch, Plan(), execution_id=execution_id
        )
        return (await importer.run()).as_json()


def _copy(url: str) -> float:
    """Seconds that the fixtures take into an empty table with the same columns, keys and indexes."""
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.cursor().copy(f"copy fixtures ({COLUMNS}) to stdout") as out:
            rows = b"".join(bytes(part) for part in out)
        connection.execute("create table copied (like fixtures including all)")
        begin = time.perf_counter()
        with connection.cursor().copy(f"copy copied ({COLUMNS}) from stdin") as into:
            into.write(rows)
        took = time.perf_counter() - begin
        connection.execute("drop table copied")
    return took


def _print(result: dict[str, Any]) -> None:
    table = Table(title="fixtures import, embedded Postgres, provider on loopback")
    names = [name for name in result["imports"][0] if name != "import"]
    table.add_column("figure")
    for one in result["imports"]:
        table.add_column(one["import"], justify="right")
    for name in names:
        table.add_row(name, *(str(one[name]) for one in result["imports"]))
    console = Console()
    console.print(table)
    walls, cpus = (
        {how: mean(one[name] for one in result["imports"] if one["import"] == how) for how in (WITHOUT, WITH)}
        for name in ("wall_s", "cpu_s")
    )
    fixtures = result["imports"][0]["fixtures"]
    console.print(
        f"with the monitor a run takes {walls[WITH] / walls[WITHOUT] - 1:+.1%} time (on a busy machine equal runs "
        f"differ by more); its CPU is {(cpus[WITH] - cpus[WITHOUT]) / walls[WITHOUT]:.1%} of a run; plain COPY of "
        f"{fixtures} rows: {result['copy_s']} s, {fixtures / result['copy_s']:.0f}/s"
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_measure(sys.argv[1]))) + "\n")
