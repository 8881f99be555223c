"""Runs benchmarks, prints their tables, writes figures to `bench/results/` as JSON, and draws them there as PNG.

The folder is made by the first run and is no part of the repository.

python -m bench [name ...] [--all]
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench import (
    board,
    etl,
    first_start,
    fixtures,
    fixtures_joins,
    fleet_memory,
    latency,
    lists,
    matching,
    plots,
    queue,
    scaling,
    scraper_cycle,
    surebet_finder,
    surebets,
)
from bench.board_data import SIZES

RESULTS = plots.RESULTS
BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {
    "scraper_cycle": scraper_cycle.run,
    "board": board.run,
    "fleet_memory": fleet_memory.run,
    "surebets": surebets.run,
    "surebet_finder": surebet_finder.run,
    "lists": lists.run,
    "matching": matching.run,
    "first_start": first_start.run,
    "etl": etl.run,
    "queue": queue.run,
    "scaling": scaling.run,
}
LONG: dict[str, Callable[[], dict[str, Any]]] = {
    "board": lambda: board.run(tuple(SIZES)),
    "latency": latency.run,
    "fixtures": fixtures.run,
    "fixtures_joins": fixtures_joins.run,
}
"""Only with `--all`, or by name: three million prices, ten minutes of the whole fleet, 60,000 fixtures five times,
and the joins of four worlds with and without a catalogue."""


def main(names: list[str], *, everything: bool) -> None:
    """The benchmarks of these names, one after the other; without names the usual ones, or every one there is."""
    RESULTS.mkdir(exist_ok=True)
    about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": platform.platform()}
    known = BENCHMARKS | LONG if everything else LONG | BENCHMARKS
    wanted = names or [*(known if everything else BENCHMARKS)]
    for name in wanted:
        result = known[name]()
        (RESULTS / f"{name}.json").write_text(json.dumps(about | result, indent=2) + "\n")
    plots.draw(RESULTS, wanted)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure; write bench/results/.")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(sorted(BENCHMARKS | LONG)))
    parser.add_argument("--all", action="store_true", help="with the largest board, and ten minutes of the fleet")
    given = parser.parse_args()
    if unknown := set(given.names) - (BENCHMARKS | LONG).keys():
        parser.error(f"no benchmark {', '.join(sorted(unknown))}")
    main(given.names, everything=given.all)
