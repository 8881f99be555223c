"""The real fleet under PM2 in a world of its own: PM2 home, data folder, ports. Nothing of it outlives a test."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import httpx
import orjson
import psutil
import psycopg
import pytest

from simulator.journal import Entry, read_entries
from standalone.pm2_apps import Mode, fleet_apps
from standalone.settings import ROOT, Settings
from store.embedded import read_url
from tests.support.patience import patient
from tests.support.ports import free_ports
from tests.support.postgres import open_folder

PM2 = ROOT / "node_modules" / ".bin" / "pm2"
LOOK_EVERY_S = 0.1
GONE_WITHIN_S = 15.0

SELECTIONS = """
    select e.source_event_id, p.market, p.period, p.line, p.selection, p.rules, p.price
    from prices p join bookmaker_events e using (event_id) join bookmakers b on b.bookmaker_id = p.bookmaker_id
    where b.slug = %s and p.status = 'open' and e.starts_at > now() + interval '15 minutes'
    order by p.selection_key
"""
"""What can be moved as long as a test runs: a match leaves the lists two minutes before its kick-off."""

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Listed:
    """A process as PM2 lists it; pid is 0 while it is not running."""

    name: str
    pid: int
    status: str
    restarts: int


class Fleet:
    """The fleet of one test. `root` is the checkout it runs from."""

    def __init__(self, folder: Path, *, root: Path = ROOT, **settings: str) -> None:
        self.root = root
        self.data = folder / "var"
        self.home = folder / "pm2"
        self.data.mkdir()
        self.data.chmod(0o755)
        self.home.mkdir()
        kept = ("PATH", "HOME", "LANG", "PLAYWRIGHT_BROWSERS_PATH", "USER", "LOGNAME")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ}
        database, simulator, dashboard = free_ports(3)
        self.environment |= {
            "PM2_HOME": str(self.home),
            "DATA_DIR": str(self.data),
            "EMBEDDED_PORT": str(database),
            "SIMULATOR_PORT": str(simulator),
            "DASHBOARD_PORT": str(dashboard),
            "ODDS_SOURCE": "simulator",
            # Sessions cost a browser each; tests that are about them switch this on.
            "SIMULATOR_GUARDED": "false",
            "START_SPREAD_S": "2",
            "PM2_CONCURRENT_ACTIONS": "6",
            **settings,
        }

    # -- starting and stopping -----------------------------------------------------------------------------

    def start(self, apps: Sequence[Mapping[str, Any]]) -> None:
        """Start these processes and wait until PM2 calls each of them online."""
        config = self.home / "apps.json"
        config.write_bytes(orjson.dumps({"apps": list(apps)}))
        self.pm2("start", str(config))
        self.wait(lambda: self.all_online(apps), "every process online", within_s=60)

    def pm2(self, *args: str) -> str:
        """Run PM2 and give what it printed; fails when it does."""
        return self.run([str(PM2), *args])

    def run(self, command: Sequence[str], *, within_s: float = 240.0) -> str:
        """Run a command in the checkout with the fleet's environment; stdout and stderr. Fails when it does."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=patient(within_s),
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        return done.stdout

    def close(self) -> None:
        """End everything: the fleet, PM2's daemon, and whatever got away from it."""
        try:
            if self.daemon() is not None:
                self.pm2("kill")
        finally:
            left = self.processes_of_this_world()
            for process in left:
                process.kill()
            psutil.wait_procs(left, timeout=GONE_WITHIN_S)

    # -- looking -------------------------------------------------------------------------------------------

    def daemon(self) -> int | None:
        """PM2's daemon, None when it does not run."""
        try:
            pid = int((self.home / "pm2.pid").read_text())
        except (OSError, ValueError):
            return None
        return pid if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE else None

    def listed(self) -> dict[str, Listed]:
        """What PM2 says of every process, by name."""
        return {
            row["name"]: Listed(
                row["name"], row["pid"] or 0, row["pm2_env"]["status"], row["pm2_env"]["restart_time"]
            )
            for row in self.described()
        }

    def described(self) -> list[dict[str, Any]]:
        """`pm2 jlist`, whole."""
        out = self.pm2("jlist", "--silent")
        rows: list[dict[str, Any]] = orjson.loads(out[out.index("[") :])
        return rows

    def all_online(self, apps: Sequence[Mapping[str, Any]]) -> bool:
        """Whether each of these runs, as PM2 sees it."""
        listed = self.listed()
        return all(app["name"] in listed and listed[app["name"]].status == "online" for app in apps)

    def processes_of_this_world(self) -> list[psutil.Process]:
        """Every living process that carries this PM2 home or works in this data folder, PM2's daemon included."""
        marks = (f"({self.home})", str(self.data))
        found = []
        for process in psutil.process_iter():
            try:
                line = " ".join(process.cmdline())
                # Postgres renames its children, but they stay in its folder.
                ours = (
                    any(mark in line for mark in marks)
                    or process.environ().get("PM2_HOME") == str(self.home)
                    or Path(process.cwd()).is_relative_to(self.data)
                )
                if ours and process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def postmaster(self) -> int | None:
        """The database's main process, None when it does not run."""
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            if str(self.data / "postgres") in words and any(word.endswith("/bin/postgres") for word in words):
                return process.pid
        return None

    def query(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows from the embedded database. Raises psycopg.OperationalError or StoreError while it is away."""
        with psycopg.connect(read_url(self.data), connect_timeout=10, autocommit=True) as connection:
            return connection.execute(sql.encode(), args).fetchall()

    def journal(self) -> list[Entry]:
        """What the simulator has served so far."""
        return list(read_entries(self.data / "simulator" / "served.jsonl"))

    def published(self) -> dict[str, Any]:
        """`odds.json` as it is now."""
        document: dict[str, Any] = orjson.loads((self.data / "public" / "odds.json").read_bytes())
        return document

    def log(self, name: str) -> list[dict[str, Any]]:
        """The log of one process, as far as PM2 has written it."""
        lines = (self.home / "logs" / f"{name}-out.log").read_bytes().splitlines()
        return [orjson.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]

    def waiting_cycles(self, slug: str) -> int:
        """How many cycles of a bookmaker wait on disk."""
        return len(list((self.data / "spool" / slug).glob("*.cycle")))

    def all_ok(self, slugs: Collection[str]) -> bool:
        """Whether the status view calls each of these scrapers ok, with prices."""
        rows = self.query(
            "select scraper_name from scraper_status_view where computed_status = 'ok' and odds_inserted > 0"
        )
        return {name for (name,) in rows} >= set(slugs)

    def answers(self) -> int:
        """How many odds answers the simulator has given."""
        return (self.data / "simulator" / "served.jsonl").read_bytes().count(b"\n")

    def wait(self, condition: Callable[[], _Found], what: str, *, within_s: float) -> _Found:
        """Look again until the condition holds and give its answer; fails, saying `what`, when a patient
        `within_s` is up.

        A database that is away while looking means that the condition does not hold yet.
        """
        within_s = patient(within_s)
        deadline = time.monotonic() + within_s
        while True:
            trouble = ""
            try:
                found = condition()
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                trouble = f" ({error})"
            else:
                if found:
                    return found
            if time.monotonic() > deadline:
                pytest.fail(f"not within {within_s:g} s: {what}{trouble}\n{self._told()}")
            time.sleep(LOOK_EVERY_S)

    def _told(self) -> str:
        """What a person would look at: PM2's list, and the last lines of what is not online."""
        if self.daemon() is None:
            return "PM2 does not run"
        lines = []
        for listed in self.listed().values():
            lines.append(str(listed))
            log = self.home / "logs" / f"{listed.name}-out.log"
            if listed.status != "online" and log.exists():
                lines += log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
        return "\n".join(lines)


@contextmanager
def isolated_fleet(*, root: Path = ROOT, **settings: str) -> Iterator[Fleet]:
    """A fleet that does not run yet; at the end everything of it is gone."""
    with open_folder() as folder:
        fleet = Fleet(folder, root=root, **settings)
        try:
            yield fleet
        finally:
            fleet.close()


def apps_of(mode: Mode, scrapers: Mapping[str, int]) -> list[dict[str, Any]]:
    """The processes of a mode as the fleet declares them, but of the scrapers only these, at their own interval.

    `scrapers`: slug -> seconds between cycles.
    """
    apps = []
    for app in fleet_apps(mode, Settings(odds_source="simulator", database_url=None, supabase_url=None)):
        slug = app["name"].removeprefix("scraper-")
        if slug == app["name"]:
            apps.append(app)
        elif slug in scrapers:
            apps.append({**app, "args": ["--scraper", slug, "--interval", str(scrapers[slug])]})
    return apps


def bookmakers_by_match(document: Mapping[str, Any]) -> dict[int, set[str]]:
    """Who has a price on each match of an `odds.json`."""
    return {
        match["match_id"]: {
            price["bookmaker"]
            for market in match["markets"]
            for selection in market["selections"]
            for price in selection["prices"]
        }
        for match in document["matches"]
    }


def kill(pid: int) -> bool:
    """SIGKILL; False when the process had ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def born_at(pid: int) -> float:
    """When a process was started, epoch s, to a hundredth (psutil knows the second of the boot only)."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age_s


class Offer:
    """Moves prices at the simulated bookmakers, so that a short run has changes enough to tell."""

    def __init__(self, fleet: Fleet, slugs: Iterable[str]) -> None:
        """Reads from the database which selections of these bookmakers can be moved."""
        self._open = {slug: fleet.query(SELECTIONS, (slug,)) for slug in slugs}
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{fleet.environment['SIMULATOR_PORT']}", trust_env=False, timeout=20
        )

    def move(self, chance: Random, count: int) -> int:
        """Show another price for `count` selections of each bookmaker; how many were moved (0: it is away).

        Within 4 % of the one it had at first: a market that nobody would offer is left out by the scraper.
        """
        moved = 0
        for slug, selections in self._open.items():
            for event, market, period, line, selection, rules, price in chance.sample(selections, count):
                order = {
                    "bookmaker": slug,
                    "event_id": int(event),
                    "market": market,
                    "period": period,
                    "line": None if line is None else str(line),
                    "selection": selection,
                    "rules": rules,
                    "price": str(max(Decimal("1.01"), round(price * Decimal(chance.uniform(0.96, 1.04)), 2))),
                }
                try:
                    answer = self._client.post("/control/move", json=order)
                except httpx.TransportError:
                    return moved
                moved += answer.status_code == 200
        return moved

    def empty(self, slug: str, league: str) -> None:
        """Let the next answer about a league list nothing: what was on offer there is gone until the one after."""
        fault = {"bookmaker": slug, "kind": "empty_list", "league": league, "times": 1}
        with contextlib.suppress(httpx.TransportError):
            self._client.post("/control/faults", json=fault).raise_for_status()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
