"""The board: load, tick, publish and memory at several sizes, and how long a committed price takes to `odds.json`.

The database is the embedded one, the commits are what scrapers send, json-generator is the fleet's own: once
driven step by step, for the time of a tick and its memory, and once as the process it is, for latency.
"""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import orjson
import psutil
from loguru import logger
from rich.console import Console
from rich.table import Table

from bench.board_data import SIZES, House, Size, fill
from standalone.run_json_generator import Generator
from standalone.settings import ROOT, load_settings
from store.embedded import read_url
from store.files import DirectoryFileStore
from store.postgres import PostgresBackend

SHARE = 0.02
"""Of a bookmaker's prices that change per cycle."""
TICKS = 15
LATENCY_COMMITS = 40
LATENCY_PAUSE_S = (0.2, 1.2)
"""Commits come at no fixed distance, as with many scrapers; never in step with the generator's rounds."""
LOOK_EVERY_S = 0.01


def run(names: tuple[str, ...] = tuple(SIZES)) -> dict[str, Any]:
    """Measure each size, print the table, return the figures."""
    results = {}
    for name in names:
        results[name] = _measure(SIZES[name])
        _print(results)
    return results


def _measure(size: Size) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        Path(folder).chmod(0o755)  # the embedded server's own user looks into it
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "EMBEDDED_PORT": str(_free_port()),
            "ODDS_SOURCE": "simulator",
            "LOG_LEVEL": "INFO",
            "MALLOC_ARENA_MAX": "1",  # as under PM2
            "MALLOC_TRIM_THRESHOLD_": "131072",
        }
        script = [sys.executable, str(ROOT / "standalone/run_database.py")]
        with _running(script, environment):
            _wait_for(Path(folder) / "database.url")
            # The server waits for its connections when it is told to stop.
            with closing(PostgresBackend(read_url(Path(folder)), application_name="bench")) as backend:
                begin = time.perf_counter()
                houses = fill(backend, size)
                filled_s = time.perf_counter() - begin
                figures = _ticks(houses, environment) | _latency(houses, environment, Path(folder) / "public")
    return {"prices": size.prices, "fill_s": round(filled_s, 1), **figures}


