"""From a price change at a bookmaker to the published `odds.json`: the whole fleet, as `make run` starts it.

The simulator is told once a second to show another price for a selection of a chance bookmaker; its journal keeps
when. The published file is watched. A change counts from the moment it is in force to the first file that shows it.
Markets that were suspended or taken off the page meanwhile are left out: their price cannot be seen.

python -m bench.latency [--minutes 10]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import httpx
import orjson
import psycopg
from rich.console import Console
from rich.table import Table

from bench.machine import free_port
from scrapers.registry import load_registry
from simulator.answers import code_of
from simulator.brands import load_bookmakers
from simulator.journal import read_entries
from simulator.world import State, World
from standalone.settings import ROOT
from store.embedded import read_url

MINUTES = 10.0
NORMAL_INTERVAL_S = 30
ALLOWED_BEYOND_INTERVAL_S = 3
MOVE_EVERY_S = 1.0
SHOWN_S = 300
"""How long a moved price is shown; nobody may take longer to publish it."""
LOOK_EVERY_S = 0.05
SEED = 1
SELECTIONS = """
    select e.source_event_id, e.match_id, p.market, p.period, p.line, p.selection, p.rules, p.price
    from prices p
    join bookmaker_events e using (event_id)
    join bookmakers b on b.bookmaker_id = p.bookmaker_id
    join price_scopes s using (scope_id)
    where b.slug = %s and p.status = 'open' and p.side = 'back' and p.price > 1.2 and not e.swapped
      and e.match_id is not null and e.starts_at > now() + interval '1 hour' and s.scope not like 'event:%%'
    order by p.selection_key
"""

Place = tuple[int, str, str, str, float | None, str, str]
"""Match id, bookmaker, market, period, line, selection, rules: where a back price stands in `odds.json`."""


class Selection(NamedTuple):
    """A selection that a bookmaker's list shows."""

    event_id: str
    match_id: int
    market: str
    period: str
    line: Decimal | None
    selection: str
    rules: str
    price: Decimal


@dataclass
class Change:
    """A price that was changed. at: when, seconds since the epoch; published_at: None until it was seen."""

    bookmaker: str
    selection: Selection
    price: float
    at: float
    published_at: float | None = None

    @property
    def place(self) -> Place:
        """Where it stands in `odds.json`."""
        one = self.selection
        line = None if one.line is None else float(one.line)
        return one.match_id, self.bookmaker, one.market, one.period, line, one.selection, one.rules


def run(minutes: float = MINUTES) -> dict[str, Any]:
    """Start the fleet, watch it, stop it; print the table, return the figures."""
    with _fleet() as environment:
        changes, files = _watch(environment, minutes * 60)
        answers = _answers(Path(environment["DATA_DIR"]) / "simulator" / "served.jsonl")
    visible = [change for change in changes if _was_open(change)]
    figures = {
        "minutes": minutes,
        "files": files,
        "answers": answers,
        "hidden": len(changes) - len(visible),
        **_figures(visible),
    }
    _print(figures)
    return figures


def _watch(environment: Mapping[str, str], seconds: float) -> tuple[list[Change], int]:
    """Change prices and look for them in each published file; the changes, and how many files there were."""
    intervals = {slug: one.interval_s for slug, one in load_registry().bookmakers.items()}
    path = Path(environment["DATA_DIR"]) / "public" / "odds.json"
    with psycopg.connect(read_url(Path(environment["DATA_DIR"])), autocommit=True) as connection:
        offered = {slug: [Selection(*row) for row in connection.execute(SELECTIONS, (slug,))] for slug in intervals}
    chance = random.Random(5)
    for selections in offered.values():
        chance.shuffle(selections)
    changes: list[Change] = []
    waiting: list[Change] = []
    begun, files, looked_at = time.monotonic(), 0, 0
    next_move = begun
    address = f"http://127.0.0.1:{environment['SIMULATOR_PORT']}"
    with httpx.Client(base_url=address, trust_env=False, timeout=10) as simulator:
        # After the last change its publication is waited for, as long as its price is shown.
        while (now := time.monotonic()) < begun + seconds or (waiting and now < begun + seconds + SHOWN_S):
            if next_move <= now < begun + seconds:
                next_move += MOVE_EVERY_S
                slug = chance.choice([slug for slug, selections in offered.items() if selections])
                change = _move(simulator, slug, offered[slug].pop(), chance)
                if change is not None:
                    changes.append(change)
                    waiting.append(change)
            state = path.stat()
            if state.st_ino != looked_at:
                seen_at, looked_at, files = time.time(), state.st_ino, files + 1
                shown = _prices(path)
                for change in waiting:
                    if shown.get(change.place) == change.price:
                        change.published_at = seen_at
                waiting = [change for change in waiting if change.published_at is None]
            time.sleep(LOOK_EVERY_S)
    return changes, files


