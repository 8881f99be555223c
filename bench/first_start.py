"""What a fresh start leaves of real clubs: how many become two teams, before and after the evidence merges them.

Each world of the simulator (its truth is known) is listed by every bookmaker in its own spellings, against an empty
database, in an order of chance: the first one makes what it lists, the others join. The linker, the database and
the merging are the fleet's; pages and parsers are left out, so a world takes seconds. Seeds and days differ.

python -m bench first_start, or of other seeds: python -m bench.first_start 31 32 33
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from loguru import logger
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from bench.machine import free_port
from scrapers.records import Event, LeagueName, Market, Period, Price, Rules, Sport
from scrapers.registry import load_registry
from simulator import truth
from simulator.answers import matches_of, on_page, source_id
from simulator.brands import load_bookmakers
from simulator.world import State, World
from standalone.cycle.linking import Linker
from standalone.cycle.state import CommittedState, SeenScope, difference
from standalone.declare import register
from standalone.merging import Merger
from standalone.settings import ROOT, Settings
from standalone.shared_resources import SharedResources
from store import migrate
from store.embedded import read_url
from store.postgres import PostgresBackend

SEEDS = (1, 2, 3, 5, 23, 31)
CYCLES = 2
"""The second one tries again what was undecided while the catalogue was young."""
LEASE = {"p_holder": "bench", "p_mode": "parallel", "p_machine": "bench", "p_pid": 1, "p_ttl_s": 600}

DAY_S = 24 * 3600

EVENTS = (
    "select b.slug, e.source_event_id, e.match_id,"
    " case when e.swapped then m.away_team_id else m.home_team_id end as home,"
    " case when e.swapped then m.home_team_id else m.away_team_id end as away"
    " from bookmaker_events e join bookmakers b using (bookmaker_id) left join matches m using (match_id)"
)


class Catalogue(NamedTuple):
    """What a database makes of a world's clubs and matches.

    waiting        events without a match
    twice          clubs that are two teams, by their team ids
    matches_twice  matches of the world that are two of the catalogue
    wrong          teams that are two clubs, and matches that are two of the world's
    """

    events: int
    waiting: int
    clubs: int
    twice: list[list[int]]
    matches_twice: int
    wrong: int


@dataclass
class House:
    """A bookmaker with what it lists in a world."""

    slug: str
    events: Sequence[Event]
    resources: SharedResources
    state: CommittedState = field(default_factory=CommittedState)

    def __post_init__(self) -> None:
        bookmaker = self.resources.registry.bookmakers[self.slug]
        self._platform = bookmaker.platform
        self._linker = Linker(bookmaker, self.resources)
        lease = {**LEASE, "p_scraper": self.slug, "p_expected_interval_s": 30}
        self._token: int = self.resources.backend.call("acquire_lease", lease)["token"]

    def cycle(self) -> None:
        """Commit what it lists, with what the linker decides."""
        now = datetime.now(UTC)
        diff = difference(
            self.state,
            [SeenScope("all", now, self.events)],
            bookmaker=self.slug,
            league_key=lambda number: self.resources.registry.league_key(self._platform, number),
        )
        decisions = self._linker.decide(self.events, self.state)
        cycle = {
            "cycle_id": str(uuid.uuid4()), "scraper": self.slug, "lease_token": self._token, "lease_ttl_s": 600,
            "started_at": now.isoformat(), "duration_ms": 0, "outcome": "ok", "error": None, "success": True,
            "expected_interval_s": 30, "mode": "parallel", "odds_collected": diff.listed,
            "odds_inserted": diff.listed, "rejected": 0, "extra_data": {}, **diff.as_json(),
            "links": decisions.as_json(), "catalogue_version": decisions.catalogue_version,
        }  # fmt: skip
        answer = self.resources.backend.call("commit_cycle", {"p_cycle": cycle})
        self.state.selections.update(diff.held)
        self.state.events.update(diff.described)
        self.state.seq = answer["base_seq"]
        self._linker.settle(decisions, answer["links"], self.state, self._token)


def run(seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
    """Run the benchmark, print the table, return the figures."""
    logger.remove()
    logger.add(lambda _: None)
    with tempfile.TemporaryDirectory(prefix="odds-bench-") as folder:
        environment = {**os.environ, "DATA_DIR": folder, "EMBEDDED_PORT": str(free_port())}
        server = subprocess.Popen([sys.executable, str(ROOT / "standalone/run_database.py")], env=environment)
        try:
            url = _url_when_ready(Path(folder))
            figures = {str(seed): _first_start(url, day, seed) for day, seed in enumerate(seeds)}
        finally:
            server.terminate()
            server.wait()
            logger.remove()
            logger.add(sys.stderr)
    _print(figures)
    return {"worlds": figures}


def _url_when_ready(folder: Path) -> str:
    ends = time.monotonic() + 60
    while not (folder / "database.url").exists():
        assert time.monotonic() < ends, "the embedded server did not start"
        time.sleep(0.1)
    return read_url(folder)


def _first_start(server_url: str, day: int, seed: int) -> dict[str, int]:
    """One world, as it is so many days from now, in a database of its own."""
    name = f"world_{seed}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    url = server_url.rpartition("/")[0] + f"/{name}"
    migrate.apply(url)
    resources = SharedResources(Settings(_env_file=None, DATABASE_URL=url), keep_catalogue=True)
    with closing(resources), closing(PostgresBackend(url)) as backend:
        register(backend, resources.registry)
        world, at = World(seed), int(time.time()) + day * DAY_S
        houses = [House(slug, _listed(world, slug, at), resources) for slug in load_bookmakers()]
        order = random.Random(seed)
        for _ in range(CYCLES):
            order.shuffle(houses)
            for house in houses:
                house.cycle()
        before = _look(url, seed)
        merged = Merger(backend).step()
        after = _look(url, seed)
    return {
        "events": after.events,
        "waiting": after.waiting,
        "clubs": after.clubs,
        "clubs_twice_before": len(before.twice),
        "merged": merged,
        "clubs_twice": len(after.twice),
        "of_them_play_twice_at_once": _refused(url, after.twice),
        "matches_twice": after.matches_twice,
        "wrong": after.wrong,
    }


def _listed(world: World, slug: str, at: int) -> list[Event]:
    """What a bookmaker lists at a moment (epoch seconds), with its prices on who wins, in its own spellings."""
    registry, brand = load_registry(), load_bookmakers()[slug].brand
    events = []
    for league in registry.leagues.values():
        number = league.ids.get(brand.platform)
        for fixture in matches_of(world, brand, at, leagues=[league.key]) if number else ():
            prices = [
                Price(quote.offer.market, selection, price)
                for quote in on_page(world.quotes(brand, fixture, at))
                if quote.state is State.OPEN
                and quote.offer.market in (Market.MATCH_RESULT, Market.MONEYLINE)
                and (quote.offer.period, quote.offer.rules) == (Period.MATCH, Rules.STANDARD)
                for selection, price in quote.prices
            ]
            events.append(
                Event(
                    source_id(world.seed, brand.platform, fixture),
                    Sport(league.sport),
                    LeagueName(str(number), league.name),
                    brand.side(fixture.home, fixture.category),
                    brand.side(fixture.away, fixture.category),
                    datetime.fromtimestamp(fixture.kickoff(at), UTC),
                    prices=tuple(prices),
                )
            )
    return events


def _look(url: str, seed: int) -> Catalogue:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(EVENTS).fetchall()
    clubs: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    matches: defaultdict[int, set[int]] = defaultdict(set)
    for row in rows:
        identity = truth.match_of(row["slug"], row["source_event_id"], seed)
        assert identity is not None
        if row["match_id"] is not None:
            matches[identity.code].add(row["match_id"])
            clubs[identity.home, identity.category].add(row["home"])
            clubs[identity.away, identity.category].add(row["away"])
    shared = sum(
        times > 1
        for found in (clubs.values(), matches.values())
        for times in Counter(number for numbers in found for number in numbers).values()
    )
    return Catalogue(
        len(rows),
        sum(row["match_id"] is None for row in rows),
        len(clubs),
        [sorted(teams) for teams in clubs.values() if len(teams) > 1],
        sum(len(numbers) > 1 for numbers in matches.values()),
        shared,
    )


def _refused(url: str, twice: Sequence[Sequence[int]]) -> int:
    """How many of these clubs no person could merge: the world lets them play two matches within hours."""
    why = "select fleet_why_not_one_team(%s, %s)"
    with psycopg.connect(url) as connection:
        return sum(connection.execute(why, teams[:2]).fetchone() != (None,) for teams in twice)


def _print(figures: dict[str, dict[str, int]]) -> None:
    table = Table(title="a fresh start: real clubs in the catalogue")
    table.add_column("seed", justify="right")
    for name in next(iter(figures.values())):
        table.add_column(name.replace("_", " "), justify="right")
    for seed, row in figures.items():
        table.add_row(seed, *map(str, row.values()))
    Console(width=150).print(table)


if __name__ == "__main__":
    run(tuple(map(int, sys.argv[1:])) or SEEDS)
