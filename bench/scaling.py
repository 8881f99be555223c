"""Where the limits of many bookmakers and machines lie: the database's work, a worker's memory (docs/scaling.md).

python -m bench scaling
"""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import scaling_database, scaling_workers

INTERVAL_S = 30
"""From one cycle of a bookmaker to the next."""


def run() -> dict[str, Any]:
    """Run the benchmark, print the tables, return the figures."""
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        Path(folder).chmod(0o755)  # the embedded server's own user looks into it
        with closing(scaling_workers.Site(folder)) as site:
            workers = [scaling_workers.worker_with(site, count) for count in scaling_workers.BOOKMAKERS]
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        Path(folder).chmod(0o755)
        with closing(scaling_workers.Site(folder)) as site, closing(scaling_database.Server(site.url)) as server:
            queue = {
                bookmakers: {
                    name: asdict(cost)
                    for name, cost in {
                        **scaling_database.cycles_as_jobs(server, bookmakers),
                        "plain": scaling_database.plain_procrastinate(server, bookmakers),
                    }.items()
                }
                for bookmakers in scaling_database.FLEETS
            }
            houses = scaling_database.filled(server)
            traffic = scaling_database.traffic(server, houses[0])
            commits = scaling_database.commits(server, houses)
    result: dict[str, Any] = {"workers": workers, "queue": queue, "traffic": traffic, "commits": commits}
    result["limits"] = _limits(queue, commits)
    _print(result)
    return result


def _limits(queue: dict[int, Any], commits: list[dict[str, Any]]) -> dict[str, float]:
    """Bookmakers that one core of the database's machine carries, by the dearest cycle's processor time."""
    job_ms = max(costs["cycle"]["server_ms"] for costs in queue.values())
    commit_ms = max(row["server_ms"] for row in commits)
    return {
        "jobs alone": round(INTERVAL_S * 1000 / job_ms),
        "commits alone": round(INTERVAL_S * 1000 / commit_ms),
        "both": round(INTERVAL_S * 1000 / (job_ms + commit_ms)),
    }


def _print(result: dict[str, Any]) -> None:
    console = Console(width=110)
    table = Table(title="a worker with so many bookmakers")
    for heading in ("bookmakers", "prices", "PSS MB", "peak MB", "connections", "read, kB a cycle"):
        table.add_column(heading, justify="right")
    for row in result["workers"]:
        table.add_row(*(f"{value:,}" for value in row.values()))
    console.print(table)
    table = Table(title="of the database, for one cycle: ms on the clock, ms of its processor, kB of WAL")
    for heading in ("bookmakers", "a cycle's job", "as plain Procrastinate", "a worker's heartbeat"):
        table.add_column(heading, justify="right")
    for bookmakers, costs in result["queue"].items():
        cells = [
            " · ".join(f"{value:g}" for value in costs[name].values()) for name in ("cycle", "plain", "heartbeat")
        ]
        table.add_row(str(bookmakers), *cells)
    console.print(table)
    offer = scaling_database.OFFER
    prices = offer.prices // offer.bookmakers
    table = Table(title=f"commits of {prices:,} prices, {scaling_database.SHARE:.0%} of them changed")
    for heading in ("connections", "commits a second", "ms of the server's processor", "kB of WAL"):
        table.add_column(heading, justify="right")
    for row in result["commits"]:
        table.add_row(*(f"{value:g}" for value in row.values()))
    console.print(table)
    console.print(f"what travels of a bookmaker of {prices:,} prices: {result['traffic']}")
    console.print(f"bookmakers at {INTERVAL_S} s that one core of the database carries: {result['limits']}")


if __name__ == "__main__":
    print(json.dumps(run()["limits"]))
