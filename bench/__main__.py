"""Runs every benchmark, prints its table and writes it to `bench/results/`."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import board, fleet_memory, lists, matching, scraper_cycle, surebet_finder, surebets

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """All benchmarks, one after the other."""
    RESULTS.mkdir(exist_ok=True)
    about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": platform.platform()}
    benchmarks = {
        "scraper_cycle": scraper_cycle.run,
        "board": board.run,
        "fleet_memory": fleet_memory.run,
        "surebets": surebets.run,
        "surebet_finder": surebet_finder.run,
        "lists": lists.run,
        "matching": matching.run,
    }
    for name, run in benchmarks.items():
        result = run()
        (RESULTS / f"{name}.json").write_text(json.dumps(about | result, indent=2) + "\n")


if __name__ == "__main__":
    main()
