"""The board at three sizes: first load, rounds by how much changed, publishing and memory, each beside its floor.

The database is the embedded one and the commits are what scrapers send. Rounds are json-generator's own, with every
list; beside them those of the board alone, by their parts. Floors are of the same run and the same content: orjson
writing the document from dictionaries, COPY of the same rows, a plain scan of the same arrays, and writing the same
bytes to files. `python -m bench` writes the figures to `bench/results/board.json` and draws them as PNG beside it.

python -m bench.board [wide] [large] [huge]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from bench.board_data import SIZES, House, Size, fill
from bench.machine import free_port
from standalone.settings import ROOT
from store.embedded import read_url
from store.postgres import PostgresBackend

SHARE = 0.02
"""Of the prices that change per cycle."""
TICKS = 15
WHOLE_TICKS = 5
"""Rounds after a change of everybody's prices, of which each is a cycle of the fleet in one."""
USUAL = ("wide", "large")
"""Without `huge`, which takes minutes and gigabytes."""
LIMITS = {
    "wide": {"peak_rss_mb": 110.0},
    "large": {"load_odds_ms": 10_000.0, "tick_everybody_odds_ms": 500.0, "peak_rss_mb": 350.0},
}
PARTS = ("read_ms", "render_ms", "publish_ms")


def run(names: Sequence[str] = USUAL) -> dict[str, Any]:
    """Measure each size, print the table, return the figures."""
    results = {}
    for name in names:
        results[name] = _measure(SIZES[name])
        _print(results)
    return {"sizes": results}


def _measure(size: Size) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        Path(folder).chmod(0o755)  # the embedded server's own user looks into it
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "EMBEDDED_PORT": str(free_port()),
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
                figures = _rounds(houses, environment) | _copies(read_url(Path(folder)))
    return {"prices": size.prices, "bookmakers": size.bookmakers, "fill_s": round(filled_s, 1), **figures}


def _rounds(houses: list[House], environment: Mapping[str, str]) -> dict[str, Any]:
    """The generator's rounds, then those of the board alone and the floors."""
    with _driven("generator", environment) as ask:
        empty = ask()
        whole = _series(houses, ask)
    with _driven("board", environment) as ask:
        ask()
        board = _series(houses, ask)
        floors = ask("floors")
    load, every = board["load"][0], board["everybody"]
    changed = max(1, round(houses[0].offered * SHARE))
    return {
        "empty_pss_mb": empty["pss_mb"],
        **_medians(whole, ("odds_ms", "odds_cpu_ms", "ms", "cpu_ms")),
        **{f"board_{name}": value for name, value in _medians(board, ("ms", "cpu_ms")).items()},
        **{f"board_load_{part}": load[part] for part in PARTS},
        **{f"board_tick_everybody_{part}": round(median(tick[part] for tick in every), 1) for part in PARTS},
        # Each minute one bookmaker is read anew.
        "read_anew_share": round(load["read_ms"] / len(houses) / 60_000, 5),
        "changed_one_bookmaker": changed,
        "changed_everybody": changed * len(houses),
        **_memory(whole, ""),
        **_memory(board, "board_"),
        **floors,
    }


def _series(houses: list[House], ask: Any) -> dict[str, list[dict[str, float]]]:
    """Drive rounds: the first load, idle ones, after one price, after 2 % of a bookmaker's, after 2 % of all."""
    rounds = {"load": [ask("step")], "idle": [ask("step") for _ in range(TICKS)]}
    for name, share in (("one_price", 0.0), ("one_bookmaker", SHARE)):
        rounds[name] = []
        for number in range(TICKS):
            houses[number % len(houses)].move(share)
            rounds[name].append(ask("step"))
    rounds["everybody"] = []
    for _ in range(WHOLE_TICKS):
        for house in houses:
            house.move(SHARE)
        rounds["everybody"].append(ask("step"))
    return rounds


def _medians(rounds: Mapping[str, list[dict[str, float]]], figures: Sequence[str]) -> dict[str, float]:
    names = {name: name if name == "load" else f"tick_{name}" for name in rounds}
    return {
        f"{names[name]}_{figure}": round(median(tick[figure] for tick in ticks), 1)
        for figure in figures
        for name, ticks in rounds.items()
    }


def _memory(rounds: Mapping[str, list[dict[str, float]]], prefix: str) -> dict[str, float]:
    ticks = [tick for each in rounds.values() for tick in each]
    return {
        f"{prefix}pss_mb": max(tick["pss_mb"] for tick in ticks),
        f"{prefix}steady_pss_mb": ticks[-1]["pss_mb"],
        f"{prefix}peak_rss_mb": ticks[-1]["peak_rss_mb"],
    }


def _copies(url: str) -> dict[str, float]:
    """COPY of every price, and of those that each bookmaker's last commit changed; the fastest of three, ms."""
    queries = {
        "floor_copy_ms": "copy (select * from prices) to stdout",
        "floor_copy_changed_ms": "copy (select p.* from prices p join (select bookmaker_id, max(commit_seq) as seq "
        "from prices group by 1) n on n.bookmaker_id = p.bookmaker_id and n.seq = p.commit_seq) to stdout",
    }
    floors = {}
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for name, query in queries.items():
            took = []
            for _ in range(3):
                begin = time.perf_counter()
                with cursor.copy(query) as copied:
                    for _ in copied:
                        pass
                took.append((time.perf_counter() - begin) * 1000)
            floors[name] = round(min(took), 1)
    return floors


@contextmanager
def _driven(kind: str, environment: Mapping[str, str]) -> Iterator[Any]:
    """A process of `bench.board_steps`; called without a word, it only listens for the next answer."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.board_steps", kind],
        env=dict(environment),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    asked, answers = child.stdin, child.stdout
    assert asked is not None
    assert answers is not None

    def ask(word: str = "") -> dict[str, float]:
        if word:
            asked.write(f"{word}\n")
            asked.flush()
        answer: dict[str, float] = json.loads(answers.readline())
        return answer

    try:
        yield ask
    finally:
        asked.close()
        child.wait()


def _print(results: Mapping[str, Mapping[str, Any]]) -> None:
    table = Table(title=f"the board, {SHARE:.0%} of the prices changing per cycle")
    table.add_column("figure")
    for name in results:
        table.add_column(name, justify="right")
    for figure in next(iter(results.values())):
        cells = []
        for name, result in results.items():
            limit = LIMITS.get(name, {}).get(figure)
            beside = "" if limit is None else f" (at most {limit:g})"
            style = "[red]" if limit is not None and result[figure] > limit else ""
            cells.append(f"{style}{result[figure]:g}{beside}")
        table.add_row(figure, *cells)
    Console(width=110).print(table)


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
        time.sleep(0.05)


if __name__ == "__main__":
    print(json.dumps(run(tuple(sys.argv[1:]) or USUAL), indent=2))
