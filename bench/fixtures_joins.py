"""What the fixtures' catalogue does for matching: the simulator's bookmakers joined without it, on a database that
imported the fixtures first, and on one that imports them after the bookmakers' first cycle. The simulator's truth
judges.

Everybody collects twice, starting at the same time: the first cycle decides alone, the second on what the first
taught. Doubles are matches of the world that the catalogue holds twice, and clubs that it holds as two teams.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
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
from standalone.merging import Merger
from standalone.settings import ROOT, load_settings
from standalone.shared_resources import SharedResources
from store.embedded import read_url

SEEDS = (1, 7, 11, 23)
ORDERS = ("without", "before", "between")
"""When the fixtures are imported: never, before the first cycle, between the first and the second."""

IMPORT = ROOT / "standalone" / "run_monitored_chunk_processing.py"
EVENTS = """
  select b.slug, e.source_event_id, e.match_id, e.swapped, m.home_team_id, m.away_team_id
  from bookmaker_events e join bookmakers b using (bookmaker_id) left join matches m using (match_id)"""
FIXTURES = """
  select f.fixture_id, coalesce(g.into_match_id, f.match_id), h.name, fleet_current_team(h.team_id), a.name,
         fleet_current_team(a.team_id)
  from fixtures f join fixture_teams h on h.provider_team_id = f.home_id
  join fixture_teams a on a.provider_team_id = f.away_id left join merged_matches g using (match_id)
  where f.match_id is not null"""

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
            for order in ORDERS:
                with psycopg.connect(read_url(Path(folder)), autocommit=True) as connection:
                    connection.execute("select wipe_odds()")
                command = [sys.executable, "-m", "bench.fixtures_joins", str(seed), order]
                out = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
                cycles = json.loads(out.splitlines()[-1])
                figures += [{"seed": seed, "order": order, **each} for each in cycles]
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()
    return figures


def _start(script: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(ROOT / "standalone" / script)], env=environment, stdout=sys.stderr)


def _measure(seed: int, order: str) -> list[dict[str, Any]]:
    """The cycles of everybody in this process, and what the catalogue holds after each."""
    resources = SharedResources(load_settings(), keep_catalogue=True)
    register(resources.backend, resources.registry)
    found = []
    for cycle in range(CYCLES):
        if order == ORDERS[cycle + 1]:
            subprocess.run([sys.executable, str(IMPORT)], check=True, stdout=sys.stderr)
            Merger(resources.backend).step()
        bookmakers = resources.registry.bookmakers.values()
        asyncio.run(collect_once(resources, bookmakers, lambda slug, phase, report: None, lambda: None))
        Merger(resources.backend).step()  # as cleanup-service does every half minute
        found.append({"cycle": cycle + 1, **_judge(read_url(resources.settings.data_dir), seed)})
    resources.close()
    return found


def _judge(url: str, seed: int) -> dict[str, Any]:
    """Pairs of events of one match, by the truth, and those that were joined; what the catalogue holds twice."""
    with psycopg.connect(url) as connection:
        events = connection.execute(EVENTS).fetchall()
        fixtures = connection.execute(FIXTURES).fetchall()
    together, same = defaultdict(list), defaultdict(list)
    matches, clubs = defaultdict(set), defaultdict(set)
    for slug, number, match_id, swapped, *teams in events:
        one = truth.match_of(slug, number, seed)
        assert one is not None
        same[one].append(match_id)
        if match_id is not None:
            together[match_id].append((slug, number))
            matches[one.code].add(match_id)
            for name, team_id in zip((one.home, one.away), teams[::-1] if swapped else teams, strict=True):
                clubs[name, one.category].add(team_id)
    joined = [pair for one in together.values() for pair in combinations(one, 2)]
    right = sum(truth.same_match(*pair, seed) for pair in joined)
    pairs = [pair for one in same.values() for pair in combinations(one, 2)]
    met = sum(one is not None and one == other for one, other in pairs)
    codes = defaultdict(set)
    for code, ids in matches.items():
        for match_id in ids:
            codes[match_id].add(code)
    # The world's provider calls its fixtures by the numbers of the world's matches.
    wrong = 0
    for code, match_id, home, home_id, away, away_id in fixtures:
        wrong += any(number != code for number in codes[match_id])
        matches[code].add(match_id)
        clubs[home, ""].add(home_id)
        clubs[away, ""].add(away_id)
    return {
        "events": len(events),
        "unmatched": sum(match_id is None for _, _, match_id, *_ in events),
        "joined_pairs": len(joined),
        "false_pairs": len(joined) - right,
        "true_pairs": len(pairs),
        "missed_pairs": len(pairs) - met,
        "fixtures": len(fixtures),
        "wrong_fixtures": wrong,
        "double_matches": sum(len(ids) > 1 for ids in matches.values()),
        "double_teams": sum(len(ids) > 1 for ids in clubs.values()),
    }


def _print(found: list[dict[str, Any]]) -> None:
    table = Table(title=f"everybody on a new database, {len(SEEDS)} worlds together")
    for heading in (
        "fixtures",
        "cycle",
        "unmatched",
        "precision",
        "recall",
        "missed pairs",
        "doubles",
    ):
        table.add_column(heading, justify="right")
    for order in ORDERS:
        for cycle in range(1, CYCLES + 1):
            some = [one for one in found if (one["order"], one["cycle"]) == (order, cycle)]
            total = {name: sum(one[name] for one in some) for name in some[0] if name not in ("seed", "order")}
            table.add_row(
                order,
                str(cycle),
                f"{total['unmatched']} of {total['events']}",
                f"{1 - total['false_pairs'] / total['joined_pairs']:.5f}",
                f"{1 - total['missed_pairs'] / total['true_pairs']:.5f}",
                f"{total['missed_pairs']} of {total['true_pairs']}",
                f"{total['double_matches']}, {total['double_teams']}",
            )
    Console().print(table)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(int(sys.argv[1]), sys.argv[2])) + "\n")