def _ticks(houses: list[House], environment: Mapping[str, str]) -> dict[str, Any]:
    """Drive a generator step by step: first load, idle ticks, ticks after 2 % of a bookmaker, and of everybody."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.board", "--steps"],
        env=dict(environment),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None

    def step() -> dict[str, float]:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"\n")
        child.stdin.flush()
        answer: dict[str, float] = json.loads(child.stdout.readline())
        return answer

    try:
        empty = json.loads(child.stdout.readline())
        load = step()
        idle = [step() for _ in range(TICKS)]
        one = []
        for number in range(TICKS):
            houses[number % len(houses)].move(SHARE)
            one.append(step())
        every = []
        for _ in range(3):
            for house in houses:
                house.move(SHARE)
            every.append(step())
    finally:
        child.stdin.close()
        child.wait()
    return {
        "empty_pss_mb": empty["pss_mb"],
        "load_ms": load["ms"],
        "idle_tick_ms": median(tick["ms"] for tick in idle),
        "idle_tick_cpu_ms": median(tick["cpu_ms"] for tick in idle),
        "one_bookmaker_tick_ms": median(tick["ms"] for tick in one),
        "one_bookmaker_tick_cpu_ms": median(tick["cpu_ms"] for tick in one),
        "everybody_tick_ms": median(tick["ms"] for tick in every),
        "pss_mb": max(tick["pss_mb"] for tick in (load, *idle, *one, *every)),
        "peak_rss_mb": every[0]["peak_rss_mb"],  # before the floor was measured in the same process
        "odds_mb": every[-1]["odds_mb"],
        "floor_dumps_ms": every[-1]["floor_dumps_ms"],
    }


def _steps() -> None:
    """The driven side: one step per line of stdin, its cost as a line of stdout."""
    settings = load_settings()
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    process = psutil.Process()
    backend = PostgresBackend(read_url(settings.data_dir), application_name="bench")
    generator = Generator(backend, DirectoryFileStore(settings.published), settings)
    gc.collect()
    print(json.dumps(_memory(process)), flush=True)
    for number, _ in enumerate(sys.stdin):
        wall, cpu = time.perf_counter(), time.process_time()
        generator.step()
        answer = {
            "ms": round((time.perf_counter() - wall) * 1000, 2),
            "cpu_ms": round((time.process_time() - cpu) * 1000, 2),
            **_memory(process),
            "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 1),
            "odds_mb": round((settings.published / "odds.json").stat().st_size / 1e6, 2),
        }
        if number > 2 * TICKS:
            answer["floor_dumps_ms"] = _dumping(settings.published / "odds.json")
        print(json.dumps(answer), flush=True)


def _dumping(path: Path) -> float:
    """What orjson needs to write the document from dictionaries that are there already, ms."""
    document = orjson.loads(path.read_bytes())
    begin = time.perf_counter()
    orjson.dumps(document)
    return round((time.perf_counter() - begin) * 1000, 2)


def _latency(houses: list[House], environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Run json-generator as it is; time from each commit's end to the `odds.json` that holds its price."""
    for name in ("odds.json", "odds.json.gz"):
        (folder / name).unlink(missing_ok=True)
    chance = random.Random(7)
    took = []
    script = [sys.executable, str(ROOT / "standalone/run_json_generator.py")]
    with _running(script, environment) as child:
        _wait_for(folder / "odds.json")
        process = psutil.Process(child.pid)
        begin, before = time.monotonic(), process.cpu_times()
        for number in range(LATENCY_COMMITS):
            house = houses[number % len(houses)]
            marked = f"{10 + number}.{chance.randint(1000, 9999) // 10 * 10 + 7:04d}"
            house.move(SHARE, marked)
            committed = time.monotonic()
            _wait_for_text(folder / "odds.json", f'"price":{marked},'.encode())
            took.append(time.monotonic() - committed)
            time.sleep(chance.uniform(*LATENCY_PAUSE_S))
        spent = process.cpu_times()
        busy = (spent.user + spent.system - before.user - before.system) / (time.monotonic() - begin)
        memory = _memory(process)
    cuts = quantiles(took, n=20)
    return {
        "latency_p50_s": round(median(took), 2),
        "latency_p95_s": round(cuts[-1], 2),
        "latency_worst_s": round(max(took), 2),
        "process_cpu_share": round(busy, 3),
        "process_pss_mb": memory["pss_mb"],
    }


def _memory(process: psutil.Process) -> dict[str, float]:
    full = process.memory_full_info()
    return {"pss_mb": round(full.pss / 1e6, 1)}


def _print(results: Mapping[str, Mapping[str, Any]]) -> None:
    table = Table(title=f"the board, {SHARE:.0%} of a bookmaker's prices changing per cycle")
    table.add_column("figure")
    for name in results:
        table.add_column(name, justify="right")
    for figure in next(iter(results.values())):
        table.add_row(figure, *(f"{result[figure]:g}" for result in results.values()))
    Console(width=100).print(table)


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(command, env=dict(environment), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.terminate()
        child.wait()


def _wait_for(path: Path, within_s: float = 120.0) -> None:
    deadline = time.monotonic() + within_s
    while not path.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} did not appear")
        time.sleep(LOOK_EVERY_S)


def _wait_for_text(path: Path, text: bytes, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    looked_at = None
    while True:
        state = path.stat()
        if (state.st_ino, state.st_mtime_ns) != looked_at:
            looked_at = (state.st_ino, state.st_mtime_ns)
            if text in path.read_bytes():
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{text!r} was not published")
        time.sleep(LOOK_EVERY_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    if sys.argv[1:] == ["--steps"]:
        _steps()
    else:
        print(json.dumps(run(tuple(sys.argv[1:]) or tuple(SIZES)), indent=2))
