"""Machines of cycle workers: forty simulated bookmakers, one database, and hosts that come and vanish.

A host is a data folder with its workers' processes. All run from a clone whose registry declares the bookmakers.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from psycopg.rows import dict_row, tuple_row

from scrapers.registry import load_registry
from simulator import brands
from simulator.journal import Entry, read_entries
from standalone.declare import register
from store.postgres import PostgresBackend
from tests.support.clone import clone
from tests.support.postgres import TestServer
from tests.support.scraping import Started, free_port, until

WORKERS = (("http", 1), ("http", 2), ("browser", 1))
"""Of each host: (kind, number)."""
TEMPLATES = {"estrelabet": 18, "kto": 10, "br4bet": 2, "betano": 5, "betnacional": 5}
"""Declared bookmaker -> how many brands there are like it."""
HTTP = 28
"""Of them, how many are read over plain HTTP; the rest have workers of their own."""
TENANT_OPTIONS = ("integration", "offering")
LEAGUE = "serie_a"


def declare_brands(root: Path, interval_s: int) -> list[str]:
    """Put forty brands of one league each in place of the clone's bookmakers; their slugs."""
    file = root / "scrapers" / "bookmakers.json"
    declared = {row["slug"]: row for row in orjson.loads(file.read_bytes())}
    rows: list[dict[str, Any]] = []
    for template, count in TEMPLATES.items():
        for number in range(count):
            row = dict(declared[template])
            slug = f"{template}{number:02}"
            options = dict(row.get("options", {}))
            options |= {name: slug for name in TENANT_OPTIONS if name in options}
            row |= {"slug": slug, "name": slug, "site": f"https://www.{slug}.bet.br", "options": options}
            row |= {"leagues": [LEAGUE], "sports": ["football"], "interval_s": interval_s, "details_per_cycle": 0}
            rows.append(row)
    assert sum(row["transport"] == "http" for row in rows) == HTTP
    file.write_bytes(orjson.dumps(rows))
    return [row["slug"] for row in rows]


@dataclass
class Plant:
    """The shared part: database, simulator, clone. `fleet` tests ask it as they ask a fleet."""

    url: str
    folder: Path
    root: Path
    slugs: Sequence[str]
    settings: Mapping[str, str]
    database: psycopg.Connection[dict[str, Any]]
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1000)))

    def start(self, script: str, *args: str, data: Path) -> Started:
        """Start a process of the clone."""
        log = self.folder / f"{next(self._numbers)}-{Path(script).stem}.log"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [str(self.root / ".venv" / "bin" / "python"), "-u", f"standalone/{script}", *args],
                cwd=self.root,
                env={**self.settings, "DATABASE_URL": self.url, "DATA_DIR": str(data), "PATH": os.environ["PATH"]},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        return Started(popen, log)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the database answers."""
        return self.database.execute(query, values).fetchall()

    def query(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The same without names."""
        with self.database.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(sql.encode(), args).fetchall()

    def journal(self) -> list[Entry]:
        """What the simulator has served so far."""
        return list(read_entries(self.folder / "simulator" / "simulator" / "served.jsonl"))

    def held(self) -> dict[str, int]:
        """Worker (as leases name it) -> how many bookmakers wait for it or run in it."""
        rows = self.rows(
            "select w.holder, count(j.id)::int as n from cycle_workers w"
            " left join procrastinate.procrastinate_jobs j"
            " on j.queue_name = w.queue or (j.worker_id = w.number and j.status = 'doing') group by 1"
        )
        return {row["holder"]: row["n"] for row in rows}


class Host:
    """One machine's workers."""

    def __init__(self, plant: Plant, name: str) -> None:
        """name: of the machine, as the names of its workers have it."""
        self.name = name
        self.processes: list[Started] = []
        self._plant = plant
        self._data = plant.folder / name
        file = self._data / "locks" / "folder-name"
        file.parent.mkdir(parents=True)
        file.write_text(name)

    def start(self) -> None:
        """All its workers; what ran before must be gone."""
        self.processes = [
            self._plant.start("run_cycle_worker.py", "--kind", kind, "--number", str(number), data=self._data)
            for kind, number in WORKERS
        ]

    def vanish(self) -> float:
        """SIGKILL for every process at once; when that was, epoch s."""
        for process in self.processes:
            process.popen.kill()
        at = time.time()
        for process in self.processes:
            process.popen.wait()
        return at

    def stop(self) -> None:
        """A clean stop of all."""
        for process in self.processes:
            process.popen.send_signal(2)
        for process in self.processes:
            assert process.ended(15) == 0, process.messages()

    def messages(self) -> str:
        """What its workers said."""
        return "\n\n".join(process.messages() for process in self.processes)


@contextmanager
def plant(
    server: TestServer, folder: Path, monkeypatch: pytest.MonkeyPatch, *, interval_s: int, **settings: str
) -> Iterator[Plant]:
    """Forty bookmakers asked every `interval_s`, served by a simulator; workers are the test's to start."""
    root = clone(folder)
    slugs = declare_brands(root, interval_s)
    # What judges them (simulator.truth) has to know them too.
    monkeypatch.setattr(brands, "DECLARATIONS", root / "scrapers")
    brands.load_bookmakers.cache_clear()
    try:
        with ExitStack() as stack:
            url = stack.enter_context(server.database(template="migrated"))
            with closing(PostgresBackend(url)) as backend:
                register(backend, load_registry(root / "scrapers"))
            database = stack.enter_context(closing(psycopg.connect(url, autocommit=True, row_factory=dict_row)))
            common = {
                "HOME": str(folder),
                "ODDS_SOURCE": "simulator",
                "SIMULATOR_PORT": str(free_port()),
                "SIMULATOR_GUARDED": "false",
                "START_SPREAD_S": str(interval_s / 2),
                **settings,
            }
            made = Plant(url, folder, root, slugs, common, database)
            simulator = stack.enter_context(made.start("run_simulator.py", data=folder / "simulator"))
            until(lambda: "listening on" in simulator.messages(), what=simulator.messages)
            yield made
    finally:
        monkeypatch.undo()
        brands.load_bookmakers.cache_clear()
