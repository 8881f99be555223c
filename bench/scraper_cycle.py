"""One scraper at 30,000 prices with 2 % changing per cycle: time by phase, memory, database time, bytes sent.

The bookmaker is a process on loopback, the database the embedded one, the scraper a process of its own
that runs the fleet's `Scraper` unchanged; only its backend is wrapped to count.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import orjson
import psutil
from rich.console import Console
from rich.table import Table

from bench.offer import PRICES_PER_EVENT
from scrapers.declarations import Bookmaker
from scrapers.records import Sport
from scrapers.registry import Registry, load_registry
from standalone.cycle.scraper import Scraper
from standalone.declare import register
from standalone.settings import ROOT, load_settings
from standalone.shared_resources import SharedResources
from store.backend import Backend

EVENTS = 1000
SHARE = 0.02
CYCLES = 12


class Counting:
    """A backend that notes how long each call took and how many bytes its arguments were."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.calls: list[tuple[str, float, int]] = []

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """As the wrapped backend."""
        begin = time.perf_counter()
        try:
            return self._inner.call(function, args)
        finally:
            took = (time.perf_counter() - begin) * 1000
            self.calls.append((function, took, len(orjson.dumps(args))))

    def close(self) -> None:
        """As the wrapped backend."""
        self._inner.close()


def run() -> dict[str, Any]:
    """Run the benchmark in processes of its own, print the table, return the figures."""
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        port = _free_port()
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "SIMULATOR_PORT": str(port),
            "EMBEDDED_PORT": str(_free_port()),
            "ODDS_SOURCE": "simulator",
        }
        database = subprocess.Popen([sys.executable, str(ROOT / "standalone/run_database.py")], env=environment)
        offer = subprocess.Popen(
            [sys.executable, "-m", "bench.offer", str(port), str(EVENTS), str(SHARE)], env=environment, cwd=ROOT
        )
        try:
            _wait_for(lambda: (Path(folder) / "database.url").exists())
            _wait_for(lambda: httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200)
            out = subprocess.run(
                [sys.executable, "-m", "bench.scraper_cycle"],
                env=environment,
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
            ).stdout
        finally:
            offer.terminate()
            database.terminate()
            offer.wait()
            database.wait()
    result: dict[str, Any] = json.loads(out)
    _print(result)
    return result


async def _measure() -> dict[str, Any]:
    league = load_registry().leagues["premier_league"]
    bookmaker = Bookmaker(
        slug="bench",
        name="Bench",
        platform="altenar",
        options={"integration": "bench"},
        sports=(Sport.FOOTBALL,),
        leagues=(league.key,),
        site="https://bench.example",
    )
    resources = SharedResources(load_settings())
    idle_mb = psutil.Process().memory_info().rss / 1e6
    resources.__dict__["registry"] = Registry((bookmaker,), (league,))
    counting = resources.__dict__["backend"] = Counting(resources.backend)
    register(counting, resources.registry)
    scraper = Scraper(bookmaker, resources, mode="bench")
    cycles: list[dict[str, Any]] = []
    for number in range(CYCLES + 1):
        counting.calls.clear()
        report = await scraper.run_cycle()
        assert report.success, report.error
        commits = [call for call in counting.calls if call[0] == "commit_cycle"]
        cycles.append(
            {
                "first": number == 0,
                "prices": report.collected,
                "changes": report.changes,
                "cycle_ms": report.duration_ms,
                **{f"{name}_ms": ms for name, ms in report.details["phases_ms"].items()},
                "database_ms": round(sum(call[1] for call in counting.calls), 1),
                "commit_kb": round(sum(call[2] for call in commits) / 1000, 1),
                "received_kb": round(report.details["received_bytes"] / 1000, 1),
                "rss_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
            }
        )
    await scraper.close()
    resources.close()
    return {"events": EVENTS, "idle_rss_mb": round(idle_mb, 1), "cycles": cycles}


def _print(result: dict[str, Any]) -> None:
    first = result["cycles"][0]
    later = [cycle for cycle in result["cycles"] if not cycle["first"]]
    table = Table(title=f"one scraper, {EVENTS * PRICES_PER_EVENT} prices, {SHARE:.0%} changing per cycle")
    for heading in ("figure", "first cycle", f"median of {len(later)}", "worst"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for name in first:
        if name != "first":
            values = [cycle[name] for cycle in later]
            table.add_row(name, str(first[name]), f"{median(values):g}", f"{max(values):g}")
    table.add_row("idle_rss_mb", f"{result['idle_rss_mb']:g}", "", "")
    Console(width=100).print(table)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(reached: Any, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            if reached():
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("a process of the benchmark did not start")
        time.sleep(0.1)


if __name__ == "__main__":
    from loguru import logger

    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    print(json.dumps(asyncio.run(_measure())))
