"""What the fixtures' catalogue does for matching: the simulator's bookmakers joined on an empty database and on one
that has imported the fixtures. The simulator's truth judges.

Everybody collects twice, starting at the same time: the first cycle decides alone, the second on what the first
taught.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

from bench.scraper_cycle import _free_port, _wait_for
from orchestrator import collect_once
from simulator import truth
from standalone.declare import register
from standalone.settings import ROOT, load_settings
from standalone.shared_resources import SharedResources
from store.embedded import read_url

SEEDS = (1, 7, 11, 23)
CYCLES = 2


def run() -> dict[str, Any]:
    """Run the benchmark in processes of its own, print the table, return the figures."""
    found = [figures for seed in SEEDS for figures in _world(seed)]
    _print(found)
    return {"joins": found}


def _world(seed: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "SIMULATOR_PORT": str(_free_port()),
            "EMBEDDED_PORT": str(_free_port()),
            "SIMULATOR_SEED": str(seed),
            "SIMULATOR_GUARDED": "false",
            "ODDS_SOURCE": "simulator",
        }
        processes = [_start(script, environment) for script in ("run_database.py", "run_simulator.py")]
        health = f"http://127.0.0.1:{environment['SIMULATOR_PORT']}/healthz"
        try:
            _wait_for(lambda: (Path(folder) / "database.url").exists())
            _wait_for(lambda: httpx.get(health).status_code == 200)
            figures = []
            for imported in (False, True):
                with psycopg.connect(read_url(Path(folder)), autocommit=True) as connection:
                    connection.execute("select wipe_odds()")
                if imported:
                    _start("run_monitored_chunk_processing.py", environment).wait()
                command = [sys.executable, "-m", "bench.fixtures_joins", str(seed)]
                out = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
                cycles = json.loads(out.splitlines()[-1])
                figures += [{"seed": seed, "imported": imported, **each} for each in cycles]
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()
    return figures


def _start(script: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(ROOT / "standalone" / script)], env=environment, stdout=sys.stderr)


def _measure(seed: int) -> list[dict[str, Any]]:
    """The cycles of everybody in this process, and how well they were joined after each."""
    resources = SharedResources(load_settings(), keep_catalogue=True)
    register(resources.backend, resources.registry)
    found = []
    for cycle in range(CYCLES):
        bookmakers = resources.registry.bookmakers.values()
        asyncio.run(collect_once(resources, bookmakers, lambda slug, phase, report: None, lambda: None))
        found.append({"cycle": cycle + 1, **_judge(read_url(resources.settings.data_dir), seed)})
    resources.close()
    return found


def _judge(url: str, seed: int) -> dict[str, Any]:
    """Pairs of events of one match, by the truth, and those that were joined."""
    with psycopg.connect(url) as connection:
        events = connection.execute(
            "select slug, source_event_id, match_id from bookmaker_events join bookmakers using (bookmaker_id)"
        ).fetchall()
    together, same = defaultdict(list), defaultdict(list)
    for slug, number, match_id in events:
        same[truth.match_of(slug, number, seed)].append(match_id)
        if match_id is not None:
            together[match_id].append((slug, number))
    joined = [pair for one in together.values() for pair in combinations(one, 2)]
    right = sum(truth.same_match(*pair, seed) for pair in joined)
    pairs = [pair for one in same.values() for pair in combinations(one, 2)]
    met = sum(one is not None and one == other for one, other in pairs)
    return {
        "events": len(events),
        "unmatched": sum(match_id is None for _, _, match_id in events),
        "joined_pairs": len(joined),
        "false_pairs": len(joined) - right,
        "true_pairs": len(pairs),
        "missed_pairs": len(pairs) - met,
    }


def _print(found: list[dict[str, Any]]) -> None:
    table = Table(title=f"matching on an empty database, {len(SEEDS)} worlds together")
    for heading in ("catalogue", "cycle", "unmatched", "precision", "recall", "missed pairs"):
        table.add_column(heading, justify="right")
    for imported in (False, True):
        for cycle in range(1, CYCLES + 1):
            some = [one for one in found if (one["imported"], one["cycle"]) == (imported, cycle)]
            total = {name: sum(one[name] for one in some) for name in some[0] if name not in ("seed", "imported")}
            table.add_row(
                "imported" if imported else "empty",
                str(cycle),
                f"{total['unmatched']} of {total['events']}",
                f"{1 - total['false_pairs'] / total['joined_pairs']:.5f}",
                f"{1 - total['missed_pairs'] / total['true_pairs']:.5f}",
                f"{total['missed_pairs']} of {total['true_pairs']}",
            )
    Console().print(table)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(int(sys.argv[1]))) + "\n")