def _move(simulator: httpx.Client, slug: str, one: Selection, chance: random.Random) -> Change | None:
    """Show a price up to 4 % away from what it was; None when the selection is not on offer any more."""
    price = one.price
    while price == one.price:
        price = max(Decimal("1.02"), round(one.price * Decimal(chance.uniform(0.96, 1.04)), 2))
    asked_at = time.time()
    answer = simulator.post(
        "/control/move",
        json={
            "bookmaker": slug,
            "event_id": int(one.event_id.rpartition(":")[2]),  # some platforms write a prefix before it
            "market": one.market,
            "period": one.period,
            "line": None if one.line is None else str(one.line),
            "selection": one.selection,
            "rules": one.rules,
            "price": str(price),
            "until": int(time.time()) + SHOWN_S,
        },
    )
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    answer.raise_for_status()
    return Change(slug, one, float(price), asked_at)


def _prices(path: Path) -> dict[Place, float]:
    """Every back price of a published file."""
    return {
        (
            match["match_id"],
            price["bookmaker"],
            market["market"],
            market["period"],
            market["line"],
            selection["selection"],
            market["rules"],
        ): price["price"]
        for match in orjson.loads(path.read_bytes())["matches"]
        for market in match["markets"]
        for selection in market["selections"]
        for price in selection["prices"]
    }


def _was_open(change: Change) -> bool:
    """Whether the bookmaker showed the price all the time until it was published, as the simulated world has it."""
    brand, one = load_bookmakers()[change.bookmaker].brand, change.selection
    world, end = World(SEED), int(change.published_at or change.at + SHOWN_S)
    fixture = world.fixture(code_of(SEED, brand.platform, one.event_id))
    assert fixture is not None
    return all(
        quote.state is State.OPEN
        for at in range(int(change.at), end + 1)
        for quote in world.quotes(brand, fixture, at)
        if (quote.offer.market, quote.offer.period, quote.offer.line, quote.offer.rules)
        == (one.market, one.period, one.line, one.rules)
    )


def _answers(journal: Path) -> dict[str, int]:
    """How many answers the simulator gave each bookmaker."""
    return dict(sorted(Counter(entry.bookmaker for entry in read_entries(journal)).items()))


def _figures(changes: Sequence[Change]) -> dict[str, Any]:
    """Seconds, of the bookmakers at the normal interval together, and of each one."""
    intervals = {slug: one.interval_s for slug, one in load_registry().bookmakers.items()}
    normal = [change for change in changes if intervals[change.bookmaker] == NORMAL_INTERVAL_S]
    return {
        "allowed_p95_s": NORMAL_INTERVAL_S + ALLOWED_BEYOND_INTERVAL_S,
        "normal_interval": _percentiles(normal),
        "bookmakers": {
            slug: {"interval_s": intervals[slug]}
            | _percentiles([change for change in changes if change.bookmaker == slug])
            for slug in sorted({change.bookmaker for change in changes})
        },
        "missed": [
            f"{change.bookmaker} {' '.join(map(str, change.selection))} -> {change.price} at {change.at:.0f}"
            for change in changes
            if change.published_at is None
        ],
        "normal_interval_s": sorted(_seconds(change) for change in normal if change.published_at is not None),
    }


def _percentiles(changes: Sequence[Change]) -> dict[str, Any]:
    """A change that was never published counts as slower than all others."""
    took = sorted(_seconds(change) for change in changes)
    missed = sum(1 for change in changes if change.published_at is None)
    if not took:
        return {"changes": 0, "missed": 0}
    return {
        "changes": len(took),
        "missed": missed,
        "p50_s": round(median(took), 1),
        "p95_s": round(took[math.ceil(0.95 * len(took)) - 1], 1),
        "worst_s": round(took[-1], 1),
    }


def _seconds(change: Change) -> float:
    return round((change.published_at or change.at + SHOWN_S) - change.at, 2)


def _print(figures: Mapping[str, Any]) -> None:
    normal = figures["normal_interval"]
    allowed = figures["allowed_p95_s"]
    table = Table(title=f"price change to odds.json, s; at 30 s the 95th percentile may be {allowed}")
    for heading in ("bookmaker", "interval", "changes", "missed", "median", "95 %", "worst"):
        table.add_column(heading, justify="left" if heading == "bookmaker" else "right")
    rows = {"all at 30 s": {"interval_s": NORMAL_INTERVAL_S} | normal, **figures["bookmakers"]}
    for name, row in rows.items():
        if row["changes"]:
            columns = ("interval_s", "changes", "missed", "p50_s", "p95_s", "worst_s")
            table.add_row(name, *(f"{row[column]:g}" for column in columns))
    Console(width=100).print(table)


@contextmanager
def _fleet() -> Iterator[dict[str, str]]:
    """The fleet in a world of its own, started as `make run` does and delivering; its environment."""
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        Path(folder).chmod(0o755)  # the embedded server's own user looks into it
        environment = {
            **os.environ,
            "PM2_HOME": f"{folder}/pm2",
            "DATA_DIR": f"{folder}/var",
            "SIMULATOR_PORT": str(free_port()),
            "EMBEDDED_PORT": str(free_port()),
            "DASHBOARD_PORT": str(free_port()),
            "SIMULATOR_SEED": str(SEED),
            "ODDS_SOURCE": "simulator",
        }
        launcher = [sys.executable, "-m", "standalone.launcher"]
        try:
            subprocess.run([*launcher, "start"], cwd=ROOT, env=environment, check=True)
            yield environment
        finally:
            subprocess.run([*launcher, "stop"], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    print(json.dumps(run(parser.parse_args().minutes)["normal_interval"]))
