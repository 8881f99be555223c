"""What one bookmaker costs a worker: memory, connections, what it reads. Real workers, simulated bookmakers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from bench.machine import free_port, peak_mb
from scrapers.registry import load_registry
from standalone.settings import ROOT
from store.embedded import read_url
from store.postgres import PostgresBackend

BOOKMAKERS = (1, 4, 8, 13)
"""Held by one worker, of those whose page must hand out a session (here it need not)."""
MATCHES_A_DAY = 5
"""Gives a bookmaker of the usual 15 to 19 leagues 290 to 390 events."""
SETTLES_S = 20.0
WITHIN_S = 300.0


class Site:
    """An embedded database and simulated bookmakers in a folder of their own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DATA_DIR": folder,
            "EMBEDDED_PORT": str(free_port()),
            "SIMULATOR_PORT": str(free_port()),
            "SIMULATOR_MATCHES_A_DAY": str(MATCHES_A_DAY),
            "SIMULATOR_GUARDED": "false",
            "ODDS_SOURCE": "simulator",
            "START_SPREAD_S": "1",
        }
        self._processes = [self.start("run_database.py"), self.start("run_simulator.py")]
        wait_for(lambda: (Path(folder) / "database.url").exists())
        self.url = read_url(Path(folder))

    def start(self, script: str, *args: str, **settings: str) -> subprocess.Popen[bytes]:
        """A process of the fleet, silent."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "standalone" / script), *args],
            cwd=ROOT,
            env=self.environment | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End them."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait()


def wait_for(condition: Callable[[], object]) -> None:
    """Look again until it holds. Raises TimeoutError."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a process of the benchmark did not get ready")
        time.sleep(0.2)


def worker_with(site: Site, count: int) -> dict[str, Any]:
    """A worker that holds so many bookmakers, once each was collected: megabytes, connections, kB a cycle."""
    slugs = [slug for slug, one in load_registry().bookmakers.items() if one.transport == "browser"][:count]
    with closing(PostgresBackend(site.url, application_name="bench")) as backend:
        began = backend.call("status_report", {})["now"]
        worker = site.start("run_cycle_worker.py", "--kind", "browser", WORKER_BOOKMAKERS=",".join(slugs))
        try:

            def rows() -> list[dict[str, Any]]:
                report = backend.call("status_report", {})["scrapers"]
                return [
                    row for row in report if row["scraper_name"] in slugs and (row["last_success"] or "") > began
                ]

            wait_for(lambda: len(rows()) == count)
            time.sleep(SETTLES_S)
            process = psutil.Process(worker.pid)
            told = rows()
            return {
                "bookmakers": count,
                "prices": sum(row["odds_inserted"] for row in told),
                "pss_mb": round(process.memory_full_info().pss / 1e6, 1),
                "peak_mb": round(peak_mb(worker.pid), 1),
                "connections": _connections(worker.pid),
                "read_kb_a_cycle": round(sum(row["extra_data"]["received_bytes"] for row in told) / count / 1e3),
            }
        finally:
            worker.terminate()
            worker.wait()


def _connections(pid: int) -> int:
    return sum(
        connection.status == psutil.CONN_ESTABLISHED and connection.raddr.port == _port(pid)
        for connection in psutil.Process(pid).net_connections("tcp")
        if connection.raddr
    )


def _port(pid: int) -> int:
    return int(psutil.Process(pid).environ()["EMBEDDED_PORT"])
