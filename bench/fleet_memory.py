"""The memory of the whole fleet under PM2, both modes: proportional set size of each process tree, peak and steady.

Everything is real (PM2, embedded database, scrapers, services, Chromium where bookmakers demand a session) but
the bookmakers, which the simulator plays with about 300 events each. The simulator and PM2's daemon are no part
of the sums; they are printed apart.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from scrapers.registry import load_registry
from standalone.settings import ROOT

MATCHES_A_DAY = 5
"""Gives a bookmaker of the usual 15 to 19 leagues 290 to 390 events."""
WATCHED_S = 420.0
"""Long enough for three cycles of the slowest bookmakers."""
STEADY_FROM = 0.5
"""The last half of the time is what is called steady."""
LOOK_EVERY_S = 1.0
LIMITS = {
    "an HTTP scraper, steady": 60,
    "a browser scraper between refreshes": 70,
    "parallel: peak": 1500,
    "parallel: steady": 1200,
    "sequential: peak": 450,
}
"""MB that each figure should not pass."""


@dataclass
class Watched:
    """One process of the fleet: its tree's PSS at each look, MB, and whether anything hung below it then."""

    tree_mb: list[float] = field(default_factory=list)
    alone_mb: list[float] = field(default_factory=list)


def run() -> dict[str, Any]:
    """Watch both modes, print the tables, return the figures."""
    modes = {mode: _watch(mode) for mode in ("parallel", "sequential")}
    figures = _figures(modes)
    _print(modes, figures)
    return {"figures": figures, "modes": modes}


def _watch(mode: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        environment = {
            **os.environ,
            "PM2_HOME": f"{folder}/pm2",
            "DATA_DIR": f"{folder}/var",
            "SIMULATOR_PORT": str(_free_port()),
            "DASHBOARD_PORT": str(_free_port()),
            "EMBEDDED_PORT": str(_free_port()),
            "SIMULATOR_MATCHES_A_DAY": str(MATCHES_A_DAY),
            "ODDS_SOURCE": "simulator",
        }
        Path(folder).chmod(0o755)  # the embedded server's own user looks into it
        launcher = [sys.executable, "-m", "standalone.launcher"]
        starting = subprocess.Popen([*launcher, "start", "--mode", mode], cwd=ROOT, env=environment)
        try:
            watched, sums = _look(folder, starting)
        finally:
            starting.wait()
            subprocess.run([*launcher, "stop"], cwd=ROOT, env=environment, check=True)
            shutil.rmtree(f"{folder}/pm2", ignore_errors=True)
    begin = int(len(sums) * STEADY_FROM)
    return {
        "peak_mb": round(max(sums), 1),
        "steady_mb": round(median(sums[begin:]), 1),
        "processes": {
            name: {
                "peak_mb": round(max(one.tree_mb), 1),
                "steady_mb": round(median(one.alone_mb[len(one.alone_mb) // 2 :] or one.tree_mb), 1),
            }
            for name, one in sorted(watched.items())
        },
    }


def _look(folder: str, starting: subprocess.Popen[bytes]) -> tuple[dict[str, Watched], list[float]]:
    watched: dict[str, Watched] = {}
    sums: list[float] = []
    end = time.monotonic() + WATCHED_S
    while time.monotonic() < end:
        if starting.poll():
            raise RuntimeError("the fleet did not start; see above")
        total = 0.0
        for name, process in _processes(folder).items():
            alone, tree = _pss_mb(process)
            one = watched.setdefault(name, Watched())
            one.tree_mb.append(tree)
            if alone == tree or name == "database":
                one.alone_mb.append(tree)
            if name not in ("simulator", "pm2"):
                total += tree
        sums.append(total)
        time.sleep(LOOK_EVERY_S)
    return watched, sums


def _processes(folder: str) -> dict[str, psutil.Process]:
    """What PM2 started for this folder, by name, and PM2 itself."""
    home = Path(folder) / "pm2"
    found = {}
    for file in (home / "pids").glob("*.pid"):
        try:
            found[file.stem.rpartition("-")[0]] = psutil.Process(int(file.read_text()))
        except (psutil.NoSuchProcess, ValueError, OSError):
            continue  # it is just being started
    if (home / "pm2.pid").exists():
        found["pm2"] = psutil.Process(int((home / "pm2.pid").read_text()))
    return found


def _pss_mb(process: psutil.Process) -> tuple[float, float]:
    """Proportional set size of the process, and of it with everything below it."""
    alone = _pss_of(process)
    try:
        children = [] if "God Daemon" in " ".join(process.cmdline()) else process.children(recursive=True)
    except psutil.NoSuchProcess:
        children = []
    return alone, alone + sum(_pss_of(child) for child in children)


def _pss_of(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def _figures(modes: dict[str, Any]) -> dict[str, float]:
    transports = {slug: bookmaker.transport for slug, bookmaker in load_registry().bookmakers.items()}
    steady = {
        transport: max(
            modes["parallel"]["processes"][f"scraper-{slug}"]["steady_mb"]
            for slug, own in transports.items()
            if own == transport
        )
        for transport in ("http", "browser")
    }
    return {
        "an HTTP scraper, steady": steady["http"],
        "a browser scraper between refreshes": steady["browser"],
        "parallel: peak": modes["parallel"]["peak_mb"],
        "parallel: steady": modes["parallel"]["steady_mb"],
        "sequential: peak": modes["sequential"]["peak_mb"],
    }


def _print(modes: dict[str, Any], figures: dict[str, float]) -> None:
    console = Console(width=100)
    for mode, result in modes.items():
        table = Table(title=f"{mode}: MB of each process tree (PSS)")
        for heading in ("process", "steady, alone", "peak with children"):
            table.add_column(heading, justify="left" if heading == "process" else "right")
        for name, one in result["processes"].items():
            table.add_row(name, f"{one['steady_mb']:g}", f"{one['peak_mb']:g}")
        console.print(table)
    table = Table(title="the fleet with services and database, without simulator and PM2")
    for heading in ("figure", "MB", "at most"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for name, value in figures.items():
        table.add_row(name, f"{value:g}", str(LIMITS[name]), style="red" if value > LIMITS[name] else None)
    console.print(table)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    print(json.dumps(run()["figures"]))
